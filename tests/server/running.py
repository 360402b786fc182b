"""Running a program through a server, and what came of it."""

from __future__ import annotations

from typing import Any

from qjobwidgets.codec import loads
from tests.server.conftest import Service

__all__ = ["failed", "refused", "result_of"]


def result_of(service: Service, program: str, backend: str = "aer_local", **params: Any) -> Any:
    """Return the result of a job, which has to complete."""
    job = service.submit(program, backend, params)
    state = service.wait(job)["state"]
    assert state["status"] == "Completed", state
    return loads(service.get(f"/jobs/{job}/results").text)


def failed(
    service: Service, program: str, backend: str = "aer_local", **params: Any
) -> dict[str, Any]:
    """Return the state of a job, which has to fail."""
    state: dict[str, Any] = service.wait(service.submit(program, backend, params))["state"]
    assert state["status"] == "Failed", state
    return state


def refused(service: Service, program: str, **params: Any) -> str:
    """Return the message with which a submission is refused, as it has to be."""
    response = service.post({"program_id": program, "backend": "aer_local", "params": params})
    assert response.status_code == 400, response.text
    message: str = response.json()["errors"][0]["message"]
    return message
