"""JobsDashboard in a real browser: table, card and tabs on the parts of one model."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.card_facts import BELL, DONE, INPUTS, RUNNING, card
from tests.browser.conftest import Open
from tests.browser.facts import OFFLINE, ROWS, fresh, table

ACCOUNT = {
    "channel": "ibm_quantum_platform", "instance": None, "requests": 12, "budget": 120,
    "backends": [{"name": "ibm_kingston", "status": "online", "queue": 41},
                 {"name": "ibm_marrakesh", "status": "paused", "queue": 3},
                 {"name": "aer_local", "status": "online", "queue": 0}],
}  # fmt: skip


def part(name: str, traits: dict[str, Any]) -> dict[str, Any]:
    """Return the traits of a part, named as its owner does."""
    common = ("view_id", "freshness")
    return {f"{name}_{trait}": value for trait, value in traits.items() if trait not in common}


def dashboard(job: dict[str, Any] | None = RUNNING, **traits: Any) -> dict[str, Any]:
    """Return the traits of a dashboard."""
    own = {"account": ACCOUNT, "current": None if job is None else job["id"]}
    shown = {} if job is None else part("card", card(job))
    return {**table(), **own, **shown, **traits}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 760, 480])
def test_table_and_card_share_the_cell(open_view: Open, theme: str, width: int) -> None:
    traits = dashboard(**part("card", {"inputs": INPUTS, "tab": "inputs"}))
    host = open_view("dashboard", traits, theme=theme, width=width)
    expect(host.root.get_by_role("heading", name="h2 r=0.735")).to_be_visible()
    expect(host.root.locator("[data-job]").first).to_be_visible()
    host.shot("card")
    assert host.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    side = host.root.locator(".qjw-k-side").bounding_box()
    main = host.root.locator(".qjw-k-main").bounding_box()
    beside = main["x"] >= side["x"] + side["width"] - 1
    assert beside == (width >= 1040)
    assert not beside or side["width"] == pytest.approx(400, abs=1)


@pytest.mark.parametrize(
    ("state", "words", "traits"),
    [
        ("none", "Open a job to see its card here", dashboard(None)),
        ("loading", "Loading the job…", dashboard(None, current=ROWS[0]["id"])),
        ("offline", "Retry now", dashboard(freshness=OFFLINE)),
        ("gone", "Run the cell again", dashboard(freshness=fresh("gone"))),
        ("empty", "No jobs yet", {**dashboard(None), **table([])}),
    ],
)
def test_states(open_view: Open, state: str, words: str, traits: dict[str, Any]) -> None:
    host = open_view("dashboard", traits)
    expect(host.root).to_contain_text(words)
    host.shot(state)


def test_the_strip_tells_of_account_and_backends(open_view: Open) -> None:
    host = open_view("dashboard", dashboard(None), width=1200)
    strip = host.root.locator(".qjw-strip")
    expect(strip).to_contain_text("12 of 120 requests/min")
    for words in ("ibm_kingston 41 queued", "ibm_marrakesh paused", "aer_local idle"):
        expect(strip).to_contain_text(words)


def test_a_job_is_opened_by_click_and_by_key(open_view: Open) -> None:
    host = open_view("dashboard", dashboard(None))
    row = host.root.locator(f'[data-job="{ROWS[1]["id"]}"]')
    row.click()
    host.wait(f"host.model.saved.some((s) => s.current === '{ROWS[1]['id']}')")
    row.focus()
    host.page.keyboard.press("ArrowDown")
    host.page.keyboard.press("Enter")
    host.wait("host.model.saved.filter((s) => s.current).length === 2")
    # the card comes with the kernel's answer
    host.send(**part("card", card(DONE, result=BELL)))
    expect(host.root.get_by_role("tabpanel").locator("[data-outcome]")).to_have_count(2)


def test_what_the_card_says_is_told_as_its_part(open_view: Open) -> None:
    host = open_view("dashboard", dashboard())
    host.root.get_by_role("tab", name="Logs").click()
    assert host.page.evaluate("host.model.saved.at(-1)") == {"card_tab": "logs"}
    host.root.get_by_role("button", name="Cancel…").click()
    host.root.get_by_role("button", name="Cancel job", exact=True).click()
    assert host.sent("cancel") == [{"kind": "cancel", "job": RUNNING["id"], "part": "card"}]


def test_tabs_of_parts_that_are_still_to_come(open_view: Open) -> None:
    host = open_view("dashboard", dashboard())
    host.root.get_by_role("tab", name="Convergence").click()
    expect(host.root.get_by_role("tabpanel")).to_contain_text("Loading the interim results…")
    host.root.get_by_role("tab", name="Counts").click()
    expect(host.root.get_by_role("tabpanel")).to_contain_text("Loading the counts…")
