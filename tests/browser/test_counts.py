"""CountsHistogram in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.facts import BELL, MANY, ago, counts, entry, row

RUNNING = row("d4qj0a1s9v8g008p91tg", "RUNNING", started=ago(3))
FAILED = row("d4qj0a1s9v8g008p91tg", "ERROR", reason="The circuit has no measurements.")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 760, 480])
def test_bars_in_each_theme_and_width(open_view: Open, theme: str, width: int) -> None:
    many = counts(entry(MANY), entry(BELL, pub=1))
    host = open_view("counts", many, theme=theme, width=width)
    expect(host.root.locator("[data-outcome]")).to_have_count(17)
    host.shot("many")
    assert host.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("state", "traits"),
    [
        ("bell", counts(entry(BELL))),
        ("waiting", counts(job=RUNNING)),
        ("failed", counts(job=FAILED, state="failed", message=FAILED["reason"])),
    ],
)
def test_states(open_view: Open, theme: str, state: str, traits: dict[str, Any]) -> None:
    host = open_view("counts", traits, theme=theme)
    host.shot(state)
