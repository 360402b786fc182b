"""Which jobs come first, and how many there are of each kind."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.render import words
from qjobwidgets.render.status import Tone

__all__ = ["SORTS", "order", "summary", "summary_parts"]

SORTS: Final = ("status", "id", "program", "backend", "created", "ran", "usage")
"""What jobs can be sorted by; with a minus before it, the other way round."""

_FAILED_RANK: Final = 1
_QUEUED_RANK: Final = 3
_UNKNOWN_RANK: Final = 4  # a status we don't know may still change: before what is finished
_ENDED_RANK: Final = 5
_RANKS: Final[dict[str, int]] = {
    JobStatus.RUNNING: 0,
    JobStatus.ERROR: _FAILED_RANK,
    JobStatus.INITIALIZING: 2,
    JobStatus.QUEUED: _QUEUED_RANK,
    JobStatus.DONE: _ENDED_RANK,
    JobStatus.CANCELLED: _ENDED_RANK,
}
_LATEST_FIRST: Final = (_FAILED_RANK, _ENDED_RANK)
_LAST_PLACE: Final = 1 << 31
_EPOCH: Final = datetime.fromtimestamp(0, UTC)

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
        if backwards:
            return sorted(records, key=_status_key)[::-1][:limit]
        return _first(records, limit)
    fact = _FACTS[name]
    known = [record for record in records if fact(record) is not None]
    # sorting is stable, also backwards: the default order stays among equals
    ordered = sorted(sorted(known, key=_status_key), key=fact, reverse=backwards)
    missing = [record for record in records if fact(record) is None]
    return (ordered + sorted(missing, key=_status_key))[:limit]


def _first(records: list[JobRecord], limit: int | None) -> list[JobRecord]:
    """Return the first ``limit`` in the default order; all the others are hardly looked at."""
    if limit is None or limit >= len(records):
        return sorted(records, key=_status_key)
    ranks: defaultdict[int, list[JobRecord]] = defaultdict(list)
    for record in records:
        ranks[_RANKS.get(record.status, _UNKNOWN_RANK)].append(record)
    found: list[JobRecord] = []
    for rank in sorted(ranks):
        if (left := limit - len(found)) <= 0:
            break
        found += sorted(_nearly_first(ranks[rank], rank, left), key=_status_key)[:left]
    return found


def _nearly_first(records: list[JobRecord], rank: int, limit: int) -> list[JobRecord]:
    """Return those of a rank among which the first ``limit`` are, by a number for each alone."""
    if limit >= len(records):
        return records
    if rank in _LATEST_FIRST:
        numbers = [-(record.finished or record.created or _EPOCH).timestamp() for record in records]
    elif rank == _QUEUED_RANK:
        numbers = [record.queue_position or _LAST_PLACE for record in records]
    else:
        return records
    last = heapq.nsmallest(limit, numbers)[-1]
    return [record for record, number in zip(records, numbers, strict=True) if number <= last]


def _ran(record: JobRecord) -> float | None:
    if record.started is None or (record.final and record.finished is None):
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
    rank = _RANKS.get(record.status, _UNKNOWN_RANK)
    if rank in _LATEST_FIRST:
        return (rank, -(record.finished or record.created or _EPOCH).timestamp()), record.id
    place = (record.queue_position or _LAST_PLACE) if rank == _QUEUED_RANK else 0
    return (rank, place, (record.created or _EPOCH).timestamp()), record.id


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
