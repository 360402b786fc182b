"""Routes by which clients find out what is here: instances, plans, versions.

The first two are those of the cloud's global search and catalogue. The official client asks them
of the addresses in the environment variables ``GLOBAL_SEARCH_URL`` and ``GLOBAL_CATALOG_URL``;
both may be this server, with or without the base path of the service.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from fastapi import APIRouter, Request
from fastapi.responses import Response
from typing_extensions import TypedDict

from qjobwidgets.server.api.access import owner_of
from qjobwidgets.server.api.bodies import answer, read_object
from qjobwidgets.server.api.instances import PLAN, crn_of
from qjobwidgets.server.api.openapi import gives, takes

__all__ = ["catalogue", "versions"]

_SERVICE = "quantum-computing"
# All that a client of these versions asks for is answered; of the shapes that differ between them,
# the list of backends is told by the header of the request.
_API_VERSIONS = (
    "2024-01-01",
    "2025-01-01",
    "2025-05-01",
    "2026-02-01",
    "2026-02-15",
    "2026-03-15",
    "2026-04-15",
)


class SearchQuery(TypedDict):
    """A search of the cloud's resources, or the next page of one."""

    query: NotRequired[str]
    fields: NotRequired[list[str]]
    search_cursor: NotRequired[str]


class Resource(TypedDict):
    """An instance, as the search tells of it."""

    crn: str
    name: str
    service_plan_unique_id: str
    tags: list[str]
    doc: dict[str, Any]


class SearchResult(TypedDict):
    """Instances; there is never a second page."""

    items: list[Resource]
    limit: int


class CatalogueEntry(TypedDict):
    """A plan: its name and what it costs."""

    id: str
    name: str
    kind: str
    active: bool
    overview_ui: dict[str, Any]
    metadata: dict[str, Any]


class ApiVersion(TypedDict):
    """A version of the interface."""

    version: str
    status: Literal["live", "deprecated"]


class ApiVersions(TypedDict):
    """All versions of the interface that are spoken here."""

    versions: list[ApiVersion]


def catalogue() -> APIRouter:
    """Return the routes of search and catalogue."""
    routes = APIRouter(tags=["discovery"])

    @routes.post("/v3/resources/search", **takes(SearchQuery), **gives(SearchResult))
    async def search(request: Request) -> Response:
        """Find the instance of whoever asks, as the cloud's search of resources does."""
        asked = await read_object(request)
        wanted = "search_cursor" not in asked and _SERVICE in str(asked.get("query", _SERVICE))
        owner = owner_of(request)
        instance = Resource(
            crn=crn_of(owner),
            name=owner,
            service_plan_unique_id=PLAN,
            tags=[],
            # The client leaves out instances that have no backends allotted.
            doc={"extensions": [{"backends": ["ANY"]}]},
        )
        return answer(SearchResult(items=[instance] if wanted else [], limit=100))

    @routes.get(f"/{PLAN}", **gives(CatalogueEntry))
    def plan() -> Response:
        """Return the plan of all instances, as the cloud's catalogue does."""
        return answer(
            CatalogueEntry(
                id=PLAN,
                name="local",
                kind="plan",
                active=True,
                overview_ui={"en": {"display_name": "Local"}},
                metadata={"pricing": {"type": "free"}},
            )
        )

    return routes


def versions(version: str) -> APIRouter:
    """Return the routes that tell versions, and the end of what old clients begin.

    Args:
        version: That of the server.
    """
    routes = APIRouter(tags=["versions"])

    @routes.get("/versions", **gives(ApiVersions))
    def api_versions() -> Response:
        """Return the versions of the interface that are spoken here."""
        spoken = [ApiVersion(version=date, status="live") for date in _API_VERSIONS]
        return answer(ApiVersions(versions=spoken))

    @routes.get("/version", **gives(dict[str, str]))
    def server_version() -> Response:
        """Return the version of the server, also under the name the oldest clients look for."""
        return answer({"version": version, "api-auth": version})

    @routes.post("/logout", **gives(None))
    def logout() -> Response:
        """Do nothing: the server keeps no record of who is signed in."""
        return Response(status_code=204)

    return routes
