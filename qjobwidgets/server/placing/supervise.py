"""Watching one attempt from its fork to its end, and telling the ledger.

It needs the ledger and a way to launch a process, nothing else, wherever that is. It looks at the
ledger a few times a second, and renews the attempt's lease every few seconds; an attempt that does
not hold its job any more (cancelled, or taken over) is killed. All times are measured on the
monotonic clock.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import OperationalError

from qjobwidgets.server.jobs.leases import HEARTBEAT
from qjobwidgets.server.jobs.ledger import Ledger
from qjobwidgets.server.jobs.queries import Queries
from qjobwidgets.server.jobs.states import Reason, ReasonCode, Ticket, Usage
from qjobwidgets.server.placing.intake import LOG_CAP, Intake
from qjobwidgets.server.run.attempt_process import AttemptProcess
from qjobwidgets.server.run.launcher import Launcher, ZygoteLostError
from qjobwidgets.server.run.wire import FrameError

__all__ = ["supervise"]

_LOG = logging.getLogger(__name__)

_TICK = 0.2  # seconds between two looks at the ledger: a cancelled job is killed within this
_REASON_CAP = 4096  # characters
# What an attempt may tell of its circuits; it is a process of others, so nothing else is taken.
_FIGURES = frozenset({"executions", "num_circuits"})
_LISTS_OF_FIGURES = frozenset({"num_qubits", "circuit_depths"})
_FIGURES_CAP = 100_000
_LARGEST = 2**53


@dataclass(slots=True)
class _Supervision:
    """One attempt under watch."""

    ticket: Ticket
    ledger: Ledger
    queries: Queries
    stopping: threading.Event
    process: AttemptProcess
    started: float = field(default_factory=time.monotonic)
    next_look: float = 0.0
    next_beat: float = 0.0
    intake: Intake = field(default_factory=Intake)

    def run(self) -> bool:
        """Watch the attempt until it has ended in one way or another.

        Returns:
            Whether the job was interrupted, and so will run again through no fault of its own.
        """
        self.process.instruct(_instructions(self.ticket))
        self.next_beat = self.started + HEARTBEAT
        self.next_look = self.started + _TICK  # many a job has ended by then
        try:
            while True:
                if self.stopping.is_set():
                    return self._interrupt("the server was stopped")
                if self._over():
                    return False
                frames, raw, closed = self.process.read(_TICK)
                final = self._take(frames, raw)
                if final is not None:
                    self._conclude(final)
                    return False
                if closed:
                    return self._died()
        except FrameError as error:
            reason = f"The job's process broke the protocol: {error}."
            self._fail(Reason(reason, ReasonCode.CRASHED))
            return False

    def _over(self) -> bool:
        """End the attempt if it exceeds a limit, or if its job was taken away."""
        now = time.monotonic()
        if now - self.started >= self.ticket.limit:
            self.process.kill()
            self._mark_dropped()
            job, limit = self.ticket.job, self.ticket.limit
            self.ledger.overrun(job, self.ticket.attempt, _ran_too_long(limit), self._usage())
            return True
        if now < self.next_look:
            return False
        self.next_look = now + _TICK
        if not self._holds(now):
            self.process.kill()
            return True
        too_much = self.process.excess()
        if too_much is not None:
            self._fail(too_much)
        return too_much is not None

    def _holds(self, now: float) -> bool:
        job, attempt = self.ticket.job, self.ticket.attempt
        if now >= self.next_beat:
            self.next_beat = now + HEARTBEAT
            try:
                return self.ledger.beat(job, attempt)
            except OperationalError:
                # Such as a full disk: no reason to end an attempt that may take hours.
                facts = {"job": job, "attempt": attempt}
                _LOG.warning("a lease could not be renewed", exc_info=True, extra=facts)
        return self.queries.holds(job, attempt)

    def _fail(self, reason: Reason) -> None:
        self.process.kill()
        self._mark_dropped()
        self.ledger.fail(self.ticket.job, self.ticket.attempt, reason, self._usage())

    def _interrupt(self, why: str) -> bool:
        self.process.kill()
        return self.ledger.interrupt(self.ticket.job, self.ticket.attempt, why)

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
        while len(log) <= LOG_CAP:
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

    def _died(self) -> bool:
        """Tell a crash of the job from an interruption by the zygote's end; whether it was one."""
        self.process.kill()
        job, attempt, code = self.ticket.job, self.ticket.attempt, self.process.exit_code
        if code is None:
            return self._interrupt("the launcher of jobs ended")
        self._mark_dropped()
        how = _describe_exit(code)
        facts = {"job": job, "attempt": attempt}
        _LOG.warning("an attempt ended early: %s", how, extra=facts)
        self.ledger.crash(job, attempt, how, self._usage())
        return False

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
) -> bool:
    """Make one attempt at a job and see it to its end.

    Args:
        ticket: The job, and the number of the attempt.
        ledger: Where the outcome goes.
        queries: Where it is seen whether the attempt still holds its job.
        launcher: Forks the attempt.
        stopping: Set when the server ends: the attempt is then killed and counts as interrupted.

    Returns:
        Whether the job was interrupted: it is queued again, through no fault of its own.
    """
    try:
        with launcher.launch() as process:
            return _Supervision(ticket, ledger, queries, stopping, process).run()
    except ZygoteLostError as error:
        return ledger.interrupt(ticket.job, ticket.attempt, str(error))


def _instructions(ticket: Ticket) -> dict[str, Any]:
    return {
        "job": ticket.job,
        "program": ticket.program,
        "backend": ticket.backend,
        "params": ticket.params,
        "source": ticket.source,
        "log_level": ticket.log_level,
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
    return {name: value for name, value in figures.items() if _is_figure(name, value)}


def _is_figure(name: str, value: Any) -> bool:
    if name in _FIGURES:
        return _is_count(value)
    if name not in _LISTS_OF_FIGURES or not isinstance(value, list):
        return False
    return len(value) <= _FIGURES_CAP and all(map(_is_count, value))


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _LARGEST


def _reason(frame: dict[str, Any]) -> Reason:
    text, code, solution = frame.get("reason"), frame.get("code"), frame.get("solution")
    return Reason(
        text[:_REASON_CAP] if isinstance(text, str) and text else "The job failed.",
        code if isinstance(code, int) and _is_count(code) else ReasonCode.PROGRAM_ERROR,
        solution[:_REASON_CAP] if isinstance(solution, str) else None,
    )


def _describe_exit(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
