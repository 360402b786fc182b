"""InterimPlot in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.facts import columns, energies, plot, row

QUEUED = row("d4ql7b2s9v8g008q03v0", "QUEUED", program="vqe", position=2)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 760, 480])
def test_curve_in_each_theme_and_width(open_view: Open, theme: str, width: int) -> None:
    host = open_view("plot", plot(), theme=theme, width=width)
    expect(host.root).to_have_attribute("data-points", "160")
    expect(host.root.locator(".qjw-p-last")).to_be_visible()
    host.shot("curve")
    assert host.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("state", "traits"),
    [
        ("waiting", plot(columns([]), job=QUEUED, stream="connecting")),
        ("ended", plot(columns(energies(60)), stream="ended", job=row("d4q", "DONE"))),
        ("no-goal", plot(columns(energies(12)), goal=None, reference=None, unit="")),
    ],
)
def test_states(open_view: Open, theme: str, state: str, traits: dict[str, Any]) -> None:
    host = open_view("plot", traits, theme=theme)
    if state != "waiting":
        expect(host.root.locator(".qjw-p-last")).to_be_visible()
    host.shot(state)
