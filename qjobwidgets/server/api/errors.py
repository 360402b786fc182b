"""Errors of the API, in the container the service uses: code, message, solution, trace."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import OperationalError, TimeoutError  # noqa: A004 - of the pool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import Scope

__all__ = [
    "ApiError",
    "backend_not_found",
    "facts_of",
    "install",
    "invalid",
    "job_not_found",
    "program_not_found",
]

_LOG = logging.getLogger(__name__)
RETRY_AFTER = {"Retry-After": "2"}
"""The header of an answer that says to come again: in so many seconds."""

UNAUTHORIZED = 1201
FORBIDDEN = 1202
INVALID = 1203
TOO_LARGE = 1204
MEDIA_TYPE = 1205
NO_ROUTE = 1206
NOT_ALLOWED = 1207
UPGRADE = 1208
NOT_FOUND = 1209
BACKEND_NOT_FOUND = 1215
PROGRAM_NOT_FOUND = 1216
SESSION_UNFIT = 1217  # unknown, or closed to new jobs
NAME_TAKEN = 1218
TOO_MANY_SESSIONS = 1219
JOB_NOT_FOUND = 1291
NOT_IN_STATE = 1292
KEY_REUSED = 1293
INTERNAL = 1500
BUSY = 1501
TOO_MANY_PENDING = 3458
USAGE_EXCEEDED = 4317


class ApiError(Exception):
    """An error to be answered to the client.

    Args:
        status: HTTP status.
        code: The service's own number for it.
        message: What is wrong.
        solution: What to do.
    """

    def __init__(self, status: int, code: int, message: str, solution: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.solution = solution
        self.trace = secrets.token_hex(8)
        """By which what is answered is found again in the log."""

    def response(self, scope: Scope | None = None, cause: Exception | None = None) -> Response:
        """Return the HTTP response, and note in the log under its trace what is answered.

        Args:
            scope: Of the request or handshake, as far as it got.
            cause: What failed in the server, if it is the server's fault.
        """
        # The message stays out: it may repeat a part of what was sent.
        facts = {"trace": self.trace, "status": self.status, "code": self.code, **facts_of(scope)}
        if cause is None:
            _LOG.info("a request was refused", extra=facts)
        else:
            _LOG.error("a request failed", exc_info=cause, extra=facts)
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.solution is not None:
            error["solution"] = self.solution
        body = orjson.dumps({"errors": [error], "trace": self.trace})
        headers = dict(RETRY_AFTER) if self.status == 503 else {}
        if self.status in {413, 415}:  # the rest of the body is not worth reading
            headers["Connection"] = "close"
        return Response(body, self.status, headers, media_type="application/json")


def invalid(message: str, solution: str | None = None) -> ApiError:
    """Return the error for a request that is not what it should be."""
    return ApiError(400, INVALID, message, solution)


def job_not_found() -> ApiError:
    """Return the error for an unknown job."""
    return ApiError(404, JOB_NOT_FOUND, "Job not found.", "Check the job ID.")


def backend_not_found(name: str, known: Iterable[str]) -> ApiError:
    """Return the error for an unknown backend."""
    return ApiError(
        404,
        BACKEND_NOT_FOUND,
        f"Backend {name[:100]} not found.",
        f"Backends: {', '.join(known)}.",
    )


def program_not_found(name: str, known: Iterable[str]) -> ApiError:
    """Return the error for an unknown program."""
    return ApiError(
        404,
        PROGRAM_NOT_FOUND,
        f"Program {name[:100]} not found.",
        f"Programs: {', '.join(known)}.",
    )


def facts_of(scope: Scope | None) -> dict[str, Any]:
    """Return what is logged of a request: never its query or headers, which may hold secrets."""
    if scope is None:
        return {}
    return {
        "method": scope.get("method", "WEBSOCKET"),
        "path": scope["path"],
        "owner": scope.get("state", {}).get("owner"),
    }


def install(app: FastAPI) -> None:
    """Have all errors of an application answered in the container."""

    @app.exception_handler(ApiError)
    async def _api_error(request: HTTPConnection, error: ApiError) -> Response:
        return error.response(request.scope)

    @app.exception_handler(HTTPException)
    async def _http_error(request: HTTPConnection, error: HTTPException) -> Response:
        code = NO_ROUTE if error.status_code == 404 else NOT_ALLOWED
        response = ApiError(error.status_code, code, f"{error.detail}.").response(request.scope)
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(RequestValidationError)
    async def _validation_error(request: HTTPConnection, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return invalid(f"{place}: {first['msg']}.").response(request.scope)

    @app.exception_handler(ClientDisconnect)
    async def _gone(request: HTTPConnection, _error: ClientDisconnect) -> Response:
        return invalid("The body ended too soon.").response(request.scope)

    @app.exception_handler(OperationalError)
    @app.exception_handler(TimeoutError)
    async def _ledger_error(request: HTTPConnection, error: Exception) -> Response:
        busy = ApiError(503, BUSY, "The ledger can't be used now.", "Try again; see the log.")
        return busy.response(request.scope, error)

    @app.exception_handler(Exception)
    async def _internal_error(request: HTTPConnection, error: Exception) -> Response:
        failure = ApiError(500, INTERNAL, "The server failed; its log says why.")
        return failure.response(request.scope, error)
