"""The process that waits for a job: it saves time, and is nothing more than that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psutil

from tests.server.conftest import Service, until, until_gone
from tests.server.running import result_of
from tests.server.uploading import uploaded

WHO = """
import os

def main(backend, user_messenger):
    return [os.getpid(), os.getcwd(), sorted(os.listdir())]
"""


def _spare(service: Service) -> psutil.Process:
    """Return the process that waits; nothing may run."""

    def alone() -> psutil.Process | None:
        found = service.forked()
        return found[0] if len(found) == 1 else None

    waiting: psutil.Process = until(alone, "a process that waits, alone")
    return waiting


def test_each_job_has_a_process_and_a_folder_of_its_own(start: Callable[..., Service]):
    service = start()
    program = uploaded(service, WHO)
    waiting = _spare(service).pid
    found = [result_of(service, program) for _ in range(3)]
    pids, folders, contents = zip(*found, strict=True)
    assert pids[0] == waiting
    assert len(set(pids)) == len(set(folders)) == 3
    assert all(not held for held in contents)
    until(lambda: not any(Path(folder).exists() for folder in folders), "the end of the folders")


def test_a_waiting_process_that_is_killed_is_no_crash_of_the_next_job(
    start: Callable[..., Service],
):
    service = start()
    job = service.submit("sample-program", "aer_local", {"iterations": 1})
    service.wait(job)
    for _ in range(3):
        spare = _spare(service)
        spare.kill()
        # reaped: of a process that is a zombie, threads may still hold what tells of its end
        until(lambda pid=spare.pid: not psutil.pid_exists(pid), "the end of the process")
        job = service.submit("sample-program", "aer_local", {"iterations": 1})
        assert service.wait(job)["state"]["status"] == "Completed"
        assert {frame["attempt"] for frame in service.frames(job)} == {1}


def test_a_waiting_process_does_not_outlive_the_server(start: Callable[..., Service]):
    service = start()
    service.wait(service.submit("sample-program", "aer_local", {"iterations": 1}))
    first = _spare(service)
    assert service.stop() == 0
    until_gone([first])
    again = start()
    second = _spare(again)
    again.kill()
    until_gone([second])
