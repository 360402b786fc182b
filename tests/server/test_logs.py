"""The server's log, its health, and what is answered when the ledger can't be written."""

from __future__ import annotations

import json
import logging
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from qjobwidgets.server.log import configure
from tests.server.conftest import DEADLINE, Service, until


def _lines(data: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (data / "server.log").read_text().splitlines()]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """A configured log file; the loggers of this process are put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    talkative = {name: logging.getLogger(name).level for name in ("uvicorn", "asyncio")}
    # What pytest listens with is no business of ours, so it is not closed by the new configuration.
    root.handlers[:] = []
    configure(tmp_path / "server.log", "DEBUG")
    yield tmp_path
    for handler in root.handlers:
        handler.close()
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)
    for name, before in talkative.items():
        logging.getLogger(name).setLevel(before)


def test_what_a_user_chose_cannot_make_a_line(log: Path):
    evil = 'x\n{"level": "CRITICAL"}\r\u2028\x00\ud800"'
    # What pytest itself hears of the message has to be text that it can pass on.
    message = evil.replace("\ud800", "")
    logging.getLogger("qjobwidgets.test").warning("tag %s", message, extra={"job": evil})
    (line,) = _lines(log)
    assert line["level"] == "WARNING"
    assert line["message"].startswith("tag x\n{")
    assert line["job"].startswith("x\n{")


def test_a_line_holds_the_facts_and_the_error(log: Path):
    try:
        int("no number")
    except ValueError:
        logging.getLogger("qjobwidgets.test").exception("failed", extra={"job": "j", "attempt": 2})
    (line,) = _lines(log)
    assert (line["job"], line["attempt"], line["level"]) == ("j", 2, "ERROR")
    assert line["error"].endswith("'no number'")


def test_a_log_that_cannot_be_written_is_lost_in_silence():
    """On a full disk each line of the log became a traceback in the terminal."""
    writing = (
        "import logging; from pathlib import Path; from qjobwidgets.server.log import configure;"
        "configure(Path('/dev/full'), 'INFO'); logging.warning('lost')"
    )
    done = subprocess.run(
        [sys.executable, "-c", writing],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=True,
    )
    assert done.stderr == ""


def test_libraries_that_write_headers_are_not_heard(log: Path):
    """At DEBUG the handshake of each WebSocket was written with its Authorization header."""
    logging.getLogger("uvicorn.error").debug("< authorization: apikey secret")
    assert _lines(log) == []


def test_the_log_of_a_server_is_json_and_holds_no_secret(start: Callable[..., Service]):
    """What befell a job was found by no field: its id stood in the text of the message."""
    service = start("--log-level", "DEBUG")
    job = service.submit("sample-program", "aer_local", {"iterations": 1})
    assert service.frames(job)
    requests.get(f"{service.url}/jobs?apikey={service.api_key}", timeout=DEADLINE)
    refused = service.get("/jobs", headers={"Authorization": "apikey wrong"}).json()
    service.stop()
    lines = _lines(service.data)
    assert {"time", "level", "logger", "message"} <= set(lines[0])
    assert any(line.get("trace") == refused["trace"] for line in lines)
    assert any(line.get("path") == f"/api/v1/stream/jobs/{job}" for line in lines)
    (begun,) = [line for line in lines if line.get("job") == job]
    assert (begun["attempt"], begun["backend"]) == (1, "aer_local")
    assert service.api_key not in (service.data / "server.log").read_text()


@pytest.fixture
def full(start: Callable[..., Service]) -> Service:
    """A server whose files can't grow any more, as on a full disk."""
    service = start()
    service.wait(service.submit("sample-program", "aer_local", {"iterations": 1}))
    # Less than one page of the database.
    limit = (1024, resource.RLIM_INFINITY)
    psutil.Process(service.process.pid).rlimit(psutil.RLIMIT_FSIZE, limit)
    return service


def test_a_ledger_that_cannot_be_written_is_503_and_said_by_health(full: Service):
    def submit() -> int:
        answer = full.post({"program_id": "sample-program", "params": {"iterations": 1}})
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.json()["errors"][0]["code"] == 1501
        return answer.status_code

    def health() -> dict[str, Any]:
        answer = requests.get(f"{full.origin}/health", timeout=DEADLINE)
        document: dict[str, Any] = answer.json()
        assert answer.status_code == (200 if document["status"] == "ok" else 503)
        return document

    until(lambda: submit() == 503, "a refusal")
    until(lambda: health()["status"] == "degraded", "bad health")
    assert health()["problems"] == ["The ledger can't be written."]
    assert full.get("/jobs").status_code == 200
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    psutil.Process(full.process.pid).rlimit(psutil.RLIMIT_FSIZE, unlimited)
    until(lambda: submit() == 200, "a job")
    until(lambda: health()["status"] == "ok", "good health")
