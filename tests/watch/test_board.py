"""The board keeps what is true and numbers what changes."""

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch import Board

QUEUED = JobRecord("a", JobStatus.QUEUED, queue_position=2)
STATUSES = st.sampled_from([*JobStatus, "Paused by operator"])


def test_what_is_known_already_is_no_news():
    board = Board()
    assert board.apply([QUEUED]) == [QUEUED]
    assert board.apply([QUEUED]) == []
    assert board.since(0)[0] == 1


def test_a_view_gets_what_changed_since_it_looked():
    board = Board()
    board.apply([QUEUED, JobRecord("b", JobStatus.RUNNING)])
    seen, entries, _ = board.since(0)
    assert {entry.record.id for entry in entries} == {"a", "b"}
    board.apply([QUEUED._replace(status=JobStatus.RUNNING, queue_position=None)])
    _, entries, gone = board.since(seen)
    assert [entry.record.id for entry in entries] == ["a"]
    assert gone == []


def test_a_deleted_job_is_reported_as_gone_and_can_come_back():
    board = Board()
    board.apply([QUEUED])
    seen = board.since(0)[0]
    assert board.forget("a")
    assert not board.forget("a")
    assert board.since(seen)[2] == ["a"]
    board.apply([QUEUED])
    assert board.since(seen)[2] == []


def test_cancelling_is_shown_until_the_service_says_what_came_of_it():
    board = Board()
    board.apply([QUEUED])
    board.annotate("a", cancelling=True)
    board.apply([QUEUED._replace(queue_position=1)])
    assert board.get("a").cancelling
    board.apply([QUEUED._replace(status=JobStatus.CANCELLED)])
    assert not board.get("a").cancelling


def test_a_refused_cancel_leaves_the_job_and_says_why():
    board = Board()
    board.apply([QUEUED])
    board.annotate("a", note="The job is final.")
    assert board.get("a").note == "The job is final."
    assert board.get("a").record == QUEUED


def test_what_is_said_besides_stays_and_gives_way_to_what_became_of_a_cancel():
    board = Board()
    board.apply([QUEUED])
    board.remark("a", "The webhook answered 500.", "webhook")
    board.remark("a", "Nobody was notified.", "notify")
    running = QUEUED._replace(status=JobStatus.RUNNING)
    board.apply([running])
    assert board.get("a").note == "Nobody was notified."
    board.annotate("a", cancelling=True)
    assert board.get("a").note is None
    board.annotate("a", note="It can't be cancelled.")
    assert board.get("a").note == "It can't be cancelled."
    board.apply([running._replace(usage_seconds=1.0)])
    board.remark("a", None, "notify")
    assert board.get("a").note == "The webhook answered 500."


def test_thousands_of_jobs_are_no_work_for_the_collector():
    """Each job had an object of its own, and Python went through all that the kernel holds."""
    records = [JobRecord(f"job-{n}", JobStatus.QUEUED, queue_position=n + 1) for n in range(5000)]
    board = Board()
    gc.collect()
    before = len(gc.get_objects())
    board.introduce(records)
    assert len(gc.get_objects()) - before < 1000  # some may be of other threads
    assert board.tally((), everything=True).pending == 5000


def test_of_a_job_introduced_twice_at_once_the_end_counts():
    board = Board()
    done = QUEUED._replace(status=JobStatus.DONE)
    assert board.introduce([QUEUED, done, QUEUED])[-1] == done
    assert board.get("a").record == done
    assert board.pending(["a"]) == set()


def test_jobs_whose_introduction_was_interrupted_are_pending_when_they_come_again():
    """They were on the board and in none of its sums, so that nobody asked for them any more."""

    def interrupted():
        yield QUEUED
        raise KeyboardInterrupt

    board = Board()
    with pytest.raises(KeyboardInterrupt):
        board.introduce(interrupted())
    board.introduce([QUEUED])
    assert board.pending((), everything=True) == {"a"}
    assert [entry.record for entry in board.since(0)[1]] == [QUEUED]


@given(st.lists(STATUSES, min_size=1, max_size=12))
def test_a_final_status_never_changes(statuses):
    board = Board()
    final = None
    for status in statuses:
        board.apply([JobRecord("a", status)])
        known = board.get("a").record
        if final is not None:
            assert known.status == final
        elif known.final:
            final = known.status
