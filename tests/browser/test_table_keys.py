"""JobsTable by keyboard: one stop, rows by arrows, and a focus that is never lost or moved."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.facts import NOW_MS, row, table
from tests.browser.test_table import MANY, RUNNING, focused, item, jobs_in_order, patch


def test_the_table_is_one_tab_stop(open_view: Open) -> None:
    host = open_view("table", table())
    host.root.get_by_role("combobox", name="Group by").focus()
    host.page.keyboard.press("Tab")
    assert focused(host) == jobs_in_order(host)[0]
    assert host.root.locator('[role=row][tabindex="0"]').count() == 1
    host.page.keyboard.press("Tab")
    assert focused(host) == ""


def test_the_focus_ring_is_whole_whatever_views_there_are(open_view: Open) -> None:
    """A badge shown later brought its style sheet, and three sides of the ring were cut off."""
    host = open_view("table", table())
    host.page.add_style_tag(url="/static/badge.css")
    item(host, RUNNING).focus()
    host.page.keyboard.press("ArrowDown")
    ring = host.root.locator(".qjw-item:focus-visible")
    expect(ring).to_have_css("outline-offset", "-2px")


def test_keys_move_between_rows(open_view: Open) -> None:
    host = open_view("table", table())
    order = jobs_in_order(host)
    item(host, order[0]).focus()
    for key, expected in [
        ("ArrowDown", order[1]),
        ("ArrowDown", order[2]),
        ("ArrowUp", order[1]),
        ("End", order[-1]),
        ("Home", order[0]),
        ("PageDown", order[-1]),
    ]:
        host.page.keyboard.press(key)
        host.wait(f"document.activeElement.dataset.job === '{expected}'")


def test_handled_keys_do_not_reach_the_notebook(open_view: Open) -> None:
    host = open_view("table", table())
    host.page.evaluate(
        "() => { window.keys = []; addEventListener('keydown', (e) => keys.push(e.key)); }"
    )
    item(host, RUNNING).focus()
    for key in ("ArrowDown", "x", "Escape", "c", "Home", "q"):
        host.page.keyboard.press(key)
    assert host.page.evaluate("keys") == ["q"]


# JupyterLab's own keys are for what has the focus, whatever it is in: it looks for the mark that
# turns them off from there upwards, and no further than what matches
HEEDED = """() => { window.heeded = []; document.addEventListener("keydown", (event) => {
  let el = event.target;
  while (el && !el.hasAttribute("data-lm-suppress-shortcuts") && !el.matches(":focus")) {
    el = el.parentElement;
  }
  if (el?.matches(":focus:not([data-lm-suppress-shortcuts])")) heeded.push(event.key);
}); }"""


def test_the_notebook_heeds_no_letter_pressed_in_the_table(open_view: Open) -> None:
    """With the focus in a row "d", pressed twice, deleted the cell: the mark was around the row."""
    host = open_view("table", table())
    host.page.evaluate(HEEDED)
    button = host.root.get_by_role("button", name="Filter by status")
    for place in (item(host, RUNNING), button, host.root.get_by_role("button", name="failed")):
        place.focus()
        host.page.keyboard.press("q")
    button.press("Enter")
    expect(host.root.get_by_role("dialog")).to_be_visible()
    host.page.keyboard.press("q")
    host.page.keyboard.press("Escape")
    host.page.keyboard.press("q")
    assert host.page.evaluate("heeded") == []


def test_keys_with_a_modifier_are_the_notebook_s(open_view: Open) -> None:
    """With the focus in a row the notebook could not be saved: all of its shortcuts were off."""
    host = open_view("table", table())
    host.page.evaluate(HEEDED)
    item(host, RUNNING).focus()
    for key in ("q", "Control+s", "q"):
        host.page.keyboard.press(key)
    assert host.page.evaluate("heeded") == ["Control", "s"]


def test_escape_gives_the_focus_back_to_the_cell(open_view: Open) -> None:
    """After Escape nothing had the focus, and the notebook heard no key until one clicked in it."""
    host = open_view("table", table())
    host.page.evaluate("document.getElementById('place').tabIndex = 0")
    for name in ("Filter by status", "failed", "Status"):
        host.root.get_by_role("button", name=name).last.focus()
        host.page.keyboard.press("Escape")
        expect(host.page.locator("#place")).to_be_focused()
    item(host, RUNNING).focus()
    for key in ("x", "Escape"):
        host.page.keyboard.press(key)
    expect(item(host, RUNNING)).to_be_focused()
    host.page.keyboard.press("Escape")
    expect(host.page.locator("#place")).to_be_focused()


def test_a_question_does_not_come_back_while_one_types(open_view: Open) -> None:
    """A row that asked was filtered out and in again: its answer took the focus from the search."""
    host = open_view("table", table())
    item(host, RUNNING).focus()
    host.page.keyboard.press("x")
    expect(host.root.get_by_role("button", name="Keep job")).to_be_focused()
    search = host.root.get_by_role("textbox")
    search.click()
    host.page.keyboard.type("smoke")
    expect(item(host, RUNNING)).to_have_count(0)
    for _ in "smoke":
        host.page.keyboard.press("Backspace")
    expect(item(host, RUNNING)).to_be_visible()
    expect(search).to_be_focused()
    expect(search).to_have_value("")
    expect(host.root.get_by_role("button", name="Keep job")).to_have_count(0)


def test_a_job_in_several_groups_asks_where_it_was_asked(open_view: Open) -> None:
    """Each of its lines asked, and the last of them took the focus and scrolled to itself."""
    host = open_view("table", table(group="tag"))
    first = item(host, RUNNING).first
    first.focus()
    host.page.keyboard.press("x")
    expect(host.root.get_by_role("button", name="Keep job")).to_have_count(1)
    expect(first.get_by_role("button", name="Keep job")).to_be_focused()


def test_focus_survives_windowing_and_reordering(open_view: Open) -> None:
    host = open_view("table", table([row("first", "DONE", finished=NOW_MS)]))
    host.page.evaluate(MANY, 500)
    item(host, "job-00003").focus()
    host.root.locator(".qjw-scroll").evaluate("el => { el.scrollTop = 9000 }")
    expect(item(host, "job-00301")).to_be_visible()
    assert focused(host) == "job-00003"
    patch(host, 7, 8, row("job-00003", "DONE", finished=NOW_MS + 1000))
    expect(item(host, "job-00003")).to_have_attribute("aria-rowindex", "2")
    assert focused(host) == "job-00003"
    host.page.keyboard.press("ArrowDown")
    host.wait("document.activeElement.dataset.job === 'job-00000'")
    expect(item(host, "job-00000")).to_be_in_viewport()


def test_who_scrolls_away_from_the_focus_is_not_thrown_back(open_view: Open) -> None:
    """Browsers scroll to a row that has the focus and was moved within the page."""
    host = open_view("table", table([row("first", "DONE", finished=NOW_MS)]))
    host.page.evaluate(MANY, 500)
    item(host, "job-00003").focus()
    host.painted()
    scroller = host.root.locator(".qjw-scroll")
    for top, seen in ((9000, "job-00301"), (3000, "job-00101"), (12000, "job-00401")):
        scroller.evaluate("(el, top) => { el.scrollTop = top }", top)
        expect(item(host, seen)).to_be_visible()
        host.painted()
        assert scroller.evaluate("el => el.scrollTop") == top
        assert focused(host) == "job-00003"


def test_the_focus_is_never_on_a_job_that_nobody_chose(open_view: Open) -> None:
    """Rows are filled with other jobs: one that kept the focus would cancel another job by key."""
    host = open_view("table", table([row("first", "DONE", finished=NOW_MS)]))
    host.page.evaluate(MANY, 500)
    item(host, "job-00003").focus()
    host.send(filter={"text": "job-004"})
    expect(item(host, "job-00400")).to_be_visible()
    expect(item(host, "job-00003")).to_have_count(0)
    assert focused(host) == ""
