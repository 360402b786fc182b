"""What the server is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qjobwidgets.errors import LocalRuntimeError

__all__ = ["MAX_PENDING", "Config", "StartRefusedError"]

MAX_PENDING = 10_000
"""How many queued and running jobs an owner may have, unless the server is told otherwise."""


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of one server.

    Attributes:
        data: Folder of the ledger, the token and the log.
        port: TCP port on the loopback interface; 0 takes any free one.
        idle: Seconds without request, open stream and pending job after which the server ends
            itself; 0 means never.
        slots: How many attempts may run at the same time.
        log_level: Name of a level of :mod:`logging`.
        memory: Bytes that each job may use.
        users: File of further users and their API keys; ``None`` when there are none.
        max_pending: How many queued and running jobs each user may have.
        usage_limit: Seconds of execution time that each user may use; ``None`` is no limit.
    """

    data: Path
    port: int
    idle: float
    slots: int
    log_level: str
    memory: int
    users: Path | None
    max_pending: int
    usage_limit: float | None

    @property
    def single_user(self) -> bool:
        """Whether nobody but who started the server can have a job run on it."""
        return self.users is None


class StartRefusedError(LocalRuntimeError):
    """The server does not start, for a reason its user has to see.

    Args:
        message: What is wrong.
        exit_code: Exit status of the process: 1 an error of the server itself, 3 another server
            uses the folder, 4 the folder, the database or the file of users can't be
            used, 5 the port can't be used.
        fix: What to do.
    """

    def __init__(self, message: str, *, exit_code: int, fix: str | None = None) -> None:
        super().__init__(message, fix=fix)
        self.exit_code = exit_code
