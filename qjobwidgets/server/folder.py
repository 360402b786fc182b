"""The server's data folder: private to its user, held by one server at a time.

It holds ``token`` (the API key), ``ledger.db``, ``server.log``, ``server.lock``, and, while a
server runs, ``server.json``, by which clients find it.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from qjobwidgets.private_files import write_private
from qjobwidgets.server.config import StartRefusedError

__all__ = ["DataFolder"]


class DataFolder:
    """The folder, created and repaired as needed, locked until :meth:`release`.

    Args:
        path: Where it is.

    Raises:
        StartRefusedError: It is a link, belongs to somebody else, or another server uses it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.repaired: list[str] = []
        """What was found open to others and has been closed, for the log."""
        self._lock = FileLock(path / "server.lock", mode=0o600)
        try:
            self._prepare()
            self._lock.acquire(timeout=0)
        except Timeout:
            raise StartRefusedError(
                f"Another server uses the folder {path}.",
                exit_code=3,
                fix="Use that one (server.json says where it is), or name another folder.",
            ) from None
        except OSError as error:  # such as a folder that can't be written
            raise StartRefusedError(
                f"The folder {path} can't be used: {error.strerror}.",
                exit_code=4,
                fix="Name another folder.",
            ) from error

    @property
    def ledger_file(self) -> Path:
        """The database of jobs."""
        return self.path / "ledger.db"

    @property
    def log_file(self) -> Path:
        """The server's own log."""
        return self.path / "server.log"

    @property
    def token_file(self) -> Path:
        """The file that holds the API key."""
        return self.path / "token"

    @property
    def announcement(self) -> Path:
        """The file that tells clients where the running server is."""
        return self.path / "server.json"

    def token(self) -> str:
        """Return the API key; it is made once and kept."""
        with contextlib.suppress(FileNotFoundError):
            self._require_own(self.token_file)
            self._close_to_others(self.token_file, 0o600)
            if token := self.token_file.read_text(encoding="ascii").strip():
                return token
        token = secrets.token_urlsafe(32)
        write_private(self.token_file, token)
        return token

    def announce(self, facts: dict[str, Any]) -> None:
        """Write ``server.json``."""
        write_private(self.announcement, json.dumps(facts))

    def withdraw(self) -> None:
        """Remove ``server.json``, if that can be done."""
        with contextlib.suppress(OSError):
            self.announcement.unlink()

    def release(self) -> None:
        """Let another server use the folder."""
        self._lock.release()

    def _prepare(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._require_own(self.path)
        self._close_to_others(self.path, 0o700)

    def _require_own(self, path: Path) -> None:
        facts = path.lstat()
        if stat.S_ISLNK(facts.st_mode):
            raise StartRefusedError(f"{path} is a symbolic link.", exit_code=4, fix="Remove it.")
        if facts.st_uid != os.getuid():
            raise StartRefusedError(
                f"{path} belongs to another user.", exit_code=4, fix="Name another folder."
            )

    def _close_to_others(self, path: Path, mode: int) -> None:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(mode)
            self.repaired.append(f"{path} was open to other users and has been closed to them")
