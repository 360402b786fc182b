"""Values of a job that some clients have as a property and others as a method.

``job.tags`` and ``job.creation_date`` are properties in the clients of runtime services and methods
in the one before them. Here they are properties whose values can also be called, and then return
what they are: a list of strings, and a time.
"""

from __future__ import annotations

from datetime import datetime

__all__ = ["LocalTime", "Tags", "local_time"]


class Tags(list[str]):
    """A list of tags that can be called."""

    def __call__(self) -> list[str]:
        """Return a plain list of the tags."""
        return list(self)


class LocalTime(datetime):
    """A time in this machine's zone that can be called."""

    def __call__(self) -> LocalTime:
        """Return the time itself."""
        return self


def local_time(time: datetime | None) -> LocalTime | None:
    """Return a time in local time; ``None`` stays ``None``."""
    if time is None:
        return None
    here = time.astimezone()
    return LocalTime.combine(here.date(), here.timetz())
