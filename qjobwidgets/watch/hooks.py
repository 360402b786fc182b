"""Hooks: what a user wants done when a watched job changes or ends.

A hook is a function, the word ``"notify"`` (a notification of the browser that shows a view of the
job), or the address of a webhook. Hooks can't hurt the watching: they run on a thread of their own,
each with a time limit, in a queue with a cap. What goes wrong is kept with the job's handle and
shown as a note in its views, until the same hook succeeds or the user has the handle forget it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from qjobwidgets.client import forks
from qjobwidgets.errors import IBMInputValueError, QJobError
from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch.webhook import checked_address, post

if TYPE_CHECKING:
    from qjobwidgets.watch.handle import WatchedJob

__all__ = ["NOTIFY", "Action", "Hook", "Hooks", "about", "checked_actions", "forget", "stop_hooks"]

logger = logging.getLogger(__name__)

NOTIFY = "notify"
"""The hook that has the browser notify."""

Action = Callable[["WatchedJob"], Any] | str
Hook = Action | Iterable[Action] | None

_TIME_LIMIT = 30.0
"""Seconds after which a hook is left to itself."""

_MOST_WAITING = 1000
_MOST_LATE = 8
_MOST_ERRORS = 100
_ABOUT = "hook "


def checked_actions(hook: Hook) -> tuple[Action, ...]:
    """Return what a hook consists of.

    Raises:
        IBMInputValueError: It is nothing that can be done.
    """
    if hook is None:
        return ()
    if isinstance(hook, str) or callable(hook) or not isinstance(hook, Iterable):
        actions: tuple[Any, ...] = (hook,)
    else:
        actions = tuple(hook)
    for action in actions:
        if isinstance(action, str) and action != NOTIFY:
            checked_address(action)
        elif not isinstance(action, str) and not callable(action):
            raise IBMInputValueError(
                f"{action!r} can't be used as a hook.",
                fix='Pass a function, "notify", the address of a webhook, or a list of these.',
            )
    return actions


class Hooks:
    """The hooks of one handle: a view that nobody sees, until the job has ended.

    Each event counts once: a change for each status seen, the end once. Of changes that follow
    each other faster than views are told, the last is seen.

    Args:
        handle: The job's handle.
        on_done: For the status ``DONE``.
        on_error: For ``ERROR``.
        on_change: For each change of the status, the last included.

    Attributes:
        notifies: Whether one of them has the browser notify.
    """

    min_interval = 0.0
    recent = False
    visible = True  # somebody waits, though not with their eyes
    silent = False

    def __init__(
        self,
        handle: WatchedJob,
        on_done: tuple[Action, ...],
        on_error: tuple[Action, ...],
        on_change: tuple[Action, ...],
    ) -> None:
        self.job_ids = frozenset({handle.job_id()})
        self._handle = handle
        self._ends = {JobStatus.DONE: on_done, JobStatus.ERROR: on_error}
        self._on_change = on_change
        self._lock = threading.Lock()
        self._told: JobStatus | str = handle.record.status
        self._over = False
        self.notifies = NOTIFY in (*on_done, *on_error, *on_change)
        handle.watcher.attach(self)
        self._show_wish()

    def publish(self) -> None:
        """Have done what the present status calls for."""
        record = self._handle.record
        with self._lock:
            if self._over:
                return
            actions = self._on_change if record.status != self._told else ()
            self._told = record.status
            self._over = over = record.final or self._handle.watcher.board.deleted(record.id)
            if isinstance(record.status, JobStatus):
                actions += self._ends.get(record.status, ())
        if over:
            self._handle.watcher.detach(self)
            self._show_wish()
        if actions:
            _runner.run(self._handle, record, actions)

    def _show_wish(self) -> None:
        """Have the job's views say that the browser's notifications are wanted, or no more."""
        if self.notifies:
            self._handle.watcher.audience.announce([self._handle.record])


class _Runner:
    """The queue of hooks that are due, and the thread that sees to them."""

    def __init__(self) -> None:
        self._begin()
        forks.begin_anew(self, _Runner._begin)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._due: deque[tuple[WatchedJob, JobRecord, Action]] = deque()
        self._late: list[threading.Thread] = []
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def run(self, handle: WatchedJob, record: JobRecord, actions: Sequence[Action]) -> None:
        """Queue actions, all at once: being stopped finds them queued, or not begun."""
        with self._lock:
            room = max(_MOST_WAITING - len(self._due), 0)
            self._due.extend((handle, record, action) for action in actions[:room])
            if self._thread is None:
                self._stop = threading.Event()
                self._thread = threading.Thread(
                    target=self._work, args=(self._stop,), name="qjob-hooks", daemon=True
                )
                self._thread.start()
        for action in actions[room:]:
            dropped = QJobError(f"{_MOST_WAITING} hooks wait already; this one was dropped.")
            _keep(handle, action, dropped)

    def stop(self, timeout: float = 2.0) -> None:
        """Drop what is queued."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._due.clear()
            self._stop.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def _work(self, stop: threading.Event) -> None:
        while True:
            with self._lock:
                if stop.is_set() or not self._due:
                    if self._thread is threading.current_thread():
                        self._thread = None
                    return
                handle, record, action = self._due.popleft()
            self._late = [thread for thread in self._late if thread.is_alive()]
            if len(self._late) >= _MOST_LATE:
                dropped = QJobError("A hook was dropped: too many others don't come back.")
                _keep(handle, action, dropped)
            else:
                self._limit(handle, record, action, stop)

    def _limit(
        self, handle: WatchedJob, record: JobRecord, action: Action, stop: threading.Event
    ) -> None:
        """Run an action on a thread that is left to itself when it takes too long."""
        over = threading.Event()

        def work() -> None:
            try:
                _act(handle, record, action, stop)
            except BaseException as error:  # noqa: BLE001 - a user's function may raise anything
                _keep(handle, action, error)
            else:
                if action != NOTIFY:  # how that goes the page may have told already
                    _say(handle, action, None)
            finally:
                over.set()

        thread = threading.Thread(target=work, name="qjob-hook", daemon=True)
        thread.start()
        until = time.monotonic() + _TIME_LIMIT
        while not over.wait(0.2):
            if stop.is_set() or time.monotonic() > until:
                self._late.append(thread)
                if not stop.is_set():
                    late = QJobError(f"A hook takes longer than {_TIME_LIMIT:g} s.")
                    _keep(handle, action, late)
                return


def _act(handle: WatchedJob, record: JobRecord, action: Action, stop: threading.Event) -> None:
    if callable(action):
        action(handle)
    elif action != NOTIFY:
        post(action, record, stop)
    else:
        _say(handle, action, None)
        if not handle.watcher.audience.notify(record):
            raise QJobError("Nobody was notified: no view of the job is open.")


def _keep(handle: WatchedJob, action: Action, error: BaseException) -> None:
    """Keep what a hook has raised, and have the job's views say so."""
    logger.info("a hook of job %s failed: %s", handle.job_id(), type(error).__name__)
    if len(handle.hook_errors) < _MOST_ERRORS:
        handle.hook_errors.append(error)
    named = f"{type(error).__name__}: {error}".removesuffix(": ")
    said = str(error) if isinstance(error, QJobError) else named
    _say(handle, action, f"Hook: {' '.join(said.split())[:300]}")


def _say(handle: WatchedJob, action: Action, note: str | None) -> None:
    """Have the job's views say how it went with an action the last time."""
    handle.watcher.board.remark(handle.job_id(), note, about(action))
    handle.watcher.audience.announce([handle.record])


def about(action: Action) -> str:
    """Return what the remarks of an action are about, see :meth:`.board.Board.remark`."""
    return f"{_ABOUT}{action if isinstance(action, str) else id(action)}"


def forget(handle: WatchedJob) -> None:
    """Empty a handle's ``hook_errors``, and have the job's views say no more of them."""
    handle.hook_errors.clear()
    entry = handle.watcher.board.get(handle.job_id())
    for subject, _ in entry.remarks if entry else ():
        if subject.startswith(_ABOUT):
            handle.watcher.board.remark(handle.job_id(), None, subject)
    handle.watcher.audience.announce([handle.record])


_runner = _Runner()


def stop_hooks() -> None:
    """Drop the hooks that wait, and leave those that run to themselves."""
    _runner.stop()
