"""A job as the page shows it: a row of plain JSON, times in milliseconds since the epoch."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from qjobwidgets.records import JobRecord
from qjobwidgets.watch import Entry, Freshness

__all__ = ["freshness_json", "row", "row_of"]


def row(
    record: JobRecord,
    *,
    cancelling: bool = False,
    note: str | None = None,
    refused: bool = False,
) -> dict[str, Any]:
    """Return the row of a job; see ``js/src/lib/model.ts`` for its reader."""
    return {
        "id": record.id,
        "status": str(record.status),
        "program": record.program,
        "backend": record.backend,
        "created": _ms(record.created),
        "started": _ms(record.started),
        "finished": _ms(record.finished),
        "reason": record.reason,
        "advice": record.reason_solution,
        "code": record.reason_code,
        "tags": list(record.tags),
        "session": record.session_id,
        "position": record.queue_position,
        "usage": record.usage_seconds,
        "estimate": record.estimated_seconds,
        "cancelling": cancelling,
        "note": note,
        "refused": refused,
    }


def row_of(entry: Entry) -> dict[str, Any]:
    """Return the row of a job as it is on the board."""
    refused = entry.refusal is not None
    return row(entry.record, cancelling=entry.cancelling, note=entry.note, refused=refused)


def freshness_json(fresh: Freshness) -> dict[str, Any]:
    """Return how true a view is, for the page."""
    return {
        "state": fresh.state,
        "as_of": _epoch_ms(fresh.as_of),
        "since": _epoch_ms(fresh.since),
        "retry_at": _epoch_ms(fresh.retry_at),
        "interval": fresh.interval,
        "message": fresh.message,
    }


def _ms(time: datetime | None) -> int | None:
    return None if time is None else _epoch_ms(time.timestamp())


def _epoch_ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
