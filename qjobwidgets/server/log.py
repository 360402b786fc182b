"""The server's log file: one JSON object a line.

Each line has ``time``, ``level``, ``logger`` and ``message``, and the facts that were given with
it as ``extra``: such as ``job``, ``attempt``, ``session``, ``owner``, and the ``trace`` that an
error was answered with. What a user chose, in whatever characters, can't end a line or begin
another.

No secret is ever passed to a logger of ours, so none has to be filtered out. The libraries below
us are heard from WARNING on only: on lower levels they write the headers of requests.
"""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

__all__ = ["configure"]

_SIZE = 2 * 1024 * 1024
_FILES = 3
_TEXT_CAP = 16 * 1024  # characters of one value
_TALKATIVE = ("uvicorn", "websockets", "asyncio", "sqlalchemy", "alembic")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


class _PrivateFileHandler(RotatingFileHandler):
    """A rotating log file that only its owner can read."""

    def _open(self) -> Any:
        os.close(os.open(self.baseFilename, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Lose a line that can't be written, as on a full disk: nobody reads our standard error."""


class _JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        # Pure ASCII: what looks like the end of a line to some reader is escaped as well.
        return json.dumps({name: _plain(value) for name, value in line.items()})


def configure(path: Path, level: str) -> None:
    """Have everything logged to a file.

    Args:
        path: The file; older ones get a number.
        level: Name of the lowest level that is kept.
    """
    handler = _PrivateFileHandler(path, maxBytes=_SIZE, backupCount=_FILES, encoding="utf-8")
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    least = max(logging.WARNING, logging.getLevelNamesMapping()[level])
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(least)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[:_TEXT_CAP]
