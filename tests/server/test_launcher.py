"""What starts processes for jobs, when it can't."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from qjobwidgets.server.run.attempt_process import AttemptProcess
from qjobwidgets.server.run.folders import remove
from qjobwidgets.server.run.launcher import Launcher, ZygoteLostError
from qjobwidgets.server.run.limits import Limits
from tests.server.conftest import DEADLINE, Service, until, until_gone

ONE = ("sample-program", "aer_local", {"iterations": 1})
FORKING_FAILS = """
import errno, os, pathlib

fork = os.fork

def fork_if_there_is_room():
    if pathlib.Path({flag!r}).exists():
        raise OSError(errno.EAGAIN, "no room")
    return fork()

os.fork = fork_if_there_is_room
"""
STOPPING_ITSELF = """
import os, pathlib, signal

if pathlib.Path({flag!r}).exists():
    os.kill(os.getpid(), signal.SIGSTOP)
"""


def _health(service: Service) -> dict[str, Any]:
    answer = requests.get(f"{service.origin}/health", timeout=DEADLINE)
    document: dict[str, Any] = answer.json()
    assert answer.status_code == (200 if document["status"] == "ok" else 503)
    assert ("Retry-After" in answer.headers) == (answer.status_code == 503)
    return document


def _becomes(service: Service, *problems: str) -> None:
    until(lambda: _health(service).get("problems", []) == [*problems], f"{problems}")


@pytest.fixture
def early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose modules come before all others in the servers that a test starts."""
    folder = tmp_path / "early"
    folder.mkdir()
    known = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(folder), known])))
    return folder


def test_no_room_for_a_process_is_no_fault_of_the_job(start: Callable[..., Service], early: Path):
    """And a launcher that does not answer was called well: jobs were said to run, for a minute."""
    flag = early / "flag"
    flag.touch()
    (early / "sitecustomize.py").write_text(FORKING_FAILS.format(flag=str(flag)))
    service = start()
    job = service.submit(*ONE)
    with service.stream(job) as stream:
        frame = json.loads(stream.recv(DEADLINE))
        assert (frame["type"], frame["attempt"]) == ("restarted", 2)
        assert frame["data"]["reason"] == "no attempt could be started"
        flag.unlink()
        assert json.loads([*stream][-1])["type"] == "final"

    (zygote,) = psutil.Process(service.process.pid).children()
    zygote.send_signal(signal.SIGSTOP)
    try:
        _becomes(service, "The launcher of jobs doesn't answer.")
        backend = service.get("/backends/aer_local/status").json()
    finally:
        zygote.send_signal(signal.SIGCONT)
    assert backend["state"] is False
    _becomes(service)
    assert service.wait(service.submit(*ONE))["state"]["status"] == "Completed"


def test_a_stopped_zygote_is_replaced_when_no_job_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """It was reported and left, and no job was run any more until somebody let it go on."""
    for name in ("_PATIENCE", "_ANSWER_TIMEOUT"):
        monkeypatch.setattr(f"qjobwidgets.server.run.launcher.{name}", 0.5)
    # what a stopped zygote is told to kill, nobody kills
    monkeypatch.setattr("qjobwidgets.server.run.attempt_process._KILL_TIMEOUT", 0.1)
    launcher = Launcher(threads=1, limits=Limits(2**30), folder=tmp_path / "attempts")
    launcher.start()

    def launched() -> AttemptProcess | None:
        with contextlib.suppress(ZygoteLostError):
            return launcher.launch()
        return None

    def ended() -> bool:
        launcher.mind()
        return not zygote.is_running()

    try:
        assert launcher.wait_ready(DEADLINE)
        with launcher.launch() as running:
            zygote = psutil.Process(psutil.Process(running.pid).ppid())
            zygote.send_signal(signal.SIGSTOP)
            until(launcher.trouble, "a question without an answer")
            # what it said before it was stopped may be heard only now
            until(lambda: launcher._zygote and launcher._zygote.silence() >= 0.5, "silence")
            launcher.mind()
            assert zygote.status() == psutil.STATUS_STOPPED
            assert running.running
        until(ended, "its end")
        with until(launched, "a process of another zygote") as process:
            assert psutil.Process(process.pid).ppid() != zygote.pid
    finally:
        launcher.stop()


def test_a_zygote_that_is_stopped_while_it_loads_is_replaced(
    early: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """It owed no answer as long as it loaded, so it was never replaced and no job was ever run."""
    flag = early / "flag"
    flag.touch()
    (early / "sitecustomize.py").write_text(STOPPING_ITSELF.format(flag=str(flag)))
    others = set(psutil.Process().children())
    launcher = Launcher(threads=1, limits=Limits(2**30), folder=tmp_path / "attempts")
    launcher.start()
    try:
        (zygote,) = set(psutil.Process().children()) - others
        until(lambda: zygote.status() == psutil.STATUS_STOPPED, "a zygote that has stopped itself")
        flag.unlink()
        launcher.mind()
        assert zygote.status() == psutil.STATUS_STOPPED

        with monkeypatch.context() as patch:
            for name in ("_START_TIMEOUT", "_PATIENCE"):
                patch.setattr(f"qjobwidgets.server.run.launcher.{name}", 0.001)
            launcher.mind()
            until_gone([zygote])
        until(lambda: launcher.wait_ready(1), "another zygote")
        with launcher.launch() as process:
            assert psutil.Process(process.pid).ppid() != zygote.pid
    finally:
        launcher.stop()


def test_a_zygote_that_is_stopped_while_it_loads_does_not_outlive_the_launcher(
    early: Path, tmp_path: Path
):
    """It was waited for ten seconds, and then left behind; one that loads was waited for."""
    flag = early / "flag"
    flag.touch()
    (early / "sitecustomize.py").write_text(STOPPING_ITSELF.format(flag=str(flag)))
    others = set(psutil.Process().children())
    launcher = Launcher(threads=1, limits=Limits(2**30), folder=tmp_path / "attempts")
    launcher.start()
    (zygote,) = set(psutil.Process().children()) - others
    until(lambda: zygote.status() == psutil.STATUS_STOPPED, "a zygote that has stopped itself")
    launcher.stop()
    until_gone([zygote])


def test_a_launcher_that_cannot_load_is_started_again_less_and_less_often(
    start: Callable[..., Service], early: Path
):
    """It was started every two seconds for ever, and called well each time while it loaded."""
    broken = early / "qiskit_aer"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise ImportError('broken on purpose')")
    service = start()
    log = service.data / "server.log"
    _becomes(service, "No process for jobs can be started.")
    job = service.submit(*ONE)
    seen = []

    def ended_thrice() -> bool:
        seen.append(_health(service)["status"])
        return log.read_text().count("the zygote ended") >= 3

    until(ended_thrice, "another start")
    assert set(seen) == {"degraded"}
    assert service.status(job) == "Queued"
    shutil.rmtree(broken)
    assert service.wait(job)["state"]["status"] == "Completed"
    _becomes(service)


def test_what_a_job_has_closed_to_its_user_is_removed(tmp_path: Path):
    """A folder without the right to write stayed for ever, and no server started on it again.

    One in another, a thousand times, was an error of the supervisor.
    """
    folder, elsewhere = tmp_path / "job", tmp_path / "elsewhere"
    for place in (folder / "closed" / "deeper", elsewhere):
        place.mkdir(parents=True)
        (place / "file").touch()
    (folder / "link").symlink_to(elsewhere)
    deep = folder
    for _ in range(1500):
        deep /= "d"
        deep.mkdir()
    (folder / "closed" / "deeper").chmod(0o500)
    (folder / "closed").chmod(0)
    # Rights mean nothing to the superuser, who gives that power up.
    without_power = "import ctypes; [ctypes.CDLL(None).prctl(24, one, 0, 0, 0) for one in (1, 2)]"
    removing = "import pathlib, sys; from qjobwidgets.server.run.folders import remove"
    code = f"{removing}; remove(pathlib.Path(sys.argv[1]))"
    dropping = f"{without_power}; import os, sys; os.execv(sys.executable, sys.argv[1:])"
    command = [sys.executable, "-c", dropping, sys.executable, "-c", code, str(folder)]
    subprocess.run(command, check=True, timeout=DEADLINE)
    assert not folder.exists()
    assert (elsewhere / "file").exists()

    (tmp_path / "link").symlink_to(elsewhere)
    remove(tmp_path / "link")
    remove(elsewhere / "file")
    remove(tmp_path / "none")
    assert (elsewhere / "file").exists()
