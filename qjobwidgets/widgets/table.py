"""JobsTable: many jobs, live, each sent to the page once and then only what changed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, Final

import traitlets

from qjobwidgets import render
from qjobwidgets.errors import (
    IBMNotAuthorizedError,
    MissingExtraError,
    QJobError,
    RateLimitedError,
    ServiceUnreachableError,
)
from qjobwidgets.records import JobRecord
from qjobwidgets.render.overview import SORTS
from qjobwidgets.render.query import GROUPS, Query, matcher, parse_filter
from qjobwidgets.widgets.roster import Roster
from qjobwidgets.widgets.view import View, bundle, told_once

__all__ = ["JobsTable"]

logger = logging.getLogger(__name__)

COLUMNS: Final = ("program", "backend", "created", "timeline", "ran", "usage", "tags")
"""Columns one can choose; status and job are always there."""

_EMPTY_HINT = "%qjob run sampler bell --backend aer_local"
_MOST_MODES = 20  # sessions asked about between two messages
_MODES_PAUSE = 30.0  # seconds after which they are asked about again, where nothing was told
_PAINT = 0.25  # seconds in which a page paints the rows that it was opened with


def _snapshot_now(_value: object, widget: JobsTable) -> dict[str, Any]:
    return widget.snapshot_json()


def _patch_stays(_value: object, widget: JobsTable) -> object:
    # the page empties its own, once it has taken whole rows from it
    return widget.patch


class JobsTable(View):
    """A live table of jobs.

    The trait ``snapshot`` is written at the moment the page asks for the model's state, so a
    reloaded page starts from the present; ``patch`` then carries what changed since (see
    :mod:`~qjobwidgets.widgets.roster`). What is filtered, sorted and grouped stays in traits, so
    it survives a reload and can be read and set from Python.

    Args:
        jobs: The ``RuntimeJob`` objects to show; without any, the account's newest jobs.
        service: The account's client; needed when no jobs are given.
        title: Heading of the table.
        filter: Which jobs to show: a text, or a mapping with any of ``text``, ``status``,
            ``backend``, ``program``, ``tag``, ``session``, ``since`` and ``until``.
        sort: ``"status"``, ``"id"``, ``"program"``, ``"backend"``, ``"created"``, ``"ran"`` or
            ``"usage"``; with a minus before it, the other way round.
        group: ``"session"``, ``"batch"`` or ``"tag"``.
        columns: Columns beside status and job, of ``"program"``, ``"backend"``, ``"created"``,
            ``"timeline"``, ``"ran"``, ``"usage"``, ``"tags"``; as the width allows if not given.

    Attributes:
        current: Id of the job that was opened last on the page.
    """

    _esm = bundle("table.js")
    _css = bundle("table.css")

    title = traitlets.Unicode().tag(sync=True)
    hint = traitlets.Unicode(_EMPTY_HINT).tag(sync=True)
    total = traitlets.Int(None, allow_none=True).tag(sync=True)
    requests_per_minute = traitlets.Int(0).tag(sync=True)
    filter = traitlets.Any({}).tag(sync=True)
    sort = traitlets.Enum([*SORTS, *(f"-{name}" for name in SORTS)], "status").tag(sync=True)
    group = traitlets.Enum(GROUPS, None, allow_none=True).tag(sync=True)
    columns = traitlets.List(traitlets.Enum(COLUMNS)).tag(sync=True)
    current = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    modes = traitlets.Dict().tag(sync=True)
    snapshot = traitlets.Any().tag(sync=True, to_json=_snapshot_now)
    patch = traitlets.Dict().tag(sync=True, to_json=told_once, from_json=_patch_stays)

    def __init__(  # noqa: PLR0913 - the jobs, and six plain facts of how to show them
        self,
        jobs: Iterable[Any] | None = None,
        *,
        service: Any = None,
        title: str = "Jobs",
        filter: str | Mapping[str, object] | None = None,  # noqa: A002 - the word on the page
        sort: str = "status",
        group: str | None = None,
        columns: Iterable[str] = (),
    ) -> None:
        jobs = None if jobs is None else list(jobs)
        if service is None:
            if not jobs:
                raise TypeError("JobsTable needs jobs=[...] or service=...")
            service = jobs[0].service
        if any(other.key != service.key for other in {job.service for job in jobs or []}):
            raise ValueError("A JobsTable shows jobs of one account; make one for each.")
        self.recent = jobs is None
        self._roster: Roster | None = None
        self._resync = False
        self._modes: dict[str, str] = {}
        self._asked_modes: set[str] = set()
        self._modes_from = 0.0
        self._quiet_until = time.monotonic() + _PAINT if jobs else 0.0
        query = {"filter": filter, "sort": sort, "group": group, "columns": list(columns)}
        records = [job.record for job in jobs or []]
        total = None if jobs is None else len({record.id for record in records})
        super().__init__(service, records, title=title, total=total, **query)

    @property
    def roster(self) -> Roster:
        """The jobs, and what the page knows of them."""
        if self._roster is None:
            self._roster = Roster(self.watcher.board, self.shows)
        return self._roster

    def add(self, job: Any) -> None:
        """Show one more job of the same account."""
        self.job_ids |= {job.record.id}
        self.watcher.watch([job.record])
        # what the board knows of it may be older than the last patch
        self.roster.add(job.record.id)
        self.watcher.publisher.mark(self)

    def to_dataframe(self) -> Any:
        """Return the jobs as filtered and sorted on the page, as a pandas ``DataFrame``.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        try:
            pandas = import_module("pandas")
        except ImportError:
            fix = "Run: pip install pandas"
            raise MissingExtraError("A DataFrame needs pandas.", fix=fix) from None
        records = self.listed_records()
        columns = {name: [fact(r) for r in records] for name, fact in _FACTS.items()}
        return pandas.DataFrame(columns)

    def listed_records(self) -> list[JobRecord]:
        """Return the jobs that satisfy the filter, in order."""
        matches = matcher(self.filter)
        return render.order(filter(matches, self.shown_records()), self.sort)

    # -- the page ---------------------------------------------------------------------------------

    def shown_records(self) -> list[JobRecord]:
        return self.watcher.board.records(None if self.recent else self.job_ids)

    def settled(self) -> bool:
        return self.roster.pending == 0

    def publish(self) -> None:
        quiet = self.host.live and time.monotonic() < self._quiet_until
        if not quiet:
            super().publish()
        # called again in a while; a table that was closed meanwhile would be for ever
        if self.is_open and (quiet or self.roster.behind):
            self.watcher.publisher.mark(self)

    def update_page(self) -> None:
        if self._resync:
            self._resync = False
            self.send_state("snapshot")
        patch = self.roster.patch()
        if patch is not None:
            self.patch = patch
        self.total = self.watcher.asker.total if self.recent else len(self.roster)
        self.requests_per_minute = self.watcher.asker.requests_last_minute
        self.modes = dict(self._modes)
        if self.group in {"session", "batch"}:
            self._ask_modes()

    def snapshot_json(self) -> dict[str, Any]:
        """Return the first rows and the totals, as of the last message."""
        return self.roster.snapshot(self.sort, self.filter)

    def handle(self, kind: str, _content: Mapping[str, Any]) -> None:
        if kind == "rest":
            self.roster.want_rest()

    def resync(self) -> None:
        self._resync = True

    def twin(self) -> Mapping[str, str]:
        facts: dict[str, Any] = {
            "as_of": self.as_of(),
            "total": self.watcher.asker.total if self.recent else None,
            "hint": self.hint,
            "query": Query(self.filter, self.sort, self.group, self.modes),
        }
        records = self.shown_records()
        return {
            "text/html": render.table_html(records, **facts),
            "text/plain": render.table_text(records, **facts),
        }

    def twin_facts(self) -> object:
        return self.shown_records(), self.filter, self.sort, self.group, self.modes

    # -- what the traits may be -------------------------------------------------------------------

    @traitlets.validate("filter")
    def _valid_filter(self, proposal: Any) -> dict[str, Any]:
        return parse_filter(proposal["value"])

    @traitlets.observe("filter", "sort", "group")
    def _query_changed(self, _change: object) -> None:
        if self._roster is not None:
            self.watcher.publisher.mark(self)

    # -- sessions ---------------------------------------------------------------------------------

    def _ask_modes(self) -> None:
        """Have the modes of sessions looked up that are not known, some at a time."""
        if time.monotonic() < self._modes_from:
            return
        sessions = {record.session_id for record in self.roster.records() if record.session_id}
        asked = sorted(sessions - self._asked_modes)[:_MOST_MODES]
        if asked:
            self._asked_modes.update(asked)
            self.watcher.errands.run(lambda: self._learn_modes(asked))

    def _learn_modes(self, sessions: list[str]) -> None:
        for place, session in enumerate(sessions):
            wait = self.watcher.asker.budget.take()
            try:
                if wait <= 0:
                    mode = self.watcher.service.api.session_mode(session)
                    self._modes[session] = render.words.kind_of_session(mode)
            except (IBMNotAuthorizedError, RateLimitedError, ServiceUnreachableError):
                wait = _MODES_PAUSE
            except QJobError as error:
                logger.debug("the mode of a session is not told: %s", error)
            if wait > 0:
                # nothing is missing but the word before a name: a message in a while asks again
                self._modes_from = time.monotonic() + wait
                self._asked_modes.difference_update(sessions[place:])
                break
        if self._modes.keys() & sessions:
            self.watcher.publisher.mark(self)


_FACTS: Final[dict[str, Callable[[JobRecord], Any]]] = {
    "job_id": lambda record: record.id,
    "status": lambda record: str(record.status),
    "program": lambda record: record.program,
    "backend": lambda record: record.backend,
    "created": lambda record: record.created,
    "started": lambda record: record.started,
    "finished": lambda record: record.finished,
    "usage_seconds": lambda record: record.usage_seconds,
    "tags": lambda record: list(record.tags),
    "session_id": lambda record: record.session_id,
    "queue_position": lambda record: record.queue_position,
    "estimated_seconds": lambda record: record.estimated_seconds,
    "reason": lambda record: record.reason,
    "reason_code": lambda record: record.reason_code,
    "reason_solution": lambda record: record.reason_solution,
}
"""Columns of a DataFrame, called as the attributes of a record are."""
