"""Sessions of a server, as the official client speaks of them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import requests

from tests.server.conftest import Service, until
from tests.server.uploading import SLEEPING, uploaded

__all__ = ["DEVICE", "OTHER_DEVICE", "QUICK", "SLOW", "Client", "refused"]

DEVICE = "noisy_local"  # one job at a time
OTHER_DEVICE = "bowtie_local"
SLOW = "slow_local"  # one job at a time, which takes some seconds
QUICK = {"iterations": 1}


class Client:
    """A client of one server that opens, fills and closes sessions."""

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

    def submit(self, session: str | None, params: dict[str, Any], *, backend: str = DEVICE) -> str:
        given = {} if session is None else {"session_id": session}
        return self.service.submit("sample-program", backend, params, **given)

    def hold(self, session: str | None, *, backend: str = DEVICE) -> str:
        """Submit a job that runs until it is ended, and takes no time of the machine."""
        given = {} if session is None else {"session_id": session}
        return self.service.submit(self._sleeper, backend, {}, **given)

    @cached_property
    def _sleeper(self) -> str:
        return uploaded(self.service, SLEEPING)

    def end(self, job: str) -> None:
        """End a job that runs for long."""
        assert self.service.call("POST", f"/jobs/{job}/cancel").status_code == 204


def refused(response: requests.Response, status: int) -> dict[str, Any]:
    """Return the error with which a request was refused, as it has to be."""
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["errors"][0]
    return error
