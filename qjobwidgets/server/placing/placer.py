"""Deciding which queued jobs start, and starting them on this machine.

Placing is level-triggered: each second, and whenever something changed, the placer has sessions do
what is due, gives up attempts of others on the same ledger that nobody watches any more, and looks
at what is queued and at what is free. What it remembers beside the ledger only spreads attempts
over time (which jobs rest, whose leases stand still), so nothing it forgets can be lost.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from qjobwidgets.server.jobs.leases import LEASE, Leases
from qjobwidgets.server.jobs.ledger import Ledger
from qjobwidgets.server.jobs.queries import Queries, Waiting
from qjobwidgets.server.jobs.sessions import Sessions
from qjobwidgets.server.jobs.states import Ticket
from qjobwidgets.server.placing.rests import Rests
from qjobwidgets.server.placing.supervise import supervise
from qjobwidgets.server.run.launcher import Launcher, ZygoteLostError

__all__ = ["LocalPlacer", "choose"]

_LOG = logging.getLogger(__name__)

_PERIOD = 1.0
_LOOKS = 10  # in a period, whether a launcher is ready
_STOP_TIMEOUT = 10.0


def choose(
    waiting: Waiting,
    running: Mapping[str, int],
    *,
    slots: int,
    concurrency: Mapping[str, int],
) -> list[str]:
    """Return the ids of the jobs to start now, in order.

    A dedicated session runs one job at a time. A backend that is kept for one starts no other jobs.

    Args:
        waiting: What waits for a slot.
        running: How many attempts run, by backend.
        slots: How many may run in all.
        concurrency: How many may run on each backend; an unknown backend runs none.
    """
    load = Counter(running)
    busy = set(waiting.busy)
    chosen: list[str] = []
    for job in waiting.queued:
        if load.total() >= slots:
            break
        full = load[job.backend] >= concurrency.get(job.backend, 0)
        held = waiting.held.get(job.backend, job.session) != job.session
        if full or held or job.session in busy:
            continue
        load[job.backend] += 1
        chosen.append(job.id)
        if job.session is not None:
            busy.add(job.session)
    return chosen


class LocalPlacer:
    """Runs attempts in threads of this process, each of which supervises a process.

    Args:
        ledger: Where jobs are started.
        queries: Where queued jobs are seen.
        sessions: Told each time that time has passed.
        launcher: Forks the attempts.
        slots: How many may run at the same time.
        concurrency: How many of them on each backend.
        lease: Seconds after which the attempt of another placer is given up that shows no sign of
            being watched.
    """

    def __init__(  # noqa: PLR0913 - the parts it puts to work
        self,
        ledger: Ledger,
        queries: Queries,
        sessions: Sessions,
        launcher: Launcher,
        *,
        slots: int,
        concurrency: Mapping[str, int],
        lease: float = LEASE,
    ) -> None:
        self._ledger = ledger
        self._queries = queries
        self._sessions = sessions
        self._launcher = launcher
        self._slots = slots
        self._concurrency = concurrency
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._running: dict[threading.Thread, Ticket] = {}
        self._rests = Rests()
        self._leases = Leases(lease)
        self._minded = -_PERIOD
        self._thread = threading.Thread(target=self._run, name="qjob-placer", daemon=True)

    def start(self) -> None:
        """Begin to place jobs."""
        self._thread.start()

    def wake(self) -> None:
        """Have it look now: something may be queued, or a slot may be free."""
        # Of what it does itself it knows, and an attempt that ends wakes it when its slot is free.
        thread = threading.current_thread()
        if thread is not self._thread and thread not in self._running:
            self._wake.set()

    def stop(self) -> None:
        """End all attempts; their jobs are queued again, as interrupted."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(_STOP_TIMEOUT)
        with self._lock:
            threads = list(self._running)
        for thread in threads:
            thread.join(_STOP_TIMEOUT)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._mind_time()
                # Without a zygote a started job would only wait, and be called running.
                if self._wait_ready():
                    self._place()
            except ZygoteLostError:
                return
            except Exception:  # noqa: BLE001 - the loop has to live on
                _LOG.exception("placing failed; it is tried again")
            self._wake.wait(_PERIOD)
            self._wake.clear()

    def _wait_ready(self) -> bool:
        """Wait for a period until attempts can be forked, unless it ends; whether they can."""
        for _ in range(_LOOKS):
            if self._stopping.is_set():
                return False
            if self._launcher.wait_ready(_PERIOD / _LOOKS):
                return True
        return False

    def _mind_time(self) -> None:
        """Do what passing time asks for, once in a period however often something changes."""
        now = time.monotonic()
        if now >= self._minded + _PERIOD:
            self._minded = now
            self._sessions.tick()
            self._give_up_unwatched()
            self._launcher.mind()

    def _give_up_unwatched(self) -> None:
        with self._lock:
            own = {(ticket.job, ticket.attempt) for ticket in self._running.values()}
        beats = [beat for beat in self._queries.heartbeats() if (beat.job, beat.attempt) not in own]
        for beat in self._leases.expired(beats, time.monotonic()):
            facts = {"job": beat.job, "attempt": beat.attempt}
            _LOG.warning("an attempt is not watched any more", extra=facts)
            self._ledger.interrupt(beat.job, beat.attempt, "nobody watched the attempt any more")

    def _place(self) -> None:
        with self._lock:
            running = Counter(ticket.backend for ticket in self._running.values())
            resting = self._rests.resting(time.monotonic())
        if running.total() >= self._slots:
            return
        room = {name: most for name, most in self._concurrency.items() if running[name] < most}
        waiting = self._queries.waiting(room)
        for job in choose(
            # A job that rests keeps its position, and so the room it would have there.
            replace(waiting, queued=[job for job in waiting.queued if job.id not in resting]),
            running,
            slots=self._slots,
            concurrency=self._concurrency,
        ):
            ticket = self._ledger.start(job)
            if ticket is not None:
                self._spawn(ticket)

    def _spawn(self, ticket: Ticket) -> None:
        thread = threading.Thread(
            target=self._attempt, args=(ticket,), name=f"qjob-{ticket.job}", daemon=True
        )
        with self._lock:
            self._running[thread] = ticket
        try:
            thread.start()
        except RuntimeError:  # the system has no room for one more
            with self._lock:
                del self._running[thread]
                self._rests.interrupted(ticket.job, time.monotonic())
            self._ledger.interrupt(ticket.job, ticket.attempt, "no thread could be started")
            raise

    def _attempt(self, ticket: Ticket) -> None:
        facts = {"job": ticket.job, "attempt": ticket.attempt, "backend": ticket.backend}
        _LOG.info("an attempt begins", extra=facts)
        interrupted = True
        try:
            interrupted = supervise(
                ticket,
                ledger=self._ledger,
                queries=self._queries,
                launcher=self._launcher,
                stopping=self._stopping,
            )
        except Exception:  # noqa: BLE001
            # An error of ours, not of the job: it runs again rather than being lost.
            _LOG.exception("supervising an attempt failed", extra=facts)
            self._give_back(ticket)
        finally:
            with self._lock:
                del self._running[threading.current_thread()]
                if interrupted:
                    self._rests.interrupted(ticket.job, time.monotonic())
                else:
                    self._rests.ended(ticket.job)
            self._wake.set()

    def _give_back(self, ticket: Ticket) -> None:
        """Queue a job again, as soon as the ledger can be written: a full disk passes."""
        while not self._stopping.is_set():
            try:
                self._ledger.interrupt(ticket.job, ticket.attempt, "an internal error")
            except Exception:  # noqa: BLE001 - otherwise it would be called running for ever
                facts = {"job": ticket.job, "attempt": ticket.attempt}
                _LOG.exception("a job can't be queued again yet", extra=facts)
                self._stopping.wait(_PERIOD)
            else:
                return
