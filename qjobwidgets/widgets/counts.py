"""CountsHistogram: the counts of a sampler job, drawn as soon as there are any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import traitlets

from qjobwidgets import render
from qjobwidgets.errors import QJobError
from qjobwidgets.records import JobStatus
from qjobwidgets.render.bars import SORTS, TOP
from qjobwidgets.watch import Outcomes, watcher_for
from qjobwidgets.watch.counts_source import CountsSource, Sight
from qjobwidgets.widgets.counts_columns import (
    Entry,
    Place,
    eager,
    entry_at,
    entry_json,
    entry_view,
    registers_json,
)
from qjobwidgets.widgets.counts_compare import Comparison, comparisons
from qjobwidgets.widgets.handles import as_job
from qjobwidgets.widgets.job_view import JobView
from qjobwidgets.widgets.view import bundle

__all__ = ["CountsHistogram"]

_WAITS: Final = frozenset({"waiting", "loading"})
_TWIN_ENTRIES: Final = 9  # one more than a twin shows, so that it can say that there are more
_MOST_TOP: Final = 1024


class CountsHistogram(JobView):
    """The counts of one job, per PUB, register and parameter set.

    The result is fetched once, in the background, when the job is done: not if it is large or the
    job is private, where a button does. What is chosen on the page stays in traits, so it survives
    a reload, holds for the static form, and can be read and set from Python.

    Args:
        job: A ``RuntimeJob`` of a program whose result has counts; or its id, with ``service``.
        compare: What to compare with: another job, or a mapping of bit strings to shares or counts;
            or several of these.
        labels: A name for each comparison.
        top: Outcomes shown one by one; the rest is one bar.
        sort: ``"count"``, ``"key"``, ``"weight"`` (Hamming weight) or ``"distance"`` (Hamming
            distance); by default few outcomes by key and many by count.
        toward: The outcome that distances are measured to; by default the most frequent one.
        unit: What the axis shows, ``"share"`` or ``"counts"``.
        service: The account's client, where ``job`` is an id.

    Attributes:
        place: Index of the register shown, and of the parameter set (-1: all together).
        compared: Index of the comparison shown, -1 for none.

    Raises:
        QJobError: There is no such job, or a comparison that can't be compared with.
    """

    _esm = bundle("counts.js")
    _css = bundle("counts.css")

    state = traitlets.Unicode("waiting").tag(sync=True)
    message = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    action = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    retry_at = traitlets.Float(None, allow_none=True).tag(sync=True)
    registers: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    entries: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    more: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    comparisons: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)

    top = traitlets.Int(TOP, min=1, max=_MOST_TOP).tag(sync=True)
    sort = traitlets.Enum(SORTS, None, allow_none=True).tag(sync=True)
    toward = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    unit = traitlets.Enum(("share", "counts"), "share").tag(sync=True)
    place = traitlets.List(traitlets.Int(), [0, -1], minlen=2, maxlen=2).tag(sync=True)
    compared = traitlets.Int(0, min=-1).tag(sync=True)

    # a view whose arguments were refused is closed as well
    _others: Sequence[Comparison] = ()

    def __init__(  # noqa: PLR0913 - each one a choice of the reader
        self,
        job: Any,
        *,
        compare: Any = (),
        labels: Sequence[str] | None = None,
        top: int = TOP,
        sort: str | None = None,
        toward: str | None = None,
        unit: str = "share",
        service: Any = None,
    ) -> None:
        job = as_job(job, service)
        self._others = comparisons(compare, labels, self._changed)
        self._source = CountsSource(job, watcher_for(job.service), self._changed)
        self._sight = Sight("waiting")
        self._known: tuple[str, ...] = ()
        self._drawn: dict[Place, Entry] = {}
        self._sent: frozenset[Place] = frozenset()
        # so that a page is told of nothing between its beginning and the counts
        loads = job.record.status is JobStatus.DONE and not job.record.private
        state = "loading" if loads else "waiting"
        choices = {"top": top, "sort": sort, "toward": toward, "unit": unit}
        try:
            super().__init__(job, state=state, **choices)
        except traitlets.TraitError as error:
            raise QJobError(str(error)) from None
        self.observe(self._changed, ["top", "sort", "toward", "unit", "place", "compared"])
        for source in self._compared_jobs:
            source.follow()

    @property
    def outcomes(self) -> list[Outcomes]:
        """The counts of each register, empty until they are there."""
        return [register.outcomes() for register in self._sight.registers]

    def settled(self) -> bool:
        states = [self._sight.state, *self._known]
        return super().settled() and not _WAITS & set(states)

    def twin_facts(self) -> object:
        choices = (self.top, self.sort, self.toward, *self.place, self.compared)
        return self.record, self._sight.state, self._sight.message, self._known, choices

    def prepare(self) -> None:
        self._look()

    def handle(self, kind: str, content: Mapping[str, Any]) -> None:
        sources = [self._source, *(other.source for other in self._others)]
        which = content.get("source")
        if kind == "load" and isinstance(which, int) and 0 <= which < len(sources):
            source = sources[which]
            if source is not None:
                source.ask(content.get("seen"))

    def update_page(self) -> None:
        super().update_page()
        sight = self._sight
        self.comparisons = [_comparison_json(other.label, other.look()) for other in self._others]
        if sight.state == "ready":
            self._send_entries()
        self.state, self.message = sight.state, sight.message
        self.action, self.retry_at = sight.action, _ms(sight.retry_at)

    def twin(self) -> Mapping[str, str]:
        self._look()
        views = self._twin_views()
        message = self._sight.message
        if self._sight.state == "loading":
            message = "The counts are being fetched."
        now = self.as_of()
        return {
            "text/html": render.counts_html(self.record, views, as_of=now, message=message),
            "text/plain": render.counts_text(self.record, views, as_of=now, message=message),
        }

    def close(self) -> None:
        """Close the live view; the twin with the last truth takes its place."""
        super().close()
        for source in self._compared_jobs:
            source.leave()

    @property
    def _compared_jobs(self) -> list[CountsSource]:
        """The sources of the comparisons that are jobs."""
        return [other.source for other in self._others if other.source is not None]

    def _changed(self, _change: object = None) -> None:
        """Have the page brought up to date; called on any thread."""
        self.watcher.publisher.mark(self)

    def _look(self) -> None:
        """See what the sources have; a comparison that has come is drawn in every entry."""
        sights = [other.look() for other in self._others]
        for source in self._compared_jobs:
            source.visible = self.visible and not self.silent
        self._sight = self._source.look()
        known = tuple(sight.state for sight in sights)
        if known != self._known:
            self._known, self._drawn, self._sent = known, {}, frozenset()

    def _place(self) -> Place:
        """Return what is chosen, or the first register where that is none."""
        index, of_set = self.place
        registers = self._sight.registers
        if not 0 <= index < len(registers):
            return 0, -1
        return index, of_set if 0 <= of_set < registers[index].sets else -1

    def _entry(self, place: Place) -> Entry:
        entry = self._drawn.get(place)
        if entry is None:
            entry = self._drawn[place] = entry_at(self._sight.registers, place, self._others)
        return entry

    def _send_entries(self) -> None:
        place = self._place()
        if not self._sent:
            found = list(eager(self._sight.registers, place, self._others))
            self._drawn |= {entry.place: entry for entry in found}
            self._sent = frozenset(entry.place for entry in found)
            self.registers = registers_json(self._sight.registers)
            self.entries = [entry_json(entry) for entry in found]
            self.more = {}
        elif place not in self._sent and self.more.get("place") != list(place):
            self.more = entry_json(self._entry(place))

    def _twin_views(self) -> list[render.CountsView]:
        """Return the entries of the twin: of each register all shots, or those chosen."""
        if self._sight.state != "ready":
            return []
        chosen = self._place()
        look = render.Look(self.top, self.sort, self.toward)
        places = [chosen if n == chosen[0] else (n, -1) for n in range(len(self._sight.registers))]
        shown = places[:_TWIN_ENTRIES]
        views = [entry_view(self._entry(p), look, self.compared, self._others) for p in shown]
        # what is not drawn is only counted
        return views + views[-1:] * (len(places) - len(shown))


def _comparison_json(label: str, sight: Sight) -> dict[str, Any]:
    return {
        "label": label,
        "state": sight.state,
        "message": sight.message,
        "action": sight.action,
        "retry_at": _ms(sight.retry_at),
    }


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000.0
