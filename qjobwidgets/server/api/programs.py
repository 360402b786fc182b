"""Routes of programs: the ones that are built in, and those a user uploads.

Whoever uploads a program has code of theirs run by this machine, so there are uploads only where
the user of the server is the user of the machine. The server keeps the source as text; it is
compiled and run in the processes of the jobs alone.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, NotRequired

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel, Field, StringConstraints
from typing_extensions import TypedDict

from qjobwidgets.server.api.access import owner_of
from qjobwidgets.server.api.bodies import answer, parse_object, read_body, read_json, validated
from qjobwidgets.server.api.errors import (
    FORBIDDEN,
    NAME_TAKEN,
    ApiError,
    invalid,
    program_not_found,
)
from qjobwidgets.server.api.openapi import gives, takes
from qjobwidgets.server.api.parameters import check_schema
from qjobwidgets.server.api.submission import MAX_LIMIT
from qjobwidgets.server.jobs.uploads import NameTakenError, NewProgram, UploadedProgram, Uploads
from qjobwidgets.server.programs.catalogue import PROGRAMS
from qjobwidgets.server.programs.program import Program
from qjobwidgets.server.runtime import Runtime

__all__ = ["router"]

_SOURCE_CAP = 1024 * 1024  # characters
_BODY_CAP = 2 * _SOURCE_CAP
_PAGE = 200
_SINCE = "2026-01-01T00:00:00Z"

Name = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f]+$")]
Description = Annotated[str, StringConstraints(max_length=4096)]
Cost = Annotated[int, Field(ge=1, strict=True, description="longest execution time, in seconds")]


class Spec(BaseModel):
    """What a program says of itself; all but its requirements are JSON schemas."""

    backend_requirements: dict[str, Any] = {}
    parameters: dict[str, Any] = {}
    return_values: dict[str, Any] = {}
    interim_results: dict[str, Any] = {}


class ProgramUpload(BaseModel):
    """A program to be added."""

    name: Name
    data: Annotated[str, Field(description="Python source, in base64")]
    cost: Cost = MAX_LIMIT
    description: Description = ""
    is_public: bool = False
    spec: Spec = Spec()


class ProgramChange(BaseModel):
    """What may be changed of a program; what is not given, also of the spec, stays."""

    name: Name | None = None
    description: Description | None = None
    cost: Cost | None = None
    spec: Spec | None = None


class ProgramDocument(TypedDict):
    """A program; ``data`` is its source in base64, for its author only."""

    id: str
    name: str
    cost: int
    description: str
    is_public: bool
    creation_date: str
    update_date: str
    spec: dict[str, Any]
    data: NotRequired[str]


class ProgramList(TypedDict):
    """A page of programs, and how many there are."""

    programs: list[ProgramDocument]
    count: int


class ProgramId(TypedDict):
    """The id of a program just added."""

    id: str


def router(runtime: Runtime) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["programs"])
    _route_reading(routes, runtime)
    _route_uploading(routes, runtime)
    _route_changing(routes, runtime)
    return routes


def _route_reading(routes: APIRouter, runtime: Runtime) -> None:
    """Add what anybody may do: to list programs, to look at one."""

    @routes.get("/programs", **gives(ProgramList))
    def programs(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=_PAGE)] = _PAGE,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> Response:
        """List the programs: first those that are built in, then the uploaded ones."""
        built_in = [_built_in(program) for program in PROGRAMS.values()][offset : offset + limit]
        uploaded, count = _uploaded(
            runtime.uploads,
            owner_of(request),
            limit=limit - len(built_in),
            offset=max(0, offset - len(PROGRAMS)),
        )
        return answer({"programs": built_in + uploaded, "count": len(PROGRAMS) + count})

    @routes.get("/programs/{program}", **gives(ProgramDocument, 404))
    def program(request: Request, program: str) -> Response:
        """Return a program with the schemas of its inputs and of what it publishes."""
        if program in PROGRAMS:
            return answer(_built_in(PROGRAMS[program]))
        owner = owner_of(request)
        found = runtime.uploads.get(program, owner) if runtime.uploads else None
        if found is None:
            raise program_not_found(program, PROGRAMS)
        document = _document(found)
        if found.owner == owner:
            document["data"] = base64.b64encode(found.source.encode()).decode()
        return answer(document)


def _route_uploading(routes: APIRouter, runtime: Runtime) -> None:
    """Add what brings source to the server."""

    @routes.post("/programs", **takes(ProgramUpload), **gives(ProgramId, 409, status=201))
    async def upload(request: Request) -> Response:
        """Upload a program; its id is what jobs name it by."""
        uploads, owner = _allowed(runtime), owner_of(request)
        body = await read_json(request, _BODY_CAP)
        return await run_in_threadpool(_add, uploads, owner, body)

    @routes.put(
        "/programs/{program}/data",
        **takes(bytes, "application/octet-stream"),
        **gives(None, 404),
    )
    async def put_data(request: Request, program: str) -> Response:
        """Replace the source of a program by that in the body, in base64."""
        _allowed(runtime)
        body = await read_body(request, _BODY_CAP)

        def change() -> Response:
            return _change(runtime, request, program, {"source": _source(body.decode("latin-1"))})

        return await run_in_threadpool(change)


def _route_changing(routes: APIRouter, runtime: Runtime) -> None:
    """Add what changes or removes a program."""

    @routes.patch("/programs/{program}", **takes(ProgramChange), **gives(None, 404, 409))
    async def patch(request: Request, program: str) -> Response:
        """Change what a program says of itself."""
        _allowed(runtime)
        body = await read_json(request, _BODY_CAP)
        return await run_in_threadpool(_describe, runtime, request, program, body)

    @routes.put("/programs/{program}/public", **gives(None, 404))
    def publish(request: Request, program: str) -> Response:
        """Let all users of the server see a program."""
        return _change(runtime, request, program, {"public": True})

    @routes.put("/programs/{program}/private", **gives(None, 404))
    def hide(request: Request, program: str) -> Response:
        """Let nobody but its author see a program."""
        return _change(runtime, request, program, {"public": False})

    @routes.delete("/programs/{program}", **gives(None, 404))
    def delete(request: Request, program: str) -> Response:
        """Delete a program; jobs that were submitted before still run it."""
        uploads = _allowed(runtime)
        if not uploads.delete(_uploaded_id(program), owner_of(request)):
            raise program_not_found(program, PROGRAMS)
        return Response(status_code=204)


# Bodies of megabytes, and schemas that take most of a second to check: never in the event loop.


def _add(uploads: Uploads, owner: str, text: bytes) -> Response:
    body = validated(ProgramUpload, parse_object(text))
    new = NewProgram(
        name=_free_of_built_in(body.name),
        description=body.description,
        cost=min(body.cost, MAX_LIMIT),
        public=body.is_public,
        source=_source(body.data),
        spec=_checked(body.spec),
    )
    try:
        return answer({"id": uploads.add(new, owner=owner)}, 201)
    except NameTakenError:
        raise _name_taken(new.name) from None


def _describe(runtime: Runtime, request: Request, program: str, text: bytes) -> Response:
    body = validated(ProgramChange, parse_object(text))
    changes = body.model_dump(exclude_none=True, exclude={"spec"})
    if body.name is not None:
        _free_of_built_in(body.name)
    if body.cost is not None:
        changes["cost"] = min(body.cost, MAX_LIMIT)
    if body.spec is not None:
        _checked(body.spec)
        known = _allowed(runtime).get(program, owner_of(request))
        if known is not None:
            changes["spec"] = {**known.spec, **body.spec.model_dump(exclude_unset=True)}
    return _change(runtime, request, program, changes)


def _change(runtime: Runtime, request: Request, program: str, changes: dict[str, Any]) -> Response:
    uploads = _allowed(runtime)
    try:
        if not uploads.change(_uploaded_id(program), owner_of(request), changes):
            raise program_not_found(program, PROGRAMS)
    except NameTakenError:
        raise _name_taken(changes["name"]) from None
    return Response(status_code=204)


def _allowed(runtime: Runtime) -> Uploads:
    """Return where uploads are kept, or refuse."""
    if runtime.uploads is None:
        raise ApiError(
            403,
            FORBIDDEN,
            "Programs can't be uploaded to a server that has more than one user.",
            "Start a server of your own (without --users), or run a built-in program.",
        )
    return runtime.uploads


def _uploaded_id(program: str) -> str:
    if program in PROGRAMS:
        raise ApiError(403, FORBIDDEN, f"The program {program} is built in and can't be changed.")
    return program


def _free_of_built_in(name: str) -> str:
    if name in PROGRAMS:
        raise _name_taken(name)
    return name


def _name_taken(name: str) -> ApiError:
    return ApiError(
        409, NAME_TAKEN, f"There is a program named {name} already.", "Choose another name."
    )


def _source(data: str) -> str:
    """Return the source in a base64 text; what it says is looked at by nobody here."""
    try:
        # Some clients break long lines, as MIME does.
        raw = base64.b64decode("".join(data.split()), validate=True)
        source = raw.decode("utf-8")
    except (binascii.Error, ValueError):
        raise invalid("data: not the base64 of a UTF-8 text.") from None
    if not source.strip() or "\0" in source:
        raise invalid("data: no source of a program.")
    if len(source) > _SOURCE_CAP:
        raise invalid(f"data: the source is longer than {_SOURCE_CAP} characters.")
    return source


def _checked(spec: Spec) -> dict[str, Any]:
    check_schema(spec.parameters)
    written = spec.model_dump()
    try:
        if len(orjson.dumps(written)) > _SOURCE_CAP:
            raise invalid(f"spec: longer than {_SOURCE_CAP} characters.")
    except orjson.JSONEncodeError:  # it writes fewer levels than it reads
        raise invalid("spec: nested too deeply.") from None
    return written


def _uploaded(
    uploads: Uploads | None, owner: str, *, limit: int, offset: int
) -> tuple[list[dict[str, Any]], int]:
    if uploads is None:
        return [], 0
    found, count = uploads.page(owner, limit=limit, offset=offset)
    return [_document(program) for program in found], count


def _document(program: UploadedProgram) -> dict[str, Any]:
    return {
        "id": program.id,
        "name": program.name,
        "cost": program.cost,
        "description": program.description,
        "is_public": program.public,
        "creation_date": program.created,
        "update_date": program.updated,
        "spec": program.spec,
    }


def _built_in(program: Program) -> dict[str, Any]:
    return {
        "id": program.id,
        "name": program.id,
        "cost": MAX_LIMIT,
        "description": program.description,
        "is_public": True,
        "creation_date": _SINCE,
        "update_date": _SINCE,
        "spec": {
            "backend_requirements": {},
            "parameters": program.inputs.model_json_schema(),
            "return_values": program.return_values,
            "interim_results": program.interim_results,
        },
    }
