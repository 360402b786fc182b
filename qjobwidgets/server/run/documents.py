"""Configuration and properties of the backends, asked of an attempt once and then kept."""

from __future__ import annotations

import threading
import time
from typing import Any

import orjson

from qjobwidgets.server.run.launcher import Launcher

__all__ = ["BackendDocuments"]

_PROGRAM = "describe-backend"
_TIMEOUT = 60.0


class BackendDocuments:
    """The documents, by backend.

    Args:
        launcher: Forks the attempt that writes them.
    """

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._lock = threading.Lock()
        self._known: dict[str, dict[str, Any]] = {}

    def get(self, backend: str) -> dict[str, Any]:
        """Return ``{"configuration": ..., "properties": ...}`` of a backend.

        Raises:
            ZygoteLostError: No process could be started.
            TimeoutError: It did not answer.
        """
        with self._lock:
            if backend not in self._known:
                self._known[backend] = self._ask(backend)
            return self._known[backend]

    def _ask(self, backend: str) -> dict[str, Any]:
        deadline = time.monotonic() + _TIMEOUT
        with self._launcher.launch() as process:
            process.instruct(
                {
                    "job": backend,
                    "program": _PROGRAM,
                    "backend": backend,
                    "params": "{}",
                    "log_level": "WARNING",
                }
            )
            closed = False
            while not closed and time.monotonic() < deadline:
                frames, _, closed = process.read(1.0)
                for frame in frames:
                    if frame["type"] == "result":
                        documents: dict[str, Any] = orjson.loads(frame["data"])
                        return documents
        raise TimeoutError(f"backend {backend} was not described")
