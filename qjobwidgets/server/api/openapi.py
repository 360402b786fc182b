"""What the OpenAPI document says of the routes.

Routes take raw bodies and answer with ready bytes, so FastAPI can't see what goes in and out. Each
route says it beside its path, with any type pydantic can describe (a model, a ``TypedDict``)::

    @routes.post("/sessions", **takes(NewSession), **gives(SessionDocument, 404))
    @routes.delete("/sessions/{session}/close", **gives(None, 404))

Most servers are never asked for the document, so the types are described when it is made: until
then each has a reference in its place.

``gives(None)`` is an answer without a body (204); ``refuses(426)`` is that of a route which never
does anything else. A status that any route may answer, such as 401,
is added by :func:`install` and need not be named.
"""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from typing import Any, NotRequired

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response
from pydantic import TypeAdapter
from typing_extensions import TypedDict

__all__ = ["ErrorContainer", "gives", "install", "refuses", "takes"]

_JSON = "application/json"
_COMPONENT = "#/components/schemas/{model}"
# What the guard, the framework and a failing disk answer, on every route.
_EVERYWHERE = (400, 401, 403, 405, 500, 503)
_LATER = "#/kinds/"  # what a reference begins with that stands for one of the next
_kinds: list[Any] = []
_VALIDATION = "Validation Error"  # how FastAPI describes a 422 of its own, which ours never is
_RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
}
_SCHEMES: dict[str, Any] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token of POST /identity/token.",
    },
    "apikey": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "The word apikey, a blank, and the API key.",
    },
}


class ErrorItem(TypedDict):
    """One error: the service's own number for it, what is wrong, and what to do."""

    code: int
    message: str
    solution: NotRequired[str]


class ErrorContainer(TypedDict):
    """The body of every error; ``trace`` is found again in the server's log."""

    errors: list[ErrorItem]
    trace: str


def gives(
    kind: Any,
    *errors: int,
    status: int = 200,
    empty: Collection[int] = (),
    media_type: str = _JSON,
    refusal: Any = ErrorContainer,
) -> dict[str, Any]:
    """Return the arguments of a route that say what it answers.

    Args:
        kind: Type of the body; ``None`` when there is none, which makes the status 204.
        errors: Statuses of the errors that are this route's own.
        status: Status of success.
        empty: Statuses of success that may come instead and have no body, such as 304.
        media_type: Of the body of a success.
        refusal: Type of the body of these errors.
    """
    responses = {code: _response(code, refusal) for code in errors}
    status = 204 if kind is None else status
    responses[status] = _response(status, kind, media_type)
    responses |= {code: _response(code) for code in empty}
    # The plain Response has no media type, so FastAPI adds no content of its own.
    return {"status_code": status, "response_class": Response, "responses": responses}


def refuses(status: int) -> dict[str, Any]:
    """Return the arguments of a route that answers with an error, whatever is asked."""
    return gives(ErrorContainer, status=status)


def takes(kind: Any, media_type: str = _JSON) -> dict[str, Any]:
    """Return the arguments of a route that say what its body is, and how a body is refused."""
    refusals = [413] + ([415] if media_type == _JSON else [])
    return {
        "openapi_extra": {
            "requestBody": {"required": True, **_content(kind, media_type)},
            "responses": {str(code): _response(code, ErrorContainer) for code in refusals},
        }
    }


def install(app: FastAPI, open_paths: Collection[str]) -> None:
    """Have an application describe itself.

    Args:
        app: The application.
        open_paths: What needs no token.
    """

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, open_paths)
        return app.openapi_schema

    # The way FastAPI offers to replace it.
    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI, open_paths: Collection[str]) -> dict[str, Any]:
    written = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    components: dict[str, Any] = {}
    for path, operations in written["paths"].items():
        for operation in operations.values():
            _complete(operation, is_open=path in open_paths)
    _describe(written["paths"])
    _hoist(written["paths"], components)
    written["components"] = {"schemas": components, "securitySchemes": _SCHEMES}
    written["security"] = [{name: []} for name in _SCHEMES]
    return written


def _complete(operation: dict[str, Any], *, is_open: bool) -> None:
    """Add what holds for every route, and take away FastAPI's own form of an error."""
    responses = operation["responses"]
    if responses.get("422", {}).get("description") == _VALIDATION:
        del responses["422"]
    for code in _EVERYWHERE:
        responses.setdefault(str(code), _response(code, ErrorContainer))
    responses["503"]["headers"] = _RETRY_AFTER
    if is_open:
        del responses["401"]
        operation["security"] = []


def _describe(part: Any) -> None:
    """Put descriptions in the place of the references that stand for types."""
    if isinstance(part, dict):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith(_LATER):
            del part["$ref"]
            part |= _schema(int(reference.removeprefix(_LATER)))
            return
        part = list(part.values())
    if isinstance(part, list):
        for value in part:
            _describe(value)


def _hoist(part: Any, components: dict[str, Any]) -> None:
    """Move the definitions that came with each schema to one place."""
    if isinstance(part, dict):
        for name, schema in part.pop("$defs", {}).items():
            if components.setdefault(name, schema) != schema:
                raise ValueError(f"Two different types are named {name}.")
        for value in part.values():
            _hoist(value, components)
    elif isinstance(part, list):
        for value in part:
            _hoist(value, components)


def _response(code: int, kind: Any = None, media_type: str = _JSON) -> dict[str, Any]:
    content = {} if kind is None else _content(kind, media_type)
    return {"description": HTTPStatus(code).phrase, **content}


def _content(kind: Any, media_type: str) -> dict[str, Any]:
    if kind not in _kinds:
        _kinds.append(kind)
    reference = f"{_LATER}{_kinds.index(kind)}"
    return {"content": {media_type: {"schema": {"$ref": reference}}}}


def _schema(place: int) -> dict[str, Any]:
    """Return the description of a type, with those it needs beside it."""
    adapter = TypeAdapter(_kinds[place])
    schemas, definitions = TypeAdapter.json_schemas(
        [("body", "validation", adapter)], ref_template=_COMPONENT
    )
    (schema,) = schemas.values()
    return schema | definitions
