"""How much the watcher asks of a service, and that it does not ask against its wishes."""

import gc
import threading
import time
import weakref

import pytest

from qjobwidgets.client import submissions
from qjobwidgets.errors import IBMNotAuthorizedError
from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch import schedule, stop_all, watcher_for
from tests.conftest import eventually
from tests.watch.conftest import View, answer, queued


def test_a_thousand_jobs_that_end_at_once_cost_a_few_lists(wire, watcher):
    """Each was asked for by itself, a thousand requests at once whatever the budget."""
    ids = [f"job-{n:04}" for n in range(1000)]
    for job_id in ids:
        wire.put(job_id, "Completed")
    watcher.attach(View(watcher, ids))
    eventually(lambda: len(watcher.board.records(ids)) == 1000)
    assert len(wire.requests) <= 12


def test_what_no_list_names_is_asked_for_within_the_budget(wire, watcher):
    """Deleted jobs are in no list; asking for each took more requests than the budget allows."""
    watcher.asker.budget.per_minute = 10
    watcher.attach(View(watcher, [f"gone-{n}" for n in range(50)]))
    eventually(lambda: len(wire.requests) >= 10)
    eventually(lambda: watcher.freshness.state == "live")
    assert len(wire.requests) == 10


def test_a_hundred_views_of_running_jobs_cost_no_more_than_one(wire, watcher):
    """Each view opened had the service asked again, so that the budget was used up at once."""
    wire.put("a", "Running")
    began = time.monotonic()
    for _ in range(100):
        watcher.attach(View(watcher, ["a"]))
        threading.Event().wait(0.02)
    asked = len(wire.requests)
    # as of one: with the first, and then once in so many seconds, of which a busy machine has more
    assert asked <= 1 + (time.monotonic() - began) / schedule.LEAST_PAUSE


def test_a_view_of_a_finished_job_asks_for_nothing(wire, watcher):
    watcher.board.apply([JobRecord("a", JobStatus.DONE)])
    view = View(watcher, ["a"])
    watcher.attach(view)
    eventually(lambda: view.states)
    assert not watcher.alive
    assert wire.requests == []


@pytest.mark.parametrize("act", ["attach", "watch", "visibility_changed", "look_now"])
def test_patience_asked_for_is_kept_whatever_the_user_does(wire, watcher, act):
    """Opening or scrolling to a view had a service asked that had said: not before 40 s."""
    wire.put("a", "Running")
    wire.trouble = answer(429, {}, **{"retry-after": "40"})
    watcher.attach(View(watcher, ["a"]))
    eventually(lambda: watcher.freshness.message is not None)
    asked = len(wire.requests)
    argument = {"attach": [View(watcher, ["a"])], "watch": [queued("b")]}.get(act, [])
    getattr(watcher, act)(*argument)
    threading.Event().wait(1.5)
    assert len(wire.requests) == asked


def test_a_page_that_scrolls_does_not_put_the_next_look_off(wire, watcher):
    """Each change of visibility began the pause anew, so a busy page was never up to date."""
    wire.put("a", "Running")
    watcher.attach(View(watcher, ["a"]))
    eventually(lambda: watcher.board.get("a"))
    wire.put("a", "Completed")

    def scroll():
        watcher.visibility_changed()
        return watcher.board.get("a").record.final

    eventually(scroll)


def test_waiting_for_a_job_is_over_when_the_service_refuses_us(wire, watcher):
    """``wait`` went on for ever, in silence, after the credentials were refused."""
    wire.put("a", "Running")
    wire.trouble = answer(401, {})
    with pytest.raises(IBMNotAuthorizedError):
        watcher.wait(JobRecord("a", JobStatus.RUNNING))
    wire.trouble = None
    assert not watcher.wait(JobRecord("a", JobStatus.RUNNING), timeout=0.3)


def test_a_job_nobody_waits_for_any_more_is_not_watched(wire, watcher):
    """After a wait with a time limit the job was asked for until it ended, with nobody looking."""
    wire.put("a", "Running")
    assert not watcher.wait(JobRecord("a", JobStatus.RUNNING), timeout=0.2)
    eventually(lambda: not watcher.alive)


def test_a_remembered_record_does_not_undo_what_is_known(wire, watcher):
    """A view opened later on the handle of a job had it INITIALIZING again in all views."""
    wire.put("a", "Running")
    watcher.attach(View(watcher, ["a"]))
    eventually(lambda: watcher.board.get("a"))
    watcher.watch([JobRecord("a", JobStatus.INITIALIZING)])
    assert watcher.board.get("a").record.status == "RUNNING"
    watcher.watch([JobRecord("a", JobStatus.DONE)])
    assert watcher.board.get("a").record.status == "DONE"


def test_a_job_submitted_here_is_seen_at_once_by_the_list_of_the_account(wire, watcher):
    """With nothing pending the list is read once a minute, and so a new job's row was late."""
    wire.answers["/jobs"] = {"id": "new"}
    watched = watcher_for(watcher.service)
    view = View(watched, recent=True)
    watched.attach(view)
    eventually(lambda: watched.freshness.state == "live")
    wire.put("new", "Queued")
    watcher.service.run("sample-program", {})
    assert watched.board.get("new") is not None
    eventually(lambda: watched.board.get("new").record.status == "QUEUED", timeout=50.0)
    watched.detach(view)
    stop_all()


def test_a_cancel_does_not_wait_for_a_result_that_is_slow(wire, watcher):
    """Cancelling a job stood in one queue with fetching results, behind a service that was slow."""
    wire.put("a", "Running")
    watcher.watch(queued("a"))
    arrived = threading.Event()
    watcher.errands.run(arrived.wait)
    watcher.cancel("a")
    eventually(lambda: "/jobs/a/cancel" in wire.requests)
    arrived.set()


def test_the_publisher_forgets_views_that_are_closed(wire, watcher):
    """A view marked after it was closed, as by a result that came late, was kept for ever."""

    def closed_view():
        view = View(watcher)
        watcher.attach(view)
        watcher.detach(view)
        watcher.publisher.mark(view)
        eventually(lambda: view.states)
        return weakref.ref(view)

    view = closed_view()
    eventually(lambda: gc.collect() is not None and view() is None)


def test_after_the_machine_slept_the_service_is_asked_at_once(wire, watcher, monkeypatch):
    wire.put("a", "Running")
    view = View(watcher, ["a"])
    watcher.attach(view)
    eventually(lambda: watcher.board.get("a"))
    real = time.time
    view.visible = False
    eventually(lambda: (watcher.freshness.interval or 0) == 60.0)
    asked = len(wire.requests)
    monkeypatch.setattr(time, "time", lambda: real() + 8 * 3600)
    eventually(lambda: len(wire.requests) > asked, timeout=50.0)
    threading.Event().wait(1.5)
    assert len(wire.requests) == asked + 1


def test_a_machine_that_slept_has_waited_as_long_as_it_slept(wire, watcher, monkeypatch):
    """A service that had asked for an hour was asked again at once after a nap of a minute."""
    monkeypatch.setattr("qjobwidgets.watch.watcher._SLICE", 0.02)  # soon sees that it slept
    real = time.time
    wire.trouble = answer(429, {}, **{"retry-after": "3600"})
    view = View(watcher, ["a"])
    watcher.attach(view)
    eventually(lambda: watcher.freshness.message == "Waiting for quota.")
    asked = len(wire.requests)
    wire.put("a", "Running")
    wire.trouble = None
    monkeypatch.setattr(time, "time", lambda: real() + 60)
    threading.Event().wait(0.5)
    assert len(wire.requests) == asked
    monkeypatch.setattr(time, "time", lambda: real() + 2 * 3600)
    eventually(lambda: watcher.board.get("a"))


def test_a_sleep_in_the_middle_of_a_look_is_noticed(wire, watcher, monkeypatch):
    """What had been asked for before the machine slept was taken for fresh, for a minute."""
    wire.put("a", "Running")
    view = View(watcher, ["a"])
    view.visible = False
    real = time.time

    def asleep(method, path, **more):
        monkeypatch.setattr(time, "time", lambda: real() + 8 * 3600)
        return type(wire).request(wire, method, path, **more)

    wire.request = asleep
    watcher.attach(view)
    eventually(lambda: len(wire.requests) == 2, timeout=50.0)


def test_what_comes_after_the_watching_was_stopped_does_not_begin_it_again(wire, watcher):
    """A cancel that was answered then did, or news on their way; nobody stopped it any more."""
    wire.put("a", "Running")
    arrived, answer = threading.Event(), threading.Event()

    def slow(method, path, **more):
        if method == "POST":
            arrived.set()
            answer.wait(60)
        return type(wire).request(wire, method, path, **more)

    wire.request = slow
    watcher.watch(queued("a"))
    watcher.cancel("a")
    assert arrived.wait(60)
    watcher.stop()
    answer.set()
    eventually(lambda: not [t for t in threading.enumerate() if t.name == "qjob-errands"])
    watcher.told("a", JobRecord("a", JobStatus.RUNNING))
    watcher.push_turned(resumed=False)
    assert not watcher.alive
    watcher.cancel("a")  # somebody wants something again
    assert watcher.alive


def test_views_say_what_waits_for_quota(wire, watcher):
    """Twenty submissions took minutes, and nothing on the page told why."""
    wire.put("a", "Running")
    watched = watcher_for(watcher.service)
    watched.attach(View(watched, ["a"]))
    eventually(lambda: watched.freshness.state == "live")
    outbox = submissions.outbox(watched.service.key)
    outbox.pacer.hold(3600)
    waiting = threading.Thread(target=outbox.pacer.turn)
    waiting.start()
    eventually(lambda: watched.freshness.message == "Waiting for quota: 1 submission.")
    watched.look_now()
    eventually(lambda: len(wire.requests) > 1)
    assert watched.freshness.message == "Waiting for quota: 1 submission."
    with outbox.pacer._condition:
        outbox.pacer._not_before = 0.0  # as if the hour was over
        outbox.pacer._condition.notify_all()
    waiting.join(30)
    eventually(lambda: watched.freshness.message is None)


def test_of_two_submissions_that_are_told_of_at_once_the_later_counts(watcher, monkeypatch):
    """Who had read that one waits told of it after who had read that none does any more."""
    states = iter([submissions.SubmissionState(waiting=1), submissions.SubmissionState()])
    reading, told = threading.Event(), threading.Event()

    def state(_key):
        found = next(states)
        if found.waiting:
            reading.set()
            told.wait(0.5)  # long enough for the other to tell what it must not yet
        return found

    monkeypatch.setattr(submissions, "state", state)
    first = threading.Thread(target=watcher.submitting)
    second = threading.Thread(target=lambda: (watcher.submitting(), told.set()))
    first.start()
    assert reading.wait(60)
    second.start()
    for each in (first, second):
        each.join(60)
    assert watcher.freshness.message is None


def test_views_name_the_tag_of_a_submission_in_doubt(wire, watcher):
    wire.put("a", "Running")
    watched = watcher_for(watcher.service)
    watched.attach(View(watched, ["a"]))
    eventually(lambda: watched.freshness.state == "live")
    outbox = submissions.outbox(watched.service.key)
    outbox.doubt("qjw-1")
    assert "qjw-1" in watched.freshness.message
    watched.look_now()
    eventually(lambda: len(wire.requests) > 1)
    assert "qjw-1" in watched.freshness.message
    outbox.settle("qjw-1")
    assert watched.freshness.message is None


def test_what_is_watched_during_a_look_does_not_wait_for_the_one_after_the_next(wire, watcher):
    """The end of a look forgot who had asked for another meanwhile: a minute without a view."""
    wire.put("a", "Running")
    wire.put("b", "Running")
    looked = []

    def first_look(method, path, **more):
        if not looked:
            looked.append(path)
            watcher.watch(queued("b"))
        return type(wire).request(wire, method, path, **more)

    wire.request = first_look
    watcher.watch(queued("a"))
    eventually(lambda: (b := watcher.board.get("b")) and b.record.status == "RUNNING", timeout=50.0)
