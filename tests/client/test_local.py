"""The embedded runtime is started once, found again, and trusted only with proof."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest

from qjobwidgets import RuntimeService
from qjobwidgets.client import local
from qjobwidgets.client.local import data_folder, find_or_start
from qjobwidgets.errors import LocalRuntimeError, MissingExtraError, ServiceUnreachableError
from tests.client.faults import FaultServer, Reply
from tests.conftest import eventually, stop_local_runtime


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder of its own; what runs on it ends with the test."""
    data = tmp_path / "local"
    yield data
    stop_local_runtime(data)


def pid_of(folder: Path) -> int:
    return json.loads((folder / "server.json").read_text())["pid"]


def kill(folder: Path) -> None:
    os.kill(pid_of(folder), signal.SIGKILL)


def test_started_once_and_found_again(folder):
    first = find_or_start(folder)
    assert first.loopback
    assert first.name == "local"
    assert find_or_start(folder) == first
    assert first.token == (folder / "token").read_text().strip()
    assert first.token not in repr(first)
    assert folder.stat().st_mode & 0o777 == 0o700


# Starts a runtime that ends at once, on the main thread and on another one.
STARTING = """
import shutil, sys, threading
from qjobwidgets.client.local import find_or_start
from qjobwidgets.errors import LocalRuntimeError

sys.executable = shutil.which("false")


def begin():
    try:
        find_or_start()
    except LocalRuntimeError:
        print("done", flush=True)


begin()
thread = threading.Thread(target=begin)
thread.start()
thread.join()
"""


def shown(folder: Path, *pipes: str) -> str:
    """Run that at a terminal, but for the streams that are pipes; return what is written."""
    ours, terminal = pty.openpty()
    streams = dict.fromkeys(("stdout", "stderr"), terminal) | dict.fromkeys(pipes, subprocess.PIPE)
    found = b""
    with (
        subprocess.Popen(
            [sys.executable, "-c", STARTING],
            env={**os.environ, "QJOBWIDGETS_DATA": str(folder)},
            **streams,
        ) as process,
        os.fdopen(ours, "rb", buffering=0) as screen,
    ):
        os.close(terminal)
        with suppress(OSError):  # says that all is closed
            while more := screen.read(4096):
                found += more
        for stream in filter(None, (process.stdout, process.stderr)):
            found += stream.read()
    return found.decode()


def test_who_waits_at_a_terminal_is_told_what_for(folder):
    """For two seconds nothing was shown at all. A thread says nothing."""
    lines = shown(folder).splitlines()
    erase = "\x1b[K"
    assert [line for line in lines if line] == [
        f"{erase}Starting the embedded runtime...",
        f"{erase}done",
        "done",
    ]


@pytest.mark.parametrize("pipe", ["stdout", "stderr"])
def test_a_start_is_no_talk_of_pipes(folder, pipe):
    assert shown(folder, pipe).split() == ["done", "done"]


class Screen(StringIO):
    """A terminal, as far as it is asked."""

    def isatty(self) -> bool:
        return True


class Tee:
    """What scripts put in the place of an output: it can write and flush, and no more."""

    def write(self, text: str) -> None:
        """Write nowhere."""

    def flush(self) -> None:
        """Keep nothing."""


def closed() -> StringIO:
    stream = StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("make", [Tee, closed, lambda: None])
@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_an_output_that_is_no_terminal_is_no_reason_not_to_start(folder, monkeypatch, make, name):
    """A script with an output of its own, or a closed one, got no runtime but an error."""
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    monkeypatch.setattr(sys, "stdout" if name == "stderr" else "stderr", Screen())
    monkeypatch.setattr(sys, name, make())
    with pytest.raises(LocalRuntimeError, match="did not start"):
        find_or_start(folder)


def test_two_kernels_that_come_at_once_share_one_server(folder):
    code = "from qjobwidgets.client.local import *; print(find_or_start(data_folder()).url)"
    kernels = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, "QJOBWIDGETS_DATA": str(folder)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    urls = {kernel.communicate(timeout=120)[0] for kernel in kernels}
    assert len(urls) == 1
    assert urls.pop().startswith("http://127.0.0.1:")


def test_the_server_outlives_the_kernel_that_started_it(folder):
    code = "from qjobwidgets.client.local import *; find_or_start(data_folder())"
    environ = {**os.environ, "QJOBWIDGETS_DATA": str(folder)}
    subprocess.run([sys.executable, "-c", code], env=environ, check=True, timeout=120)
    os.kill(pid_of(folder), 0)
    before = pid_of(folder)
    find_or_start(folder)
    assert pid_of(folder) == before


def test_files_of_the_notebooks_folder_are_not_the_servers(folder, tmp_path, monkeypatch):
    """A notebook next to a file called like a library's module kept the server from starting."""
    (tmp_path / "logging.py").write_text("raise RuntimeError('not the standard library')")
    monkeypatch.chdir(tmp_path)
    assert find_or_start(folder).loopback


def test_another_program_on_the_port_gets_no_token(folder, faults: FaultServer):
    find_or_start(folder)
    facts = json.loads((folder / "server.json").read_text())
    kill(folder)
    facts |= {"url": faults.url, "iam_url": faults.origin, "pid": os.getpid()}
    (folder / "server.json").write_text(json.dumps(facts))
    (folder / "server.json").chmod(0o600)
    faults._replies["/identity/proof"] = [Reply(document={"proof": "0" * 64})]
    endpoint = find_or_start(folder)
    assert endpoint.url != faults.url
    assert {seen.path for seen in faults.seen} == {"/identity/proof"}
    assert not any(endpoint.token in str(seen) for seen in faults.seen)


def test_a_server_elsewhere_is_not_believed(folder, faults: FaultServer):
    folder.mkdir(mode=0o700)
    (folder / "token").write_text("t")
    facts = {"url": "http://example.org/api/v1", "iam_url": faults.origin, "pid": os.getpid()}
    (folder / "server.json").write_text(json.dumps(facts))
    for name in ("token", "server.json"):
        (folder / name).chmod(0o600)
    assert find_or_start(folder).loopback
    assert faults.seen == []


def test_damaged_facts_are_no_server(folder):
    """A process id no system has, and an address that is none, ended in a bare OverflowError."""
    folder.mkdir(mode=0o700)
    damaged = [
        {"pid": os.getpid(), "url": "http://[", "iam_url": "http://["},
        {"pid": os.getpid(), "url": ["x"], "iam_url": None},
        [],
        {"pid": 10**30, "url": "http://127.0.0.1:9", "iam_url": "http://127.0.0.1:9"},
    ]
    for facts in damaged:
        for name, text in (("token", "t"), ("server.json", json.dumps(facts))):
            (folder / name).write_text(text)
            (folder / name).chmod(0o600)
        assert local._find(folder) is None
    assert find_or_start(folder).loopback


def test_files_others_can_read_are_refused(folder):
    find_or_start(folder)
    for name in ("server.json", "token"):
        (folder / name).chmod(0o644)
        with pytest.raises(LocalRuntimeError, match="Other users"):
            find_or_start(folder)
        (folder / name).chmod(0o600)


def test_a_folder_open_to_others_is_closed(folder):
    folder.mkdir()
    folder.chmod(0o755)
    find_or_start(folder)
    assert folder.stat().st_mode & 0o077 == 0


def test_a_link_is_refused(folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LocalRuntimeError, match="QJOBWIDGETS_DATA"):
        find_or_start(folder)
    folder.unlink()


def test_a_server_that_does_not_start_says_why(folder):
    folder.mkdir(mode=0o700)
    (folder / "token").mkdir()
    with pytest.raises(LocalRuntimeError, match=r"did not start: .*token"):
        find_or_start(folder)


def test_a_folder_held_by_a_server_that_cannot_be_found(folder, monkeypatch):
    monkeypatch.setattr("qjobwidgets.client.local._BUSY_TIMEOUT", 0.0)
    find_or_start(folder)
    facts = (folder / "server.json").read_bytes()
    (folder / "server.json").unlink()
    with pytest.raises(LocalRuntimeError, match="runs but does not answer"):
        find_or_start(folder)
    (folder / "server.json").write_bytes(facts)


def test_a_silent_server_is_named(folder, monkeypatch):
    """That one could not be started was said of one that ran, and nothing to do about it."""
    find_or_start(folder)
    server = pid_of(folder)
    os.kill(server, signal.SIGSTOP)
    try:
        with monkeypatch.context() as patch:
            patch.setattr("qjobwidgets.client.local._PROOF_TIMEOUT", 0.2)
            patch.setattr("qjobwidgets.client.local._BUSY_TIMEOUT", 0.0)
            with pytest.raises(LocalRuntimeError, match=rf"process {server}\).*continue it or"):
                find_or_start(folder)
    finally:
        os.kill(server, signal.SIGCONT)
    assert find_or_start(folder).loopback


def test_a_server_that_is_slow_to_answer_is_waited_for(folder):
    """On a machine with much to do one that needed some seconds was given up."""
    endpoint = find_or_start(folder)
    server = pid_of(folder)
    os.kill(server, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        try:
            found = pool.submit(find_or_start, folder)
            with pytest.raises(TimeoutError):
                found.result(4.0)  # longer than one had to answer
        finally:
            os.kill(server, signal.SIGCONT)
        assert found.result() == endpoint
    assert pid_of(folder) == server


def test_waiting_for_a_job_goes_on_while_its_server_is_stopped(folder, monkeypatch):
    """A server that was stopped for a while ended the waiting with "did not start"."""
    monkeypatch.setenv("QJOBWIDGETS_DATA", str(folder))
    service = RuntimeService()
    job = service.run("sample-program", {"iterations": 4}, {"backend": "slow_local"})
    server, refusal = pid_of(folder), folder / "start.log"
    os.kill(server, signal.SIGSTOP)
    try:
        with monkeypatch.context() as patch, ThreadPoolExecutor(1) as pool:
            patch.setattr("qjobwidgets.client.transport._READ_TIMEOUT", 0.5)
            patch.setattr("qjobwidgets.client.local._PROOF_TIMEOUT", 0.5)
            patch.setattr("qjobwidgets.client.local._BUSY_TIMEOUT", 0.0)
            waiting = pool.submit(job.result, 120)
            eventually(lambda: "Another server" in refusal.read_text() or waiting.done())
            patch.undo()
            os.kill(server, signal.SIGCONT)
            assert waiting.result() == "Hello, World!"
    finally:
        os.kill(server, signal.SIGCONT)
    service.close()


def test_without_the_extra(folder, monkeypatch):
    monkeypatch.setattr("qjobwidgets.client.local._PARTS", ("no_such_module",))
    with pytest.raises(MissingExtraError, match=r'pip install "qjobwidgets\[local\]"'):
        find_or_start(folder)


def test_a_server_that_was_killed_comes_back_at_the_next_need(folder, monkeypatch):
    monkeypatch.setenv("QJOBWIDGETS_DATA", str(folder))
    service = RuntimeService()
    messages, states = [], []
    job = service.run("sample-program", {"iterations": 4}, {"backend": "slow_local"})
    handle = service.stream(job.job_id(), messages.append, states.append)
    eventually(lambda: messages)
    kill(folder)
    with pytest.raises(ServiceUnreachableError):
        service.fetch_record(job.job_id())
    with pytest.raises(ServiceUnreachableError):
        service.fetch_records()
    assert job.result(120) == "Hello, World!"
    assert handle.wait(60)
    assert "reconnecting" in states
    seqs = [message.seq for message in messages]
    assert seqs == list(range(1, len(seqs) + 1))
    assert "restarted" in [message.kind for message in messages]
    assert messages[-1].kind == "final"
    service.close()


def test_a_submission_revives_it_too(folder, monkeypatch):
    monkeypatch.setenv("QJOBWIDGETS_DATA", str(folder))
    service = RuntimeService()
    assert service.jobs() == []
    kill(folder)
    assert service.run("sample-program", {"iterations": 1}).result(60) == "Hello, World!"
    kill(folder)
    service.revive()
    assert service.fetch_records().count == 1
    service.close()


def test_what_cannot_be_revived_is_still_asked_where_it_was(folder, monkeypatch):
    monkeypatch.setenv("QJOBWIDGETS_DATA", str(folder))
    service = RuntimeService()
    service.backends()
    kill(folder)
    with monkeypatch.context() as patch:
        patch.setattr("qjobwidgets.client.local._PARTS", ("no_such_module",))
        with pytest.raises(MissingExtraError):
            service.revive()
        with pytest.raises(ServiceUnreachableError):
            service.fetch_records()
    assert service.jobs() == []
    service.close()


def test_making_a_client_starts_nothing(folder, monkeypatch):
    monkeypatch.setenv("QJOBWIDGETS_DATA", str(folder))
    service = RuntimeService()
    assert data_folder() == folder
    assert not folder.exists()
    assert service.key == RuntimeService("local").key
    monkeypatch.setenv("QJOBWIDGETS_DATA", str(folder / "other"))
    assert service.key != RuntimeService("local").key
    service.close()
