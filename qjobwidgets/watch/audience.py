"""Who looks at the jobs of one account, and what each of them has to be told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from qjobwidgets.client import forks
from qjobwidgets.records import JobRecord
from qjobwidgets.watch.publisher import Publishable, Publisher

__all__ = ["Audience", "View"]


class View(Publishable, Protocol):
    """A view, as the watcher sees it.

    Attributes:
        job_ids: The jobs it shows.
        recent: Whether it shows the account's newest jobs as well.
        visible: Whether someone can see it now.
    """

    job_ids: frozenset[str]
    recent: bool
    visible: bool

    @property
    def silent(self) -> bool:
        """Whether the pages that show it have died, as far as is known."""


class Audience:
    """The views of one account; safe to ask from any thread, changed under the watcher's lock.

    Args:
        publisher: Tells the views.
    """

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._begin()
        forks.begin_anew(self, Audience._begin)

    def _begin(self) -> None:
        self._views: tuple[View, ...] = ()

    def add(self, view: View) -> None:
        """Count one more view."""
        self._views += (view,)

    def remove(self, view: View) -> None:
        """Count it no more."""
        self._views = tuple(other for other in self._views if other is not view)

    @property
    def recent(self) -> bool:
        """Whether a view shows the account's newest jobs."""
        return any(view.recent for view in self._views)

    @property
    def visible(self) -> bool:
        """Whether someone can see a view, on a page that has not died since it said so."""
        return any(view.visible and not view.silent for view in self._views)

    @property
    def job_ids(self) -> set[str]:
        """The jobs that views show by name."""
        return {job_id for view in self._views for job_id in view.job_ids}

    def announce(self, news: Iterable[JobRecord] = (), *, everyone: bool = False) -> None:
        """Mark the views that have something new to show."""
        ids = {record.id for record in news}
        for view in self._views:
            if everyone or (ids and (view.recent or ids & view.job_ids)):
                self._publisher.mark(view)

    def wants_notice(self, view: View) -> bool:
        """Whether the browser is to notify of a job that this view shows."""
        return any(
            getattr(hooks, "notifies", False) and (view.recent or hooks.job_ids & view.job_ids)
            for hooks in self._views
        )

    def notify(self, record: JobRecord) -> bool:
        """Have the browser notify, through a view of the job; return whether one is open."""
        shown = [view for view in self._views if view.recent or record.id in view.job_ids]
        notify = next((f for view in shown if (f := getattr(view, "notify", None))), None)
        if notify is not None:
            notify(record)
        return notify is not None
