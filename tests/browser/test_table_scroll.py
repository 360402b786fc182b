"""JobsTable while it is scrolled: what one reads stays where it is, whatever the jobs do."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Host, Open
from tests.browser.facts import NOW_MS, ago, row, table
from tests.browser.test_table import MANY, item, jobs_in_order, patch

LONG = (
    "The circuit does not fit: it has more qubits than the backend, or none that are coupled. " * 4
)


def place(host: Host, job: str) -> float:
    """Return how far below the upper edge of the list a row is."""
    box, around = item(host, job).bounding_box(), host.root.locator(".qjw-scroll").bounding_box()
    assert box is not None
    assert around is not None
    return box["y"] - around["y"]


def scroll(host: Host, top: int, seen: str) -> None:
    """Scroll, and wait until a row is there to be seen."""
    host.root.locator(".qjw-scroll").evaluate("(el, top) => { el.scrollTop = top }", top)
    expect(item(host, seen)).to_be_in_viewport()


def test_rows_that_come_and_go_above_move_nothing_in_sight(open_view: Open) -> None:
    """Each new job moved what one was reading down by a row, twice a second in a busy account."""
    host = open_view("table", table([row("first", "DONE", finished=NOW_MS)]))
    host.page.evaluate(MANY, 500)
    scroll(host, 9000, "job-00305")
    was = place(host, "job-00305")
    new = [row(f"new-{i}", "RUNNING", started=ago(5)) for i in range(4)]
    patch(host, 7, 8, *new)
    expect(item(host, "job-00305")).to_have_attribute("aria-rowindex", "311")
    assert place(host, "job-00305") == was
    # one of those in sight goes elsewhere, and others end above
    patch(host, 8, 9, row("job-00303", "DONE", finished=NOW_MS + 1000), gone=["job-00001"])
    expect(item(host, "job-00305")).to_have_attribute("aria-rowindex", "310")
    patch(host, 9, 10, gone=["job-00002", "job-00004"])
    expect(item(host, "job-00305")).to_have_attribute("aria-rowindex", "308")
    assert place(host, "job-00305") == was


def test_who_is_at_the_top_sees_what_is_new(open_view: Open) -> None:
    host = open_view("table", table([row("first", "DONE", finished=NOW_MS)]))
    host.page.evaluate(MANY, 500)
    patch(host, 7, 8, row("new", "RUNNING", started=ago(5)))
    expect(item(host, "new")).to_be_in_viewport()
    assert place(host, "new") == 0


def test_what_is_found_is_read_from_its_top(open_view: Open) -> None:
    """Who had scrolled down and then searched or sorted saw the middle of what was found."""
    host = open_view("table", table([row("first", "DONE", finished=NOW_MS)]))
    host.page.evaluate(MANY, 500)
    scroll(host, 3000, "job-00105")
    host.root.get_by_role("textbox").fill("job-001")
    expect(item(host, "job-00100")).to_be_in_viewport()
    assert place(host, "job-00100") == 0
    scroll(host, 1500, "job-00155")
    host.root.get_by_role("button", name="Status", exact=True).click()
    expect(item(host, "job-00199")).to_be_in_viewport()


def test_keys_keep_the_focus_in_sight_among_rows_of_many_heights(open_view: Open) -> None:
    """Rows are measured when they are drawn: one that turned out taller pushed the focus out."""
    failed = [
        row(f"f-{i:02}", "ERROR", finished=ago(i), reason=LONG * (1 + i % 2)) for i in range(60)
    ]
    host = open_view("table", table(failed))
    item(host, "f-00").focus()
    keys = [
        ("End", 59),
        ("PageUp", 44),
        ("PageUp", 29),
        ("Home", 0),
        ("PageDown", 15),
        ("PageDown", 30),
    ]
    for key, at in keys:
        host.page.keyboard.press(key)
        focused = item(host, f"f-{at:02}")
        expect(focused).to_be_focused()
        expect(focused).to_be_in_viewport(ratio=0.99)
        height = focused.evaluate("el => el.offsetHeight")
        assert -1 <= place(host, f"f-{at:02}") <= 541 - height


def test_what_a_row_says_more_is_scrolled_into_sight(open_view: Open) -> None:
    """Opened by Enter at the lower edge, the detail was below it."""
    host = open_view("table", table([row("first", "DONE", finished=NOW_MS)]))
    host.page.evaluate(MANY, 500)
    item(host, "job-00003").focus()
    host.page.keyboard.press("PageDown")
    expect(item(host, "job-00018")).to_be_focused()
    host.page.keyboard.press("Enter")
    detail = item(host, "job-00018").get_by_role("button", name="Copy id", exact=True)
    expect(detail).to_be_visible()
    host.wait("""(() => {
      const at = document.querySelector('.qjw-detail')?.getBoundingClientRect();
      const list = document.querySelector('.qjw-scroll').getBoundingClientRect();
      return at && at.bottom <= list.bottom + 1;
    })()""")


def test_who_comes_back_to_a_table_reads_on(open_view: Open) -> None:
    """Out of the page rows have no height, and the list no width.

    Scrolled away with its notebook or folded with its output, a table came back screens further on
    or, row for row, two pixels off.
    """
    failed = [row(f"f-{i:02}", "ERROR", finished=ago(i), reason=LONG) for i in range(30)]
    done = [row(f"d-{i:03}", "DONE", finished=ago(i)) for i in range(300)]
    host = open_view("table", table([*failed, *done]))
    for rev, top in ((8, 900), (9, 8000)):
        host.root.locator(".qjw-scroll").evaluate("(el, top) => { el.scrollTop = top }", top)
        host.painted()
        seen = jobs_in_order(host)[12]
        was = place(host, seen)
        host.page.evaluate("document.getElementById('place').style.display = 'none'")
        host.painted()
        patch(host, rev - 1, rev, {**failed[29], "usage": float(rev)})
        host.painted()
        host.page.evaluate("document.getElementById('place').style.display = ''")
        host.painted()
        expect(item(host, seen)).to_be_in_viewport()
        assert place(host, seen) == was


COUNTED = """() => {
  window.made = 0;
  const make = document.createElementNS;
  document.createElementNS = function (...of) {
    window.made += 1;
    return make.apply(this, of);
  };
}"""


def test_of_many_failed_rows_those_in_sight_are_drawn(open_view: Open) -> None:
    """Not in the page yet, rows were 0 px tall: one after the other, all of them were drawn."""
    failed = [row(f"f-{i:04}", "ERROR", finished=ago(i), reason=LONG) for i in range(1000)]
    host = open_view("table", table(), alone=True)
    host.page.evaluate(COUNTED)
    host.turn(table(failed))
    host.painted()
    assert 200 < host.page.evaluate("made") < 4000


def test_keys_lead_to_rows_that_were_never_measured(open_view: Open) -> None:
    """The row that was gone to lay below the list, as those above it were taller than thought."""
    failed = [row(f"f-{i:04}", "ERROR", finished=ago(i), reason=LONG) for i in range(300)]
    host = open_view("table", table(failed))
    item(host, "f-0000").focus()
    for key, job in (("End", 299), ("Home", 0), ("PageDown", 15), ("PageDown", 30)):
        host.page.keyboard.press(key)
        expect(item(host, f"f-{job:04}")).to_be_focused()
        expect(item(host, f"f-{job:04}")).to_be_in_viewport(ratio=1)


MOVE = """async (el, aside) => {
    const place = el.parentElement;
    el.remove();
    if (aside) place.style.width = "700px";
    else await new Promise(requestAnimationFrame);
    place.append(el);
}"""
"""Put a view at once beside something else, as a notebook's tab, or away for a while, as a cell."""


@pytest.mark.parametrize("aside", [True, False])
def test_a_table_that_was_out_of_the_page_is_where_it_was(open_view: Open, aside: bool) -> None:
    """It was empty: the browser was at the top, and rows were drawn for where it had been."""
    host = open_view("table", table([row("first", "DONE", finished=NOW_MS)]))
    host.page.evaluate(MANY, 500)
    scroll(host, 9000, "job-00305")
    was = place(host, "job-00305")
    host.root.evaluate(MOVE, aside)
    host.wait("document.querySelector('.qjw-scroll').scrollTop > 0")
    expect(item(host, "job-00305")).to_be_in_viewport()
    if not aside:
        assert place(host, "job-00305") == was
