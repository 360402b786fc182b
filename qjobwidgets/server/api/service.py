"""Routes of what the service offers: usage."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from qjobwidgets.server.api.access import owner_of
from qjobwidgets.server.api.bodies import answer
from qjobwidgets.server.jobs.states import timestamp
from qjobwidgets.server.runtime import Runtime

__all__ = ["router"]

_SINCE = "2026-01-01T00:00:00Z"


def router(runtime: Runtime) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

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
