"""Waiting for the end of jobs: blocking, and beside other things that a loop has to do."""

import asyncio

import pytest

from qjobwidgets.client.background import call_threadsafe
from qjobwidgets.errors import IBMInputValueError, IBMNotAuthorizedError, RuntimeJobNotFound
from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch import schedule, waiting
from tests.conftest import awaited, eventually
from tests.watch.conftest import answer

RUNNING = JobRecord("a", JobStatus.RUNNING)
DONE = JobRecord("a", JobStatus.DONE)


def test_other_things_go_on_meanwhile_and_all_who_wait_are_told(wire, watcher):
    wire.put("a", "Running")

    async def main():
        tasks = [asyncio.create_task(watcher.wait_async(RUNNING)) for _ in range(20)]
        await asyncio.to_thread(eventually, lambda: wire.requests)
        assert not any(task.done() for task in tasks)
        wire.put("a", "Completed")
        watcher.told("a", DONE)
        return await asyncio.gather(*tasks)

    assert awaited(main()) == [True] * 20
    assert not watcher.audience.visible
    assert set(wire.requests) == {"/jobs/a"}


def test_a_job_that_has_ended_is_not_waited_for(wire, watcher):
    watcher.board.apply([DONE])
    assert awaited(watcher.wait_async(RUNNING))
    assert wire.requests == []


def test_who_has_no_time_hears_of_an_end_that_is_known(wire, watcher):
    """A job known to have ended was called pending, as nobody was given time to say so."""
    watcher.board.apply([DONE])
    for _ in range(20):
        assert watcher.wait(RUNNING, timeout=0)
        assert awaited(watcher.wait_async(RUNNING, timeout=0))
    assert wire.requests == []
    wire.put("b", "Running")
    assert not watcher.wait(JobRecord("b", JobStatus.RUNNING), timeout=0)


@pytest.mark.parametrize("timeout", [float("nan"), "soon"])
def test_what_is_no_time_is_refused(watcher, timeout):
    """One that is not a number was waited for ever."""
    with pytest.raises(IBMInputValueError, match="timeout"):
        watcher.wait(RUNNING, timeout)
    with pytest.raises(IBMInputValueError, match="timeout"):
        awaited(watcher.wait_async(RUNNING, timeout))


def test_giving_up_leaves_nothing_behind(wire, watcher):
    wire.put("a", "Running")

    async def cancelled():
        task = asyncio.create_task(watcher.wait_async(RUNNING))
        await asyncio.sleep(0)
        assert watcher.audience.visible
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert awaited(watcher.wait_async(RUNNING, timeout=0.1)) is False
    assert awaited(cancelled())
    assert not watcher.audience.visible
    eventually(lambda: not watcher.alive)


def test_a_loop_that_was_closed_meanwhile_does_no_harm(wire, watcher):
    """Telling it raises, and the thread that tells is the one that all views share."""
    wire.put("a", "Running")
    loop = asyncio.new_event_loop()
    told = []

    def tell():
        told.append(True)
        call_threadsafe(loop, lambda: None)

    waiter = waiting._Waiter(watcher, [RUNNING], tell)
    loop.close()
    wire.put("a", "Completed")
    watcher.told("a", DONE)
    eventually(lambda: told)
    assert waiter.over()
    waiter.leave()


@pytest.mark.parametrize(
    ("trouble", "error"),
    [(None, RuntimeJobNotFound), (answer(401, {}), IBMNotAuthorizedError)],
)
def test_what_can_not_come_any_more_is_raised(wire, watcher, trouble, error):
    wire.trouble = trouble
    with pytest.raises(error):
        awaited(watcher.wait_async(RUNNING))
    assert not watcher.audience.visible


def test_a_long_wait_slows_down_as_any_watching_does(wire, watcher, monkeypatch):
    """It began anew with each glance at the clock, and asked every second to the end."""
    monkeypatch.setattr(schedule, "FRESH_FOR", 1.5)
    records = [JobRecord(name, JobStatus.RUNNING) for name in "ab"]
    for record in records:
        wire.put(record.id, "Running")
    paces = []

    def meanwhile():
        paces.append(watcher.freshness.interval)
        if paces[-1] == 5.0:
            for record in records:
                wire.put(record.id, "Completed")
            watcher.look_now()

    assert waiting.wait({watcher: records}, 100.0, meanwhile=meanwhile)
    assert 5.0 in paces
    assert not watcher.audience.visible


def test_giving_up_a_wait_leaves_none_of_its_jobs_watched(wire, watcher):
    """Those whose turn had not come were asked for until they had ended."""
    wire.put("a", "Running")
    wire.put("b", "Running")
    records = [JobRecord(name, JobStatus.RUNNING) for name in "ab"]
    assert waiting.wait({watcher: records}, 0.1) is False
    eventually(lambda: not watcher.alive)


def test_a_deleted_one_of_several_is_told_at_once(wire, watcher):
    wire.put("a", "Running")
    records = [JobRecord(name, JobStatus.RUNNING) for name in "ab"]
    with pytest.raises(RuntimeJobNotFound, match="Job b "):
        waiting.wait({watcher: records}, 100.0)
