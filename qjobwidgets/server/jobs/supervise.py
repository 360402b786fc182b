"""Watching one attempt from its fork to its end, and telling the ledger.

The same function serves a local slot and, later, a task on a cluster: it needs the ledger and a
way to launch a process, nothing else. It looks at the ledger a few times a second; an attempt that
does not hold its job any more (cancelled, or taken over) is killed. All times are measured on the
monotonic clock.
"""

from __future__ import annotations

import codecs
import logging
import signal
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import psutil

from qjobwidgets.server.jobs.ledger import Ledger
from qjobwidgets.server.jobs.queries import Queries
from qjobwidgets.server.jobs.states import Reason, ReasonCode, Ticket, Usage
from qjobwidgets.server.run.launcher import AttemptProcess, Launcher, ZygoteLostError
from qjobwidgets.server.run.wire import MESSAGE_CAP, FrameError

__all__ = ["supervise"]

_LOG = logging.getLogger(__name__)

_TICK = 0.2  # seconds between two looks at the ledger: a cancelled job is killed within this
_MESSAGES_CAP = 100_000
_MESSAGE_BYTES_CAP = 256 * 1024 * 1024
_LOG_CAP = 1024 * 1024
_REASON_CAP = 4096  # characters
_FIGURES = ("executions", "num_circuits", "num_qubits", "circuit_depths")
# Half of the machine: one greedy job must not take the notebook's kernel with it.
_MEMORY = psutil.virtual_memory().total // 2  # type: ignore[no-untyped-call]


@dataclass(slots=True)
class _Intake:
    """What one attempt has sent so far, and what was dropped over the caps."""

    messages: int = 0
    message_bytes: int = 0
    dropped: int = 0
    log_bytes: int = 0
    # Keeps the first bytes of a character until the next read brings the rest.
    decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    def admits(self, data: str) -> bool:
        """Whether one more message fits; counts it either way."""
        size = len(data)
        full = self.messages >= _MESSAGES_CAP or self.message_bytes + size > _MESSAGE_BYTES_CAP
        if full or size > MESSAGE_CAP:
            self.dropped += 1
            return False
        self.messages += 1
        self.message_bytes += size
        return True

    def log_text(self, raw: bytes) -> str:
        """Return what of the log text is kept."""
        room = _LOG_CAP - self.log_bytes
        self.log_bytes += len(raw)
        if room <= 0:
            return ""
        text = self.decoder.decode(raw[:room]).replace("\0", "\ufffd")
        return text if len(raw) <= room else f"{text}\n[the rest of the log was dropped]\n"


@dataclass(slots=True)
class _Supervision:
    """One attempt under watch."""

    ticket: Ticket
    ledger: Ledger
    queries: Queries
    stopping: threading.Event
    process: AttemptProcess
    started: float = field(default_factory=time.monotonic)
    intake: _Intake = field(default_factory=_Intake)

    def run(self) -> None:
        """Watch the attempt until it has ended in one way or another."""
        self.process.send(_instructions(self.ticket))
        try:
            while not self._over():
                frames, raw, closed = self.process.read(_TICK)
                final = self._take(frames, raw)
                if final is not None:
                    self._conclude(final)
                    return
                if closed or (self.process.ended.is_set() and not frames and not raw):
                    self._died()
                    return
        except FrameError as error:
            self.process.kill()
            reason = Reason(f"The job's process broke the protocol: {error}.", ReasonCode.CRASHED)
            self.ledger.fail(self.ticket.job, self.ticket.attempt, reason, self._usage())

    def _over(self) -> bool:
        """End the attempt if the server stops, the limit is reached, or the job was taken away."""
        job, attempt = self.ticket.job, self.ticket.attempt
        if self.stopping.is_set():
            self.process.kill()
            self.ledger.interrupt(job, attempt, "the server was stopped")
        elif time.monotonic() - self.started >= self.ticket.limit:
            self.process.kill()
            self._mark_dropped()
            self.ledger.overrun(job, attempt, _ran_too_long(self.ticket.limit), self._usage())
        elif self.queries.holds(job, attempt):
            return False
        else:
            self.process.kill()
        return True

    def _take(self, frames: list[dict[str, Any]], raw: bytes) -> dict[str, Any] | None:
        """Store messages and log text; return the frame that ends the attempt, if it came."""
        new, final = [], None
        for frame in frames:
            if frame.get("type") in {"result", "failed"}:
                final = frame
                raw += self._last_log()
                break
            data = frame.get("data")
            if frame.get("type") == "dropped":
                self.intake.dropped += 1
            elif not isinstance(data, str):
                raise FrameError("a message has no data")
            elif self.intake.admits(data):
                new.append(("interim", data))
        text = self.intake.log_text(raw)
        if new or text:
            self.ledger.publish(self.ticket.job, self.ticket.attempt, new, text)
        return final

    def _last_log(self) -> bytes:
        """Read what the attempt wrote before its last frame; it is in the pipe by now."""
        log = b""
        while len(log) <= _LOG_CAP:
            _, more, _ = self.process.read(0)
            if not more:
                break
            log += more
        return log

    def _conclude(self, frame: dict[str, Any]) -> None:
        self._mark_dropped()
        job, attempt = self.ticket.job, self.ticket.attempt
        usage = self._usage(_figures(frame))
        if frame["type"] == "result" and isinstance(frame.get("data"), str):
            self.ledger.complete(job, attempt, frame["data"], usage)
        else:
            self.ledger.fail(job, attempt, _reason(frame), usage)

    def _died(self) -> None:
        """Tell a crash of the job from an interruption by the zygote's end."""
        self.process.kill()
        job, attempt, code = self.ticket.job, self.ticket.attempt, self.process.exit_code
        if code is None:
            self.ledger.interrupt(job, attempt, "the launcher of jobs ended")
            return
        self._mark_dropped()
        how = _describe_exit(code)
        _LOG.warning("attempt %d at job %s ended early: %s", attempt, job, how)
        self.ledger.crash(job, attempt, how)

    def _mark_dropped(self) -> None:
        if self.intake.dropped:
            mark = ("dropped", f'{{"count":{self.intake.dropped}}}')
            self.ledger.publish(self.ticket.job, self.ticket.attempt, [mark])

    def _usage(self, figures: dict[str, Any] | None = None) -> Usage:
        return Usage(round(time.monotonic() - self.started, 6), figures or {})


def supervise(
    ticket: Ticket,
    *,
    ledger: Ledger,
    queries: Queries,
    launcher: Launcher,
    stopping: threading.Event,
) -> None:
    """Make one attempt at a job and see it to its end.

    Args:
        ticket: The job, and the number of the attempt.
        ledger: Where the outcome goes.
        queries: Where it is seen whether the attempt still holds its job.
        launcher: Forks the attempt.
        stopping: Set when the server ends: the attempt is then killed and counts as interrupted.
    """
    try:
        with launcher.launch() as process:
            _Supervision(ticket, ledger, queries, stopping, process).run()
    except ZygoteLostError as error:
        ledger.interrupt(ticket.job, ticket.attempt, str(error))


def _instructions(ticket: Ticket) -> dict[str, Any]:
    return {
        "job": ticket.job,
        "program": ticket.program,
        "backend": ticket.backend,
        "params": ticket.params,
        "log_level": ticket.log_level,
        "memory": _MEMORY,
    }


def _ran_too_long(limit: int) -> Reason:
    return Reason(
        f"Ran too long: the job exceeded its maximum execution time of {limit} s.",
        ReasonCode.RAN_TOO_LONG,
        "Give the job more time (max_execution_time), or less to do.",
    )


def _figures(frame: dict[str, Any]) -> dict[str, Any]:
    figures = frame.get("figures")
    if not isinstance(figures, dict):
        return {}
    return {name: figures[name] for name in _FIGURES if name in figures}


def _reason(frame: dict[str, Any]) -> Reason:
    text, code, solution = frame.get("reason"), frame.get("code"), frame.get("solution")
    return Reason(
        text[:_REASON_CAP] if isinstance(text, str) and text else "The job failed.",
        code if isinstance(code, int) else ReasonCode.PROGRAM_ERROR,
        solution[:_REASON_CAP] if isinstance(solution, str) else None,
    )


def _describe_exit(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
