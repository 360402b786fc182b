"""The server's end of the zygote: launching, watching and killing attempt processes.

One process more than is needed waits for a job: to fork it, and to have it copy the pages that it
will write to, takes longer than a small job. It knows of no job, and gets its first and last one
when it is taken. It gets ready (:mod:`~qjobwidgets.server.run.rehearsal`) while nothing runs: where
one job follows the other, that would cost more than it saves.

Each zygote has a mark in its environment, which all that it forks inherit. By it the launcher finds
what is left when a zygote was killed, also of an earlier server on the same folder: no process id
has to be remembered, so none can mislead.

A zygote that has ended is started again when it is needed; one that ended before it was ready, as
where a library is broken, only after a pause that grows from one time to the next. One that owes an
answer for a minute, as if somebody has stopped it, is killed, but not as long as jobs run: they go
on without it, and would end with it. So is one that isn't ready a minute after it should have been.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

import qjobwidgets
from qjobwidgets.server.run.attempt_process import AttemptProcess
from qjobwidgets.server.run.folders import remove
from qjobwidgets.server.run.limits import Limits
from qjobwidgets.server.run.zygote import REPLY, REQUEST

__all__ = ["Launcher", "ZygoteLostError"]

_LOG = logging.getLogger(__name__)

_START_TIMEOUT = 60.0  # seconds; loading qiskit on a cold, busy disk takes several
_KILL_TIMEOUT = 10.0
_ANSWER_TIMEOUT = 10.0
_PATIENCE = 60.0  # with one that owes an answer
_LONGEST_PAUSE = 60.0  # between two starts of a zygote that can't load
_MARK = "QJOB_ZYGOTE"
# What a process needs to start and to find its libraries; credentials in the environment stay out.
_ENVIRONMENT = (
    "DYLD_LIBRARY_PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "PATH",
    "TMPDIR",
    "TZ",
    "VIRTUAL_ENV",
)


class ZygoteLostError(Exception):
    """The zygote ended, and with it every attempt it had forked."""


class _UnreadyError(ZygoteLostError):
    """The zygote can't load; it is tried again after a pause."""


class Launcher:
    """Starts the zygote, and starts it again should it ever end.

    Args:
        threads: How many threads a simulation may use.
        limits: What each job may take.
        folder: Where attempts have folders for files; whatever is in it is removed.
    """

    def __init__(self, *, threads: int, limits: Limits, folder: Path) -> None:
        self._limits = limits
        self._threads = threads
        self._folder = folder
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._zygote: _ZygoteProcess | None = None
        self._unready = 0  # how many zygotes in a row ended before they were ready
        self._spare: AttemptProcess | None = None
        self._busy: set[AttemptProcess] = set()
        self._closed = False

    def start(self) -> None:
        """Remove what an earlier server left, then start the zygote without waiting for it."""
        _kill_marked(lambda mark: mark.rpartition(":")[0] == str(self._folder))
        remove(self._folder)
        if self._folder.is_symlink() or not self._folder.is_dir():
            self._folder.mkdir(0o700)
        with self._lock:
            self._keep_spare()

    def trouble(self) -> str | None:
        """Return why no process can be started, if none can be; it may take seconds to see."""
        zygote = self._zygote
        if zygote is None:
            return None
        if zygote.lost or (self._unready and not zygote.ready.is_set()):
            return "No process for jobs can be started."
        return None if zygote.answers() else "The launcher of jobs doesn't answer."

    def mind(self) -> None:
        """Kill a zygote that answers no more, unless a job runs; another is started in its place.

        To be called now and then.
        """
        with self._lock:
            zygote = self._zygote
            if zygote is None or zygote.lost or zygote.silence() < _PATIENCE:
                return
            if not any(process.running for process in self._busy):
                _LOG.warning("the zygote answers no more, and is killed")
                zygote.kill()

    def wait_ready(self, timeout: float = _START_TIMEOUT) -> bool:
        """Wait until the zygote can fork at once; whether it can."""
        with self._lock:
            try:
                zygote = self._running()
            except _UnreadyError:
                return False
        return zygote.ready.wait(timeout)

    def launch(self) -> AttemptProcess:
        """Return a process for an attempt: the spare one, or one that is forked now.

        Raises:
            ZygoteLostError: The zygote ended, or does not answer.
        """
        with self._lock:
            process = self._take_spare() or self._spawn()
            self._busy.add(process)
        if not process.forked.wait(_START_TIMEOUT) or process.pid is None:
            process.__exit__(None, None, None)
            raise ZygoteLostError("no attempt could be started")
        with self._lock:
            self._keep_spare()
        return process

    def stop(self) -> None:
        """End the zygote and all attempts."""
        with self._lock:
            self._closed = True
            if self._zygote is not None:
                self._zygote.stop()
            if self._spare is not None:
                self._spare.close()
                self._spare = None

    def _kill(self, process: AttemptProcess) -> None:
        """Have the zygote kill the attempt's process group."""
        with self._lock:
            self._busy.discard(process)
            if self._zygote is not None and not process.ended.is_set():
                self._zygote.request(b"K", process.number)
            self._rehearse_at_rest()

    def _take_spare(self) -> AttemptProcess | None:
        spare, self._spare = self._spare, None
        if spare is not None and spare.silent_end:
            spare.close()
            return None
        return spare

    def _keep_spare(self) -> None:
        if self._spare is None:
            # Whoever needs a process and gets none will say so.
            with contextlib.suppress(ZygoteLostError, OSError):
                self._spare = self._spawn()
        self._rehearse_at_rest()

    def _rehearse_at_rest(self) -> None:
        if self._spare is not None and not self._busy:
            self._spare.rehearse()

    def _spawn(self) -> AttemptProcess:
        number = next(self._numbers)
        process = AttemptProcess(
            number, self._folder / str(number), limits=self._limits, kill=self._kill
        )
        try:
            self._running().spawn(process)
        except (ZygoteLostError, OSError):
            process.close()
            raise
        finally:
            process.close_remote()
        return process

    def _running(self) -> _ZygoteProcess:
        """Return the zygote, or another one if it has ended.

        Raises:
            ZygoteLostError: There won't be any more, or not yet.
        """
        if self._closed:
            raise ZygoteLostError("the server is ending")
        last = self._zygote
        if last is not None and not last.lost:
            return last
        if last is not None:
            unready = not last.ready.is_set()
            pause = min(2.0**self._unready, _LONGEST_PAUSE)
            if unready and time.monotonic() < last.started + pause:
                raise _UnreadyError("the launcher of jobs can't be started")
            self._unready = self._unready + 1 if unready else 0
            last.stop()
        self._zygote = _ZygoteProcess(self._threads, f"{self._folder}:{secrets.token_hex(8)}")
        return self._zygote


class _ZygoteProcess:
    """One zygote, and the thread that reads what it tells."""

    def __init__(self, threads: int, mark: str) -> None:
        self._mark = mark
        self.ready = threading.Event()
        self.lost = False
        self.started = time.monotonic()
        self._answered = threading.Event()
        self._answered.set()
        self._owing_since = self.started
        self._processes: dict[int, AttemptProcess] = {}
        self._control, remote = socket.socketpair()
        with remote:
            self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "qjobwidgets.server.run.zygote", str(remote.fileno())],
                pass_fds=[remote.fileno()],
                stdin=subprocess.DEVNULL,
                # A zygote that can't import what it needs says why in the server's own stderr.
                stdout=subprocess.DEVNULL,
                cwd="/",
                env=_environment(threads) | {_MARK: mark},
                start_new_session=True,  # Ctrl-C in a terminal is for the server alone
            )
        threading.Thread(target=self._listen, name="qjob-zygote", daemon=True).start()

    def spawn(self, process: AttemptProcess) -> None:
        """Ask for an attempt; its ``forked`` event tells when it is there."""
        self._note_question()
        self._processes[process.number] = process
        fds = [process.remote_frames.fileno(), process.remote_log_fd]
        try:
            socket.send_fds(self._control, [REQUEST.pack(b"S", process.number)], fds)
        except OSError:
            raise ZygoteLostError("the zygote is gone") from None

    def request(self, operation: bytes, number: int) -> None:
        """Send a request; a zygote that is gone has killed everything anyway."""
        with contextlib.suppress(OSError):
            self._control.sendall(REQUEST.pack(operation, number))

    def answers(self) -> bool:
        """Whether it answers a question within seconds; while it loads, it need not."""
        if not self.ready.is_set():
            return time.monotonic() < self.started + _START_TIMEOUT
        asked = not self._answered.is_set()
        if not asked:
            self._note_question()
            self._answered.clear()
            self.request(b"A", 0)
        # Who has asked before in vain has waited for long enough.
        return self._answered.wait(0 if asked else _ANSWER_TIMEOUT)

    def silence(self) -> float:
        """Return for how many seconds it has owed an answer, or has taken too long to load."""
        if not self.ready.is_set():
            return max(0.0, time.monotonic() - self.started - _START_TIMEOUT)
        if not self._owes():
            return 0.0
        return time.monotonic() - self._owing_since

    def kill(self) -> None:
        """Kill it, and with it all that it has forked."""
        self._child.kill()

    def stop(self) -> None:
        """Close the control socket, which ends the zygote, and wait for it.

        One that still loads would only look when it has loaded all; what it may fork just then ends
        with it.
        """
        if not self.ready.is_set():
            self.kill()
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(_KILL_TIMEOUT)
        self._control.close()

    def _owes(self) -> bool:
        waiting = any(not process.forked.is_set() for process in list(self._processes.values()))
        return waiting or not self._answered.is_set()

    def _note_question(self) -> None:
        if not self._owes():
            self._owing_since = time.monotonic()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while message := self._receive():
                self._owing_since = time.monotonic()  # whatever it still owes, it is alive
                event, number, value = REPLY.unpack(message)
                self._handle(event, number, value)
        self.lost = True
        _kill_marked(lambda mark: mark == self._mark)
        for process in list(self._processes.values()):
            process.forked.set()
            process.ended.set()
        _LOG.info("the zygote ended with status %d", self._child.wait())

    def _handle(self, event: bytes, number: int, value: int) -> None:
        if event == b"R":
            self.ready.set()
        elif event == b"A":
            self._answered.set()
        elif event == b"P":
            process = self._processes[number]
            process.pid = value
            process.forked.set()
        elif event == b"F":
            process = self._processes.pop(number)
            process.forked.set()
            process.ended.set()
        elif event == b"X":
            process = self._processes.pop(number)
            process.exit_code = value
            process.ended.set()

    def _receive(self) -> bytes:
        data = b""
        while len(data) < REPLY.size:
            more = self._control.recv(REPLY.size - len(data))
            if not more:
                return b""
            data += more
        return data


def _environment(threads: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    # The zygote has to load the very package that this server was loaded from.
    path = [str(Path(qjobwidgets.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return kept | {
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "OMP_NUM_THREADS": str(threads),
        "RAYON_NUM_THREADS": str(threads),
        # Threads of a BLAS pool would exist in the zygote before the fork.
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "QISKIT_PARALLEL": "FALSE",
    }


def _kill_marked(meant: Callable[[str], bool]) -> None:
    """Kill all processes of this user whose mark is meant."""
    killed: set[psutil.Process] = set()
    while left := {process for process in psutil.process_iter() if meant(_mark(process))} - killed:
        for process in left:
            # A number that was given anew meanwhile is not killed by psutil.
            with contextlib.suppress(psutil.Error):
                process.kill()
        killed |= left


def _mark(process: psutil.Process) -> str:
    """Return the mark of a process; others' can't be looked into, and have none."""
    with contextlib.suppress(psutil.Error):
        return str(process.environ().get(_MARK, ""))
    return ""
