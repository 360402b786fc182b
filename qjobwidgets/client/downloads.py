"""Large answers: how much of one may be in memory, the file for the rest, and other addresses.

- A body is read piece by piece. One over :data:`IN_MEMORY` goes to a file of the user's own, if
  the caller has named one, and is an error otherwise; see :mod:`.files`.
- IBM Quantum may answer the question for a result with a document that names an address to fetch
  it from, ``{"url": ...}``. The address carries its own authorization, so ours is not sent there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from qjobwidgets.client.accounts import Endpoint
from qjobwidgets.client.answers import Answer, checked
from qjobwidgets.client.files import KEPT_FOR, kept_file, mark_used, too_large, write
from qjobwidgets.errors import (
    ResultTooLargeError,
    RuntimeJobNotFound,
    ServiceError,
    ServiceUnreachableError,
)

if TYPE_CHECKING:
    from qjobwidgets.client.api import Api

__all__ = ["check_address", "fetch_result", "kept_file", "read_body"]

IN_MEMORY = 64 * 2**20
_PIECE = 2**16
_LONGEST_ADDRESS = 2**14  # characters of a document that may be an address
_EXPIRED = frozenset({400, 403, 404, 410})  # how stores answer for an address of some time ago


def fetch_result(api: Api, job_id: str, path: str, at_most: int | None = None) -> str:
    """Return the text of a job's result; empty when there is none.

    Args:
        api: The service.
        job_id: The job.
        path: Where the service has the result.
        at_most: Bytes it may have; one that has more is not fetched.

    Raises:
        ResultTooLargeError: It is in a file, or was not fetched.
    """
    kept = api.transport.kept(job_id)
    if kept is None or not mark_used(kept):
        answer = _ask(api, job_id, path, at_most)
        if answer.file is None:
            return answer.value
        kept = answer.file
    size = kept.stat().st_size
    raise ResultTooLargeError(
        f"The result of job {job_id} is too large for the memory; its {_mb(size)} are in {kept}.",
        fix="To load it nevertheless: ResultDecoder.decode(error.path.read_text()). The file is "
        f"removed when nobody has asked for the result in {KEPT_FOR.days} days.",
        path=kept,
        size=size,
    )


def _ask(api: Api, job_id: str, path: str, at_most: int | None) -> Answer:
    missing: dict[int, type[ServiceError]] = {404: RuntimeJobNotFound}
    for last in (False, True):
        answer = api.call("GET", path, missing, keep_as=job_id, at_most=at_most)
        url = _address(answer)
        found = api.transport.download(url, job_id, at_most) if url else None
        if found is None:
            return answer
        if last or found.status not in _EXPIRED:
            return checked(found)
    raise AssertionError  # the last one returns or raises


def _address(answer: Answer) -> str | None:
    """Return the address that a document names in place of being the result."""
    if answer.file is not None or len(answer.body) > _LONGEST_ADDRESS:
        return None
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    url = document.get("url") if isinstance(document, dict) else None
    return url if isinstance(url, str) else None


def check_address(url: str, endpoint: Endpoint) -> None:
    """Refuse an address that is neither encrypted nor at the service itself.

    Raises:
        ServiceUnreachableError: It is such an address; the message does not name it, as it may
            hold an authorization.
    """
    try:
        parts, own = urlsplit(url), urlsplit(endpoint.url)
    except ValueError:
        parts = own = urlsplit("")
    if parts.hostname and parts.username is None:
        same = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
        if parts.scheme == "https" or same:
            return
    raise ServiceUnreachableError(
        "The service names an address for the result that is not safe to ask.",
        fix="Ask the service's support.",
    )


def read_body(
    response: requests.Response, file: Path | None, at_most: int | None = None
) -> tuple[bytes, Path | None]:
    """Read an answer.

    Args:
        response: An answer whose body was not read yet.
        file: Where it goes if it is too large for the memory.
        at_most: Bytes it may have; of one that has more, no more than that is read.

    Returns:
        The body, or nothing and the file that has it.

    Raises:
        ResultTooLargeError: It has more bytes than ``at_most``.
        ServiceError: It is larger than is allowed.
    """
    told = response.headers.get("Content-Length", "")
    told_size = int(told) if told.isascii() and told.isdigit() and len(told) < 19 else None
    if at_most is not None and (told_size or 0) > at_most:
        raise _more_than_asked(told_size)
    pieces, size = [], 0
    stream = response.iter_content(_PIECE)
    for piece in stream:
        pieces.append(piece)
        size += len(piece)
        if at_most is not None and size > at_most:
            raise _more_than_asked(None)
        if size > IN_MEMORY:
            if file is None or response.status_code != 200:
                raise too_large(IN_MEMORY)
            return b"", write(file, pieces, stream)
    return b"".join(pieces), None


def _more_than_asked(size: int | None) -> ResultTooLargeError:
    return ResultTooLargeError(
        f"The result is large: {_mb(size)}." if size else "The result is large.",
        fix="job.result() fetches it.",
        size=size,
    )


def _mb(size: int) -> str:
    return f"{max(1, round(size / 1e6))} MB"
