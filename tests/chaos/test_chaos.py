"""The server killed again and again while jobs run and listeners resume their streams.

Short here; ``make chaos`` does it at length. ``CHAOS_SEED`` repeats the choices of a run, though
not its timing.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.server.conftest import Service, until

KILLS = int(os.environ.get("CHAOS_KILLS", "5"))
JOBS = int(os.environ.get("CHAOS_JOBS", "30"))
STREAMS = int(os.environ.get("CHAOS_STREAMS", "20"))
SEED = int(os.environ.get("CHAOS_SEED", "20261121"))
PATIENCE = 150 + 20 * KILLS  # seconds
CRASHES = 2  # a job survives so many kills of its process, and no more

# What a client meets when the server dies under it, or is not there yet.
GONE = (OSError, requests.RequestException, ConnectionClosed, InvalidHandshake, EOFError)


class Runtime:
    """A server that is killed and started again on the same folder."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._gone: list[psutil.Process] = []
        self.service = Service(data, "--slots", "4", "--idle", "0")

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.service.process.pid).children(recursive=True)

    def kill(self) -> None:
        """Kill the server, and start the next one without waiting for anything else to end."""
        self._gone += self.family()
        self.service.process.send_signal(signal.SIGKILL)
        self.service.process.wait()
        self.service.reap()
        self.service = Service(self._data, "--slots", "4", "--idle", "0")

    def running_crashes(self) -> list[int]:
        """Return how often the process of each running job has crashed."""
        with closing(sqlite3.connect(self._data / "ledger.db")) as ledger:
            rows = ledger.execute("select crashes from jobs where state = 'Running'")
            return [crashes for (crashes,) in rows]

    def _left(self) -> list[psutil.Process]:
        """Return what is still there of all the servers there were."""

        def there(process: psutil.Process) -> bool:
            with contextlib.suppress(psutil.NoSuchProcess):
                return bool(process.status() != psutil.STATUS_ZOMBIE)
            return False

        return [process for process in self._gone if there(process)]

    def stop(self) -> None:
        """End the last server in order, then wait until nothing is left of any."""
        self._gone += self.family()
        assert self.service.stop() == 0
        until(lambda: not self._left(), "the end of all processes")


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    runtime = Runtime(tmp_path / "data")
    yield runtime
    runtime.service.reap()


def persist(act: Callable[[], Any]) -> Any:
    """Return what ``act`` returns, once it meets a server that lives long enough."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return act()
        except GONE:
            if time.monotonic() > deadline:
                raise
            threading.Event().wait(0.05)


def submit(runtime: Runtime, index: int, iterations: int) -> str:
    """Submit a job, as often as it takes for an id to come back."""

    def act() -> str:
        body = {
            "program_id": "sample-program",
            "backend": "aer_local",
            "params": {"iterations": iterations},
        }
        headers = {"Idempotency-Key": f"job-{index}", "Content-Type": "application/json"}
        service = runtime.service
        with requests.Session() as http:
            http.headers.update(service.http.headers)
            answer = http.post(service.url + "/jobs", json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        return str(answer.json()["id"])

    return str(persist(act))


def follow(runtime: Runtime, job: str) -> list[dict[str, Any]]:
    """Listen to a job until its end, resuming after each disconnect; return what was heard."""
    heard: list[dict[str, Any]] = []

    def listen() -> bool:
        after = heard[-1]["seq"] if heard else 0
        with runtime.service.stream(job, after=after) as socket:
            heard.extend(json.loads(text) for text in socket)
            return bool(socket.close_code == 1000)

    while not persist(listen):
        pass
    return heard


def wreak(runtime: Runtime, chance: random.Random, calm: threading.Event) -> None:
    """Kill the server several times, and now and then a zygote or an attempt."""
    for _ in range(KILLS):
        calm.wait(chance.uniform(0.1, 1.0))
        victim = chance.choice(["zygote", "attempt", "nobody"])
        zygotes = psutil.Process(runtime.service.process.pid).children()
        attempts = runtime.service.attempts()
        if victim == "zygote":
            victims = zygotes
        elif victim == "attempt" and max(runtime.running_crashes(), default=0) < CRASHES:
            victims = attempts[:1]
        else:
            victims = []
        for process in victims:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        calm.wait(chance.uniform(0.5, 2.0))
        runtime.kill()


@pytest.mark.timeout(60 + 2 * PATIENCE)
def test_no_job_no_result_and_no_message_is_lost_however_often_the_server_is_killed(
    runtime: Runtime,
):
    chance = random.Random(SEED)
    lengths = [chance.randrange(10, 60) for _ in range(JOBS)]
    with ThreadPoolExecutor(JOBS + STREAMS) as pool:
        jobs = [pool.submit(submit, runtime, index, length) for index, length in enumerate(lengths)]
        streams = [
            pool.submit(lambda job=job: follow(runtime, job.result())) for job in jobs[:STREAMS]
        ]
        wreak(runtime, chance, threading.Event())
        ids = [job.result() for job in jobs]
        heard = [stream.result() for stream in streams]

    service = runtime.service
    assert len(set(ids)) == JOBS
    assert service.get("/jobs?limit=1").json()["count"] == JOBS
    for job in ids:
        assert service.wait(job)["state"] == {"status": "Completed"}
        assert service.get(f"/jobs/{job}/results").json() == "Hello, World!"
    for job, frames in zip(ids, heard, strict=False):
        assert frames == service.frames(job)
    for job, length in zip(ids, lengths, strict=True):
        check_history(service.frames(job), length)

    runtime.stop()
    with closing(sqlite3.connect(service.data / "ledger.db")) as ledger:
        assert ledger.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert ledger.execute("pragma foreign_key_check").fetchall() == []


def check_history(frames: list[dict[str, Any]], iterations: int) -> None:
    """Check that a history has no gap, a mark before each new attempt, and equal counts in all."""
    assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
    assert frames[-1]["type"] == "final"
    attempt, expected = 1, 0
    counts: dict[int, Any] = {}
    for frame in frames[:-1]:
        if frame["type"] == "restarted":
            assert frame["attempt"] == attempt + 1
            attempt, expected = attempt + 1, 0
            continue
        assert (frame["type"], frame["attempt"]) == ("interim", attempt)
        assert frame["data"]["iteration"] == expected
        assert counts.setdefault(expected, frame["data"]["counts"]) == frame["data"]["counts"]
        expected += 1
    assert expected == iterations
