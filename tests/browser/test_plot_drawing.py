"""What InterimPlot draws of many points, of those that come, and while nobody sees it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Host, Open
from tests.browser.facts import (
    columns,
    field,
    group,
    more,
    part,
    plot,
    plot_facts,
    source,
)
from tests.browser.test_plot import PLACE, legend, zoom
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


def rest(host: Host) -> None:
    """Wait until what has been sent is drawn: that takes one frame."""
    host.wait("document.querySelector('canvas') !== null")
    for _ in range(2):
        host.page.evaluate("new Promise((drawn) => requestAnimationFrame(() => drawn()))")


def assert_all_is_drawn(host: Host) -> str:
    """Check that the picture is as it is when drawn at once; return it."""
    rest(host)
    picture = str(host.page.evaluate(PICTURE))
    # all of it is drawn in the colours of another theme
    for theme in ("dark", "light"):
        before = host.page.evaluate(PICTURE)
        host.dress(theme)
        host.wait(f"{PICTURE} !== {before!r}")
    assert host.page.evaluate(PICTURE) == picture
    return picture


@pytest.mark.parametrize("known", [400, 6000])
def test_what_is_drawn_bit_by_bit_looks_as_if_drawn_at_once(open_view: Open, known: int) -> None:
    """With each message all of the picture was drawn, and the page was busy with nothing else."""
    first = [[math.exp(-n / 900) + 0.02 * math.sin(n * 1.7) for n in range(known)]]
    second = [[0.5 + value for value in first[0]]]
    shown = {"shown": ["energy"], "parts": [part(*first), part(*second, source=1)]}
    host = open_view("plot", plot(shown, STREAM))
    expect(host.root.locator(".qjw-p-last").first).to_be_visible()
    grow(host, known, known + 200)
    assert_all_is_drawn(host)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([(1, 2.0), (2, None), (3, 4.0), (4, None)], [(1, 2.0), (2, 3.0), (3, 4.0), (4, None)]),
        ([(1, 2.0), (3, 2.0)], [(1, 2.0), (2, 2.0), (3, 2.0)]),
    ],
    ids=["a result that is read later", "a job that ends later"],
)
def test_points_that_change_within_are_drawn(
    open_view: Open, before: list[tuple[int, float | None]], after: list[tuple[int, float | None]]
) -> None:
    """Where the last point was as before, only what came after it was drawn: nothing."""

    def jobs(points: list[tuple[int, float | None]]) -> dict[str, Any]:
        seq, values = zip(*points, strict=True)
        ids = [f"job-{n}" for n in seq]
        return columns(list(values), shown=["usage"], seq=[float(n) for n in seq], ids=ids)

    facts = plot_facts(group(), fields=[field("usage", unit="s")], x_label="job")
    host = open_view("plot", plot(jobs(before), facts))
    rest(host)
    drawn = host.page.evaluate(PICTURE)
    host.send(snapshot=jobs(after))
    assert assert_all_is_drawn(host) != drawn


def test_a_goal_that_is_known_later_is_drawn(open_view: Open) -> None:
    """The points were the same, and so the line of the best was not drawn."""
    values = [0.4, 0.9, 0.1, 0.7]
    known = plot(columns(values), plot_facts(fields=[field("energy")]))
    host = open_view("plot", known)
    rest(host)
    drawn = host.page.evaluate(PICTURE)
    host.send(facts=plot_facts(fields=[field("energy", goal="min")]))
    eventually(lambda: "best" in legend(host))
    assert assert_all_is_drawn(host) != drawn


def test_points_in_sight_are_drawn_where_another_curve_ends_out_of_it(open_view: Open) -> None:
    """What came to a job zoomed into was left out when one far to the left of it grew too."""
    falling = [1 - n / 100 for n in range(70)]
    rising = [0.3 + n / 100 for n in range(65)]
    starts = [part(falling), part(rising[:62], source=1), part(rising[:5], source=2)]
    facts = plot_facts(*(source(label=name) for name in "abc"), fields=[field("energy")])
    host = open_view("plot", plot({"shown": ["energy"], "parts": starts}, facts))
    expect(host.root.locator(".qjw-p-last").first).to_be_visible()
    drawn = host.page.evaluate(PICTURE)
    zoom(host, 0.8, 0.98)  # the axis ends at 75: from the point at 60 to the last one
    host.wait(f"{PICTURE} !== {drawn!r}")
    rest(host)
    zoomed = host.page.evaluate(PICTURE)
    more_of_both = [part(rising[62:], base=62, source=1), part(rising[5:7], base=5, source=2)]
    host.send(append={"parts": more_of_both})
    assert assert_all_is_drawn(host) != zoomed


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
