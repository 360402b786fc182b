"""Which jobs a view shows and how they are grouped, in the same words as on the page.

A filter is a mapping with any of these keys; a job is shown when it satisfies all of them:

- ``text``: part of its id, program, backend, session or one of its tags, in any case;
- ``status``, ``backend``, ``program``, ``tag``, ``session``: one of these values;
- ``since``, ``until``: created at or after, before this time (ISO 8601).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.render import words
from qjobwidgets.render.overview import order

__all__ = ["GROUPS", "Filter", "Query", "listing", "matcher", "parse_filter", "progress"]

GROUPS: Final = ("session", "batch", "tag")
"""What jobs can be grouped by."""

_CHOICES: Final = ("status", "backend", "program", "tag", "session")
_TIMES: Final = ("since", "until")
_KEYS: Final = ("text", *_CHOICES, *_TIMES)
_MOST = 1000  # values of one key, and characters of one value

Filter = dict[str, Any]


def parse_filter(asked: str | Mapping[str, object] | None) -> Filter:
    """Return a filter with only the keys that filter, lists for choices and ISO times.

    Args:
        asked: A mapping as above, where a single value may stand for a list of one and a
            ``datetime`` or ``date`` for its text; a text alone is ``{"text": ...}``.

    Raises:
        ValueError: A key is unknown, or a value can't be read.
    """
    if isinstance(asked, str):
        asked = {"text": asked}
    if asked is not None and not isinstance(asked, Mapping):
        raise ValueError(f"A filter is a text or a mapping with {', '.join(_KEYS)}.")
    parsed: Filter = {}
    for key, value in (asked or {}).items():
        if key not in _KEYS:
            raise ValueError(f"No filter is called {key!r}; valid are {', '.join(_KEYS)}.")
        if value is None or value in ("", []):
            continue
        if key in _CHOICES:
            parsed[key] = _choices(key, value)
        elif key in _TIMES:
            parsed[key] = _time(key, value).isoformat()
        else:
            parsed[key] = str(value)[:_MOST]
    return parsed


def _choices(key: str, value: object) -> list[str]:
    many = [value] if isinstance(value, str) or not isinstance(value, Iterable) else list(value)
    return [_word(key, one)[:_MOST] for one in many[:_MOST]]


def _word(key: str, value: object) -> str:
    word = str(value)
    if key == "status" and word.upper() in JobStatus.__members__:
        return word.upper()
    return word


def _time(key: str, value: object) -> datetime:
    try:
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - local, see below
        time = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return time.astimezone()  # without an offset it is a time of the user's own clock
    except (ValueError, OverflowError):
        raise ValueError(
            f"The filter {key!r} needs a time such as 2026-11-20T14:02, not {value!r}."
        ) from None


def matcher(filters: Filter) -> Callable[[JobRecord], bool]:
    """Return whether a job satisfies a filter made by :func:`parse_filter`."""
    text = str(filters.get("text", "")).casefold()
    choices = [(_FACTS[key], frozenset(filters[key])) for key in _CHOICES if key in filters]
    since, until = (
        datetime.fromisoformat(filters[key]) if key in filters else None for key in _TIMES
    )

    def matches(record: JobRecord) -> bool:
        if text and not any(text in fact.casefold() for fact in _texts(record)):
            return False
        if any(wanted.isdisjoint(facts(record)) for facts, wanted in choices):
            return False
        created = record.created
        early = since is not None and (created is None or created < since)
        late = until is not None and (created is None or created >= until)
        return not (early or late)

    return matches


_FACTS: Final[dict[str, Callable[[JobRecord], Iterable[object]]]] = {
    "status": lambda record: (str(record.status),),
    "backend": lambda record: (record.backend,),
    "program": lambda record: (record.program,),
    "tag": lambda record: record.tags,
    "session": lambda record: (record.session_id,),
}


def _texts(record: JobRecord) -> Iterable[str]:
    named = (record.id, record.program, record.backend, record.session_id)
    return (*(fact for fact in named if fact), *record.tags)


@dataclass(frozen=True, slots=True)
class Query:
    """What a view of many jobs was asked to show.

    Attributes:
        filters: As :func:`parse_filter` returns it.
        sort: As :func:`~qjobwidgets.render.overview.order` takes it.
        group: One of :data:`GROUPS`, or ``None``.
        modes: ``"session"`` or ``"batch"`` for each session id, as far as known.
    """

    filters: Filter = field(default_factory=dict)
    sort: str = "status"
    group: str | None = None
    modes: Mapping[str, str] = field(default_factory=dict)


def listing(
    records: Iterable[JobRecord], query: Query, limit: int | None = None
) -> list[tuple[str | None, list[JobRecord]]]:
    """Return the jobs as listed: by group with its heading, or all under ``None``.

    Groups come in the order in which their first jobs do; those outside of any group come last. A
    job with several tags is in several groups. A heading tells of all jobs of its group.

    Args:
        records: The jobs, in any order.
        query: Which to list, and how.
        limit: How many jobs to list at most.
    """
    records = list(records)
    matching = filter(matcher(query.filters), records) if query.filters else records
    if query.group is None:
        shown = order(matching, query.sort, limit=limit)
        return [(None, shown)] if shown else []
    everyone = _by_group(records, query.group, query.modes)
    listed = _by_group(order(matching, query.sort), query.group, query.modes)
    if None in listed:
        listed[None] = listed.pop(None)
    left = len(records) * len(listed) if limit is None else limit
    groups: list[tuple[str | None, list[JobRecord]]] = []
    for name, jobs in listed.items():
        if left > 0:
            groups.append((_heading(name, everyone[name], query), jobs[:left]))
            left -= len(jobs)
    return groups


def _heading(name: str | None, jobs: list[JobRecord], query: Query) -> str:
    if name is None:
        return f"no {query.group}"
    kind = "tag" if query.group == "tag" else query.modes.get(name, "session")
    return f"{kind} {name} · {progress(jobs)}"


def _by_group(
    records: Iterable[JobRecord], group: str, modes: Mapping[str, str]
) -> dict[str | None, list[JobRecord]]:
    groups: dict[str | None, list[JobRecord]] = {}
    for record in records:
        for name in _groups_of(record, group, modes) or (None,):
            groups.setdefault(name, []).append(record)
    return groups


def _groups_of(record: JobRecord, group: str, modes: Mapping[str, str]) -> tuple[str, ...]:
    if group == "tag":
        return tuple(dict.fromkeys(record.tags))
    session = record.session_id
    if session is None or (group == "batch" and modes.get(session) != "batch"):
        return ()
    return (session,)


def progress(records: Iterable[JobRecord]) -> str:
    """Return how far a group has come: ``"37/50 done, 1 failed"``."""
    found = Counter(str(record.status) for record in records)
    done = f"{words.number(found['DONE'])}/{words.number(found.total())} done"
    failed, cancelled = found["ERROR"], found["CANCELLED"]
    parts = [done, f"{words.number(failed)} failed" if failed else ""]
    parts.append(f"{words.number(cancelled)} cancelled" if cancelled else "")
    return ", ".join(part for part in parts if part)
