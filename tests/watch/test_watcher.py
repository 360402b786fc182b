"""The watcher over a service that this test is: what it asks, and what it makes of trouble."""

import time

import pytest

from qjobwidgets.errors import RuntimeJobNotFound, ServiceUnreachableError
from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch import schedule
from tests.conftest import eventually
from tests.watch.conftest import View, answer, queued


def test_three_hundred_pending_jobs_cost_two_requests_a_look(wire, watcher):
    ids = [f"job-{n}" for n in range(300)]
    for job_id in ids:
        wire.put(job_id, "Running")
    began = time.monotonic()
    watcher.watch(queued(*ids))
    eventually(lambda: all(r.status == "RUNNING" for r in watcher.board.records(ids)))
    asked = list(wire.requests)
    assert set(asked) == {"/jobs"}
    # a busy machine may see the end of the first look only after the next ones
    looks = 1 + (time.monotonic() - began) / schedule.LEAST_PAUSE
    assert 2 <= len(asked) <= 2 * looks


def test_views_opened_one_after_the_other_do_not_put_the_look_off(wire, watcher):
    """It comes when the first of them is on its way to the page, not when the last one is."""
    wire.put("a", "Running")
    for _ in range(1500):
        if wire.requests:
            break
        watcher.attach(View(watcher, ["a"]))
        time.sleep(0.02)  # less than a view is given
    assert wire.requests
    eventually(lambda: watcher.board.get("a"))


def test_a_job_that_left_the_pending_list_is_asked_for_once(wire, watcher):
    ids = [f"job-{n}" for n in range(5)]
    for job_id in ids:
        wire.put(job_id, "Completed" if job_id == "job-3" else "Running")
    watcher.attach(View(watcher, ids))
    eventually(lambda: (known := watcher.board.get("job-3")) and known.record.final)
    eventually(lambda: wire.requests.count("/jobs") >= 2)
    assert wire.requests.count("/jobs/job-3") == 1


def test_the_thread_ends_when_nothing_is_pending_and_nobody_watches(wire, watcher):
    wire.put("a", "Completed")
    watcher.watch(queued("a"))
    eventually(lambda: watcher.board.get("a").record.final)
    eventually(lambda: not watcher.alive)
    wire.put("b", "Running")
    watcher.watch(queued("b"))
    eventually(lambda: watcher.board.get("b").record.status == "RUNNING")
    assert watcher.alive


def test_a_view_of_the_account_finds_jobs_it_was_never_told_of(wire, watcher):
    wire.put("a", "Completed")
    view = View(watcher, recent=True)
    watcher.attach(view)
    eventually(lambda: watcher.board.get("a"))
    assert watcher.asker.total == 1
    wire.put("b", "Queued", position_in_queue=1)
    watcher.look_now()
    eventually(lambda: watcher.board.get("b"))
    assert watcher.board.get("b").record.queue_position == 1


def test_network_trouble_is_a_state_and_passes(wire, watcher):
    wire.put("a", "Running")
    view = View(watcher, ["a"])
    wire.trouble = ServiceUnreachableError("Nothing answers.")
    watcher.attach(view)
    eventually(lambda: watcher.freshness.state == "offline")
    fresh = watcher.freshness
    assert fresh.message == "Nothing answers."
    assert fresh.retry_at > fresh.since
    wire.trouble = None
    eventually(lambda: watcher.freshness.state == "live")
    eventually(lambda: view.states[-1:] == ["live"])
    assert "offline" in view.states


def test_refused_credentials_stop_the_asking_until_the_user_says_so(wire, watcher):
    wire.put("a", "Running")
    wire.trouble = answer(401, {"errors": [{"code": 1201, "message": "Not authorized."}]})
    view = View(watcher, ["a"])
    watcher.attach(view)
    eventually(lambda: watcher.freshness.state == "refused")
    asked = len(wire.requests)
    watcher.visibility_changed()
    wire.trouble = None
    assert len(wire.requests) == asked
    watcher.look_now()
    eventually(lambda: watcher.freshness.state == "live")


def test_a_service_that_asks_for_patience_is_given_it(wire, watcher):
    wire.put("a", "Running")
    wire.trouble = answer(429, {}, **{"retry-after": "40"})
    watcher.attach(View(watcher, ["a"]))
    eventually(lambda: watcher.freshness.message is not None)
    fresh = watcher.freshness
    assert fresh.retry_at - fresh.since > 35
    assert "quota" in fresh.message


def test_waiting_ends_with_the_job_and_fails_when_it_is_deleted(wire, watcher):
    wire.put("a", "Completed")
    assert watcher.wait(JobRecord("a", JobStatus.RUNNING))
    wire.put("b", "Running")
    assert not watcher.wait(JobRecord("b", JobStatus.RUNNING), timeout=0.2)
    with pytest.raises(RuntimeJobNotFound):
        watcher.wait(JobRecord("gone", JobStatus.RUNNING))


def test_an_unknown_status_word_is_shown_as_it_came(wire, watcher):
    wire.put("a", "Paused by operator")
    watcher.attach(View(watcher, ["a"]))
    eventually(lambda: watcher.board.get("a"))
    assert watcher.board.get("a").record.status == "Paused by operator"


def test_the_budget_holds_even_right_after_a_change(wire, watcher):
    watcher.asker.budget.per_minute = 3
    for job_id in ("a", "b", "c"):
        wire.put(job_id, "Running")
    watcher.watch(queued("a", "b", "c"))
    eventually(lambda: len(wire.requests) == 3)
    for _ in range(20):
        watcher.look_now()
    wire.put("a", "Completed")
    assert not watcher.wait(JobRecord("a", JobStatus.RUNNING), timeout=0.5)
    assert len(wire.requests) == 3


def test_a_list_that_is_closed_leaves_no_job_watched(wire, watcher):
    """What was submitted beside it, or was in its group, was asked for until it ended."""
    wire.put("a", "Queued")
    view = View(watcher, recent=True)
    watcher.attach(view)
    watcher.submitted(*queued("a"))
    eventually(lambda: "live" in view.states)
    watcher.detach(view)
    eventually(lambda: not watcher.alive, timeout=10)
