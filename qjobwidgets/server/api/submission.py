"""Checking a submission: everything that can be said without opening a circuit."""

from __future__ import annotations

import logging
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, Field, StringConstraints

from qjobwidgets.server.api.bodies import validated
from qjobwidgets.server.api.errors import (
    SESSION_NOT_FOUND,
    ApiError,
    backend_not_found,
    invalid,
    program_not_found,
)
from qjobwidgets.server.api.parameters import check_parameters
from qjobwidgets.server.jobs.states import NewJob
from qjobwidgets.server.jobs.uploads import Uploads
from qjobwidgets.server.programs.catalogue import PROGRAMS
from qjobwidgets.server.run.backends import BACKENDS

__all__ = ["Submission", "TagsBody", "check_submission", "check_tags"]

MAX_LIMIT = 10_800
"""Longest execution time of a job, in seconds; what asks for more gets this."""

Tags = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=86)]], Field(max_length=8)
]


class TagsBody(BaseModel):
    """Tags that replace those a job has."""

    tags: Tags


class Submission(BaseModel):
    """Fields of a submission that mean something here; others are ignored, as by the service."""

    program_id: Annotated[str, StringConstraints(min_length=1)]
    backend: str | None = None
    params: dict[str, Any] = {}
    tags: Tags = []
    cost: Annotated[int, Field(ge=0, strict=True)] | None = None
    log_level: str = "WARNING"
    runtime: Annotated[str, StringConstraints(max_length=256)] | None = None
    session_id: str | None = None
    private: bool = False


def check_submission(
    body: dict[str, Any], *, owner: str, caller: str | None, uploads: Uploads | None
) -> NewJob:
    """Return the job that a request's body describes.

    Args:
        body: The body.
        owner: Who submits the job.
        caller: What the client calls itself.
        uploads: Where uploaded programs are, if the server takes any.

    Raises:
        ApiError: 400 when it is malformed, 404 when program, backend or session do not exist.
    """
    asked = validated(Submission, body)
    source, longest = _check_program(asked, owner, uploads)
    backend = asked.backend or next(iter(BACKENDS))
    if backend not in BACKENDS:
        raise backend_not_found(backend, BACKENDS)
    if asked.session_id is not None:
        raise ApiError(404, SESSION_NOT_FOUND, "Session not found.", "Submit without a session.")
    level = asked.log_level.upper()
    if level not in logging.getLevelNamesMapping():
        raise invalid(f"There is no log level {level[:20]}.")
    return NewJob(
        program=asked.program_id,
        backend=backend,
        params=_written(asked.params),
        source=source,
        owner=owner,
        tags=tuple(dict.fromkeys(asked.tags)),
        limit=min(asked.cost or longest, longest),
        log_level=level,
        runtime=asked.runtime,
        private=asked.private,
        caller=caller,
    )


def check_tags(body: dict[str, Any]) -> tuple[str, ...]:
    """Return the tags in a request's body, each once.

    Raises:
        ApiError: They are not a list of at most 8 tags of at most 86 characters.
    """
    return tuple(dict.fromkeys(validated(TagsBody, body).tags))


def _check_program(
    asked: Submission, owner: str, uploads: Uploads | None
) -> tuple[str | None, int]:
    """Check the parameters, and return the source if the program is an uploaded one, and its limit.

    Raises:
        ApiError: There is no such program, or the parameters are not what it takes.
    """
    if asked.program_id in PROGRAMS:
        validated(PROGRAMS[asked.program_id].inputs, asked.params, "params.")
        return None, MAX_LIMIT
    uploaded = uploads.get(asked.program_id, owner) if uploads else None
    if uploaded is None:
        raise program_not_found(asked.program_id, PROGRAMS)
    check_parameters(uploaded.spec["parameters"], asked.params)
    return uploaded.source, uploaded.cost


def _written(params: dict[str, Any]) -> str:
    try:
        return orjson.dumps(params).decode()
    except orjson.JSONEncodeError:  # it writes fewer levels than it reads
        raise invalid("params: nested too deeply.") from None
