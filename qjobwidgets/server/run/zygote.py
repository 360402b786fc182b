"""The zygote: a process that has qiskit and Aer loaded and forks one child per attempt.

Why a process of its own: importing qiskit and Aer takes about a second, forking a process that has
them takes milliseconds; and the server, which holds the database, the sockets and the token, must
not be what is forked.

How it works:

- It is single threaded. It only imports, and rehearses a job so small that no thread is started for
  it; a fork after an OpenMP or rayon region would be unsafe.
- On the control socket it reads ``S`` + id (8 bytes) with two file descriptors (frames, log) and
  forks; ``K`` + id kills the attempt's process group; ``A`` asks whether it answers. It answers
  ``R`` when it is ready, ``P`` when an attempt was forked, ``F`` when the system has no room for
  one, ``X`` with the wait status when it has ended, and ``A``.
- Each attempt leads its own process group. A group is killed before its leader is reaped, so a
  process id is never used after it might belong to somebody else.
- It adopts what an attempt that has ended leaves behind. Whatever child of it is no attempt is
  killed.
- When the control socket closes, the server is gone: all attempts are killed and it ends. When the
  zygote itself is killed, the kernel kills the attempts (``PR_SET_PDEATHSIG``), and the server
  looks for what they have left.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import struct
import sys
from types import FrameType
from typing import NoReturn

from qjobwidgets.server.run.processes import (
    adopt_orphans,
    die_with_parent,
    kill_group,
    kill_left,
)

__all__ = ["REPLY", "REQUEST", "main"]

REQUEST = struct.Struct(">cQ")
"""Operation and attempt id, as the server sends them."""
REPLY = struct.Struct(">cQq")
"""Event, attempt id, and process id or wait status, as the zygote sends them."""


class _ServerGoneError(Exception):
    """The control socket is closed."""


class _Zygote:
    """The loop between the control socket and the children."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._pids: dict[int, int] = {}

    def serve(self) -> None:
        """Serve until the server is gone."""
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_read, False)
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write)
        signal.signal(signal.SIGCHLD, _ignore)
        adopt_orphans()
        control = self._control.fileno()
        try:
            self._reply(b"R", 0, os.getpid())
            while True:
                ready, _, _ = select.select([control, wake_read], [], [])
                if wake_read in ready:
                    with contextlib.suppress(BlockingIOError):
                        os.read(wake_read, 4096)
                    self._reap()
                if control in ready:
                    self._handle_request()
        except (_ServerGoneError, BrokenPipeError, ConnectionResetError):
            pass
        finally:
            for pid in self._pids.values():
                kill_group(pid)
            self._wait_for_all()

    def _handle_request(self) -> None:
        # The descriptors travel with the first byte of their message, so that byte is read alone.
        first, fds, _, _ = socket.recv_fds(self._control, 1, 2)
        operation, attempt = REQUEST.unpack(
            first + _receive(self._control, REQUEST.size - 1, first)
        )
        if operation == b"S":
            self._fork(attempt, *fds)
        elif operation == b"K" and attempt in self._pids:
            kill_group(self._pids[attempt])
        elif operation == b"A":
            self._reply(b"A", 0, 0)

    def _fork(self, attempt: int, frames_fd: int, log_fd: int) -> None:
        try:
            pid = os.fork()
        except OSError:
            pid = None
        if pid == 0:
            self._become_attempt(frames_fd, log_fd)
        os.close(frames_fd)
        os.close(log_fd)
        if pid is None:
            self._reply(b"F", attempt, 0)
            return
        # Also done by the child; whoever comes first, the group exists from here on.
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        self._pids[attempt] = pid
        self._reply(b"P", attempt, pid)

    def _become_attempt(self, frames_fd: int, log_fd: int) -> NoReturn:
        status = 1
        try:
            zygote = os.getppid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            with contextlib.suppress(OSError):
                os.setpgid(0, 0)
            die_with_parent(zygote)
            adopt_orphans()
            self._control.close()
            os.dup2(log_fd, 1)
            os.dup2(log_fd, 2)
            os.close(log_fd)
            from qjobwidgets.server.run import attempt  # noqa: PLC0415 - loaded before the fork

            with socket.socket(fileno=frames_fd) as frames:
                attempt.main(frames)
            status = 0
        finally:
            # No handler or destructor of the zygote may run in its child.
            os._exit(status)

    def _reap(self) -> None:
        for attempt, pid in list(self._pids.items()):
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                continue
            kill_group(pid)
            _, status = os.waitpid(pid, 0)
            del self._pids[attempt]
            self._reply(b"X", attempt, os.waitstatus_to_exitcode(status))
        kill_left(set(self._pids.values()))

    def _wait_for_all(self) -> None:
        """Wait until every attempt has ended, and all it had started."""
        with contextlib.suppress(ChildProcessError):
            while True:
                kill_left(set())
                os.wait()

    def _reply(self, event: bytes, attempt: int, value: int) -> None:
        self._control.sendall(REPLY.pack(event, attempt, value))


def main(control_fd: int) -> NoReturn:
    """Load what attempts need, then fork on demand until the server is gone."""
    control = socket.socket(fileno=control_fd)
    # While modules are loaded the collector finds next to nothing, and looks a hundred times.
    gc.disable()
    _preload()
    # What is loaded by now is shared by all children: keep the collector from touching its pages.
    # Nothing is collected before: it would take a sixth of a second and free no memory, and each
    # child would write to more pages, as what is made anew would fill the gaps.
    gc.freeze()
    gc.enable()
    _Zygote(control).serve()
    # Taking all that was loaded apart again would keep whoever stopped the server waiting.
    os._exit(0)


def _preload() -> None:
    import qiskit_aer.primitives  # noqa: F401, PLC0415
    import scipy.optimize  # noqa: F401, PLC0415
    from qiskit import primitives, qpy, transpiler  # noqa: F401, PLC0415

    from qjobwidgets.server.run import attempt  # noqa: F401, PLC0415
    from qjobwidgets.server.run.plugins import load_when_used  # noqa: PLC0415
    from qjobwidgets.server.run.rehearsal import rehearse_for_all  # noqa: PLC0415

    load_when_used()
    rehearse_for_all()


def _receive(sock: socket.socket, size: int, first: bytes) -> bytes:
    if not first:
        raise _ServerGoneError
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise _ServerGoneError
        data += more
    return data


def _ignore(_signal: int, _frame: FrameType | None) -> None:
    """Let the wake-up descriptor alone tell the loop."""


if __name__ == "__main__":
    main(int(sys.argv[1]))
