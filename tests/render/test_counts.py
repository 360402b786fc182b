"""The counts as text, HTML and PNG."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.render import CountsView, Look, counts_html, counts_text
from qjobwidgets.render.bars import bars
from tests.render.facts import (
    HOSTILE,
    NOW,
    Page,
    assert_survives_sanitizers,
    done,
    failed,
    queued,
    running,
)

N = "\u202f"
BELL = CountsView("PUB 0 · meas", 2, 4096, {"11": 1949, "00": 2071, "10": 35, "01": 41})
WIDE = CountsView("PUB 1 · meas", 10, 8192, {f"{n:010b}": 100 + n for n in range(40)})


def test_few_outcomes_stand_in_the_order_of_their_bits():
    assert [(bar.label, bar.count) for bar in bars(BELL)] == [
        ("00", 2071), ("01", 41), ("10", 35), ("11", 1949),
    ]  # fmt: skip


def test_many_outcomes_are_the_top_ones_and_the_rest():
    shown = bars(WIDE)
    assert len(shown) == 17
    assert shown[0].label == "00001 00111"
    assert (shown[-1].label, shown[-1].others) == ("other", 24)
    assert sum(bar.count for bar in shown) == sum(WIDE.counts.values())


@given(st.dictionaries(st.text("01", min_size=1, max_size=12), st.integers(0, 10**6), max_size=60))
def test_no_count_is_lost(counts):
    shown = bars(CountsView("", 12, sum(counts.values()), counts))
    assert sum(bar.count for bar in shown) == sum(counts.values())
    assert len(shown) <= 17


def test_bits_are_grouped_by_five_from_bit_zero():
    view = CountsView("", 12, 1, {"110000011111": 1})
    assert [bar.label for bar in bars(view)] == ["11 00000 11111"]


def test_html_has_count_and_share_of_each_outcome():
    page = Page(counts_html(done(), [BELL], as_of=NOW, tz=UTC))
    cells = [[row[0], *row[2:]] for row in page.rows]
    assert cells == [
        ["00", f"2{N}071", f"50.6{N}%"],
        ["01", "41", f"1.0{N}%"],
        ["10", "35", f"0.9{N}%"],
        ["11", f"1{N}949", f"47.6{N}%"],
    ]
    assert f"d4qj7e4t9v8g008n91tg · 4{N}096 shots · as of 2026-11-20 14:02" in page.text


def test_bars_are_as_long_as_their_counts_with_and_without_styles():
    page = Page(counts_html(done(), [BELL], as_of=NOW))
    assert [len(row[1]) for row in page.rows] == [24, 1, 1, 23]
    widths = [s for s in page.values("style") if "height:9px" in s]
    assert ["width:202px" in widths[0], "width:4px" in widths[1]] == [True, True]
    assert ["width:3px" in widths[2], "width:190px" in widths[3]] == [True, True]


def test_bars_are_printed():
    """Browsers leave grounds out where they print: a printed notebook had histograms without."""
    page = Page(counts_html(done(), [BELL], as_of=NOW))
    bars = [look for look in page.values("style") if "height:9px" in look]
    assert len(bars) == 4
    assert all("print-color-adjust:exact" in look for look in bars)


def test_an_outcome_never_seen_has_no_bar():
    page = Page(counts_html(done(), [CountsView("", 1, 10, {"0": 10, "1": 0})], as_of=NOW))
    assert page.rows[1] == ["1", "", "0", f"0.0{N}%"]


def test_other_is_explained_below():
    page = Page(counts_html(done(), [WIDE], as_of=NOW))
    assert page.rows[-1] == [f"Top 16, and other (24 outcomes, 32.7{N}%)"]


def test_a_register_that_is_open_on_the_page_is_short_in_the_twin():
    """With all its outcomes open, the twin of each register took as many rows."""
    every = {f"{n:010b}": 1024 - n for n in range(1024)}
    shots = sum(every.values())
    view = CountsView("", 10, shots, every, look=Look(top=1024))
    page = Page(counts_html(done(), [view], as_of=NOW))
    assert len(page.rows) == 32 + 2
    assert page.rows[-1][0].startswith("Top 32, and other (992 outcomes, ")
    assert len(counts_text(done(), [view], as_of=NOW).splitlines()) == 35


def test_several_results_are_named_and_only_the_first_are_shown():
    page = Page(counts_html(done(), [BELL, WIDE], as_of=NOW))
    assert f"PUB 0 · meas · 4{N}096 shots" in page.text
    assert f"PUB 1 · meas · 8{N}192 shots" in page.text
    many = Page(counts_html(done(), [BELL] * 1000, as_of=NOW))
    assert many.tags.count("table") == 8
    assert f"The first 8 of 1{N}000 results are shown." in many.text


@pytest.mark.parametrize(
    ("job", "message", "said"),
    [
        (queued(), None, "◷ QUEUED · 3 aheadCounts come when the job is done."),
        (failed(), None, "then run again."),
        (done(), None, "The result holds no counts."),
        (JobRecord("c", JobStatus.CANCELLED), None, "The job ended without counts."),
        (done(), "The result is larger than 64 MB.", "The result is larger than 64 MB."),
    ],
)
def test_without_counts_the_twin_says_why(job, message, said):
    html = counts_html(job, [], as_of=NOW, message=message)
    assert_survives_sanitizers(html)
    assert Page(html).text.endswith(said)
    assert counts_text(job, [], as_of=NOW, message=message).endswith(said[-20:])


def test_text_shows_the_same_numbers():
    lines = counts_text(done(), [BELL], as_of=NOW, tz=UTC).splitlines()
    assert lines[0] == (f"Counts  d4qj7e4t9v8g008n91tg · 4{N}096 shots · as of 2026-11-20 14:02")
    assert lines[1].split("  ") == ["00", "█" * 24, f"2{N}071", f" 50.6{N}%"]
    assert [line.index("%") for line in lines[1:]] == [43, 43, 43, 43]


def test_a_result_without_shots_is_said_and_not_divided_by():
    empty = CountsView("PUB 0 · meas", 2, 0, {})
    assert "Nothing was measured." in Page(counts_html(done(), [empty], as_of=NOW)).text
    assert "Nothing was measured." in counts_text(done(), [empty], as_of=NOW)


@pytest.mark.parametrize("bad", HOSTILE)
def test_hostile_labels_are_shown_literally(bad):
    views = [CountsView(bad, 1, 2, {bad: 1, "0": 1}), BELL]
    html = counts_html(running(), views, as_of=NOW, message=bad)
    assert_survives_sanitizers(html)
    assert bad in Page(html).text
