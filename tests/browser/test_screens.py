"""Views on screens of other kinds: narrow, low, touched, printed, of a few colours."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.card_facts import RUNNING, card
from tests.browser.conftest import Open
from tests.browser.facts import ROWS, plot, row, table
from tests.browser.test_hosts import VIEWS

# the words of a row from left to right, as far as they are shown
WORDS = """(row) => [".qjw-badge b", ".qjw-badge-x", ".qjw-name", ".qjw-idw", ".qjw-c-created",
    ".qjw-acts button"]
  .map((part) => row.querySelector(part))
  .filter((el) => el?.checkVisibility())
  .map((el) => {
    const words = document.createRange();
    words.selectNodeContents(el);
    const { left, right } = words.getBoundingClientRect();
    return [left, Math.min(right, el.getBoundingClientRect().right)];
  })"""


def test_words_of_a_row_never_meet(open_view: Open) -> None:
    """A browser's zoom of 200 % leaves 272 px: there the id and the age stood on each other."""
    host = open_view("table", table())
    for width in (760, 600, 560, 480, 430, 400, 360, 320, 272):
        host.resize(width)
        end = host.root.bounding_box()["x"] + width
        for job in host.root.locator("[data-job]").all():
            words = job.evaluate(WORDS)
            for (_, right), (left, _) in pairwise(words):
                assert right <= left + 1, (width, words)
            assert words[-1][1] <= end, (width, words)


def test_the_summary_is_whole_where_there_is_little_room(open_view: Open) -> None:
    host = open_view("table", table(), width=272)
    end = host.root.bounding_box()["x"] + 272
    for part in host.root.locator(".qjw-sum > *").all():
        box = part.bounding_box()
        assert box["x"] + box["width"] <= end


def test_a_name_has_room_for_more_than_a_letter(open_view: Open) -> None:
    """From 560 px on, for 80 px more, there was one: "e.", and its bars had room to spare."""
    host = open_view("table", table())
    for width in (679, 620, 560, 480):
        host.resize(width)
        assert host.root.locator(".qjw-name").first.bounding_box()["width"] > 30


def test_rows_follow_one_that_gets_taller(open_view: Open) -> None:
    """A reason that wraps anew lay on the next rows until the clock ticked."""
    failed = row("failed", "ERROR", reason="word " * 40)
    host = open_view("table", table([failed, row("queued", "QUEUED")]))
    meet = """(() => { const box = (id) => document.querySelector(`[data-job=${id}]`)
        .getBoundingClientRect(); return box("queued").top === box("failed").bottom; })()"""
    host.wait(meet)
    for width in (580, 700, 400):
        host.resize(width)
        assert host.settles(meet)


def test_how_many_more_tags_there_are_is_whole(open_view: Open) -> None:
    """Beside a long tag, "+2" was "+…"."""
    tags = ["a tag as long as they may be", "b", "c"]
    host = open_view("table", table([row("a", "DONE", tags=tags)]), width=1040)
    rest = host.root.get_by_text("+2", exact=True)
    assert rest.evaluate("el => el.scrollWidth <= el.clientWidth")


def test_a_long_tag_of_a_card_ends_in_an_ellipsis(open_view: Open) -> None:
    """It was cut in the middle of a letter, as if it ended there."""
    host = open_view("card", card({**RUNNING, "tags": ["x" * 80]}))
    tag = host.root.get_by_text("x" * 80)
    expect(tag).to_have_css("text-overflow", "ellipsis")
    # a flexible box heeds it not
    expect(tag).to_have_css("display", "block")
    assert tag.evaluate("el => el.scrollWidth > el.clientWidth")


def test_a_menu_is_all_within_a_low_window(open_view: Open) -> None:
    """With room neither below nor above its button, it went on below the window's edge."""
    host = open_view("table", table())
    for height in (320, 200):
        host.page.set_viewport_size({"width": 784, "height": height})
        host.root.get_by_role("button", name="More", exact=True).click()
        box = host.page.get_by_role("dialog", name="More").bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height
        host.page.keyboard.press("Escape")


def test_what_can_be_touched_is_seen(open_view: Open) -> None:
    """Nothing hovers there: a touch of a row's bare end asked whether to cancel its job."""
    host = open_view("table", table(), has_touch=True, is_mobile=True)
    job = host.root.locator(f'[data-job="{ROWS[1]["id"]}"]')
    expect(job.locator(".qjw-acts")).to_have_css("opacity", "1")
    expect(job.locator(".qjw-copy")).to_have_css("opacity", "1")
    job.get_by_role("button", name="Cancel job").tap()
    job.get_by_role("button", name="Keep job").tap()
    assert host.sent("cancel") == []


@pytest.mark.parametrize("view", list(VIEWS))
def test_grounds_are_printed(open_view: Open, view: str) -> None:
    """Browsers leave them out: a histogram had no bars, and light ink stood on white paper."""
    host = open_view(view, VIEWS[view](), theme="dark")
    assert host.page.evaluate(
        "[...document.querySelectorAll('.qjw, .qjw *')]"
        ".every((el) => getComputedStyle(el).printColorAdjust === 'exact')"
    )


PICTURE = "document.querySelector('canvas').toDataURL()"


def test_a_plot_takes_the_colours_that_the_reader_chooses(open_view: Open) -> None:
    """It kept those of before until something else was drawn: black on black, for some."""
    host = open_view("plot", plot(), alone=True)
    expect(host.root.locator(".qjw-p-last")).to_be_visible()
    host.painted()
    before = host.page.evaluate(PICTURE)
    host.page.emulate_media(forced_colors="active")
    assert host.settles(f"{PICTURE} !== {before!r}")
    host.page.emulate_media(forced_colors="none")
    assert host.settles(f"{PICTURE} === {before!r}")
