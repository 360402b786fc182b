"""Which jobs come first, and how many there are of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.render import words
from qjobwidgets.render.status import Tone

__all__ = ["order", "summary", "summary_parts"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
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


def order(records: Iterable[JobRecord]) -> list[JobRecord]:
    """Return the jobs as views list them: running, failed, starting, queued, then finished.

    Within each group the latest comes first, except that queued jobs stand in queue order.
    """
    latest_first = sorted(records, key=_last_change, reverse=True)
    return sorted(latest_first, key=_rank)


def _rank(record: JobRecord) -> tuple[int, int]:
    if not isinstance(record.status, JobStatus):
        return _UNKNOWN_RANK, 0
    place = record.queue_position if record.status is JobStatus.QUEUED else 0
    return _RANKS[record.status], _LAST_PLACE if place is None else place


def _last_change(record: JobRecord) -> tuple[datetime, str]:
    return record.finished or record.started or record.created or _LONG_AGO, record.id


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
