"""Ledgers with many jobs, and what placing costs on them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, update

from qjobwidgets.server.backends.catalogue import concurrency
from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.queries import Queries
from qjobwidgets.server.jobs.schema import counters, inputs, jobs, results, tags
from qjobwidgets.server.jobs.sessions import Sessions
from qjobwidgets.server.jobs.states import LOCAL_OWNER, NewJob, State, timestamp
from qjobwidgets.server.jobs.transitions import first_row

__all__ = ["ENDLESS", "fill", "time_placing"]

_PENDING = 50  # of most ledgers: what waits does not grow with what has been
ENDLESS = '{"iterations": 10000}'
"""Inputs of a job that takes longer than anybody waits."""
_CHUNK = 5_000
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def fill(data: Path, size: int, *, pending: int = _PENDING) -> str:
    """Write a ledger of so many jobs to a server's folder; return the id of one in the middle.

    Args:
        data: The server's folder.
        size: How many jobs.
        pending: How many of them, the last ones, have not begun.
    """
    data.mkdir(mode=0o700)
    with closing(Database(data / "ledger.db")) as database:
        with database.write() as connection:
            row = first_row(connection, "template", NewJob("p", "b", "{}"), None, None)
        for begin in range(0, size, _CHUNK):
            chunk = range(begin, min(begin + _CHUNK, size))
            names = [{"job": _name(index)} for index in chunk]
            with database.write() as connection:
                connection.execute(
                    insert(jobs), [row | _facts(index, size - pending) for index in chunk]
                )
                # The first that is started does not end: nothing changes by itself meanwhile.
                connection.execute(insert(inputs), [name | {"params": ENDLESS} for name in names])
                connection.execute(insert(results), [name | {"body": "{}"} for name in names])
                connection.execute(insert(tags), list(_tags(chunk, size)))
        with database.write() as connection:
            connection.execute(
                update(counters).where(counters.c.name == "revision").values(value=size + 1)
            )
    return _name(size // 2)


def time_placing(data: Path) -> dict[str, float]:
    """Return the median seconds of what the placer does each second, and at each change."""
    with closing(Database(data / "ledger.db")) as database:
        queries = Queries(database)
        sessions = Sessions(database, on_change=lambda _job: None, on_close=lambda: None)
        parts: dict[str, Callable[[], Any]] = {
            "placer: what waits": lambda: queries.waiting(concurrency(2)),
            "placer: heartbeats": queries.heartbeats,
            "placer: sessions": sessions.tick,
        }
        return {what: _median(part) for what, part in parts.items()}


def _median(act: Callable[[], Any]) -> float:
    taken = []
    for _ in range(30):
        begin = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def _name(index: int) -> str:
    return f"job{index:017d}"


def _facts(index: int, final: int) -> dict[str, Any]:
    created = _FIRST + timedelta(seconds=index)
    facts: dict[str, Any] = {
        "id": _name(index),
        "number": index + 1,
        "revision": index + 1,
        "turn": index + 1,
        "program": "vqe" if index % 7 == 0 else "sampler",
        "backend": "noisy_local" if index % 50 == 0 else "aer_local",
        "session": f"s{index // 100}" if index % 100 < 20 else None,
        "state": State.COMPLETED,
        "created": timestamp(created),
        "running": timestamp(created + timedelta(seconds=1)),
        "finished": timestamp(created + timedelta(seconds=2)),
        "attempt": 1,
        "last_seq": 10,
        "usage_seconds": 1.5,
        "caller": "my-notebook",
    }
    if index >= final:
        facts |= {"state": State.QUEUED, "backend": "slow_local", "program": "sample-program"}
        facts |= {"running": None, "finished": None, "attempt": 0, "session": None}
    return facts


def _tags(chunk: range, size: int) -> Iterator[dict[str, Any]]:
    for index in chunk:
        of_job = {"job": _name(index), "owner": LOCAL_OWNER, "number": index + 1}
        yield of_job | {"place": 0, "tag": "common"}
        # As many in any ledger.
        if index % (size // 100) == 0:
            yield of_job | {"place": 1, "tag": "rare"}
