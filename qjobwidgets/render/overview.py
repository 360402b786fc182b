"""Which jobs come first, and how many there are of each kind."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.render import words
from qjobwidgets.render.status import Tone

__all__ = ["SORTS", "order", "summary", "summary_parts"]

SORTS: Final = ("status", "id", "program", "backend", "created", "ran", "usage")
"""What jobs can be sorted by; with a minus before it, the other way round."""

_RANKS = {
    JobStatus.RUNNING: 0,
    JobStatus.ERROR: 1,
    JobStatus.INITIALIZING: 2,
    JobStatus.QUEUED: 3,
    JobStatus.DONE: 5,
    JobStatus.CANCELLED: 5,
}
_UNKNOWN_RANK = 4  # a status we don't know may still change: before what is finished
_LAST_PLACE = 1 << 31

_Key = tuple[float, ...]


def order(
    records: Iterable[JobRecord], sort: str = "status", *, limit: int | None = None
) -> list[JobRecord]:
    """Return the jobs, or the first ``limit`` of them, in the order in which views list them.

    By default: running, failed, starting, queued, unknown, then finished. What is finished or
    failed begins with the latest, the queue is in its own order, the rest begins with the oldest.

    Args:
        records: The jobs, in any order.
        sort: One of :data:`SORTS`, or that with a minus before it. What is not known comes last
            either way; jobs equal in it are in the default order.
        limit: How many jobs to return at most.
    """
    name, backwards = sort.removeprefix("-"), sort.startswith("-")
    records = list(records)
    if name == "status":
        key = _status_key
        if backwards:
            return sorted(records, key=key)[::-1][:limit]
        return _first(records, key, limit)
    fact = _FACTS[name]
    known = [record for record in records if fact(record) is not None]
    # sorting is stable, also backwards: the default order stays among equals
    ordered = sorted(sorted(known, key=_status_key), key=fact, reverse=backwards)
    missing = [record for record in records if fact(record) is None]
    return (ordered + sorted(missing, key=_status_key))[:limit]


def _first(
    records: list[JobRecord], key: Callable[[JobRecord], Any], limit: int | None
) -> list[JobRecord]:
    """Return the first ``limit`` in the order of ``key``, without sorting all the others."""
    if limit is None or limit >= len(records):
        return sorted(records, key=key)
    return heapq.nsmallest(limit, records, key=key)


def _ran(record: JobRecord) -> float | None:
    if record.started is None:
        return None
    end = record.finished or datetime.now(record.started.tzinfo)
    return (end - record.started).total_seconds()


_FACTS: Final[dict[str, Callable[[JobRecord], Any]]] = {
    "id": lambda record: record.id,
    "program": lambda record: record.program,
    "backend": lambda record: record.backend,
    "created": lambda record: record.created,
    "ran": _ran,
    "usage": lambda record: record.usage_seconds,
}


def _status_key(record: JobRecord) -> tuple[_Key, str]:
    status = record.status
    rank = _RANKS[status] if isinstance(status, JobStatus) else _UNKNOWN_RANK
    if rank in (1, 5):
        return (rank, -_stamp(record.finished or record.created)), record.id
    place = record.queue_position if status == "QUEUED" else 0
    return (rank, _LAST_PLACE if place is None else place, _stamp(record.created)), record.id


def _stamp(time: datetime | None) -> float:
    return 0.0 if time is None else time.timestamp()


def summary_parts(records: Sequence[JobRecord], total: int | None) -> list[tuple[str, Tone]]:
    """Return the parts of the summary, each with the tone it is shown in."""
    count = len(records) if total is None else total
    found = Counter(record.status for record in records)
    parts = [(f"{words.number(count)} {'job' if count == 1 else 'jobs'}", Tone.STILL)]
    for status, word, tone in (
        (JobStatus.RUNNING, "running", Tone.STILL),
        (JobStatus.INITIALIZING, "starting", Tone.STILL),
        (JobStatus.QUEUED, "queued", Tone.STILL),
        (JobStatus.ERROR, "failed", Tone.FAIL),
    ):
        if found[status]:
            parts.append((f"{words.number(found[status])} {word}", tone))
    return parts


def summary(records: Sequence[JobRecord], total: int | None = None) -> str:
    """Return the count line: ``"64 jobs · 3 running · 12 queued · 1 failed"``.

    Args:
        records: The jobs that are known, which the states are counted from.
        total: How many jobs there are in all, when not all of them are known.
    """
    return " · ".join(text for text, _ in summary_parts(records, total))
