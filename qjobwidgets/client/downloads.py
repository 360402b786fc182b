"""Large answers: how much of one may be in memory, the file for the rest, and other addresses.

- A body is read piece by piece. One over :data:`IN_MEMORY` goes to a file of the user's own, if
  the caller has named one, and is an error otherwise.
- IBM Quantum may answer the question for a result with a document that names an address to fetch
  it from, ``{"url": ...}``. The address carries its own authorization, so ours is not sent there.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from qjobwidgets.client.accounts import Endpoint
from qjobwidgets.client.answers import Answer, checked
from qjobwidgets.client.local import data_folder, secure_folder
from qjobwidgets.errors import (
    LocalRuntimeError,
    ResultTooLargeError,
    RuntimeJobNotFound,
    ServiceError,
    ServiceUnreachableError,
)

if TYPE_CHECKING:
    from qjobwidgets.client.api import Api

__all__ = ["check_address", "fetch_result", "kept_file", "read_body"]

IN_MEMORY = 64 * 2**20
ON_DISK = 4 * 2**30
_PIECE = 2**16
_LONGEST_ADDRESS = 2**14  # characters of a document that may be an address
_EXPIRED = frozenset({400, 403, 404, 410})  # how stores answer for an address of some time ago


def fetch_result(api: Api, job_id: str, path: str) -> str:
    """Return the text of a job's result; empty when there is none.

    Args:
        api: The service.
        job_id: The job.
        path: Where the service has the result.

    Raises:
        ResultTooLargeError: It is in a file.
    """
    kept = api.transport.kept(job_id)
    if kept is None:
        answer = _ask(api, job_id, path)
        if answer.file is None:
            return answer.text
        kept = answer.file
    size = max(1, round(kept.stat().st_size / 1e6))
    raise ResultTooLargeError(
        f"The result of job {job_id} is too large for the memory; its {size} MB are in {kept}.",
        fix="To load it nevertheless: ResultDecoder.decode(error.path.read_text()).",
        path=kept,
    )


def _ask(api: Api, job_id: str, path: str) -> Answer:
    missing: dict[int, type[ServiceError]] = {404: RuntimeJobNotFound}
    for last in (False, True):
        answer = api.call("GET", path, missing, keep_as=job_id)
        url = _address(answer)
        found = api.transport.download(url, job_id) if url else None
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


def kept_file(endpoint: Endpoint, name: str) -> Path:
    """Return where a large answer of a service is kept, in the user's own data folder."""
    place = "\n".join((endpoint.url, endpoint.instance or "", name))
    digest = hashlib.sha256(place.encode("utf-8", "replace")).hexdigest()[:12]
    readable = "".join(c for c in name if c.isascii() and (c.isalnum() or c in "-_"))[:64]
    return data_folder() / "results" / f"{readable}-{digest}.json"


def read_body(response: requests.Response, file: Path | None) -> tuple[bytes, Path | None]:
    """Read an answer.

    Args:
        response: An answer whose body was not read yet.
        file: Where it goes if it is too large for the memory.

    Returns:
        The body, or nothing and the file that has it.

    Raises:
        ServiceError: It is larger than is allowed.
    """
    pieces, size = [], 0
    stream = response.iter_content(_PIECE)
    for piece in stream:
        pieces.append(piece)
        size += len(piece)
        if size > IN_MEMORY:
            if file is None or response.status_code != 200:
                raise _too_large(IN_MEMORY)
            return b"", _write(file, pieces, stream)
    return b"".join(pieces), None


def _write(file: Path, pieces: list[bytes], stream: Iterator[bytes]) -> Path:
    """Write a body to a file that only the user can read, and which is whole when it is there."""
    try:
        secure_folder(file.parent)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=".part-")
    except (OSError, LocalRuntimeError) as error:
        raise _unwritable(file, error) from None
    try:
        with os.fdopen(handle, "wb") as out:
            size = sum(map(len, pieces))
            out.writelines(pieces)
            pieces.clear()
            for piece in stream:
                size += out.write(piece)
                if size > ON_DISK:
                    raise _too_large(ON_DISK)
        Path(name).replace(file)
    except requests.RequestException:  # an OSError as well, but one of the network
        raise
    except OSError as error:
        raise _unwritable(file, error) from None
    finally:
        Path(name).unlink(missing_ok=True)
    return file


def _too_large(limit: int) -> ServiceError:
    return ServiceError(f"The service's answer is larger than {limit // 2**20} MiB.")


def _unwritable(file: Path, error: Exception) -> ServiceError:
    return ServiceError(
        f"The answer is too large for the memory, and can't be written to {file.parent}: {error}",
        fix="Make room there, or name another folder in QJOBWIDGETS_DATA.",
    )
