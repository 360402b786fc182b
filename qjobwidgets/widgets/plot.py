"""InterimPlot: numbers of jobs as curves that grow: their interim results, or a point per job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import traitlets

from qjobwidgets import render
from qjobwidgets.records import JobRecord
from qjobwidgets.watch.points import Group, default_service
from qjobwidgets.widgets.plot_data import PlotData, PlotOptions
from qjobwidgets.widgets.plot_sources import GroupSource, Source, StreamSource
from qjobwidgets.widgets.twin import Drawing
from qjobwidgets.widgets.view import View, bundle

__all__ = ["InterimPlot"]


def _snapshot_now(_value: object, widget: InterimPlot) -> dict[str, Any]:
    return widget.snapshot_json()


def _points_now(_value: object, widget: InterimPlot) -> dict[str, Any]:
    return widget.points_json()


class InterimPlot(View):
    """A live plot of what jobs publish while they run, or of one number per finished job.

    Points travel as binary columns, each once; ``snapshot`` is written when the page asks for the
    model's state, so a reloaded page has them all.

    Args:
        job: A ``RuntimeJob`` whose program publishes interim results, several of one account, or a
            mapping from the names the plot shall give them to the jobs. Several are compared by
            evaluation number, each in its latest attempt.
        field: The field to draw, such as ``"energy"``, or several; the most telling if not given,
            which of counts are the four outcomes that are most frequent.
            Of a session or tag: ``"ev"``, ``"usage"`` or ``"duration"``.
        session: Instead of jobs: a session or batch, or its id; one point per finished job.
        tag: Instead of jobs: all jobs with this tag, one point per finished job.
        service: The account's client, for a session id or a tag; the default account if not given.
        exact: A reference value, drawn as a dashed line; for several fields by field.
        unit: Unit of the field, such as ``"Ha"``; for several fields by field.
        goal: ``"min"`` or ``"max"`` draws the running best; a VQE minimises by itself.
        scale: ``"linear"``, ``"log"``, or ``"error"`` for the distance to the reference.

    Raises:
        TypeError: Not exactly one of job, session and tag is given.
        ValueError: The jobs are not of one account.
    """

    _esm = bundle("plot.js")
    _css = bundle("plot.css")

    facts = traitlets.Dict().tag(sync=True)
    shown = traitlets.List(traitlets.Unicode()).tag(sync=True)
    scale = traitlets.Enum(["linear", "log", "error"], "linear").tag(sync=True)
    snapshot = traitlets.Any().tag(sync=True, to_json=_snapshot_now)
    append = traitlets.Int().tag(sync=True, to_json=_points_now)

    min_interval = 0.05  # seconds: the last of many points is drawn before one sees that it waits

    def __init__(  # noqa: PLR0913 - what can be plotted, and how
        self,
        job: Any = None,
        field: str | Sequence[str] = "",
        *,
        session: Any = None,
        tag: str | None = None,
        service: Any = None,
        exact: float | Mapping[str, float] | None = None,
        unit: str | Mapping[str, str] = "",
        goal: str | Mapping[str, str] | None = None,
        scale: Literal["linear", "log", "error"] = "linear",
    ) -> None:
        self._outgoing: dict[str, Any] | None = None
        self._news: dict[str, Any] = {}
        fields = [field] if isinstance(field, str) else list(field)
        self._data = PlotData(
            [], [name for name in fields if name], PlotOptions(exact=exact, unit=unit, goal=goal)
        )
        if sum(source is not None for source in (job, session, tag)) != 1:
            raise TypeError("InterimPlot needs a job (or several), session=... or tag=...")
        _check_goals(goal)
        if job is not None:
            jobs = _labelled(job)
            service = next(iter(jobs.values())).service
            if any(other.service.key != service.key for other in jobs.values()):
                raise ValueError("A plot shows jobs of one account; make one for each.")
            super().__init__(service, [each.record for each in jobs.values()], scale=scale)
            self._data.sources = [
                StreamSource(self.watcher, each.record, label, self._mark)
                for label, each in jobs.items()
            ]
        else:
            self.recent = True
            group = _group(session, tag)
            super().__init__(_service(session, service), [], scale=scale)
            self._data.sources = [GroupSource(self.watcher, group, self._mark)]
        self._mark()

    def __len__(self) -> int:
        return sum(len(source) for source in self._data.sources)

    def shown_records(self) -> list[JobRecord]:
        return [record for source in self._data.sources for record in source.records]

    def settled(self) -> bool:
        return super().settled() and all(source.settled for source in self._sources)

    def twin_facts(self) -> object:
        states = [(source.state, len(source), source.epoch) for source in self._sources]
        return self.shown_records(), self._data.shown, self.scale, states

    def prepare(self) -> None:
        self._data.update()
        if self.recent:
            # so that the watcher lets go of them with the view
            self.job_ids = frozenset(record.id for record in self.shown_records())

    def standing(self) -> object:
        turns = [source.turn for source in self._sources]
        if None in turns:
            return None
        notifying = self.watcher.audience.wants_notice(self)
        known = self.watcher.freshness, self.watcher.board.revision
        return self.visible, notifying, known, turns

    def send_points(self) -> bool:
        if self._data.stale:
            return False
        if self.visible and (news := self._data.news()) is not None:
            self._news = news
            self.send_state("append")  # as to set it takes as long as to send it
        return True

    def update_page(self) -> None:
        if not self._sources:
            return
        self.facts = self._data.facts()
        if self._data.stale:
            self._outgoing = self._data.snapshot(sent=True)
            self.send_state("snapshot")
            self._outgoing = None
        elif (news := self._data.news()) is not None:
            self._news = news
            self.append += 1
        self.shown = self._data.shown

    def snapshot_json(self) -> dict[str, Any]:
        """Return all points of the fields drawn."""
        return self._outgoing or self._data.snapshot()

    def points_json(self) -> dict[str, Any]:
        """Return the points of the message that is being made; outside of it there are none."""
        return self._news if self.publishing else {}

    def resync(self) -> None:
        self._data.forget()

    def close(self) -> None:
        super().close()
        for source in self._sources:
            source.close()

    def twin(self) -> Mapping[str, str]:
        return self.twin_drawing()()

    def twin_drawing(self) -> Drawing:
        views, as_of, scale = self._data.views(), self.as_of(), self.scale
        return lambda: {
            "text/html": render.series_html(views, as_of=as_of, scale=scale),
            "text/plain": render.series_text(views, scale=scale),
        }

    @property
    def _sources(self) -> Sequence[Source]:
        return self._data.sources

    def _mark(self) -> None:
        self.watcher.publisher.mark(self)

    @traitlets.observe("shown")
    def _shown_chosen(self, _change: object) -> None:
        if self.shown != self._data.shown:
            self._data.choose(self.shown)
            self._mark()

    @traitlets.observe("scale")
    def _scale_chosen(self, _change: object) -> None:
        if self._sources:
            self._mark()


def _labelled(job: Any) -> dict[str, Any]:
    """Return the jobs by what the plot calls them."""
    if isinstance(job, Mapping):
        found = {str(label): each for label, each in job.items()}
    else:
        jobs = list(job) if isinstance(job, Iterable) else [job]
        found = {render.short_id(each.record.id): each for each in jobs}
    if not found:
        raise TypeError("InterimPlot needs at least one job.")
    return found


def _group(session: Any, tag: str | None) -> Group:
    if tag is not None:
        return Group("tag", tag)
    return Group("session", session if isinstance(session, str) else str(session.session_id))


def _service(session: Any, service: Any) -> Any:
    return service or getattr(session, "service", None) or default_service()


def _check_goals(goal: Any) -> None:
    given = goal.values() if isinstance(goal, Mapping) else [goal]
    if not set(given) <= {"min", "max", None}:
        raise ValueError(f"goal is 'min' or 'max', not {goal!r}.")
