"""InterimPlot: a number of a job's interim results, growing while the job runs."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

import traitlets

from qjobwidgets import render
from qjobwidgets.watch import InterimFeed
from qjobwidgets.widgets.view import JobView, bundle

__all__ = ["InterimPlot"]


def _snapshot_now(_value: object, widget: InterimPlot) -> dict[str, Any]:
    return widget.points_json(0)


class InterimPlot(JobView):
    """A live plot of one field of a job's interim results.

    Points travel as binary columns, each once; ``snapshot`` is written when the page asks for the
    model's state, so a reloaded page has them all.

    Args:
        job: A ``RuntimeJob`` whose program publishes interim results.
        field: The field to draw, such as ``"energy"``; the most telling one if not given.
        exact: A reference value, drawn as a dashed line.
        unit: Unit of the field, such as ``"Ha"``.
        goal: ``"min"`` or ``"max"`` draws the running best; a VQE minimises by itself.
    """

    _esm = bundle("plot.js")
    _css = bundle("plot.css")

    field = traitlets.Unicode("").tag(sync=True)
    fields = traitlets.List(traitlets.Unicode()).tag(sync=True)
    reference = traitlets.Float(None, allow_none=True).tag(sync=True)
    reference_label = traitlets.Unicode("exact").tag(sync=True)
    x_label = traitlets.Unicode("interim result").tag(sync=True)
    unit = traitlets.Unicode("").tag(sync=True)
    goal = traitlets.Enum(["min", "max"], None, allow_none=True).tag(sync=True)
    stream = traitlets.Unicode("connecting").tag(sync=True)
    dropped = traitlets.Int(0).tag(sync=True)
    snapshot = traitlets.Any().tag(sync=True, to_json=_snapshot_now)
    append = traitlets.Dict().tag(sync=True)

    min_interval = 0.1

    def __init__(
        self,
        job: Any,
        field: str = "",
        *,
        exact: float | None = None,
        unit: str = "",
        goal: str | None = None,
    ) -> None:
        self._sent: int | None = None
        self._drawn_field = field
        self._feed: InterimFeed | None = None
        variational = job.record.program in {"vqe", "qaoa"}
        super().__init__(
            job,
            field=field,
            reference=exact,
            unit=unit,
            goal=goal or ("min" if variational else None),
            x_label="evaluation" if variational else "interim result",
        )
        self._feed = self.watcher.feeds.follow(job.record, self._mark)

    def __len__(self) -> int:
        return 0 if self._feed is None else len(self._feed.series)

    def settled(self) -> bool:
        ended = self._feed is not None and (self._feed.state == "ended" or bool(self._feed.message))
        return super().settled() and ended

    def twin_facts(self) -> object:
        state = None if self._feed is None else self._feed.state
        return self.record, self._shown_field(), len(self), state

    def update_page(self) -> None:
        super().update_page()
        if self._feed is None:
            return
        self.fields, self.dropped = self._feed.series.fields, self._feed.series.dropped
        self.stream = self._feed.state
        self.field = self._shown_field()
        if self.field != self._drawn_field or self._sent is None:
            self._drawn_field = self.field
            self.send_state("snapshot")
            self._sent = len(self)
        elif len(self) > self._sent:
            self.append = self.points_json(self._sent)
            self._sent = self.append["rev"]

    def points_json(self, base: int) -> dict[str, Any]:
        """Return the points from number ``base`` on, as little-endian float64 columns."""
        if self._feed is None:
            seq = attempt = value = b""
        else:
            seq, attempt, value = self._feed.series.columns(self._shown_field(), base)
        rev = base + len(seq) // 8
        return {"base": base, "rev": rev, "seq": seq, "attempt": attempt, "value": value}

    def resync(self) -> None:
        self._sent = None

    def close(self) -> None:
        super().close()
        if self._feed is not None:
            self.watcher.feeds.leave(self._feed, self._mark)

    def twin(self) -> Mapping[str, str]:
        points = self.points_json(0)
        view = render.SeriesView(
            job=self.record,
            field=self._shown_field(),
            unit=self.unit,
            x_label=self.x_label,
            seq=array("d", points["seq"]),
            attempt=array("d", points["attempt"]),
            values=array("d", points["value"]),
            reference=self.reference,
            reference_label=self.reference_label,
            goal=self.goal,
            state=self.stream if self._feed is None else self._feed.state,
        )
        return {
            "text/html": render.series_html(view, as_of=self.as_of()),
            "text/plain": render.series_text(view),
        }

    def _shown_field(self) -> str:
        if self.field or self._feed is None:
            return str(self.field)
        return next(iter(self._feed.series.fields), "")

    def _mark(self) -> None:
        self.watcher.publisher.mark(self)

    @traitlets.observe("field")
    def _field_changed(self, _change: object) -> None:
        if self._feed is not None:
            self._mark()
