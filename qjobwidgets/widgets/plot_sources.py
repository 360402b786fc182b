"""Where the points of a plot come from: the stream of a job, or the finished jobs of a group.

A source belongs to one plot. It says what there is (``facts``), hands out points as columns
(``chunk``), and calls its listener when there is more, from whatever thread learns of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from qjobwidgets.records import JobRecord
from qjobwidgets.watch import Watcher
from qjobwidgets.watch.points import Group, GroupPoints
from qjobwidgets.watch.series import Chunk
from qjobwidgets.widgets.rows import row, row_of

__all__ = ["GroupSource", "Source", "StreamSource"]

VARIATIONAL = frozenset({"vqe", "qaoa"})
"""Programs whose interim results are evaluations of a cost that is minimised."""


class Source(Protocol):
    """What a plot draws one curve of, for each field."""

    label: str
    x_label: str

    def __len__(self) -> int:
        """Return how many points there are."""

    @property
    def epoch(self) -> int:
        """Changes when points already given have changed."""

    @property
    def turn(self) -> object:
        """Differs whenever anything but the points has, for what is on the board is the same.

        ``None`` where that can't be told.
        """

    @property
    def fields(self) -> list[str]:
        """What can be drawn, the most telling first."""

    @property
    def outcomes(self) -> frozenset[str]:
        """Those of the fields read before that say how often one outcome was measured."""

    @property
    def goal(self) -> str | None:
        """Which values of the first field are better, where that is known: ``"min"``."""

    @property
    def settled(self) -> bool:
        """Whether nothing will change any more."""

    @property
    def state(self) -> str:
        """``"connecting"``, ``"open"``, ``"reconnecting"`` or ``"ended"``."""

    @property
    def records(self) -> list[JobRecord]:
        """The jobs."""

    def facts(self) -> dict[str, Any]:
        """Return what the page says about the source; see ``js/src/plot/facts.ts``."""

    def update(self, fields: Sequence[str]) -> None:
        """Take over what is known by now; these fields are drawn."""

    def chunk(self, fields: Sequence[str], start: int = 0) -> Chunk:
        """Return the points from number ``start`` on."""

    def close(self) -> None:
        """Let go of what gives the points."""


class StreamSource:
    """The interim results of one job.

    Args:
        watcher: Of the job's account.
        record: The job.
        label: What the plot calls it.
        listener: Called at each new message.
    """

    epoch = 0

    def __init__(
        self, watcher: Watcher, record: JobRecord, label: str, listener: Callable[[], None]
    ) -> None:
        self.label = label
        variational = record.program in VARIATIONAL
        self.x_label = "evaluation" if variational else "interim result"
        self.goal = "min" if variational else None
        self._watcher = watcher
        self._listener = listener
        self._record = record
        self._feed = watcher.feeds.follow(record, listener)

    def __len__(self) -> int:
        return len(self._feed.series)

    @property
    def turn(self) -> object:
        feed = self._feed
        series, reconnects = feed.series, (feed.reconnects, feed.reconnected)
        named = series.fields, series.outcomes
        return feed.state, feed.message, reconnects, series.missed, named

    @property
    def fields(self) -> list[str]:
        return self._feed.series.fields

    @property
    def outcomes(self) -> frozenset[str]:
        return self._feed.series.outcomes

    @property
    def record(self) -> JobRecord:
        """What is known of the job, or was when it was deleted."""
        self._record = self._watcher.board.latest(self._record)
        return self._record

    @property
    def records(self) -> list[JobRecord]:
        return [self.record]

    @property
    def settled(self) -> bool:
        return self._feed.state == "ended" or bool(self._feed.message)

    @property
    def state(self) -> str:
        return "ended" if self._feed.message else self._feed.state

    def facts(self) -> dict[str, Any]:
        entry = self._watcher.board.get(self._record.id)
        job = row(self.record) if entry is None else row_of(entry)
        feed = self._feed
        return {
            "label": self.label,
            "job": job,
            "group": None,
            "deleted": self._watcher.board.deleted(self._record.id),
            "stream": self.state,
            "reconnects": feed.reconnects,
            "reconnected": None if feed.reconnected is None else round(feed.reconnected * 1000),
            "missed": feed.series.missed,
            "message": feed.message,
        }

    def update(self, fields: Sequence[str]) -> None:
        """Do nothing: the stream brings everything by itself."""

    def chunk(self, fields: Sequence[str], start: int = 0) -> Chunk:
        return self._feed.series.chunk(fields, start)

    def close(self) -> None:
        self._watcher.feeds.leave(self._feed, self._listener)


class GroupSource:
    """The finished jobs of a session, batch or tag, one point each.

    Args:
        watcher: Of the account.
        group: The jobs.
        listener: Called when a result has been read.
    """

    x_label = "job"
    goal = None
    turn = None
    outcomes: frozenset[str] = frozenset()

    def __init__(self, watcher: Watcher, group: Group, listener: Callable[[], None]) -> None:
        self.label = f"{group.kind} {group.name}"
        self._points = GroupPoints(watcher, group, listener)

    def __len__(self) -> int:
        return len(self._points)

    @property
    def epoch(self) -> int:
        return self._points.epoch

    @property
    def fields(self) -> list[str]:
        return self._points.fields

    @property
    def records(self) -> list[JobRecord]:
        return self._points.records

    @property
    def settled(self) -> bool:
        return self._points.settled and all(record.final for record in self.records)

    @property
    def state(self) -> str:
        return "open" if self._points.listed else "connecting"

    def facts(self) -> dict[str, Any]:
        points, tally = self._points, self._points.tally
        return {
            "label": self.label,
            "job": None,
            "group": {
                "kind": points.group.kind,
                "name": points.group.name,
                "jobs": tally.jobs,
                "done": tally.done,
                "failed": tally.failed,
                "cancelled": tally.cancelled,
                "private": tally.private,
                "unread": tally.unread,
            },
            "deleted": False,
            "stream": self.state,
            "reconnects": 0,
            "reconnected": None,
            "missed": 0,
            "message": points.trouble,
        }

    def update(self, fields: Sequence[str]) -> None:
        self._points.want(fields)
        self._points.update()

    def chunk(self, fields: Sequence[str], start: int = 0) -> Chunk:
        return self._points.chunk(fields, start)

    def close(self) -> None:
        self._points.close()
