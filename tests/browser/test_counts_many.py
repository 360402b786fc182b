"""CountsHistogram of many outcomes: quick to scroll, to read and to come back to."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Host, Open
from tests.browser.facts import MANY, counts, entry

LARGEST = {f"{n:014b}": (n * 7919) % 977 + 1 for n in range(2**14)}


def test_of_sixteen_thousand_outcomes_those_in_sight_are_drawn(open_view: Open) -> None:
    """How long the browser's tasks are then is measured by ``benchmarks/views.py``."""
    host = open_view("counts", counts(entry(LARGEST, dict.fromkeys(LARGEST, 2**-14))))
    host.root.get_by_role("button", name="Show 32").click()
    host.root.get_by_role("button", name="Show all").click()
    table = host.root.get_by_role("table")
    expect(table).to_have_attribute("aria-rowcount", "16385")
    for order in ("key", "weight", "distance", "count"):
        host.root.get_by_label("Order").select_option(f"Sort: {order}")
        expect(host.root.get_by_label("Order")).to_have_value(f"Sort: {order}")
    assert host.root.locator("[data-outcome]").count() < 60
    scroller = host.root.locator(".qjw-ct-scroll")
    scroller.evaluate("el => el.scrollTo(0, el.scrollHeight)")
    last = max(LARGEST, key=lambda bits: (-LARGEST[bits], bits))
    expect(host.root.locator("[data-outcome]").last).to_have_attribute("data-outcome", last)
    host.shot("all")
    host.assert_accessible()
    scroller.focus()
    host.page.keyboard.press("Home")
    first = min(LARGEST, key=lambda bits: (-LARGEST[bits], bits))
    expect(host.root.locator("[data-outcome]").first).to_have_attribute("data-outcome", first)
    tall = host.root.bounding_box()["height"]
    assert tall < 620


def test_the_focus_is_never_on_an_outcome_that_nobody_chose(open_view: Open) -> None:
    """Bars are filled with other outcomes: one that kept the focus was pressed for another."""
    host = open_view("counts", counts(entry(LARGEST), top=2**14, sort="distance"))
    scroller = host.root.locator(".qjw-ct-scroll")
    chosen = host.root.locator("[data-outcome] button").nth(8)
    chosen.focus()
    host.painted()
    for top in (100, 4000, 120_000):
        scroller.evaluate("(el, top) => { el.scrollTop = top }", top)
        host.painted()
        assert scroller.evaluate("el => el.scrollTop") == top
        expect(chosen if top == 100 else scroller).to_be_focused()


def test_who_chooses_a_bar_that_goes_out_of_sight_can_not_choose_another_by_accident(
    open_view: Open,
) -> None:
    """The next outcome in its place had the focus: Enter once more chose that one."""
    host = open_view("counts", counts(entry(LARGEST), top=2**14, sort="distance"))
    scroller = host.root.locator(".qjw-ct-scroll")
    scroller.evaluate("el => { el.scrollTop = 60_000 }")
    host.painted()
    bar = host.root.locator("[data-outcome]").nth(15)
    chosen = bar.get_attribute("data-outcome")
    bar.get_by_role("button").focus()
    host.page.keyboard.press("Enter")
    expect(bar).not_to_have_attribute("data-outcome", str(chosen))
    expect(scroller).to_be_focused()
    host.page.keyboard.press("Enter")
    assert host.page.evaluate("host.model.get('toward')") == chosen


def test_no_other_bar_gets_the_focus_when_other_counts_are_shown(open_view: Open) -> None:
    """Few bars are filled with other outcomes too, also where many were before."""
    others = {f"{n:014b}": 9 for n in range(16)}
    traits = counts(entry(LARGEST), entry(others, pub=1), top=2**14, sort="distance")
    host = open_view("counts", traits)
    host.root.locator(".qjw-ct-scroll").evaluate("el => { el.scrollTop = 60_000 }")
    host.painted()
    for place, shown in (([1, -1], 16), ([0, -1], 30)):
        host.root.locator("[data-outcome] button").nth(12).focus()
        host.send(place=place)
        expect(host.root.locator("[data-outcome]")).to_have_count(shown)
        expect(host.root.locator("[data-outcome] :focus")).to_have_count(0)


def test_small_shares_differ(open_view: Open) -> None:
    """Of sixteen thousand outcomes, each had 0.0 %."""
    host = open_view("counts", counts(entry(LARGEST)))
    first = host.root.locator("[data-outcome]").first
    expect(first).to_contain_text("0.012\u202f%")
    host.root.get_by_role("button", name="Data table").click()
    line = host.root.locator("tbody tr").first
    expect(line).to_contain_text("0.012\u202f%± 0.000\u202f%")


@pytest.mark.parametrize("width", [360, 440, 560])
def test_the_marks_of_a_narrow_axis_keep_apart(open_view: Open, width: int) -> None:
    """Those of small shares lay on each other."""
    host = open_view("counts", counts(entry(LARGEST)), width=width)
    marks = host.root.locator(".qjw-ax > span").all()
    boxes = [box for mark in marks if (box := mark.bounding_box())]
    host.shot("small-shares")
    assert len(boxes) >= 2
    for left, right in pairwise(boxes):
        assert left["x"] + left["width"] < right["x"]


def test_a_view_that_was_out_of_the_page_is_where_it_was(open_view: Open) -> None:
    """A cell that was moved had no bars: they were drawn for where it had been scrolled before."""
    host = open_view("counts", counts(entry(LARGEST), top=2**14))
    scroller = host.root.locator(".qjw-ct-scroll")
    scroller.evaluate("el => { el.scrollTop = 60_000 }")
    host.painted()
    shown = host.root.locator("[data-outcome]").nth(15)
    expect(shown).to_be_in_viewport()
    host.root.evaluate(
        "async (el) => { const place = el.parentElement; el.remove();"
        " await new Promise(requestAnimationFrame); place.append(el); }"
    )
    host.wait("document.querySelector('.qjw-ct-scroll').scrollTop === 60_000")
    expect(shown).to_be_in_viewport()


def test_all_outcomes_begin_at_the_top_each_time_they_are_asked_for(open_view: Open) -> None:
    host = open_view("counts", counts(entry(LARGEST), top=2**14))
    scroller = host.root.locator(".qjw-ct-scroll")
    first = host.root.locator("[data-outcome]").first
    largest = first.get_attribute("data-outcome")
    scroller.evaluate("el => { el.scrollTop = 60_000 }")
    host.root.get_by_role("button", name="Show 16").click()
    expect(host.root.locator("[data-outcome]")).to_have_count(17)
    expect(scroller).to_have_count(0)
    host.root.get_by_role("button", name="Show 32").click()
    host.root.get_by_role("button", name="Show all").click()
    host.painted()
    assert scroller.evaluate("el => el.scrollTop") == 0
    expect(first).to_have_attribute("data-outcome", str(largest))
    expect(first).to_be_in_viewport()


def test_bars_that_change_while_nobody_sees_them_are_there_when_one_does(open_view: Open) -> None:
    """Hidden, it forgot nothing: few and then many later, it was far below the first bars."""
    host = open_view("counts", counts(entry(LARGEST), top=2**14))
    host.root.locator(".qjw-ct-scroll").evaluate("el => { el.scrollTop = 60_000 }")
    host.painted()
    place = host.page.locator("#place")
    place.evaluate("el => { el.style.display = 'none' }")
    host.painted()
    for top, drawn in ((16, 17), (2**14, 30)):
        host.send(top=top)
        expect(host.root.locator("[data-outcome]")).to_have_count(drawn)
    place.evaluate("el => { el.style.display = '' }")
    expect(host.root.locator("[data-outcome]").first).to_be_in_viewport()


def test_a_long_data_table_is_drawn_part_by_part(open_view: Open) -> None:
    """A thousand lines at once held up the page for a third of a second."""
    host = open_view("counts", counts(entry(MANY), top=1024))
    host.root.get_by_role("button", name="Data table").click()
    expect(host.root.locator("tbody tr")).to_have_count(1024)
    lines = host.root.locator("tbody th").all_inner_texts()
    assert lines == sorted(MANY, key=lambda bits: (-MANY[bits], bits))


def test_each_long_data_table_is_drawn_part_by_part(open_view: Open) -> None:
    """Only the first one was: that of another register was drawn in one go."""
    host = open_view("counts", counts(entry(MANY), entry(MANY, pub=1), top=1024))
    host.root.get_by_role("button", name="Data table").click()
    lines = host.root.locator("tbody tr")
    expect(lines).to_have_count(1024)
    note_sizes(host)
    host.root.get_by_label("PUB and register").select_option("PUB 1 · meas")
    host.wait("sizes.some((size) => size < 1024)")
    expect(lines).to_have_count(1024)


def test_a_data_table_that_was_cut_short_grows_part_by_part(open_view: Open) -> None:
    """After "Show 16", "Show all" drew as many rows in one go as had been there before."""
    host = open_view("counts", counts(entry(MANY), top=1024))
    host.root.get_by_role("button", name="Data table").click()
    lines = host.root.locator("tbody tr")
    expect(lines).to_have_count(1024)
    host.root.get_by_role("button", name="Show 16").click()
    expect(lines).to_have_count(17)
    note_sizes(host)
    host.root.get_by_role("button", name="Show 32").click()
    host.root.get_by_role("button", name="Show all").click()
    expect(lines).to_have_count(1024)
    assert host.page.evaluate("sizes.some((size) => 33 < size && size < 1024)")


def note_sizes(host: Host) -> None:
    """Have the page note in ``sizes`` how many rows a data table has each time it is changed."""
    host.page.evaluate("""() => {
        window.sizes = [];
        const see = () => sizes.push(document.querySelectorAll(".qjw tbody tr").length);
        new MutationObserver(see).observe(document.body, { childList: true, subtree: true });
    }""")
