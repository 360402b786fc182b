"""Hooks are called once each, in order, and nothing they do hurts the watching."""

import threading
import time

import pytest

import qjobwidgets
from qjobwidgets import RuntimeJob
from qjobwidgets.errors import IBMInputValueError
from qjobwidgets.records import JobRecord, parse_status
from qjobwidgets.watch import hooks, stop_all, watcher_for
from tests.conftest import eventually
from tests.watch.conftest import View


class Story:
    """A job whose status the test sets; its watcher hears of it at once."""

    def __init__(self, wire, service):
        self.wire, self.service = wire, service
        self.watcher = watcher_for(service)
        self.turn("Queued")

    def turn(self, word):
        record = JobRecord("a", parse_status(word))
        self.wire.put("a", word)
        self.watcher.told("a", record)
        self.job = RuntimeJob(self.service, record)

    def watch(self, **wanted):
        return qjobwidgets.watch(self.job, **wanted)

    @property
    def note(self):
        return self.watcher.board.get("a").note


@pytest.fixture
def story(wire, watcher):
    return Story(wire, watcher.service)


def test_each_event_calls_its_hooks_once_and_in_order(story):
    calls = []
    wanted = {
        name: lambda handle, name=name: calls.append((name, str(handle.status())))
        for name in ("on_change", "on_done", "on_error")
    }
    handle = story.watch(**wanted)
    story.turn("Running")
    eventually(lambda: calls)
    story.turn("Completed")
    eventually(lambda: len(calls) == 3)
    assert calls == [("on_change", "RUNNING"), ("on_change", "DONE"), ("on_done", "DONE")]
    for _ in range(3):
        story.turn("Completed")
        handle.watcher.look_now()
    assert handle.wait(60)
    eventually(idle)
    assert len(calls) == 3
    assert handle.hook_errors == []


@pytest.mark.parametrize(
    ("word", "expected"), [("Failed", ["changed", "failed"]), ("Cancelled", ["changed"])]
)
def test_a_failure_and_a_cancel_are_no_success(story, word, expected):
    calls = []
    handle = story.watch(
        on_done=lambda _: calls.append("done"),
        on_error=lambda _: calls.append("failed"),
        on_change=lambda _: calls.append("changed"),
    )
    story.turn(word)
    assert handle.wait(60)
    eventually(lambda: len(calls) >= len(expected) and idle())
    assert calls == expected


def test_a_job_that_has_ended_already_calls_at_once(story):
    story.turn("Completed")
    calls = []
    story.watch(on_done=calls.append, on_change=lambda _: calls.append("a change"))
    handle = eventually(lambda: calls)[0]
    assert (handle.job_id(), handle.status()) == ("a", "DONE")
    eventually(idle)
    assert len(calls) == 1


def test_hooks_may_come_one_after_the_other_in_any_form(story):
    """Those of a generator were used up by the check, and nothing was called."""
    calls = []
    acts = [lambda _, n=n: calls.append(n) for n in range(3)]
    handle = story.watch(on_done=(act for act in acts[:2]))
    handle.add_hooks(on_done=acts[2:])
    story.turn("Completed")
    eventually(lambda: len(calls) == 3)
    assert sorted(calls) == [0, 1, 2]
    assert calls.index(0) < calls.index(1)


@pytest.mark.parametrize("hook", [5, object(), [5], [None], "an address", "ftp://x", b"notify"])
def test_what_can_not_be_done_is_refused_before_anything_is_watched(story, hook):
    with pytest.raises(IBMInputValueError, match="Pass"):
        story.watch(on_error=hook)
    assert not story.watcher.alive


@pytest.mark.parametrize("error", [ValueError("no such\nfile"), SystemExit(3), KeyboardInterrupt()])
def test_what_a_hook_raises_is_kept_and_shown_and_the_next_is_called(story, error):
    def fail(_handle):
        raise error

    called = threading.Event()
    handle = story.watch(on_done=[fail, lambda _: called.set()])
    story.turn("Completed")
    assert called.wait(60)
    assert handle.hook_errors == [error]
    note = eventually(lambda: story.note)
    assert note.startswith(f"Hook: {type(error).__name__}")
    assert "\n" not in note


def test_a_failure_is_shown_until_the_same_hook_succeeds_or_the_user_has_seen_it(story):
    """The next change of the job wiped it out, before anybody had read it."""
    broken = [True]
    calls = []

    def fail_once(handle):
        calls.append(str(handle.status()))
        if broken.pop():
            broken.append(False)
            raise ValueError("no such file")

    def fail(_handle):
        raise OSError("disk full")

    handle = story.watch(on_change=[fail_once, lambda _: None], on_error=fail)
    story.turn("Queued")
    story.turn("Running")
    assert eventually(lambda: story.note) == "Hook: ValueError: no such file"
    eventually(idle)
    record = JobRecord("a", parse_status("Running"), usage_seconds=1.0)
    # the watcher may look at any time, and shall hear the same
    story.wire.put("a", "Running", usage={"qpu_charge_time_seconds": 1.0})
    story.watcher.told("a", record)
    assert handle.record == record
    assert story.note == "Hook: ValueError: no such file"
    story.turn("Failed")
    eventually(lambda: story.note == "Hook: OSError: disk full" and idle())
    assert calls == ["RUNNING", "ERROR"]
    assert [type(error) for error in handle.hook_errors] == [ValueError, OSError]
    assert [text for _, text in story.watcher.board.get("a").remarks] == [story.note]
    handle.forget_hook_errors()
    assert story.note is None
    assert handle.hook_errors == []


def test_a_hook_that_never_returns_holds_up_neither_the_next_nor_the_watching(story, monkeypatch):
    monkeypatch.setattr(hooks, "_TIME_LIMIT", 0.2)
    back, called = threading.Event(), threading.Event()
    handle = story.watch(on_change=[lambda _: back.wait(60), lambda _: called.set()])
    story.turn("Running")
    assert called.wait(60)
    assert "takes longer than" in str(handle.hook_errors[0])
    assert "takes longer than" in story.note
    story.turn("Completed")
    assert handle.wait(60)
    back.set()


def test_hooks_that_never_return_are_not_piled_up(story, monkeypatch):
    monkeypatch.setattr(hooks, "_TIME_LIMIT", 0.05)
    monkeypatch.setattr(hooks, "_MOST_LATE", 2)
    back = threading.Event()
    handle = story.watch(on_done=[lambda _: back.wait(60)] * 5)
    story.turn("Completed")
    eventually(lambda: len(handle.hook_errors) == 5)
    assert sum(t.name == "qjob-hook" for t in threading.enumerate()) == 2
    assert "too many others" in str(handle.hook_errors[-1])
    back.set()


def test_a_flood_of_hooks_has_a_cap(story, monkeypatch):
    monkeypatch.setattr(hooks, "_MOST_WAITING", 3)
    back, calls = threading.Event(), []
    handle = story.watch(on_done=[lambda _: back.wait(60), *[calls.append] * 20])
    story.turn("Completed")
    eventually(lambda: handle.hook_errors)
    back.set()
    eventually(lambda: len(calls) + len(handle.hook_errors) == 20)
    assert "was dropped" in str(handle.hook_errors[0])


def test_hooks_run_on_a_thread_of_their_own(story):
    names = []
    story.watch(on_done=lambda _: names.append(threading.current_thread().name))
    story.turn("Completed")
    assert eventually(lambda: names) == ["qjob-hook"]


def test_stopping_does_not_wait_for_a_hook(story):
    """The second hook of a list could be queued just after the first had been stopped."""
    begun, back, later = threading.Event(), threading.Event(), []
    story.watch(on_done=[lambda _: (begun.set(), back.wait(60)), later.append])
    story.turn("Completed")
    assert begun.wait(60)
    stop_all()
    eventually(idle)
    assert not back.is_set()
    back.set()
    assert later == []


def test_a_deleted_job_calls_nothing_and_is_let_go(story):
    calls = []
    handle = story.watch(on_done=calls.append, on_error=calls.append)
    eventually(lambda: handle.watcher.alive)
    del story.wire.jobs["a"]
    story.watcher.told("a", None)
    eventually(lambda: not handle.watcher.audience.visible)
    eventually(lambda: not handle.watcher.alive)
    assert calls == []


def test_a_notification_goes_to_a_view_of_the_job_or_is_said_to_have_gone_nowhere(story):
    class Page(View):
        def notify(self, record):
            self.states.append(str(record.status))

    handle = story.watch(on_change="notify")
    story.turn("Running")
    error = eventually(lambda: handle.hook_errors)[0]
    assert "no view of the job is open" in str(error)
    page, other = Page(story.watcher, ["a"]), Page(story.watcher, ["b"])
    for view in (other, page):
        story.watcher.attach(view)
    assert story.watcher.audience.wants_notice(page)
    assert not story.watcher.audience.wants_notice(other)
    story.turn("Completed")
    eventually(lambda: "DONE" in page.states)
    assert "DONE" not in other.states
    assert not story.watcher.audience.wants_notice(page)


def test_a_handle_is_followed_also_when_the_views_of_it_are_closed(story):
    """With its last view the job went out of sight: the handle said QUEUED for ever."""
    handle = story.watch()
    view = View(story.watcher, ["a"])
    story.watcher.attach(view)
    eventually(lambda: view.states)
    story.watcher.detach(view)
    assert not handle.wait(0.1)
    time.sleep(0)  # others may run
    assert story.watcher.alive
    story.wire.put("a", "Completed")
    story.watcher.look_now()
    eventually(lambda: handle.status() == "DONE")


def idle():
    return not any(thread.name == "qjob-hooks" for thread in threading.enumerate())
