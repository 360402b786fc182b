"""Reading and writing bodies: capped before they are read, decoded by orjson only.

orjson refuses NaN, Infinity, lone surrogates, numbers beyond a double and deep nesting, so none of
these gets further than this module. It takes a key that an object has twice, though, and keeps the
last, so that two readers of one text could see two different jobs: such keys are found by counting,
which costs less than decoding. And it makes a float of an integer beyond 64 bits: these are found
in the text as well.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

import orjson
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError

from qjobwidgets.server.api.errors import MEDIA_TYPE, TOO_LARGE, ApiError, invalid

__all__ = [
    "JOB_CAP",
    "SMALL_CAP",
    "answer",
    "parse_object",
    "read_body",
    "read_json",
    "read_object",
    "validated",
]

Model = TypeVar("Model", bound=BaseModel)

JOB_CAP = 64 * 1024 * 1024
"""Largest submission, in bytes."""
SMALL_CAP = 64 * 1024
"""Largest body of any other request, in bytes."""
# Two bytes of text may become seventy of memory, and all others wait until they have.
_VALUES_CAP = 2_000_000
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
# Searched for first: to look for the expression itself takes a second for tens of megabytes, in
# which nothing else of the server runs.
_DIGITS_ALONE = bytes(48 if 48 <= byte < 58 else 32 for byte in range(256))
_LONG = b"0" * 19
_LONG_INTEGER = re.compile(rb"(?<=[\[:,\s])-?[0-9]{19,}+(?![.eE])")


async def read_body(request: Request, cap: int) -> bytes:
    """Return the body of a request.

    Raises:
        ApiError: It is larger than ``cap``.
    """
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > cap:
        raise _too_large(cap)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > cap:
            raise _too_large(cap)
    return bytes(body)


async def read_json(request: Request, cap: int) -> bytes:
    """Return a body that is declared as JSON, or not declared at all, not decoded yet.

    Official clients of 2024 don't declare the submissions they send.

    Raises:
        ApiError: It is declared as something else, or larger than ``cap``.
    """
    declared = request.headers.get("content-type", "application/json")
    if declared.partition(";")[0].strip().lower() != "application/json":
        raise ApiError(
            415, MEDIA_TYPE, "The body must be JSON.", "Send Content-Type: application/json."
        )
    return await read_body(request, cap)


async def read_object(request: Request) -> dict[str, Any]:
    """Return the JSON object in a small body.

    Raises:
        ApiError: It is too large, not declared as JSON, or not a JSON object.
    """
    return parse_object(await read_json(request, SMALL_CAP))


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in ``body``.

    Raises:
        ApiError: It is something else.
    """
    if _count_values(body) > _VALUES_CAP:
        raise ApiError(
            413,
            TOO_LARGE,
            f"The body has more than {_VALUES_CAP} values.",
            "Send arrays of numbers as typed arrays, or split the job.",
        )
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise invalid(f"The body is not valid JSON: {error.msg}.") from None
    if not isinstance(value, dict):
        raise invalid("The body is not a JSON object.")
    try:
        unique = _count_keys(orjson.dumps(value))
    except orjson.JSONEncodeError:  # it writes fewer levels than it reads
        raise invalid("The body is nested too deeply.") from None
    if _count_keys(body) != unique:
        raise invalid("The body has an object with the same key twice.")
    if _has_too_long_integer(body):
        raise invalid("The body has an integer of more than 64 bits: send it as text.")
    return value


def validated(model: type[Model], value: dict[str, Any], prefix: str = "") -> Model:
    """Return a JSON object as what it has to be.

    Args:
        model: What it has to be.
        value: The object.
        prefix: Where in the body it stands.

    Raises:
        ApiError: It is something else; the message names the place.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        # The value itself is never repeated: it may be large.
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        # What our own checks say, pydantic puts behind a word of its own: each time, if in turn.
        message = first["msg"].replace("Value error, ", "")
        raise invalid(f"{prefix}{place}: {message}.") from None


def answer(document: Any, status: int = 200) -> Response:
    """Return a JSON response."""
    return Response(orjson.dumps(document), status, media_type="application/json")


def _count_values(body: bytes) -> int:
    """Return about how many values a JSON text has, exactly only if they may be too many."""
    if sum(map(body.count, (b",", b"[", b"{"))) > _VALUES_CAP:
        body = _STRING.sub(b"", body)
    return sum(map(body.count, (b",", b"[", b"{")))


def _has_too_long_integer(text: bytes) -> bool:
    """Whether a valid JSON text has an integer that would not come through as it is."""
    if _LONG not in text.translate(_DIGITS_ALONE):
        return False
    found = _LONG_INTEGER.findall(_STRING.sub(b'""', text))
    return any(len(one) > 20 or not -(2**63) <= int(one) < 2**64 for one in found)


def _count_keys(text: bytes) -> int:
    """Return how many keys the objects in a valid JSON text have: colons outside of strings."""
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    return sum(outside.count(b":") for outside in text.split(b'"')[::2])


def _too_large(cap: int) -> ApiError:
    return ApiError(413, TOO_LARGE, f"The body is larger than {cap} bytes.", "Send a smaller job.")
