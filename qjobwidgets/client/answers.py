"""What a service answered: the bytes, the JSON in them, or the error they stand for."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from qjobwidgets.errors import (
    IBMNotAuthorizedError,
    QiskitRuntimeError,
    RateLimitedError,
    ServiceError,
    ServiceUnreachableError,
)

__all__ = ["GATEWAY", "Answer", "checked", "passes"]

GATEWAY = frozenset({502, 503, 504, 520, 521, 522, 524})
"""Statuses of those before a service that get no answer of it."""

_LONGEST = 600  # characters of a service's message that are shown
_LONGEST_WAIT = 3600.0  # seconds; whatever a service asks for
_BEGINNING = 100  # bytes in which a web page shows that it is one
_PAGES = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer.

    Attributes:
        status: HTTP status.
        headers: Headers, names in lower case.
        body: The body, decompressed.
        file: The file that holds the body instead, where it was too large for the memory.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    file: Path | None = None

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def value(self) -> str:
        """The text of a value; empty if the service says that there is none.

        Raises:
            ServiceUnreachableError: The answer is empty and does not say so.
        """
        if self.status != 204 and not self.body.strip():
            raise _instead("nothing")
        return self.text

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            ServiceUnreachableError: It is something else, such as the page of a proxy.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            pass
        raise _instead("no readable data")

    def document(self) -> dict[str, Any]:
        """Return the body as a JSON object."""
        document = self.json()
        if isinstance(document, dict):
            return document
        raise ServiceUnreachableError("The service answered with JSON of an unexpected form.")

    @property
    def time(self) -> datetime | None:
        """When the service answered, by its own clock."""
        return _time(self.headers.get("date"))

    @property
    def retry_after(self) -> float | None:
        """Seconds the service asks us to wait."""
        text = self.headers.get("retry-after")
        until = _time(text)
        if until is not None:
            # by the clock that has named the time: ours may be a day off
            now = self.time or datetime.now(UTC)
            return _bounded((until - now).total_seconds())
        return _seconds(text)

    @property
    def is_page(self) -> bool:
        """Whether it is a web page, which may come from a proxy and never from a service."""
        kind = self.headers.get("content-type", "").lower()
        if not kind or "json" in kind:  # as of a proxy that keeps the header
            return self.body[:_BEGINNING].lstrip().lower().startswith(_PAGES)
        return "html" in kind


def checked(answer: Answer, errors: Mapping[int, type[ServiceError]] | None = None) -> Answer:
    """Return an answer that is a success.

    Args:
        answer: Any answer.
        errors: What a status means for this request, such as ``{404: RuntimeJobNotFound}``.

    Raises:
        QiskitRuntimeError: The error the answer stands for.
    """
    if 200 <= answer.status < 300:
        if answer.is_page:
            raise _instead("a web page")
        return answer
    if answer.status == 304:
        return answer
    raise _error_of(answer, errors)


def passes(error: QiskitRuntimeError) -> bool:
    """Whether an error is trouble of the service that may pass, not its answer to the question."""
    failed = isinstance(error, ServiceError) and (error.status or 0) >= 500
    return failed or isinstance(error, ServiceUnreachableError)


def _instead(what: str) -> ServiceUnreachableError:
    return ServiceUnreachableError(
        f"The service answered with {what} instead of JSON.",
        fix="A proxy or a wrong url may stand in the way.",
    )


def _error_of(
    answer: Answer, errors: Mapping[int, type[ServiceError]] | None = None
) -> QiskitRuntimeError:
    """Return the exception an answer stands for, with the service's own words where it has any."""
    message, advice, code = _details(answer)
    status = answer.status
    if status in GATEWAY:
        return ServiceUnreachableError(message or f"The service is not available ({status}).")
    if 300 <= status < 400:
        elsewhere = ServiceUnreachableError(
            "The service sends us to another address, which is not followed with credentials.",
            fix="Check the url.",
        )
        elsewhere.sent = False  # to whom it is for
        return elsewhere
    kind = (errors or {}).get(status) or _ERRORS.get(status, ServiceError)
    if status == 401:
        advice = advice or "Sign in again: check the token."
    error = kind(
        message or f"The service answered with status {status}.",
        fix=advice,
        status=status,
        code=code,
    )
    if isinstance(error, RateLimitedError):
        error.retry_after = answer.retry_after
    return error


_ERRORS: dict[int, type[ServiceError]] = {401: IBMNotAuthorizedError, 429: RateLimitedError}


def _details(answer: Answer) -> tuple[str | None, str | None, int | str | None]:
    """Return message, advice and code of the two error containers in use, and of IAM's own."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None, None, None
    if not isinstance(body, dict):
        return None, None, None
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else body.get("error")
    if isinstance(first, dict):
        return _text(first.get("message")), _text(first.get("solution")), _code(first.get("code"))
    return _text(body.get("errorMessage")), None, _code(body.get("errorCode"))


def _text(value: object) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    text = " ".join(value.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _code(value: object) -> int | str | None:
    return value if isinstance(value, int | str) and not isinstance(value, bool) else None


def _seconds(text: str | None) -> float | None:
    try:
        return _bounded(float(text or ""))
    except ValueError:
        return None


def _bounded(seconds: float) -> float | None:
    return None if math.isnan(seconds) else max(0.0, min(seconds, _LONGEST_WAIT))


def _time(text: str | None) -> datetime | None:
    """Return the time a header names; one without a zone is UTC."""
    try:
        time = parsedate_to_datetime(text or "")
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):  # the latter at either end of the calendar
        return None
