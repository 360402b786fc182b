"""The users of a server that has more than its own: a file of names and API keys.

The file is a JSON object, ``{"ada": "her API key", ...}``. Whoever can read it can be anybody in
it, so it must belong to the user who starts the server, and to nobody else.
"""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import Any

from qjobwidgets.server.config import StartRefusedError
from qjobwidgets.server.jobs.states import LOCAL_OWNER

__all__ = ["read_users"]

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Visible ASCII, as a header of HTTP can carry it; long enough not to be guessed.
_KEY = re.compile(r"[!-~]{16,512}")
_CAP = 1024 * 1024
_FIX = "Write a JSON object of names and API keys, readable by you alone."


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as it was written: a dict would hide that a name comes twice."""


def read_users(path: Path, *, taken: str) -> dict[str, str]:
    """Return the API keys by the names of their owners.

    Args:
        path: The file.
        taken: The API key of the server's own user, which no other may have.

    Raises:
        StartRefusedError: The file is not there, not private, or not what it should be. The message
            never repeats a key.
    """
    try:
        users = json.loads(_read_private(path), object_pairs_hook=_Pairs)
    except OSError as error:
        raise _refusal(path, error.strerror or str(error)) from error
    except (ValueError, RecursionError):
        raise _refusal(path, "it is not valid JSON") from None
    if not isinstance(users, _Pairs) or not users:
        raise _refusal(path, "it is not a JSON object of names and API keys")
    for name, key in users:
        _check(path, name, key)
    keys = dict(users)
    if len(keys) < len(users):
        raise _refusal(path, "it names a user twice")
    if len({taken, *keys.values()}) <= len(keys):
        raise _refusal(path, "two users have the same API key")
    return keys


def _read_private(path: Path) -> str:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise _refusal(path, "it is not a file")
        if facts.st_uid != os.getuid():
            raise _refusal(path, "it belongs to another user")
        if stat.S_IMODE(facts.st_mode) & 0o077:
            raise _refusal(path, "other users may read or write it", fix=f"Run: chmod 600 {path}")
        return file.read(_CAP).decode()


def _check(path: Path, name: str, key: Any) -> None:
    if not _NAME.fullmatch(name):
        raise _refusal(path, f"{name[:70]!r} is no name: letters, digits, '.', '_', '-', up to 64")
    if name == LOCAL_OWNER:
        raise _refusal(path, f"{LOCAL_OWNER!r} is the server's own user, whose key is in 'token'")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise _refusal(path, f"the key of {name!r} is not 16 to 512 visible ASCII characters")


def _refusal(path: Path, why: str, fix: str = _FIX) -> StartRefusedError:
    return StartRefusedError(f"The users in {path} can't be used: {why}.", exit_code=4, fix=fix)
