"""What one job may take, held against programs that take more, run by a real server.

The programs are uploaded: nothing in them knows of limits.
"""

from __future__ import annotations

import base64
import json
import subprocess
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import psutil
import pytest

from qjobwidgets.server.run.limits import Limits, excess
from tests.server.conftest import Service, until, until_gone
from tests.server.uploading import uploaded

GREETING = '"Hello, World!"'


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server whose jobs may use 1 GiB; each test's job leaves it as it was."""
    service = Service(tmp_path_factory.mktemp("limited") / "data", "--memory", "1G")
    yield service
    service.reap()


def _source(body: str) -> str:
    """Return a program with this body."""
    head = "import os, signal, subprocess, sys, time\ndef main(backend, user_messenger, **_):\n"
    return head + indent(dedent(body), "    ")


@pytest.fixture
def run(limited: Service) -> Callable[..., str]:
    """Submit a program with this body; return the id of its job."""

    def submit(body: str, **more: Any) -> str:
        return limited.submit(uploaded(limited, _source(body)), "aer_local", {}, **more)

    return submit


def _number(service: Service, job: str) -> int:
    """Return the number of a process, which the job has published."""
    path = f"/jobs/{job}/interim_results"
    (number,) = until(lambda: service.get(path).json(), "a message")
    return int(number)


def _until_gone(number: int) -> None:
    """Wait until the process of this number has ended; it may have long ago."""
    with suppress(psutil.NoSuchProcess):
        until_gone([psutil.Process(number)])


DAEMON = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        user_messenger.publish(os.getpid())
        while True:
            time.sleep(1)
    os._exit(0)
"""


def test_a_daemon_ends_with_the_job_that_left_it_behind(limited: Service, run: Callable[..., str]):
    """It had left the group and the parents of its job, and lived for ever."""
    job = run(DAEMON + "while True:\n    time.sleep(1)\n")
    daemon = _number(limited, job)
    assert limited.call("POST", f"/jobs/{job}/cancel").status_code == 204
    _until_gone(daemon)


def test_a_daemon_ends_also_when_its_job_completes(
    limited: Service, run: Callable[..., str], tmp_path: Path
):
    go_on = tmp_path / "go-on"
    wait = f"while not os.path.exists({str(go_on)!r}):\n    time.sleep(0.1)\n"
    job = run(DAEMON + wait + "return 'done'\n")
    daemon = _number(limited, job)
    go_on.touch()
    assert limited.wait(job)["state"] == {"status": "Completed"}
    _until_gone(daemon)


def test_a_job_that_ignores_signals_ends_at_its_limit(limited: Service, run: Callable[..., str]):
    job = run(
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        child = subprocess.Popen(["sleep", "1000"], start_new_session=True, env={})
        user_messenger.publish(child.pid)
        while True:
            time.sleep(1)
        """,
        cost=4,
    )
    sleeper = _number(limited, job)
    document = limited.wait(job)
    assert document["state"]["reason_code"] == 1305
    assert 4 <= document["usage"]["qpu_charge_time_seconds"] < 60
    _until_gone(sleeper)


@pytest.mark.parametrize("how", ["server", "zygote"])
def test_a_daemon_does_not_outlive_a_server_or_a_launcher_that_is_killed(
    start: Callable[..., Service], how: str
):
    service = start()
    source = _source(DAEMON + "while True:\n    time.sleep(1)\n")
    job = service.submit(uploaded(service, source), "aer_local", {})
    daemon = _number(service, job)
    if how == "server":
        service.kill()
    else:
        (zygote,) = psutil.Process(service.process.pid).children()
        zygote.kill()
        service.call("POST", f"/jobs/{job}/cancel")
    _until_gone(daemon)


def test_processes_that_end_while_they_are_measured_are_none():
    """To find one gone was an error of the supervisor, and had the job run again."""
    with subprocess.Popen(["sh", "-c", "while :; do /bin/true; done"]) as busy:
        try:
            for _ in range(600):
                assert excess(busy.pid, Limits(memory=1 << 40)) is None
        finally:
            busy.kill()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("sys.stdout.close()\nreturn 'done'", None),
        ("sys.stdout = sys.stderr = None\nreturn 'done'", None),
        ("sys.stderr.close()\nraise ValueError('no')", "ValueError: no"),
        ("class Odd(Exception):\n    __str__ = None\nraise Odd", "Odd"),
        ("import qjobwidgets.errors as e\nraise e.CodecError('no', fix='\\ud800')", "no"),
        ("class Odd(Exception):\n    def __str__(self): sys.exit(3)\nraise Odd", "Odd"),
    ],
)
def test_whatever_a_program_does_to_its_log_and_errors_it_runs_once(
    limited: Service, run: Callable[..., str], body: str, reason: str | None
):
    """What came after the program failed then, and the job ran three times, as if it crashed."""
    job = run(body)
    state = limited.wait(job)["state"]
    assert state.get("reason") == reason
    assert state["status"] == ("Completed" if reason is None else "Failed")
    assert {frame["attempt"] for frame in limited.frames(job)} == {1}


def test_too_many_processes_fail_a_job(limited: Service, run: Callable[..., str]):
    job = run(
        """
        for _ in range(100):
            subprocess.Popen(["sleep", "1000"])
        time.sleep(1000)
        """
    )
    state = limited.wait(job)["state"]
    assert (state["status"], state["reason_code"]) == ("Failed", 1310)
    assert "64" in state["reason"]


def test_too_much_memory_in_one_process_fails_a_job(limited: Service, run: Callable[..., str]):
    state = limited.wait(run("return len(bytearray(3 << 30))"))["state"]
    assert (state["status"], state["reason_code"]) == ("Failed", 1306)


def test_too_much_memory_in_all_processes_together_fails_a_job(
    limited: Service, run: Callable[..., str]
):
    """Each of them kept within the limit, and together they took many times as much."""
    job = run(
        """
        for _ in range(4):
            if os.fork() == 0:
                hoard = bytearray(os.urandom(1 << 20)) * 400
                time.sleep(1000)
        time.sleep(1000)
        """
    )
    state = limited.wait(job)["state"]
    assert (state["status"], state["reason_code"]) == ("Failed", 1306)


def test_files_are_private_to_a_job_limited_and_removed(limited: Service, run: Callable[..., str]):
    job = run(
        """
        import tempfile
        open("here", "w").write("x")
        with tempfile.NamedTemporaryFile(delete=False) as file:
            user_messenger.publish([os.getcwd(), os.path.dirname(file.name)])
        try:
            os.truncate("here", 3 << 30)
        except OSError as error:
            user_messenger.publish(error.strerror)
        many = []
        try:
            while True:
                many.append(open("here"))
        except OSError as error:
            user_messenger.publish(error.strerror)
        """
    )
    assert limited.wait(job)["state"] == {"status": "Completed"}
    (here, temporary), large, many = limited.get(f"/jobs/{job}/interim_results").json()
    assert here == temporary
    assert Path(here).parent == limited.data.resolve() / "scratch"
    assert large == "File too large"
    assert many == "Too many open files"
    until(lambda: not Path(here).exists(), "the removal of the job's folder")


def test_a_crash_leaves_no_core(limited: Service, run: Callable[..., str]):
    job = run("import resource\nreturn resource.getrlimit(resource.RLIMIT_CORE)")
    limited.wait(job)
    assert limited.get(f"/jobs/{job}/results").json() == [0, 0]


def test_what_a_job_says_is_capped_and_the_job_goes_on(limited: Service, run: Callable[..., str]):
    """Messages of 100 MB and a hundred megabytes of output: the job goes on, and is told of it."""
    job = run(
        """
        user_messenger.publish("first")
        user_messenger.publish("x" * 100_000_000)
        for _ in range(100):
            print("y" * 1_000_000)
        user_messenger.publish("last")
        return "done"
        """
    )
    assert limited.wait(job)["state"] == {"status": "Completed"}
    frames = [(frame["type"], frame["data"]) for frame in limited.frames(job)]
    assert frames == [
        ("interim", "first"),
        ("interim", "last"),
        ("dropped", {"count": 1}),
        ("final", "done"),
    ]
    logs = limited.get(f"/jobs/{job}/logs").text
    assert logs.endswith("[the rest of the log was dropped]\n")
    assert len(logs) < 1_100_000


def _bomb(size: int) -> str:
    """Return zeros, compressed and in base64, that take a thousand times as much when unpacked."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # After a full flush nothing refers to what was before, so a block may follow itself.
    block = compressor.compress(bytes(1 << 20)) + compressor.flush(zlib.Z_FULL_FLUSH)
    end = compressor.flush() + (size % 65521 << 16 | 1).to_bytes(4)  # with the sum of the zeros
    return base64.b64encode(b"\x78\xda" + block * (size >> 20) + end).decode()


def test_a_payload_that_unpacks_to_a_gigabyte_fails_its_job_and_nothing_else(limited: Service):
    server = psutil.Process(limited.process.pid)
    before = server.memory_info().rss
    neighbour = limited.submit("sample-program", "aer_local", {"iterations": 20})
    bomb = _bomb(1 << 30)
    assert len(bomb) < 2_000_000
    jobs = [
        limited.submit("sampler", "aer_local", {"pubs": [[{"__type__": kind, "__value__": bomb}]]})
        for kind in ("QuantumCircuit", "ndarray")
    ]
    for job in jobs:
        state = limited.wait(job)["state"]
        assert state["status"] == "Failed"
        assert state["reason_code"] == 1210, state
    assert limited.wait(neighbour)["state"] == {"status": "Completed"}
    assert limited.get(f"/jobs/{neighbour}/results").text == GREETING
    assert server.memory_info().rss - before < 200 << 20


def test_an_array_that_claims_eight_tebibytes_is_refused(limited: Service):
    head = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776,), }"
    head = head.ljust(117) + b"\n"
    npy = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head
    value = base64.b64encode(zlib.compress(npy)).decode()
    pub = [{"__type__": "ndarray", "__value__": value}]
    job = limited.submit("sampler", "aer_local", {"pubs": [pub]})
    state = limited.wait(job)["state"]
    assert (state["status"], state["reason_code"]) == ("Failed", 1210)
    assert json.dumps(state).isascii()
