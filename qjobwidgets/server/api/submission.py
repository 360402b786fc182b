"""Checking a submission: everything that can be said without opening a circuit."""

from __future__ import annotations

import logging
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, Field, StringConstraints

from qjobwidgets.server.api.bodies import validated
from qjobwidgets.server.api.errors import backend_not_found, invalid, program_not_found
from qjobwidgets.server.api.parameters import check_parameters
from qjobwidgets.server.api.refusals import session_not_found
from qjobwidgets.server.backends.catalogue import BACKENDS
from qjobwidgets.server.jobs.session_rules import INTERACTIVE_TTL, MAX_TTL, NewSession
from qjobwidgets.server.jobs.sessions import Sessions
from qjobwidgets.server.jobs.states import NewJob
from qjobwidgets.server.jobs.uploads import Uploads
from qjobwidgets.server.programs.catalogue import PROGRAMS

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
    """Fields of a submission that mean something here; others are ignored, as by the service.

    ``start_session`` and ``session_time`` are how a first job opened its session before there was
    a route for that.
    """

    program_id: Annotated[str, StringConstraints(min_length=1)]
    backend: str | None = None
    params: dict[str, Any] = {}
    tags: Tags = []
    cost: Annotated[int, Field(ge=0, strict=True)] | None = None
    log_level: str = "WARNING"
    runtime: Annotated[str, StringConstraints(max_length=256)] | None = None
    session_id: str | None = None
    start_session: bool | None = None
    session_time: Annotated[int, Field(ge=0, le=2**31 - 1, strict=True)] | None = None
    private: bool = False


def check_submission(
    body: dict[str, Any],
    *,
    owner: str,
    caller: str | None,
    uploads: Uploads | None,
    sessions: Sessions,
) -> NewJob:
    """Return the job that a request's body describes.

    Args:
        body: The body.
        owner: Who submits the job.
        caller: What the client calls itself.
        uploads: Where uploaded programs are, if the server takes any.
        sessions: Where the backend of a session is seen.

    Raises:
        ApiError: 400 when it is malformed, 404 when program, backend or session do not exist.
    """
    asked = validated(Submission, body)
    source, longest = _check_program(asked, owner, uploads)
    backend = _check_backend(asked, owner, sessions)
    level = asked.log_level.upper()
    if level not in logging.getLevelNamesMapping():
        raise invalid(f"There is no log level {level[:20]}.")
    return NewJob(
        program=asked.program_id,
        backend=backend,
        params=_written(asked.params),
        source=source,
        owner=owner,
        session=asked.session_id,
        opens=_opened(asked, owner, backend),
        tags=tuple(dict.fromkeys(asked.tags)),
        limit=min(asked.cost or longest, longest),
        log_level=level,
        runtime=asked.runtime,
        private=asked.private,
        caller=caller,
    )


def _check_backend(asked: Submission, owner: str, sessions: Sessions) -> str:
    """Return the backend asked for: by name, by its session, or any."""
    if asked.backend is None and asked.session_id is not None:
        session = sessions.get(asked.session_id, owner)
        if session is None:
            raise session_not_found()
        return session.backend
    backend = asked.backend or next(iter(BACKENDS))
    if backend not in BACKENDS:
        raise backend_not_found(backend, BACKENDS)
    return backend


def _opened(asked: Submission, owner: str, backend: str) -> NewSession | None:
    """Return the session that is to be opened for the job, if any."""
    if not asked.start_session or asked.session_id is not None:
        return None
    longest = min(asked.session_time or MAX_TTL, MAX_TTL)
    return NewSession(
        owner=owner,
        backend=backend,
        max_ttl=longest,
        active_ttl=longest,
        interactive_ttl=min(INTERACTIVE_TTL, longest),
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
