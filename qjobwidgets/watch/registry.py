"""The one watcher of each account in this kernel, and the budgets that the user has set."""

from __future__ import annotations

from collections.abc import Callable

from qjobwidgets.client import RuntimeJob, RuntimeService, forks, submissions
from qjobwidgets.host import Host, host, shell
from qjobwidgets.watch.budget import DEFAULT_BUDGET, Budget, checked_budget, shared_file
from qjobwidgets.watch.foreign import ForeignAsker, is_foreign
from qjobwidgets.watch.hooks import stop_hooks
from qjobwidgets.watch.still import StillWatcher
from qjobwidgets.watch.watcher import Watcher

__all__ = ["budget", "stop_all", "watcher_for"]

_lock = forks.Lock()
_watchers: dict[str, Watcher] = {}
_subscriptions: list[Callable[[], None]] = []
_budgets: dict[str | None, int] = {None: DEFAULT_BUDGET}  # by account; None: for all others


def watcher_for(service: RuntimeService) -> Watcher:
    """Return the watcher of the service's account, making it at first use."""
    key = service.key
    with _lock:
        if not _subscriptions:
            _subscriptions.append(submissions.subscribe(_submitted))
            _subscriptions.append(submissions.on_state(_submitting))
        known = _watchers.get(key)
        # in marimo, who has run cells unasked may open a page
        if known is None or (known.still and host() is Host.MARIMO):
            _watchers[key] = _new_watcher(service)
        return _watchers[key]


def budget(requests_per_minute: int | None = None, *, service: RuntimeService | None = None) -> int:
    """Return how many requests a minute watching may cost an account, and set it if one is given.

    The kernels of one user that watch the same account keep to it together. What it has no room
    for is asked later, and the views say so. It lasts as long as the kernel.

    Args:
        requests_per_minute: The budget from now on.
        service: The account it is for; without one it is for all that have none of their own.

    Raises:
        IBMInputValueError: It is not a whole number from 1 to 600.
    """
    key = None if service is None else service.key
    if requests_per_minute is not None:
        number = checked_budget(requests_per_minute)
        with _lock:
            _budgets[key] = number
            watchers = list(_watchers.values())
        for watcher in watchers:
            watcher.asker.budget.per_minute = _budget_of(watcher.service.key)
    return _budget_of(key)


def _new_watcher(service: RuntimeService) -> Watcher:
    kind = Watcher
    if not host().watched:
        kind = StillWatcher
        if host() is Host.HEADLESS:
            shell().events.register("post_run_cell", _after_cell)
    if is_foreign(service):
        return kind(service, budget=Budget(_budget_of(service.key)), asker=ForeignAsker)
    return kind(service, budget=Budget(_budget_of(service.key), shared_file(service.key)))


def _after_cell(_result: object) -> None:
    """Bring up what does nothing by itself."""
    with _lock:
        watchers = list(_watchers.values())
    for watcher in watchers:
        watcher.bring_up(at_once=True)


def stop_all() -> None:
    """Stop every watcher and forget it; the budgets are the user's, and stay."""
    with _lock:
        watchers = list(_watchers.values())
        _watchers.clear()
        while _subscriptions:
            _subscriptions.pop()()
    stop_hooks()
    for watcher in watchers:
        watcher.stop()


def _budget_of(key: str | None) -> int:
    return _budgets.get(key, _budgets[None])


def _submitting(key: str) -> None:
    with _lock:
        watcher = _watchers.get(key)
    if watcher is not None:
        watcher.submitting()


def _submitted(job: RuntimeJob) -> None:
    with _lock:
        watcher = _watchers.get(job.service.key)
    if watcher is not None:
        watcher.submitted(job.record)
