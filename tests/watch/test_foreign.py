"""Any job can be watched, and none of them harms another."""

import gc
import threading
import time
import weakref
from datetime import UTC, datetime

import pytest

import qjobwidgets
from qjobwidgets import JobsTable, StatusBadge
from qjobwidgets.watch import foreign
from qjobwidgets.watch.foreign_facts import status_of
from tests.circuits import bell
from tests.conftest import eventually
from tests.watch.vendors import Job, Word
from tests.widgets.conftest import page  # noqa: F401 - a fixture


def outside(job):
    """Watch a job that nobody else has."""
    return qjobwidgets.watch(job)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (Word.QUEUED, "QUEUED"),
        ("DONE", "DONE"),
        ("COMPLETED", "DONE"),
        ("failed", "ERROR"),
        ("canceled", "CANCELLED"),
        ("CALIBRATING", "CALIBRATING"),
    ],
)
def test_a_status_is_read_whatever_form_it_has(value, status):
    assert status_of(value) == status


def test_a_vendors_job_is_followed_to_its_end():
    job = Job("v-1", tags=["a", 3], creation_date=lambda: datetime(2026, 1, 2, tzinfo=UTC))
    handle = outside(job)
    eventually(lambda: handle.status() == "QUEUED")
    assert handle.record.tags == ("a",)
    assert handle.record.created == datetime(2026, 1, 2, tzinfo=UTC)
    assert handle.record.queue_position is None
    job.state = Word.DONE
    assert handle.wait(60)
    assert handle.result() == {"of": "v-1"}
    eventually(lambda: not handle.watcher.alive)
    asked = job.asked
    qjobwidgets.watch(job)
    assert handle.wait(60)
    assert job.asked == asked


def test_a_job_that_has_ended_is_kept_by_nobody_but_its_user():
    """Of one that was fetched and watched again each new object stayed, with its result."""
    outside(Job("v-1", Word.DONE)).wait(60)
    again = outside(Job("v-1", Word.DONE))
    assert again.wait(60)
    job = weakref.ref(again.job)
    assert job() is again.watcher.service.job("v-1")
    del again

    def gone() -> bool:
        gc.collect()
        return job() is None

    eventually(gone, timeout=10)


def test_jobs_of_aer_and_of_qiskits_primitives_are_watched():
    from qiskit.primitives import StatevectorSampler
    from qiskit_aer import AerSimulator

    for job in (AerSimulator().run(bell()), StatevectorSampler().run([bell()])):
        handle = outside(job)
        assert handle.wait(60)
        assert handle.status() == "DONE"
        assert handle.result() is not None
    assert handle.job is job


def test_a_job_that_was_just_submitted_is_left_alone_for_a_moment():
    """One of Qiskit's primitives, asked before its thread had begun, had failed for good."""

    class Beginning(Job):
        begins = time.monotonic() + 0.02

        def status(self):
            if time.monotonic() < self.begins:
                self.state = Word.ERROR
            return super().status()

    handle = outside(Beginning("beginning"))
    assert (
        eventually(lambda: handle.record.status != "INITIALIZING" and handle.status()) == "QUEUED"
    )


def test_a_job_that_does_not_answer_does_not_hold_up_the_others(monkeypatch):
    """One vendor's status() without a time limit stopped every view of the notebook."""
    monkeypatch.setattr(foreign, "_PATIENCE", 0.3)
    stuck, fine = Job("stuck"), Job("fine")
    stuck.silent.set()
    handles = [outside(stuck), outside(fine)]
    eventually(lambda: handles[1].status() == "QUEUED")
    note = eventually(lambda: handles[0].watcher.board.get("stuck").note)
    assert note.startswith("status() has not answered")
    eventually(lambda: handles[0].watcher.freshness.state == "live")
    fine.state = Word.DONE
    assert handles[1].wait(60)
    assert stuck.asked == 1
    stuck.silent.clear()
    stuck.speak.set()
    stuck.state = Word.DONE
    assert handles[0].wait(60)
    assert handles[0].watcher.board.get("stuck").note is None


def test_what_status_raises_is_a_state_to_show():
    job = Job("raising")
    job.trouble = RuntimeError("the vendor's cloud\nis closed")
    handle = outside(job)
    eventually(lambda: handle.watcher.freshness.state == "offline")
    assert "the vendor's cloud is closed" in handle.watcher.freshness.message
    assert "the vendor's cloud is closed" in handle.watcher.board.get("raising").note
    job.trouble = None
    job.state = Word.DONE
    assert handle.wait(60)
    assert handle.watcher.board.get("raising").note is None


def test_a_note_is_gone_when_the_next_answer_is_there(monkeypatch):
    """Who waited saw the end, and beside it that the job does not answer."""
    job = Job("silent")
    job.trouble = RuntimeError("closed")
    handle = outside(job)
    board = handle.watcher.board
    eventually(lambda: board.get("silent").note)
    apply, notes = board.apply, []

    def noted(records, **more):
        news = apply(records, **more)
        notes.append(board.get("silent").note)
        return news

    monkeypatch.setattr(board, "apply", noted)
    job.state, job.trouble = Word.DONE, None
    assert handle.wait(60)
    assert set(notes) == {None}


def test_calls_that_ask_a_network_keep_to_the_budget(monkeypatch):
    monkeypatch.setattr(foreign, "_AT_ONCE", 0.0)  # so that every answer has taken a network
    jobs = [Job(f"far-{n}", Word.RUNNING) for n in range(20)]
    qjobwidgets.watch.budget(15)
    handles = [outside(job) for job in jobs]
    watcher = handles[0].watcher
    eventually(lambda: watcher.asker.budget.wait() > 0)
    for _ in range(5):
        watcher.look_now()
        threading.Event().wait(0.1)
    eventually(lambda: sum(handle.status() == "RUNNING" for handle in handles) == 15)
    assert sum(job.asked for job in jobs) == 15


def test_a_cancel_that_is_refused_says_why():
    job = Job("busy", Word.RUNNING)
    handle = outside(job)
    eventually(lambda: handle.status() == "RUNNING")
    handle.cancel()
    note = eventually(lambda: handle.watcher.board.get("busy").note)
    assert note.startswith("It was not cancelled")
    assert job.cancels == 1


def test_a_table_takes_handles_of_one_account_and_says_so_of_others(service, page):  # noqa: F811
    handles = [outside(Job(f"t-{n}", Word.RUNNING)) for n in range(2)]
    table = JobsTable(handles)
    eventually(lambda: {r["status"] for r in page.rows(table).values()} == {"RUNNING"})
    badge = StatusBadge(handles[0])
    eventually(lambda: page.state(badge)["job"]["status"] == "RUNNING")
    ours = service.run("sample-program", {"iterations": 1}, {"backend": "aer_local"})
    with pytest.raises(ValueError, match="one account"):
        JobsTable([handles[0], ours])
    mixed = JobsTable([ours, qjobwidgets.watch(ours)])
    eventually(lambda: page.rows(mixed))


@pytest.mark.parametrize("job", [None, "an id", object()])
def test_what_is_no_job_is_refused(job):
    with pytest.raises(TypeError, match="no job"):
        qjobwidgets.watch(job)
