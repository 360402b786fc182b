"""Telling a web address what became of a job.

Sent are the job's id, status, program, backend and reason, and nothing else: no credential of ours
goes with it, none is taken from ``.netrc``, no redirect is followed. An address of this kind is
often a secret itself, so messages name its host only.
"""

from __future__ import annotations

import json
import threading
from urllib.parse import urlsplit

import requests

from qjobwidgets.errors import IBMInputValueError, QJobError
from qjobwidgets.records import JobRecord

__all__ = ["checked_address", "post"]

_ATTEMPTS = 3
_TIMEOUTS = (5.0, 10.0)  # seconds to connect, and to answer
_PAUSE = 1.0


def checked_address(url: str) -> str:
    """Return an address that can be told.

    Raises:
        IBMInputValueError: It is none.
    """
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None
        sound = sound and parts.port != 0  # which raises for what is no port
    except ValueError:
        sound = False
    if not sound:
        raise IBMInputValueError(
            "This is no address for a webhook.",
            fix="Pass http://... or https://..., without a user name in it.",
        )
    return url


def post(url: str, record: JobRecord, stop: threading.Event) -> None:
    """Tell an address of a job; again a few times when it can't be reached.

    Args:
        url: The address.
        record: What is known of the job.
        stop: Ends the attempts.

    Raises:
        QJobError: It was not told.
    """
    facts = {
        "id": record.id,
        "status": str(record.status),
        "program": record.program,
        "backend": record.backend,
        "reason": record.reason,
    }
    trouble = ""
    for attempt in range(_ATTEMPTS):
        if stop.wait(_PAUSE * attempt):
            break
        trouble, passing = _attempt(url, json.dumps(facts).encode())
        if not trouble:
            return
        if not passing:
            break
    raise QJobError(f"The webhook at {urlsplit(url).hostname} {trouble or 'was not told'}.")


def _attempt(url: str, body: bytes) -> tuple[str, bool]:
    """Return what went wrong, if anything did, and whether it may pass."""
    try:
        with requests.post(
            url,
            data=body,
            headers={"Content-Type": "application/json"},
            auth=lambda request: request,  # otherwise one is taken from .netrc
            timeout=_TIMEOUTS,
            allow_redirects=False,
            stream=True,  # what it answers is not read
        ) as answer:
            status = answer.status_code
    except requests.RequestException as error:
        return f"can't be reached ({type(error).__name__})", True
    if status < 300:
        return "", False
    return f"answered with status {status}", status >= 500 or status == 429
