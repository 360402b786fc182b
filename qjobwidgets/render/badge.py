"""The static twin of the status badge: one job in one line."""

from __future__ import annotations

from datetime import datetime, tzinfo

from qjobwidgets.records import JobRecord
from qjobwidgets.render import markup, status

__all__ = ["badge_html", "badge_text"]


def badge_text(record: JobRecord) -> str:
    """Return the badge as text: ``"◷ QUEUED · 3 ahead"``."""
    more = status.detail(record)
    return f"{status.label(record)} · {more}" if more else status.label(record)


def badge_html(record: JobRecord, as_of: datetime, *, tz: tzinfo | None = None) -> str:
    """Return the badge as HTML, with the job's id, the time it was true, and a failure's reason."""
    when = markup.as_of_html(as_of, tz)
    rest = markup.styled("span", f" · {markup.job_id(record)} · {when}", markup.QUIET)
    line = markup.badge(record, status.age(record, as_of)) + rest
    why = markup.reason_html(record)
    return markup.surface(line, *([markup.note(why)] if why else []))
