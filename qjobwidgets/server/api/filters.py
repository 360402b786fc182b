"""Reading the queries of lists: a parameter as what it has to be, or a clear refusal."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from qjobwidgets.server.api.errors import invalid
from qjobwidgets.server.jobs.states import timestamp

__all__ = ["read_flag", "read_number", "read_tags", "read_time"]

_TAGS_CAP = 100
# Nine digits: more is no position in any list, and Python and SQLite agree on the type.
_NUMBER = re.compile(r"-?[0-9]{1,9}")


def read_flag(text: str | None) -> bool | None:
    """Return a flag; clients write ``true``, ``True`` or ``1``.

    Raises:
        ApiError: It is neither true nor false.
    """
    if text is None:
        return None
    if text.lower() in {"true", "1"}:
        return True
    if text.lower() in {"false", "0"}:
        return False
    raise invalid(f"{text[:20]!r} is neither true nor false.")


def read_number(text: str | None, name: str, default: int) -> int:
    """Return a whole number, or the default when there is none.

    Raises:
        ApiError: It is no number.
    """
    if text is None:
        return default
    if not _NUMBER.fullmatch(text):
        raise invalid(f"{name} must be a number.")
    return int(text)


def read_tags(tags: list[str] | None) -> tuple[str, ...]:
    """Return each of the tags once.

    Raises:
        ApiError: They are too many.
    """
    if tags is not None and len(tags) > _TAGS_CAP:
        raise invalid(f"A list is filtered by at most {_TAGS_CAP} tags.")
    return tuple(dict.fromkeys(tags or ()))


def read_time(text: str | None, name: str) -> str | None:
    """Return a time in the form of the ledger's timestamps.

    Raises:
        ApiError: It is no time in ISO 8601.
    """
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
        return timestamp(time if time.tzinfo else time.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise invalid(f"{name} must be a time in ISO 8601.") from None
