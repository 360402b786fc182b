"""Watching without threads, as in a run that nobody looks at."""

from __future__ import annotations

import threading

import pytest

from qjobwidgets import RuntimeService
from qjobwidgets.watch import still, waiting
from qjobwidgets.watch.still import StillWatcher


class Shown:
    """A view that notes the status its job had each time it was told."""

    min_interval = 0.0
    recent = False
    visible = True
    silent = False

    def __init__(self, watcher: StillWatcher, job_id: str) -> None:
        self.job_ids = frozenset({job_id})
        self.seen: list[str] = []
        self._watcher, self._job_id = watcher, job_id

    def publish(self) -> None:
        self.seen.append(str(self._watcher.board.get(self._job_id).record.status))


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("qjob")]


def opened_late(service: RuntimeService) -> tuple[StillWatcher, Shown]:
    """Return a view of a job that has ended since its handle was last told of it."""
    job = service.run("sample-program", {"iterations": 1}, {"backend": "aer_local"})
    submitted = job.record
    job.wait_for_final_state(60)
    watcher = StillWatcher(service)
    watcher.board.introduce([submitted])
    view = Shown(watcher, job.job_id())
    watcher.attach(view)
    return watcher, view


def test_nothing_happens_until_it_is_told_to_look(service: RuntimeService) -> None:
    watcher, view = opened_late(service)
    assert view.seen == []
    watcher.bring_up(at_once=True)
    assert view.seen[-1] == "DONE"
    assert threads() == []


def test_a_view_is_brought_up_in_the_moment_in_which_it_is_opened(service: RuntimeService) -> None:
    """It was given time to reach a page that nobody sees, and shown as a handle remembered it."""
    watcher, view = opened_late(service)
    watcher.bring_up()
    assert view.seen == ["DONE"]


def test_who_waits_looks(service: RuntimeService) -> None:
    job = service.run("sample-program", {"iterations": 2}, {"backend": "aer_local"})
    watcher = StillWatcher(service)
    assert waiting.wait({watcher: [job.record]}, 60)
    assert watcher.board.get(job.job_id()).record.final
    assert threads() == []


def test_one_that_runs_on_is_not_waited_for(service: RuntimeService) -> None:
    job = service.run("sample-program", {"iterations": 600}, {"backend": "slow_local"})
    watcher = StillWatcher(service)
    assert not waiting.wait({watcher: [job.record]}, 0.1)
    assert threads() == []
    job.cancel()


def test_interim_results_are_asked_for_once_for_all_who_follow(service: RuntimeService) -> None:
    job = service.run("sample-program", {"iterations": 3}, {"backend": "aer_local"})
    job.wait_for_final_state(60)
    watcher = StillWatcher(service)
    told: list[str] = []
    feeds = [watcher.feeds.follow(job.record, lambda name=name: told.append(name)) for name in "ab"]
    watcher.bring_up()
    assert feeds[0] is feeds[1]
    assert (feeds[0].state, len(feeds[0].series)) == ("ended", 3)
    assert {"a", "b"} == set(told)
    before = len(told)
    watcher.bring_up()
    assert len(told) == before
    assert threads() == []


def test_a_slow_machine_has_the_time_that_it_needs(
    service: RuntimeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What took too long to fetch was never drawn, and the saved notebook said "loading"."""
    monkeypatch.setattr(still, "_PATIENCE", 0.0)
    watcher, done = StillWatcher(service), []

    def fetch() -> None:
        watcher.drawings.run(lambda: watcher.errands.run(lambda: done.append("drawn")))

    def want_more() -> None:
        done.append("more")
        watcher.errands.run(want_more)

    watcher.errands.run(fetch)
    watcher.bring_up()
    assert done == ["drawn"]
    watcher.errands.run(want_more)
    watcher.bring_up()  # comes to an end
    assert done.count("more") > 1


def test_what_fails_stops_neither_the_rest_nor_the_cell(service: RuntimeService) -> None:
    job = service.run("sample-program", {"iterations": 1}, {"backend": "aer_local"})
    watcher = StillWatcher(service)
    view, done = Shown(watcher, "not there"), []
    watcher.publisher.mark(view)
    watcher.errands.run(lambda: 1 / 0)
    watcher.errands.run(lambda: done.append(job.job_id()))
    watcher.bring_up()
    assert done == [job.job_id()]
