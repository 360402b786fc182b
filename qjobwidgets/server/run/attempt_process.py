"""One attempt's process as its supervisor sees it: what it is told, what it says, and its end."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from qjobwidgets.server.jobs.states import Reason
from qjobwidgets.server.run.folders import remove
from qjobwidgets.server.run.limits import Limits, excess
from qjobwidgets.server.run.wire import REHEARSE, FrameReader, send_frame

__all__ = ["AttemptProcess"]

_KILL_TIMEOUT = 10.0
_READ = 1 << 18


class AttemptProcess:
    """One attempt's process as its supervisor sees it; leaving the context kills its group.

    Args:
        number: Its number among all that the launcher starts.
        folder: Where it may leave files; it is made for its job, and removed after it.
        limits: What its job may take.
        kill: Kills it, and all that it has started.
    """

    def __init__(
        self, number: int, folder: Path, *, limits: Limits, kill: Callable[[AttemptProcess], None]
    ) -> None:
        self.number = number
        self._limits = limits
        self._kill = kill
        self.pid: int | None = None
        self.exit_code: int | None = None
        """Exit status, negative for a signal; ``None`` while it runs or if the zygote was lost."""
        self.forked = threading.Event()
        self.ended = threading.Event()
        self._rehearsed = False
        self._folder = folder
        self._frames, self.remote_frames = socket.socketpair()
        self._log_fd, self.remote_log_fd = os.pipe()
        self._reader = FrameReader()
        self._open = {self._frames.fileno(), self._log_fd}
        # Not select(), which takes no descriptor above 1023: a server may have more sockets open.
        self._poller = select.poll()
        for channel in self._open:
            self._poller.register(channel, select.POLLIN)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
        self.close()

    def close(self) -> None:
        """Close our ends of the channels, and remove the files it has left."""
        self._frames.close()
        os.close(self._log_fd)
        remove(self._folder)

    @property
    def running(self) -> bool:
        """Whether it is there, as far as is known."""
        return self.pid is not None and not self.ended.is_set()

    @property
    def silent_end(self) -> bool:
        """Whether it ended before it was told anything: until then it says nothing."""
        return self.ended.is_set() or bool(self._poller.poll(0))

    def rehearse(self) -> None:
        """Have it get ready for a job, once."""
        if not self._rehearsed:
            self._rehearsed = True
            self._send(REHEARSE)

    def instruct(self, job: dict[str, Any]) -> None:
        """Send the attempt what to do."""
        self._folder.mkdir(0o700)
        self._send(job | {"folder": str(self._folder), "memory": self._limits.memory})

    def _send(self, frame: dict[str, Any]) -> None:
        # A process that has died already is noticed later.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            send_frame(self._frames, frame)

    def read(self, timeout: float) -> tuple[list[dict[str, Any]], bytes, bool]:
        """Wait up to ``timeout`` seconds for output.

        Returns:
            The frames completed, the log bytes, and whether nothing more can come: both channels
            have ended, or the process had ended before and has left nothing in them.

        Raises:
            FrameError: The attempt did not keep to the protocol.
        """
        # Asked first: what it has sent before its end is in the channels by now.
        had_ended = self.ended.is_set()
        ready = {channel for channel, _ in self._poller.poll(timeout * 1000)}
        log = b""
        if self._log_fd in ready:
            log = os.read(self._log_fd, _READ)
            if not log:
                self._has_ended(self._log_fd)
        frames: list[dict[str, Any]] = []
        if self._frames.fileno() in ready:
            frames = self._read_frames()
        return frames, log, not self._open or (had_ended and not ready)

    def _read_frames(self) -> list[dict[str, Any]]:
        try:
            data = self._frames.recv(_READ)
        except ConnectionResetError:
            data = b""
        if not data:
            self._has_ended(self._frames.fileno())
        self._reader.feed(data)
        return list(self._reader.frames())

    def _has_ended(self, channel: int) -> None:
        self._open.discard(channel)
        self._poller.unregister(channel)

    def excess(self) -> Reason | None:
        """Return which limit it exceeds together with all it has started, if one."""
        if self.pid is None or self.ended.is_set():
            return None
        return excess(self.pid, self._limits)

    def kill(self) -> None:
        """Kill the process group, and wait until it is gone."""
        self._kill(self)
        self.ended.wait(_KILL_TIMEOUT)

    def close_remote(self) -> None:
        """Close our copies of the attempt's ends, so that its end is seen as end of file."""
        self.remote_frames.close()
        os.close(self.remote_log_fd)
