"""The static twin of the status badge: one job in one line."""

from __future__ import annotations

from datetime import datetime, tzinfo

from qjobwidgets.records import JobRecord
from qjobwidgets.render import markup, status, words

__all__ = ["badge_html", "badge_text"]


def badge_text(record: JobRecord) -> str:
    """Return the badge as text: ``"◷ QUEUED · 3 ahead"``."""
    more = status.detail(record)
    return f"{status.label(record)} · {more}" if more else status.label(record)


def badge_html(
    record: JobRecord, as_of: datetime, *, tz: tzinfo | None = None, inline: bool = False
) -> str:
    """Return the badge as HTML, with the job's id, the time it was true, and a failure's reason.

    Args:
        record: The job.
        as_of: When this was true.
        tz: Time zone of the time shown; by default the local one.
        inline: Whether it stands in a line of text: then it is the badge alone, and the rest is in
            its tooltip.
    """
    if inline:
        about = [record.id, markup.as_of_text(as_of, tz), *status.reason(record)]
        tip = " · ".join(words.clean(part) for part in about if part)
        return markup.inline(markup.badge(record, status.age(record, as_of)), tip)
    when = markup.as_of_html(as_of, tz)
    rest = markup.styled("span", f" · {markup.job_id(record)} · {when}", markup.QUIET)
    line = markup.badge(record, status.age(record, as_of)) + rest
    why = markup.reason_html(record)
    return markup.surface(line, *([markup.note(why)] if why else []))
