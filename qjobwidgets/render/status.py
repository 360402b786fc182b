"""A status as glyph, word and tone: the same thing said three times, so colour is never alone."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.render import words

__all__ = [
    "Tone",
    "age",
    "detail",
    "glyph",
    "label",
    "ran",
    "reason",
    "reason_line",
    "tone",
    "waited",
]


class Tone(str, Enum):
    """What a colour stands for; the value is its hex code on the twin's white surface."""

    RUN = "#1a5fa8"
    WAIT = "#8a5700"
    OK = "#1a7340"
    FAIL = "#b3261e"
    STILL = "#5b5f63"


_SIGNS = {
    JobStatus.INITIALIZING: ("◌", Tone.STILL),
    JobStatus.QUEUED: ("◷", Tone.WAIT),
    JobStatus.RUNNING: ("◉", Tone.RUN),
    JobStatus.DONE: ("✓", Tone.OK),
    JobStatus.CANCELLED: ("⊘", Tone.STILL),
    JobStatus.ERROR: ("◆", Tone.FAIL),
}
_UNKNOWN_SIGN = ("◌", Tone.STILL)


def _sign(record: JobRecord) -> tuple[str, Tone]:
    status = record.status
    return _SIGNS[status] if isinstance(status, JobStatus) else _UNKNOWN_SIGN


def glyph(record: JobRecord) -> str:
    """Return the character that stands for the status icon."""
    return _sign(record)[0]


def tone(record: JobRecord) -> Tone:
    """Return the tone of the status."""
    return _sign(record)[1]


def label(record: JobRecord) -> str:
    """Return glyph and word, an unknown status as the service wrote it: ``"◉ RUNNING"``."""
    return f"{glyph(record)} {words.clean(str(record.status), 40)}"


def detail(record: JobRecord) -> str:
    """Return what a badge adds: place in the queue, or reason code; empty when there is none."""
    if record.status is JobStatus.QUEUED and record.queue_position:
        ahead = record.queue_position - 1
        return f"{words.number(ahead)} ahead" if ahead else "next"
    if record.status is JobStatus.ERROR and record.reason_code is not None:
        return str(record.reason_code)
    return ""


def reason(record: JobRecord) -> tuple[str, str]:
    """Return why a job failed or was cancelled, and the service's advice; empty when not told."""
    if record.status not in {JobStatus.ERROR, JobStatus.CANCELLED}:
        return "", ""
    return _sentence(record.reason), _sentence(record.reason_solution)


def reason_line(record: JobRecord) -> str:
    """Return the same in one line."""
    return " ".join(filter(None, reason(record)))


def _sentence(text: str | None) -> str:
    # backticks mark code for the live views; a twin has one face for all
    line = words.clean((text or "").replace("`", ""))
    return line if not line or line[-1] in ".!?…" else f"{line}."


def waited(record: JobRecord, as_of: datetime) -> float | None:
    """Return how long the job waited before it ran, in seconds; up to ``as_of`` if it waits."""
    end = record.started or record.finished or (None if record.final else as_of)
    return _between(record.created, end)


def ran(record: JobRecord, as_of: datetime) -> float | None:
    """Return how long the job ran, in seconds; up to ``as_of`` while it runs."""
    running = record.status is JobStatus.RUNNING
    return _between(record.started, record.finished or (as_of if running else None))


def age(record: JobRecord, as_of: datetime) -> str:
    """Return how long a running job has run: ``"3 min 12 s"``; empty for any other."""
    length = ran(record, as_of) if record.status is JobStatus.RUNNING else None
    return "" if length is None else words.duration(length)


def _between(start: datetime | None, end: datetime | None) -> float | None:
    # two machines' clocks may disagree by a little: never a negative time
    return None if start is None or end is None else max((end - start).total_seconds(), 0.0)
