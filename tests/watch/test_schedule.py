"""The schedule of the design, row by row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjobwidgets.watch.schedule import (
    AskJob,
    AskList,
    Situation,
    interval,
    jittered,
    plan,
    retry_wait,
)


@pytest.mark.parametrize(
    ("pending", "running", "watched", "visible", "since_change", "expected"),
    [
        (1, 0, True, True, 3.0, 1.0),
        (200, 0, True, True, 9.9, 1.0),
        (201, 0, True, True, 3.0, 15.0),
        (3, 1, True, True, 30.0, 5.0),
        (3, 0, True, True, 30.0, 15.0),
        (3, 1, True, False, 3.0, 60.0),
        (0, 0, True, True, 3.0, 60.0),
        (0, 0, False, False, 0.0, None),
    ],
)
def test_when_to_look_next(pending, running, watched, visible, since_change, expected):
    assert interval(Situation(pending, running, watched, visible, since_change)) == expected


def test_a_few_jobs_are_asked_for_one_by_one():
    assert plan(["a", "b", "c"], recent=False, sweep_due=False) == [
        AskJob("a"),
        AskJob("b"),
        AskJob("c"),
    ]


def test_two_hundred_pending_jobs_cost_one_request():
    ids = [f"job-{n}" for n in range(200)]
    assert plan(ids, recent=False, sweep_due=True) == [AskList(pending=True)]


def test_beyond_five_pages_a_tick_asks_for_the_oldest_page_only():
    ids = [f"job-{n}" for n in range(1200)]
    assert plan(ids, recent=False, sweep_due=False) == [AskList(pending=True, skip=1000)]
    assert len(plan(ids, recent=False, sweep_due=True)) == 6


def test_a_list_of_the_account_is_refreshed_by_pending_jobs_and_swept_when_due():
    assert plan([], recent=True, sweep_due=True) == [AskList(pending=False), AskList(pending=True)]
    assert plan(["a"], recent=True, sweep_due=False) == [AskList(pending=True)]


def test_tries_in_trouble_come_less_and_less_often():
    waits = [retry_wait(failures) for failures in range(1, 12)]
    assert waits[:3] == [2.0, 4.0, 8.0]
    assert set(waits[5:]) == {60.0}
    assert retry_wait(1, asked=30.0) == 30.0


def test_a_long_outage_costs_one_request_a_minute():
    """Five requests of its first minute came on top of one in each."""
    tries = [0.0]
    while tries[-1] < 1800:
        tries.append(tries[-1] + retry_wait(len(tries), unanswered=True))
    assert tries[1] <= 5
    for minutes in range(3, 30):
        assert sum(moment < 60 * minutes for moment in tries) <= minutes
    assert retry_wait(1, asked=30.0, unanswered=True) == 30.0


@given(st.floats(0, 1, exclude_max=True))
def test_jitter_stays_within_a_fifth(chance):
    assert 8.0 - 1e-9 <= jittered(10.0, chance) <= 12.0
    assert 60.0 <= jittered(60.0, chance) <= 72.0
