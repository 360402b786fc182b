"""The jobs that a word means: an id, the beginning of one, ``last``, or a tag, session or name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from qjobwidgets.client import RuntimeJob, RuntimeService
from qjobwidgets.client.journal import journal
from qjobwidgets.errors import IBMInputValueError, RuntimeJobNotFound
from qjobwidgets.render import short_id

__all__ = ["GROUPS", "LAST", "find_job", "find_jobs"]

LAST: Final = "last"
"""The word for the newest job."""

_RECENT = 200
_MOST = 1000
_SHOWN = 5
_GAP = "…"  # of an id as views shorten it


def find_job(service: RuntimeService, word: str) -> RuntimeJob:
    """Return the one job that a word means.

    Args:
        service: The account's client.
        word: An id, or its unique beginning, or as a view shortens it (``d4qk…2m60``); ``last`` for
            the account's newest job; ``tag:X``, ``session:X`` or ``name:X``.

    Raises:
        RuntimeJobNotFound: There is no such job.
        IBMInputValueError: There are several.
    """
    found = find_jobs(service, word)
    if len(found) == 1:
        return found[0]
    ids = ", ".join(job.job_id() for job in found[:_SHOWN])
    more = ", ..." if len(found) > _SHOWN else ""
    raise IBMInputValueError(f"{word!r} means {len(found)} jobs: {ids}{more}.", fix="Name one.")


def find_jobs(service: RuntimeService, word: str) -> list[RuntimeJob]:
    """Return the jobs that a word means, at least one; see :func:`find_job`.

    A group's jobs come newest first, the newest thousand at most.

    Raises:
        RuntimeJobNotFound: There is none.
        IBMInputValueError: Several ids begin like that.
    """
    if word == LAST:
        return _newest(service)
    kind, colon, name = word.partition(":")
    if colon and kind in GROUPS:
        found = GROUPS[kind](service, name) if name else []
        if not found:
            raise RuntimeJobNotFound(
                f"No job of this account has the {kind} {name!r}.", fix="Check the spelling."
            )
        return found
    try:
        return [service.job(word)]
    except RuntimeJobNotFound:
        return [_by_beginning(service, word)]


def _newest(service: RuntimeService) -> list[RuntimeJob]:
    newest = service.jobs(limit=1)
    if not newest:
        raise RuntimeJobNotFound(
            "There are no jobs yet.",
            fix="Submit one: %qjob run in a notebook, service.run() in Python.",
        )
    return newest


def _tagged(service: RuntimeService, tag: str) -> list[RuntimeJob]:
    return service.jobs(limit=_MOST, job_tags=[tag])


def _of_session(service: RuntimeService, session: str) -> list[RuntimeJob]:
    return service.jobs(limit=_MOST, session_id=session)


def _called(service: RuntimeService, name: str) -> list[RuntimeJob]:
    found = []
    for entry in journal().named(service.key):
        if entry.name == name:
            with suppress(RuntimeJobNotFound):  # deleted, by another program or on another machine
                found.append(service.job(entry.job))
    return found


GROUPS: Final[dict[str, Callable[[RuntimeService, str], list[RuntimeJob]]]] = {
    "name": _called,
    "session": _of_session,
    "tag": _tagged,
}
"""What may stand before a colon."""


def _by_beginning(service: RuntimeService, word: str) -> RuntimeJob:
    jobs = service.jobs(limit=_RECENT)
    head, _, tail = word.partition(_GAP)
    found = [job for job in jobs if head and _fits(job.job_id(), head, tail)]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(job.job_id() for job in found[:_SHOWN])
        raise IBMInputValueError(
            f"{len(found)} jobs begin with {word!r}: {ids}.", fix="Type more of the id."
        )
    newest = ", ".join(short_id(job.job_id()) for job in jobs[:3])
    raise RuntimeJobNotFound(
        f"No job is called {word!r}.",
        fix=f"The newest are {newest}." if jobs else "There are no jobs yet.",
    )


def _fits(job_id: str, head: str, tail: str) -> bool:
    return job_id.startswith(head) and job_id.endswith(tail)
