"""The jobs table as text and HTML: order, counts, columns, reasons, and what it must not hold."""

from __future__ import annotations

from datetime import UTC
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.render import order, summary, table_html, table_text
from tests.render.facts import (
    HOSTILE,
    NOW,
    Page,
    assert_survives_sanitizers,
    before,
    done,
    failed,
    queued,
    running,
)

N = "\u202f"
JOBS = [running(), failed(), queued(), done()]


def test_order_is_running_failed_starting_queued_then_finished_by_recency():
    starting = JobRecord("starting", JobStatus.INITIALIZING, created=NOW)
    odd = JobRecord("odd", "Paused", created=NOW)
    cancelled = JobRecord("cancelled", JobStatus.CANCELLED, finished=before(minutes=33))
    old = JobRecord("old", JobStatus.DONE, finished=before(days=2))
    unknown_time = JobRecord("unknown", JobStatus.DONE)
    expected = [running(), failed(), starting, queued(), odd, cancelled, done(), old, unknown_time]
    assert order(reversed(expected)) == expected


def test_order_follows_the_queue():
    jobs = [
        JobRecord("a", JobStatus.QUEUED, created=before(minutes=1), queue_position=2),
        JobRecord("b", JobStatus.QUEUED, created=before(minutes=9), queue_position=10),
        JobRecord("c", JobStatus.QUEUED, created=before(minutes=5)),
    ]
    for shuffled in permutations(jobs):
        assert order(shuffled) == jobs


@given(st.permutations(JOBS))
def test_order_does_not_depend_on_the_order_given(jobs):
    assert order(jobs) == order(JOBS)


MINUTES = st.none() | st.builds(lambda n: before(minutes=n), st.integers(0, 3))
RECORDS = st.builds(
    JobRecord,
    st.text("ab", min_size=1, max_size=6),
    st.sampled_from([*JobStatus, "Paused"]),
    created=MINUTES,
    finished=MINUTES,
    queue_position=st.none() | st.integers(1, 4),
)


@given(st.lists(RECORDS, unique_by=lambda record: record.id), st.integers(0, 12))
def test_the_first_in_order_are_those_of_the_whole_order(records, limit):
    assert order(records, limit=limit) == order(records)[:limit]


def test_summary_leaves_out_zeros_but_not_zero_jobs():
    assert summary([]) == "0 jobs"
    assert summary([done()]) == "1 job"
    assert summary(JOBS) == "4 jobs · 1 running · 1 queued · 1 failed"
    assert summary(JOBS, 4096) == f"4{N}096 jobs · 1 running · 1 queued · 1 failed"


def test_html_has_a_row_for_each_job_with_whole_ids_and_times():
    rows = Page(table_html(JOBS, as_of=NOW, tz=UTC)).rows
    assert rows[0] == [
        "Status", "Program", "Id", "Backend", "Created", "Waited", "Ran", "Usage", "Tags",
    ]  # fmt: skip
    assert rows[1] == [
        "◉ RUNNING", "estimator", "d4qk1c7s9v8g008n2m60", "ibm_kingston", "13:41",
        f"17{N}min 40{N}s", f"3{N}min 12{N}s", "–", "vqe, h2",
    ]  # fmt: skip
    assert rows[4][:3] == ["◷ QUEUED · 3 ahead", "–", "d4qk1c7s9v8g008n2m8g"]
    assert rows[4][5:8] == [f"20{N}min", "–", "–"]
    assert rows[5][7] == f"58.9{N}s"


def test_html_gives_reason_and_advice_below_a_failed_job():
    rows = Page(table_html(JOBS, as_of=NOW)).rows
    assert rows[2][0] == "◆ ERROR · 1517"
    blank, why = rows[3]
    assert blank == ""
    assert why == (
        "Instruction cx on qubits (0, 1) is not supported by ibm_kingston. "
        "Transpile with generate_preset_pass_manager, then run again."
    )


def test_html_says_when_it_was_true_and_what_it_leaves_out():
    page = Page(table_html(JOBS, as_of=NOW, total=64, limit=3, tz=UTC))
    assert "64 jobs · 1 running · 1 queued · 1 failed · as of 2026-11-20 14:02" in page.text
    assert page.rows[-1] == ["Saved view, 3 of 64 jobs. Run the cell again for a live one."]
    assert "tfoot" in page.tags
    assert "caption" not in page.tags


def test_html_of_all_jobs_says_so():
    rows = Page(table_html([done()], as_of=NOW)).rows
    assert rows[-1] == ["Saved view, 1 job. Run the cell again for a live one."]


def test_every_row_brings_its_own_white_background():
    """Viewers stripe rows for their own theme, which on a dark page hid the dark ink."""
    html = table_html(JOBS, as_of=NOW)
    page = Page(html)
    rows = [value for tag, name, value in page.attributes if tag == "tr" and name == "style"]
    cells = [value for tag, name, value in page.attributes if tag == "td" and name == "style"]
    assert len(rows) == page.tags.count("tr")
    assert all("background:#ffffff" in style for style in rows + cells)


def test_columns_are_as_wide_as_their_text():
    """JupyterLab's fixed table layout made ids and backend names run into each other."""
    (style,) = [
        value
        for tag, name, value in Page(table_html(JOBS, as_of=NOW)).attributes
        if (tag, name) == ("table", "style")
    ]
    assert "table-layout:auto" in style.split(";")


def test_a_long_name_is_cut():
    page = Page(table_html([running(backend="b" * 500, tags=("t" * 500,))], as_of=NOW))
    assert max(len(cell) for cell in page.rows[1]) == 80


def test_no_jobs_is_a_sentence_with_the_next_command():
    hint = "%qjob run sampler bell"
    assert (
        "No jobs yet. Try: %qjob run sampler bell"
        in Page(table_html([], as_of=NOW, hint=hint)).text
    )
    assert table_text([], as_of=NOW, tz=UTC) == (
        "Jobs  0 jobs · as of 2026-11-20 14:02\nNo jobs yet."
    )


@pytest.mark.parametrize("bad", HOSTILE)
def test_hostile_text_is_shown_literally_and_never_becomes_markup(bad):
    record = JobRecord(
        bad, JobStatus.ERROR, bad, bad, reason=bad, reason_solution=bad, tags=(bad, bad)
    )
    html = table_html([record], as_of=NOW, hint=bad)
    assert_survives_sanitizers(html)
    page = Page(html)
    assert page.text.count(bad) >= 6
    assert bad in table_text([record], as_of=NOW)


def test_mathematics_is_switched_off_where_viewers_typeset_it():
    """MathJax turned a tag such as "$x$ and $y$" into formulas."""
    classes = Page(table_html(JOBS, as_of=NOW)).values("class")
    assert classes == ["tex2jax_ignore mathjax_ignore"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_gives_html_that_survives_sanitizers(first, second):
    record = JobRecord(first, JobStatus.ERROR, second, reason=first, tags=(second,))
    html = table_html([record], as_of=NOW)
    assert_survives_sanitizers(html)
    assert html.encode().decode() == html


def test_text_lines_up_and_shows_reasons():
    lines = table_text(JOBS, as_of=NOW, tz=UTC).splitlines()
    assert lines[0] == ("Jobs  4 jobs · 1 running · 1 queued · 1 failed · as of 2026-11-20 14:02")
    head, *rows = lines[2:]
    at = head.index("Id")
    ids = [line[at : at + 20] for line in rows if "Instruction" not in line]
    assert ids == [record.id for record in order(JOBS)]
    assert rows[2].strip().startswith("Instruction cx on qubits (0, 1)")


def test_text_lists_no_more_than_its_limit():
    jobs = [JobRecord(f"job-{n}", JobStatus.DONE, finished=before(minutes=n)) for n in range(30)]
    text = table_text(jobs, as_of=NOW)
    assert "job-19" in text
    assert "job-20" not in text
    assert text.endswith("20 of 30 jobs shown")


def test_a_reason_is_never_shown_of_a_job_that_did_not_fail():
    assert "left over" not in table_html([running(reason="left over")], as_of=NOW)


def test_a_long_reason_does_not_fill_the_notebook():
    assert len(table_html([failed(reason="x" * 1_000_000)], as_of=NOW)) < 8000
