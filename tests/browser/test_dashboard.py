"""JobsDashboard in a real browser: table, card and tabs on the parts of one model."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.card_facts import BELL, DONE, RUNNING, card
from tests.browser.conftest import Open
from tests.browser.facts import ROWS, fresh
from tests.browser.states import dashboard, of_part


def test_table_and_card_share_the_cell(open_view: Open) -> None:
    host = open_view("dashboard", dashboard(), width=1200)
    for width in (1200, 1040, 1039, 480):
        host.resize(width)
        expect(host.root.get_by_role("heading", name="h2 r=0.735")).to_be_visible()
        expect(host.root.locator("[data-job]").first).to_be_visible()
        side = host.root.locator(".qjw-k-side").bounding_box()
        main = host.root.locator(".qjw-k-main").bounding_box()
        beside = main["x"] >= side["x"] + side["width"] - 1
        assert beside == (width >= 1040)
        assert not beside or side["width"] == pytest.approx(400, abs=1)


def test_the_menu_and_the_freshness_stand_apart(open_view: Open) -> None:
    """In a narrow dashboard the menu lay on the word "live"."""
    host = open_view("dashboard", dashboard(), width=480)
    fresh = host.root.locator(".qjw-t-bar .qjw-fresh").bounding_box()
    menu = host.root.get_by_role("button", name="More", exact=True).bounding_box()
    assert fresh["x"] + fresh["width"] <= menu["x"]


def test_the_strip_tells_of_account_and_backends(open_view: Open) -> None:
    host = open_view("dashboard", dashboard(None), width=1200)
    strip = host.root.locator(".qjw-strip")
    expect(strip).to_contain_text("12 of 120 requests/min")
    for words in ("ibm_kingston 41 queued", "ibm_marrakesh paused", "aer_local idle"):
        expect(strip).to_contain_text(words)


def test_a_dashboard_without_a_kernel_asks_nothing(open_view: Open) -> None:
    """Its strip went on telling how many requests are made in a minute."""
    host = open_view("dashboard", dashboard(), width=1100)
    expect(host.root.locator(".qjw-strip")).to_contain_text("requests/min")
    host.send(freshness=fresh("gone"))
    expect(host.root.locator(".qjw-strip")).not_to_contain_text("requests/min")
    expect(host.root.locator(".qjw-strip")).to_contain_text("ibm_kingston")


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
    host.send(**of_part("card", card(DONE, result=BELL)))
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
