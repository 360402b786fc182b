"""JobsTable in a real browser: what it shows, says and sends, in each state, theme and width."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HOSTS, Open
from tests.browser.facts import HOSTILE, LIVE, NOW_MS, OFFLINE, REFUSED, ROWS, fresh, row, table

RUNNING = "d4qk1c7s9v8g008n2m60"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 760, 480])
def test_rows_in_each_theme_and_width(open_view: Open, theme: str, width: int) -> None:
    host = open_view("table", table(), theme=theme, width=width)
    expect(host.root.locator("[data-job]")).to_have_count(len(ROWS))
    expect(host.root.locator(".qjw-sum")).to_have_text("64 jobs·2 running·2 queued·1 failed")
    host.shot("rows")
    assert host.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("state", "traits"),
    [
        ("empty", table([])),
        ("loading", table([], freshness=fresh("connecting", as_of=None))),
        ("offline", table(freshness=OFFLINE)),
        ("refused", table(freshness=REFUSED)),
        ("gone", table(freshness=fresh("gone"))),
    ],
)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_states(open_view: Open, theme: str, state: str, traits: dict[str, Any]) -> None:
    host = open_view("table", traits, theme=theme)
    host.shot(state)
