"""The files of results that are too large for the memory: where they are, and for how long.

Each is in ``results`` in the data folder, for the user alone, and whole when it is there. It goes
with its job, when that is deleted through us, and when nobody has asked for the result in
:data:`KEPT_FOR`. Nothing goes earlier, however much there is: that of a private job can't be
fetched again, and who gets a file is told where it is. The pieces of a download that was killed go
after a day. The folder is looked through whenever a file is written, and once in each kernel.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import requests

from qjobwidgets.client.accounts import Endpoint
from qjobwidgets.client.local import data_folder, secure_folder
from qjobwidgets.errors import LocalRuntimeError, ServiceError

__all__ = ["KEPT_FOR", "ON_DISK", "kept_file", "mark_used", "tidy", "too_large", "write"]

ON_DISK = 4 * 2**30
"""The largest file, in bytes."""
KEPT_FOR = timedelta(days=30)
"""How long a file stays that nobody asks for."""

_PIECES_KEPT_FOR = timedelta(days=1)
_PIECE = ".part-"
_tidied: set[Path] = set()


def kept_file(endpoint: Endpoint, name: str) -> Path:
    """Return where a large answer of a service is kept, in the user's own data folder."""
    place = "\n".join((endpoint.name or endpoint.url, endpoint.instance or "", name))
    digest = hashlib.sha256(place.encode("utf-8", "replace")).hexdigest()[:12]
    readable = "".join(c for c in name if c.isascii() and (c.isalnum() or c in "-_"))[:64]
    folder = data_folder() / "results"
    if folder not in _tidied:
        tidy(folder)
    return folder / f"{readable}-{digest}.json"


def mark_used(file: Path) -> bool:
    """Note that somebody asked for what is in a file, and return whether it is still there."""
    with contextlib.suppress(PermissionError):
        try:
            os.utime(file)
        except FileNotFoundError:
            return False
    return True


def tidy(folder: Path) -> None:
    """Remove the files that are no longer kept; what can't be removed stays."""
    _tidied.add(folder)
    now = time.time()
    with contextlib.suppress(OSError):
        for file in folder.iterdir():
            lasts = _PIECES_KEPT_FOR if file.name.startswith(_PIECE) else KEPT_FOR
            with contextlib.suppress(OSError):
                if now - file.lstat().st_mtime > lasts.total_seconds():
                    file.unlink()


def write(file: Path, pieces: list[bytes], stream: Iterator[bytes]) -> Path:
    """Write a body to a file that only the user can read, and which is whole when it is there.

    Args:
        file: The file.
        pieces: What of the body was read; the list is emptied.
        stream: The rest.

    Raises:
        ServiceError: It is larger than a file may be, or can't be written.
    """
    try:
        secure_folder(file.parent)
        tidy(file.parent)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=_PIECE)
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
                    raise too_large(ON_DISK)
        Path(name).replace(file)
    except requests.RequestException:  # an OSError as well, but one of the network
        raise
    except OSError as error:
        raise _unwritable(file, error) from None
    finally:
        Path(name).unlink(missing_ok=True)
    return file


def too_large(limit: int) -> ServiceError:
    """Return the error of an answer beyond a limit in bytes."""
    return ServiceError(f"The service's answer is larger than {limit // 2**20} MiB.")


def _unwritable(file: Path, error: Exception) -> ServiceError:
    return ServiceError(
        f"The answer is too large for the memory, and can't be written to {file.parent}: {error}",
        fix="Make room there, or name another folder in QJOBWIDGETS_DATA.",
    )
