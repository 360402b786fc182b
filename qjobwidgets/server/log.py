"""The server's log file. No secret is ever passed to a logger, so none has to be filtered out."""

from __future__ import annotations

import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

__all__ = ["configure"]

_SIZE = 2 * 1024 * 1024
_FILES = 3


class _PrivateFileHandler(RotatingFileHandler):
    """A rotating log file that only its owner can read."""

    def _open(self) -> Any:
        os.close(os.open(self.baseFilename, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        return super()._open()


def configure(path: Path, level: str) -> None:
    """Have everything logged to a file.

    Args:
        path: The file; older ones get a number.
        level: Name of the lowest level that is kept.
    """
    handler = _PrivateFileHandler(path, maxBytes=_SIZE, backupCount=_FILES, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
