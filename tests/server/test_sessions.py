"""Sessions and batches over HTTP: their documents, their jobs in order, how they end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.server.conftest import Service, until

DEVICE = "slow_local"  # one job at a time, half a second for each iteration
QUICK = {"iterations": 1}
LONG = {"iterations": 10_000}


class Client:
    """Sessions of one server, as the official client speaks of them."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def create(self, **body: Any) -> requests.Response:
        body = {"mode": "dedicated", "backend": DEVICE, "instance": "crn:v1:x"} | body
        return self.service.call("POST", "/sessions", json=body)

    def open(self, **body: Any) -> str:
        response = self.create(**body)
        assert response.status_code == 200, response.text
        session: str = response.json()["id"]
        return session

    def get(self, session: str) -> dict[str, Any]:
        document: dict[str, Any] = self.service.get(f"/sessions/{session}").json()
        return document

    def close(self, session: str) -> int:
        body = {"accepting_jobs": False}
        return self.service.call("PATCH", f"/sessions/{session}", json=body).status_code

    def cancel(self, session: str) -> int:
        return self.service.call("DELETE", f"/sessions/{session}/close").status_code

    def wait(self, session: str, state: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            document = self.get(session)
            return document if document["state"] == state else None

        document: dict[str, Any] = until(look, f"{state} of session {session}")
        return document

    def submit(self, session: str | None, params: dict[str, Any], **more: Any) -> str:
        given = {} if session is None else {"session_id": session}
        return self.service.submit("sample-program", DEVICE, params, **given, **more)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    service = Service(tmp_path_factory.mktemp("sessions"))
    yield Client(service)
    service.reap()


def _refused(response: requests.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["errors"][0]
    return error


def test_a_new_session_is_open_and_has_the_times_of_the_service(shared: Client):
    document = shared.get(shared.open())
    created = document.pop("timestamps")
    assert [entry["status"] for entry in created] == ["open"]
    assert datetime.fromisoformat(created[0]["timestamp"]).utcoffset() is not None
    assert document.pop("id")
    assert document == {
        "backend_name": DEVICE,
        "mode": "dedicated",
        "state": "open",
        "accepting_jobs": True,
        "max_ttl": 28_800,
        "active_ttl": 28_800,
        "interactive_ttl": 60,
        "user_id": "local",
        "elapsed_time": 0.0,
    }
