"""A ledger that can't be read while the server runs: said to whoever listens, and in the log."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.server.conftest import DEADLINE, Service, until

LONG = ("sample-program", "slow_local", {"iterations": 1000})


@contextmanager
def _without(service: Service, table: str) -> Iterator[None]:
    """Take a table of a server's ledger away, and bring it back."""
    for old, new in ((table, "gone"), ("gone", table)):
        with closing(sqlite3.connect(service.data / "ledger.db", timeout=DEADLINE)) as connection:
            connection.execute("PRAGMA legacy_alter_table=ON")
            connection.execute(f"ALTER TABLE {old} RENAME TO {new}")
        if new == "gone":
            yield


def _logged(service: Service, **facts: Any) -> list[dict[str, Any]]:
    lines = map(json.loads, (service.data / "server.log").read_text().splitlines())
    return [line for line in lines if facts.items() <= line.items()]


def _feed(service: Service) -> ClientConnection:
    return connect(
        f"{service.url.replace('http', 'ws', 1)}/events",
        additional_headers={"Authorization": f"apikey {service.api_key}"},
        subprotocols=["qjob.v1"],
        open_timeout=DEADLINE,
    )


def _read_to_the_end(socket: ClientConnection) -> int | None:
    with suppress(ConnectionClosed):
        while True:
            socket.recv(DEADLINE)
    return socket.close_code


def test_listeners_are_told_and_the_log_says_why(start: Callable[..., Service]):
    """The error was lost in a second one: no answer, no trace, no line; streams ended in 1006."""
    service = start()
    job = service.submit(*LONG)
    with _without(service, "tags"), pytest.raises(InvalidStatus) as refusal:
        service.stream(job)
    response = refusal.value.response
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    (line,) = _logged(service, trace=json.loads(response.body)["trace"])
    assert (line["path"], line["status"]) == (f"/api/v1/stream/jobs/{job}", 503)
    assert "no such table" in line["error"]

    with service.stream(job) as stream, _feed(service) as feed:
        stream.recv(DEADLINE)
        assert json.loads(feed.recv(DEADLINE))["type"] == "ready"
        for listener, table in ((stream, "messages"), (feed, "deletions")):
            with _without(service, table):
                tags = {"tags": [table]}
                assert service.call("PUT", f"/jobs/{job}/tags", json=tags).status_code == 204
                assert _read_to_the_end(listener) == 1011
    for path in (f"/api/v1/stream/jobs/{job}", "/api/v1/events"):
        (line,) = until(
            lambda path=path: _logged(service, message="a stream failed", path=path), path
        )
        assert "no such table" in line["error"]


def test_an_idle_server_ends_when_the_ledger_can_be_read_again(start: Callable[..., Service]):
    """To find the ledger unreadable once ended the watch, unseen, and the server never ended."""
    service = start("--idle", "6")
    service.http.close()
    with _without(service, "jobs"):
        until(lambda: "not known to be idle" in (service.data / "server.log").read_text(), "a line")
    assert service.process.wait(DEADLINE) == 0
