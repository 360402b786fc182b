"""Routes of what the service offers: backends, usage."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from qjobwidgets.server.api.access import owner_of
from qjobwidgets.server.api.bodies import answer
from qjobwidgets.server.api.errors import backend_not_found
from qjobwidgets.server.jobs.states import timestamp
from qjobwidgets.server.run.backends import BACKENDS, VERSION, BackendSpec
from qjobwidgets.server.runtime import Runtime

__all__ = ["router"]

_FIRST_OBJECTS = "2025-05-01"
_SINCE = "2026-01-01T00:00:00Z"


def router(runtime: Runtime) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/backends", tags=["backends"])
    def backends(request: Request) -> Response:
        """List the backends; clients of the older API versions get their names only."""
        if request.headers.get("ibm-api-version", _FIRST_OBJECTS) < _FIRST_OBJECTS:
            return answer({"devices": list(BACKENDS)})
        pending = runtime.queries.pending()
        return answer({"devices": [_device(spec, pending) for spec in BACKENDS.values()]})

    @routes.get("/backends/{name}/configuration", tags=["backends"])
    def configuration(name: str) -> Response:
        """Return the configuration of a backend."""
        return answer(runtime.documents.get(_require(name).name)["configuration"])

    @routes.get("/backends/{name}/properties", tags=["backends"])
    def properties(name: str) -> Response:
        """Return the properties of a backend; a simulator has none."""
        return answer(runtime.documents.get(_require(name).name)["properties"])

    @routes.get("/backends/{name}/status", tags=["backends"])
    def status(name: str) -> Response:
        """Return whether a backend works, and how many jobs it has to do."""
        spec = _require(name)
        return answer(
            {
                "state": True,
                "status": "active",
                "message": "",
                "length_queue": runtime.queries.pending().get(spec.name, 0),
                "backend_version": VERSION,
            }
        )

    @routes.get("/instances/usage", tags=["instances"])
    def usage(request: Request) -> Response:
        """Return the execution time used, and its limit if there is one."""
        used, limit = runtime.queries.usage_seconds(owner_of(request)), runtime.quotas.usage_seconds
        document = {
            "instance_id": "local",
            "plan_id": "local",
            "usage_consumed_seconds": used,
            "usage_period": {"start_time": _SINCE, "end_time": timestamp()},
            "usage_limit_reached": limit is not None and used >= limit,
        }
        if limit is not None:
            document["usage_limit_seconds"] = limit
            document["usage_remaining_seconds"] = max(0.0, limit - used)
        return answer(document)

    return routes


def _require(name: str) -> BackendSpec:
    if name not in BACKENDS:
        raise backend_not_found(name, BACKENDS)
    return BACKENDS[name]


def _device(spec: BackendSpec, pending: dict[str, int]) -> dict[str, Any]:
    return {
        "name": spec.name,
        "status": {"name": "online"},
        "is_simulator": spec.simulator,
        "qubits": spec.qubits,
        "queue_length": pending.get(spec.name, 0),
        "processor_type": {"family": "Local", "revision": 1},
    }
