"""Uploading programs to a server, and running them."""

from __future__ import annotations

import base64
import secrets
import textwrap
from typing import Any

import requests

from qjobwidgets.codec import loads
from tests.server.conftest import Service

__all__ = [
    "COUNTING",
    "ITERATING",
    "SLEEPING",
    "encoded",
    "failed",
    "refusal",
    "run",
    "upload",
    "uploaded",
]

ITERATING = """
    def main(backend, user_messenger, **kwargs):
        for iteration in range(kwargs.pop("iterations", 2)):
            user_messenger.publish({"iteration": iteration, "kwargs": kwargs})
        return "Hello, World!"
"""
SLEEPING = """
    import time

    def main(backend, user_messenger):
        time.sleep(1000)
"""
COUNTING = {
    "type": "object",
    "properties": {"iterations": {"type": "integer", "minimum": 1, "maximum": 9}},
    "required": ["iterations"],
    "additionalProperties": False,
}


def encoded(source: str) -> str:
    return base64.b64encode(textwrap.dedent(source).encode()).decode()


def upload(service: Service, source: str = ITERATING, **fields: Any) -> requests.Response:
    body = {"name": f"program {secrets.token_hex(4)}", "data": encoded(source), **fields}
    return service.call("POST", "/programs", json=body)


def uploaded(service: Service, source: str = ITERATING, **fields: Any) -> str:
    response = upload(service, source, **fields)
    assert response.status_code == 201, response.text
    program: str = response.json()["id"]
    return program


def run(service: Service, source: str, backend: str = "aer_local", **params: Any) -> Any:
    """Return the result of a program."""
    job = service.submit(uploaded(service, source), backend, params)
    state = service.wait(job)["state"]
    assert state["status"] == "Completed", state
    return loads(service.get(f"/jobs/{job}/results").text)


def failed(service: Service, source: str, **more: Any) -> tuple[dict[str, Any], str]:
    """Return the state and the log of a job whose program fails."""
    job = service.submit(uploaded(service, source), "aer_local", {}, **more)
    state = service.wait(job)["state"]
    assert state["status"] == "Failed", state
    return state, service.get(f"/jobs/{job}/logs").text


def refusal(response: requests.Response, status: int) -> str:
    assert response.status_code == status, response.text
    message: str = response.json()["errors"][0]["message"]
    return message
