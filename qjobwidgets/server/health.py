"""Whether the server can do its work, found out by trying."""

from __future__ import annotations

import threading
import time

from sqlalchemy.exc import SQLAlchemyError

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.run.launcher import Launcher

__all__ = ["Health"]

_KEPT = 2.0  # seconds for which an answer is given again: whoever asks needs no token
# What is the same before and after would never get as far as the disk.
_WRITE = (
    "INSERT INTO counters (name, value) VALUES ('health', 1)"
    " ON CONFLICT (name) DO UPDATE SET value = counters.value + 1"
)


class Health:
    """What is wrong with a server.

    Args:
        database: Of the ledger, which has to be writable.
        launcher: Of jobs, which has to answer.
    """

    def __init__(self, database: Database, launcher: Launcher) -> None:
        self._database = database
        self._launcher = launcher
        self._lock = threading.Lock()
        self._known: list[str] = []
        self._until = 0.0

    def problems(self) -> list[str]:
        """Return what is wrong, if anything."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._known = self._look()
                self._until = time.monotonic() + _KEPT
            return self._known

    def _look(self) -> list[str]:
        found: list[str] = []
        try:
            with self._database.write() as connection:
                connection.exec_driver_sql(_WRITE)
        except SQLAlchemyError:
            found.append("The ledger can't be written.")
        trouble = self._launcher.trouble()
        return found if trouble is None else [*found, trouble]
