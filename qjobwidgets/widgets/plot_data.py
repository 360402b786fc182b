"""What the page of a plot gets: which fields there are, and the points of those drawn, once each.

Kept apart from the widget, so that any view can hold a plot. Whoever holds one calls ``update``,
sends ``facts`` when they have changed, then ``snapshot`` if the data is ``stale``, else ``news``.

Fields share an axis if they are one quantity: those with the same unit, the parts of one nested
object (``counts.00`` and ``counts.11``), and the expectation values of several PUBs. All others get
a panel of their own over the same x axis: values stay what they are, and nothing is normalised.

Where no field is asked for, the most telling one is drawn. No outcome stands for the others: of
counts those outcomes are drawn that have been the most frequent.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from qjobwidgets import render
from qjobwidgets.watch.points import EXPECTATION
from qjobwidgets.watch.series import COUNTERS, Chunk
from qjobwidgets.widgets.plot_sources import Source

__all__ = ["MOST_SHOWN", "PlotData", "PlotOptions"]

MOST_SHOWN: Final = 8
"""Fields drawn at once; more could not be told apart."""

_MOST_OUTCOMES: Final = 4
"""Outcomes drawn where nobody has asked for any."""

_COUNTS: Final = "counts"
"""What outcomes are parts of that a job has published as they are."""

NO_POINTS: Final = Chunk(0, 0, b"", [])
_SECONDS: Final = frozenset({"usage", "duration"})


@dataclass(frozen=True, slots=True)
class PlotOptions:
    """What the user says about the fields.

    Attributes:
        exact: Reference value of the main field, or by field.
        unit: Unit of the main field, or by field.
        goal: Which values of the main field are better, ``"min"`` or ``"max"``, or by field.
    """

    exact: float | Mapping[str, float] | None = None
    unit: str | Mapping[str, str] = ""
    goal: str | Mapping[str, str] | None = None


@dataclass(slots=True)
class PlotData:
    """The points of some sources, as a page gets them.

    Attributes:
        sources: Where the points come from.
        wanted: Names of the fields to draw; empty for the most telling one.
        options: What is known about the fields.
    """

    sources: Sequence[Source]
    wanted: Sequence[str] = ()
    options: PlotOptions = field(default_factory=PlotOptions)
    _sent: list[tuple[int, int]] | None = None
    _sent_shown: list[str] = field(default_factory=list)
    _learned: list[tuple[list[str], frozenset[str]]] = field(default_factory=list)
    _outcomes: frozenset[str] = frozenset()
    _names: list[str] = field(default_factory=list)
    _shown: list[str] | None = None

    def update(self) -> None:
        """Take over what the sources know by now."""
        asked = None
        # which fields there are, and so which is drawn, may be learnt just now
        while asked != (shown := self.shown):
            asked = shown
            for source in self.sources:
                source.update(shown)

    @property
    def names(self) -> list[str]:
        """The fields of all sources, in the order of the first that has them."""
        learned = [(source.fields, source.outcomes) for source in self.sources]
        if learned != self._learned:
            found = dict.fromkeys(name for fields, _ in learned for name in fields)
            self._outcomes = frozenset().union(*(outcomes for _, outcomes in learned))
            # what only counts comes last, whichever job brought it first
            self._names = sorted(found, key=lambda name: name in COUNTERS)
            self._learned, self._shown = learned, None
        return self._names

    @property
    def shown(self) -> list[str]:
        """The fields drawn: those wanted, and with one all of its parts."""
        names = self.names
        if self._shown is None:
            drawn = self.wanted or self._telling()
            found = [part for name in drawn for part in self._parts(name, names)]
            most = MOST_SHOWN if self.wanted else None
            if not self.wanted and any(name in self._outcomes for name in found):
                most = _MOST_OUTCOMES
            self._shown = list(dict.fromkeys(found))[:most]
        return self._shown

    def _telling(self) -> list[str]:
        """Return what is drawn where no field is asked for, if there is any yet."""
        first = self.names[:1]
        return [self._quantity(name) if name in self._outcomes else name for name in first]

    def choose(self, wanted: Sequence[str]) -> None:
        """Draw these fields from now on."""
        self.wanted, self._shown = list(wanted), None

    def facts(self) -> dict[str, Any]:
        """Return all but the points, as plain JSON."""
        return {
            "fields": [self._field(name) for name in dict.fromkeys([*self.names, *self.shown])],
            "sources": [source.facts() for source in self.sources],
            "x_label": self.sources[0].x_label if self.sources else "",
        }

    @property
    def stale(self) -> bool:
        """Whether what was sent must be sent anew: another choice, or points have changed."""
        if self._sent is None or self._sent_shown != self.shown:
            return True
        epochs = [epoch for _, epoch in self._sent]
        return epochs != [source.epoch for source in self.sources]

    def forget(self) -> None:
        """Have everything sent anew: the page has missed a part."""
        self._sent = None

    def snapshot(self, *, sent: bool = False) -> dict[str, Any]:
        """Return all points; ``sent`` says that what comes next goes on from there."""
        shown = self.shown
        epochs = [source.epoch for source in self.sources]
        # a point that came just now, with the first fields ever seen, waits until they are shown
        chunks = [source.chunk(shown) if shown else NO_POINTS for source in self.sources]
        if sent:
            self._sent = [(c.rev, epoch) for c, epoch in zip(chunks, epochs, strict=True)]
            self._sent_shown = shown
        return {"shown": shown, "parts": [_part(i, chunk) for i, chunk in enumerate(chunks)]}

    def news(self) -> dict[str, Any] | None:
        """Return the points since the last time; ``None`` if there are none."""
        assert self._sent is not None
        parts = []
        for index, source in enumerate(self.sources):
            base, epoch = self._sent[index]
            if len(source) <= base or not self._sent_shown:
                continue
            chunk = source.chunk(self._sent_shown, base)
            self._sent[index] = chunk.rev, epoch
            parts.append(_part(index, chunk))
        return {"parts": parts} if parts else None

    def views(self) -> list[render.SeriesView]:
        """Return what is drawn, for the static twin."""
        return [
            self._view(source, source.chunk([name]), name)
            for name in self.shown or [""]
            for source in self.sources
        ]

    def _view(self, source: Source, chunk: Chunk, name: str) -> render.SeriesView:
        about = self._field(name)
        records = source.records
        group = source.facts()["group"]
        return render.SeriesView(
            job=records[0] if records and group is None else None,
            label=source.label,
            field=name,
            panel=about["panel"],
            unit=about["unit"],
            x_label=source.x_label,
            seq=array("d", chunk.seq),
            values=array("d", chunk.values[0]),
            attempts=tuple(chunk.attempts),
            lost=tuple(chunk.lost),
            reference=about["reference"],
            goal=about["goal"],
            state="ended" if source.settled else source.state,
            note=source.facts()["message"] or "",
        )

    def _parts(self, name: str, names: Sequence[str]) -> list[str]:
        """Return a field, or all of its parts: of several PUBs, or of a nested object."""
        parts = [other for other in names if other != name and self._quantity(other) == name]
        if name in names:
            return [name, *parts] if name == EXPECTATION else [name]
        return parts or [name]

    def _field(self, name: str) -> dict[str, Any]:
        """Return what the page must know of a field."""
        unit = self._own(self.options.unit, name) or ("s" if name in _SECONDS else "")
        exact = self._own(self.options.exact, name)
        goal = self._own(self.options.goal, name)
        if goal is None and self._is_main(name):
            goal = next((source.goal for source in self.sources if source.goal), None)
        usable = isinstance(exact, int | float) and math.isfinite(exact)
        return {
            "name": name,
            "panel": unit or self._quantity(name),
            "unit": unit,
            "reference": exact if usable else None,
            "goal": goal,
        }

    def _own(self, option: Any, name: str) -> Any:
        """Return what an option says of one field; given as it is, it is meant for the main one."""
        if isinstance(option, Mapping):
            return option.get(name, option.get(self._quantity(name)))
        return option if self._is_main(name) else None

    def _is_main(self, name: str) -> bool:
        main = next(iter(self.wanted or self._telling()), "")
        return name == main or self._quantity(name) == main

    def _quantity(self, name: str) -> str:
        """Return what a field is part of: ``counts`` for ``counts.00``, ``ev`` for ``ev PUB 1``."""
        if name == EXPECTATION or name.startswith(f"{EXPECTATION} "):
            return EXPECTATION
        head, dot, _ = name.partition(".")
        if head and dot:
            return head
        return _COUNTS if name in self._outcomes else name


def _part(index: int, chunk: Chunk) -> dict[str, Any]:
    part = {
        "source": index,
        "base": chunk.base,
        "rev": chunk.rev,
        "seq": chunk.seq,
        "values": chunk.values,
    }
    # mostly there are none, and each name costs bytes in every message
    extra = {"attempts": chunk.attempts, "lost": chunk.lost, "ids": chunk.ids}
    return part | {name: value for name, value in extra.items() if value}
