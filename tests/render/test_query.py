"""Filters, orders and groups, in the words of the page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.render import order, table_html, table_text
from qjobwidgets.render.query import Query, listing, matcher, parse_filter
from tests.render.facts import NOW, Page, before, done, failed, queued, running

JOBS = [running(), failed(), queued(), done()]


def found(**filters) -> list[JobRecord]:
    return [job for job in JOBS if matcher(parse_filter(filters))(job)]


def test_a_filter_finds_what_satisfies_all_of_it():
    assert found(text="KINGSTON") == [running()]
    assert found(text="2m3g") == [failed()]
    assert found(status="error") == [failed()]
    assert found(status=["DONE", "QUEUED"]) == [queued(), done()]
    assert found(tag="vqe", backend="ibm_torino") == []
    assert found(program="sampler") == [done()]
    assert found(since=before(minutes=22), until=before(minutes=20, seconds=30)) == [running()]
    assert found() == JOBS


def test_a_filter_is_kept_as_the_page_reads_it():
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    asked = {"text": "", "status": JobStatus.ERROR, "tag": {"vqe"}, "since": noon, "backend": None}
    parsed = parse_filter(asked)
    assert datetime.fromisoformat(parsed.pop("since")) == noon
    assert parsed == {"status": ["ERROR"], "tag": ["vqe"]}
    assert parse_filter("vqe") == {"text": "vqe"}
    assert parse_filter(None) == {}
    day = datetime.fromisoformat(parse_filter({"since": date(2026, 11, 20)})["since"])
    assert (day.hour, day.utcoffset()) == (0, datetime(2026, 11, 20).astimezone().utcoffset())


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"colour": "red"}, "valid are text, status"),
        ({"since": "yesterday"}, "2026-11-20T14:02"),
        ({"until": 7}, "2026-11-20T14:02"),
        (7, "a text or a mapping"),
    ],
)
def test_a_filter_that_can_not_be_read_says_what_can(bad, words):
    with pytest.raises(ValueError, match=words):
        parse_filter(bad)


def test_any_order_both_ways_with_what_is_not_known_last():
    costs = [done(usage_seconds=n) for n in (3.0, 1.0)]
    jobs = [running(), *costs]
    assert order(jobs, "usage") == [costs[1], costs[0], running()]
    assert order(jobs, "-usage") == [costs[0], costs[1], running()]
    assert order(JOBS, "-status") == order(JOBS)[::-1]
    assert order(JOBS, "created", limit=1) == [done()]


def test_ran_counts_up_to_now_while_it_runs():
    now = datetime.now(UTC)
    short = done(started=now - timedelta(seconds=9), finished=now - timedelta(seconds=8))
    long = running(started=now - timedelta(hours=1))
    assert order([long, short], "ran") == [short, long]


def test_a_job_that_ended_nobody_knows_when_comes_last():
    """It counted as running until now: the longest of all, beside a dash."""
    now = datetime.now(UTC)
    short = done(started=now - timedelta(seconds=9), finished=now - timedelta(seconds=8))
    unknown = done(started=now - timedelta(hours=1), finished=None)
    for sort in ("ran", "-ran"):
        assert order([unknown, short], sort) == [short, unknown]


def test_groups_tell_how_far_all_of_their_jobs_are():
    jobs = [running(session_id="b"), failed(session_id="b"), done(session_id="s"), queued()]
    query = Query({"status": ["DONE", "RUNNING", "QUEUED"]}, group="session", modes={"b": "batch"})
    assert listing(jobs, query) == [
        ("batch b · 0/2 done, 1 failed", [jobs[0]]),
        ("session s · 1/1 done", [jobs[2]]),
        ("no session", [jobs[3]]),
    ]
    only = Query(group="batch", modes={"b": "batch", "s": "session"})
    assert [head for head, _ in listing(jobs, only)] == ["batch b · 0/2 done, 1 failed", "no batch"]


def test_the_twin_lists_what_the_table_does():
    jobs = [running(tags=("vqe",)), done(tags=("vqe",)), queued()]
    query = Query({"tag": ["vqe"]}, sort="-usage", group="tag")
    rows = Page(table_html(jobs, as_of=NOW, query=query)).rows
    assert [row[0] for row in rows[1:-1]] == ["tag vqe · 1/2 done", "✓ DONE", "◉ RUNNING"]
    assert rows[-1][0].startswith("Saved view, 2 of 3 jobs.")
    assert "tag vqe" in table_text(jobs, as_of=NOW, query=query)
    none = Query({"text": "nothing"})
    assert "No jobs match the filter." in table_text(jobs, as_of=NOW, query=none)
