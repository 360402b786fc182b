"""What InterimPlot draws of many points, of those that come, and while nobody sees it."""

from __future__ import annotations

import math

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Host, Open
from tests.browser.facts import columns, field, more, part, plot, plot_facts, source
from tests.browser.test_plot import PLACE, legend
from tests.conftest import eventually


def test_a_hundred_thousand_points_are_drawn(open_view: Open) -> None:
    """The columns were built anew, cell by cell, at each value: half a second with so many."""
    values = [math.sin(n / 9000) + 0.05 * math.sin(n * 1.7) for n in range(100_000)]
    values[54_321] = 3.0
    host = open_view("plot", plot(columns(values), plot_facts(fields=[field("energy")])))
    expect(host.root).to_have_attribute("data-points", "100000")
    expect(host.root.locator(".qjw-p-last")).to_be_visible()
    host.shot("100k")
    # what stands out of a hundred values of the same pixel is drawn
    last = 100_000
    for _ in range(3):
        host.send(append=more([0.5, 0.6], base=last))
        last += 2
    expect(host.root).to_have_attribute("data-points", str(last))
    expect(host.root.locator(".qjw-leg")).to_contain_text("0.6")
    host.root.locator(PLACE).focus()
    host.page.keyboard.press("Home")
    expect(host.root.locator(".qjw-p-pill")).to_have_text("1")


STREAM = plot_facts(source(label="a"), source(label="b"), fields=[field("energy", goal="min")])
"""Two jobs: the second one's curve is dashed."""

PICTURE = "document.querySelector('canvas').toDataURL()"


def grow(host: Host, begin: int, end: int) -> None:
    """Send the points of both jobs, a few at a time, each when the ones before are drawn."""
    for base in range(begin, end, 40):
        values = [math.exp(-n / 900) + 0.02 * math.sin(n * 1.7) for n in range(base, base + 40)]
        parts = [part(values, base=base), part([0.5 + v for v in values], base=base, source=1)]
        before = host.page.evaluate(PICTURE)
        host.send(append={"parts": parts})
        host.wait(f"{PICTURE} !== {before!r}")


@pytest.mark.parametrize("known", [400, 6000])
def test_what_is_drawn_bit_by_bit_looks_as_if_drawn_at_once(open_view: Open, known: int) -> None:
    """With each message all of the picture was drawn, and the page was busy with nothing else."""
    first = [[math.exp(-n / 900) + 0.02 * math.sin(n * 1.7) for n in range(known)]]
    second = [[0.5 + value for value in first[0]]]
    shown = {"shown": ["energy"], "parts": [part(*first), part(*second, source=1)]}
    host = open_view("plot", plot(shown, STREAM))
    expect(host.root.locator(".qjw-p-last").first).to_be_visible()
    grow(host, known, known + 200)
    grown = host.page.evaluate(PICTURE)
    # all of it is drawn in the colours of another theme
    for theme in ("dark", "light"):
        before = host.page.evaluate(PICTURE)
        host.dress(theme)
        host.wait(f"{PICTURE} !== {before!r}")
    assert host.page.evaluate(PICTURE) == grown


def test_out_of_sight_nothing_is_drawn(open_view: Open) -> None:
    """A plot that was scrolled away was drawn with each message as before."""
    host = open_view("plot", plot(columns([-0.5, -0.9])))
    expect(host.root.locator(".qjw-p-last")).to_be_visible()
    host.page.evaluate("document.getElementById('place').style.marginTop = '5000px'")
    host.wait("host.model.sent.at(-1)?.visible === false")
    before = host.page.evaluate(PICTURE)
    for n in range(5):
        host.send(append=more([-1.0], base=2 + n))
        host.page.evaluate("new Promise((drawn) => requestAnimationFrame(() => drawn()))")
    expect(host.root).to_have_attribute("data-points", "7")
    assert host.page.evaluate(PICTURE) == before
    eventually(lambda: "best −0.900_00" in legend(host))
    host.page.evaluate("document.getElementById('place').style.marginTop = '0'")
    expect(host.root.locator(".qjw-leg")).to_contain_text("−1.000")
    host.wait(f"{PICTURE} !== {before!r}")
