"""Starting servers on folders of their own, talking to them, and always reaping them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from websockets.sync.client import ClientConnection, connect

from qjobwidgets.codec import dumps
from tests.conftest import patience

DEADLINE = 120.0
FINAL = {"Completed", "Failed", "Cancelled"}
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""A file system in memory, where there is one: what is not about the disk need not wait for it."""


def until(look: Callable[[], Any], what: str) -> Any:
    """Return the first true value of ``look()``; fail when it does not come in time."""
    for _ in patience(DEADLINE):
        if value := look():
            return value
    pytest.fail(f"not seen in time: {what}")


def until_gone(processes: list[psutil.Process]) -> None:
    """Wait until processes have ended; whether anybody has taken note of it is not the question."""

    def gone(process: psutil.Process) -> bool:
        try:
            return bool(process.status() == psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return True

    until(lambda: all(gone(process) for process in processes), f"the end of {processes}")


class Service:
    """A server process, and a client of it that hides nothing."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "qjobwidgets.server"),
                *("--port", "0", "--data", str(data), *options),
            ],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.facts = json.loads(self.process.stdout.readline())
        self.url = self.facts["url"]
        self.origin = self.facts["iam_url"]
        self.api_key = Path(self.facts["token_file"]).read_text()
        self.http = requests.Session()
        self.http.trust_env = False  # to look for proxies takes as long as a short request
        self.http.headers["Authorization"] = f"apikey {self.api_key}"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.http.request(method, self.url + path, timeout=DEADLINE, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.call("GET", path, **options)

    def post(self, body: Any, **headers: str) -> requests.Response:
        """Submit a body of typed JSON."""
        headers = {"Content-Type": "application/json"} | headers
        return self.call("POST", "/jobs", data=dumps(body), headers=headers)

    def submit(self, program: str, backend: str, params: dict[str, Any], **more: Any) -> str:
        body = {"program_id": program, "backend": backend, "params": params, **more}
        response = self.post(body)
        assert response.status_code == 200, response.text
        job: str = response.json()["id"]
        return job

    def job(self, job: str) -> dict[str, Any]:
        document: dict[str, Any] = self.get(f"/jobs/{job}").json()
        return document

    def status(self, job: str) -> str:
        status: str = self.job(job)["state"]["status"]
        return status

    def wait(self, job: str, *wanted: str) -> dict[str, Any]:
        """Wait until the job is in one of the states wanted (default: final)."""

        def look() -> dict[str, Any] | None:
            document = self.job(job)
            return document if document["state"]["status"] in (wanted or FINAL) else None

        document: dict[str, Any] = until(look, f"{wanted or FINAL} of job {job}")
        return document

    def stream(self, job: str, *, after: int | None = None, old: bool = False) -> ClientConnection:
        query = "" if after is None else f"?after={after}"
        return connect(
            f"{self.url.replace('http', 'ws', 1)}/stream/jobs/{job}{query}",
            additional_headers={"Authorization": f"apikey {self.api_key}"},
            subprotocols=None if old else ["qjob.v1"],
            open_timeout=DEADLINE,
        )

    def frames(self, job: str, *, after: int | None = None) -> list[dict[str, Any]]:
        """Return all frames of a job's stream, once it has ended cleanly."""
        with self.stream(job, after=after) as socket:
            frames = [json.loads(text) for text in socket]
            assert socket.close_code == 1000
        return frames

    def forked(self) -> list[psutil.Process]:
        """Return the processes of running attempts, and the one that waits for a job."""
        zygotes = psutil.Process(self.process.pid).children()
        return [process for zygote in zygotes for process in zygote.children()]

    def attempts(self) -> list[psutil.Process]:
        """Return the processes of running attempts: each is in the folder of its job."""
        scratch = self.data.resolve() / "scratch"

        def in_folder(process: psutil.Process) -> bool:
            with suppress(psutil.Error):
                return Path(process.cwd()).is_relative_to(scratch)
            return False

        return list(filter(in_folder, self.forked()))

    def kill(self) -> None:
        """Kill the server without a warning, and wait until all that it started is gone too."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE)
        until_gone(family)

    def clear(self) -> None:
        """Cancel and delete all jobs, and wait for the end of their processes."""
        while jobs := self.get("/jobs").json()["jobs"]:
            for job in jobs:
                self.call("POST", f"/jobs/{job['id']}/cancel")  # refused if it is over
                assert self.call("DELETE", f"/jobs/{job['id']}").status_code == 204
        until(lambda: not self.attempts(), "the end of all attempts")

    def stop(self) -> int:
        """Ask the server to end; return its exit status."""
        self.process.terminate()
        return self.process.wait(DEADLINE)

    def reap(self) -> None:
        self.http.close()
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Start servers, by default all on one folder; they are reaped at the end."""
    started: list[Service] = []

    def start_one(*options: str, data: Path | None = None) -> Service:
        started.append(Service(data or tmp_path / "data", *options))
        return started[-1]

    yield start_one
    for service in started:
        service.reap()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server that tests share: none of them may harm it."""
    service = Service(tmp_path_factory.mktemp("shared"), "--idle", "0")
    yield service
    service.reap()


@pytest.fixture(scope="session")
def cleared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The server of those who ask for an empty one."""
    service = Service(tmp_path_factory.mktemp("cleared"), "--idle", "0")
    yield service
    service.reap()


@pytest.fixture
def empty(cleared: Service) -> Iterator[Service]:
    """A server that a test has to itself, without jobs at first; it must not harm it."""
    yield cleared
    cleared.clear()
