"""The roster of one table: its jobs, and which of them the page has been told in which state.

- A page begins with the first rows of the table, in the order it asks for, and with how many jobs
  there are in each status. The others follow when it asks for the rest, some thousand at a time:
  jupyter-server drops what exceeds a megabyte a second.
- Then only changes are told: of rows at the page the fields that changed; of others nothing, but
  for those that are new or have another status, which come whole.
- Each message has a revision and the one it builds on, by which a page notices that it missed one.

A table's page asks on one thread while the publisher writes on another, so there is a lock. It is
held for computations only.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice
from operator import attrgetter
from typing import Any, Final

from qjobwidgets.records import JobRecord
from qjobwidgets.render import order
from qjobwidgets.render.query import matcher
from qjobwidgets.watch import Board, Entry
from qjobwidgets.widgets.frames import changes_frame, rows_frame
from qjobwidgets.widgets.rows import row_of

__all__ = ["Roster"]

FIRST: Final = 200
"""Rows a page begins with."""

CHUNK: Final = 2000
"""Rows in one message at most; some 200 kB."""

_STATUS: Final = attrgetter("status")
_FINAL: Final = attrgetter("final")


class Roster:
    """The jobs of a table, in step with a board.

    Args:
        board: Where the jobs come from.
        shows: Whether the table shows the job of this id.
    """

    def __init__(self, board: Board, shows: Callable[[str], bool]) -> None:
        self._board = board
        self._shows = shows
        self._lock = threading.Lock()
        self._page: dict[str, Entry] = {}
        self._news: dict[str, Entry] = {}
        self._gone: list[int] = []
        self._rest = False
        self._revision = 0
        self._told: dict[str, Any] = {}
        self._numbers: dict[str, int] = {}
        # all at once: one by one, as they change later, ten thousand are felt
        self._seen, known, noted = board.whole()
        self._records = {job_id: known[job_id] for job_id in filter(shows, known)}
        self._noted = {i: entry for entry in noted if (i := entry.record.id) in self._records}
        self._counts = Counter(map(_STATUS, self._records.values()))
        self._pending = sum(not final for final in map(_FINAL, self._records.values()))

    def __len__(self) -> int:
        return len(self._records)

    @property
    def pending(self) -> int:
        """How many of the jobs are not final."""
        with self._lock:
            self._take()
            return self._pending

    @property
    def behind(self) -> bool:
        """Whether the page waits for rows that are still to be sent."""
        return self._rest and len(self._page) < len(self._records)

    def records(self) -> list[JobRecord]:
        """Return what is known of the jobs."""
        with self._lock:
            return list(self._records.values())

    def want_rest(self) -> None:
        """Have the next messages bring the rows that the page does not have."""
        self._rest = True

    def snapshot(self, sort: str, filters: dict[str, Any]) -> dict[str, Any]:
        """Return what a new page begins with: the first rows that it shows.

        It has a revision of its own: an older page sees by the next message that it is not what
        the messages go on from, and asks for one as well.
        """
        with self._lock:
            self._revision += 1
            shown: Iterable[JobRecord] = self._records.values()
            if filters:
                shown = filter(matcher(filters), shown)
            first = [self._entry(record.id) for record in order(shown, sort, limit=FIRST)]
            self._page = {entry.record.id: entry for entry in first}
            self._rest = False
            self._told = self._totals()
            return {"rev": self._revision, **self._told, "rows": self._whole(first)}

    def patch(self) -> dict[str, Any] | None:
        """Return what has changed since the last message; ``None`` when nothing has."""
        with self._lock:
            self._take()
            news, self._news = list(self._news.values()), {}
            gone, self._gone = self._gone, []
            known = [(old, new) for new in news if (old := self._page.get(new.record.id))]
            whole = [new for new in news if new.record.id not in self._page][:CHUNK]
            self._page |= {new.record.id: new for new in (*(new for _, new in known), *whole)}
            if self._rest:
                more = self._missing(CHUNK - len(whole))
                self._page |= {new.record.id: new for new in more}
                whole += more
            before, self._told = self._told, self._totals()
            totals = {name: n for name, n in self._told.items() if n != before.get(name)}
            if not (known or whole or gone or totals):
                return None
            self._revision += 1
            patch = {"base": self._revision - 1, "rev": self._revision, **totals}
            if whole:
                patch["rows"] = self._whole(whole)
            if known:
                patch["changed"] = self._changes(known)
            if gone:
                patch["gone"] = gone
            return patch

    def add(self, job_id: str) -> None:
        """Take in a job that the board may have known for longer."""
        with self._lock:
            # read inside: outside, what is taken over meanwhile would be newer
            entry = self._board.get(job_id)
            if entry is not None:
                self._keep(entry)
                self._news[job_id] = entry

    def _take(self) -> None:
        """Take over what is new on the board, and note what is to be told of it."""
        self._seen, changed, gone = self._board.since(self._seen)
        for entry in changed:
            job_id = entry.record.id
            if not self._shows(job_id):
                continue
            before = self._keep(entry)
            turned = before is None or before.status != entry.record.status
            if turned or job_id in self._page or job_id in self._news:
                self._news[job_id] = entry
        for job_id in filter(self._drop, gone):
            if job_id in self._numbers:  # or no page has it
                self._gone.append(self._numbers[job_id])

    def _entry(self, job_id: str) -> Entry:
        """Return what is known of a job, as of the last look at the board."""
        return self._noted.get(job_id) or Entry(self._records[job_id])

    def _keep(self, entry: Entry) -> JobRecord | None:
        """Take in what is known of a job; return its record as it was."""
        job_id = entry.record.id
        before = self._records.get(job_id)
        if before is not None:
            self._count(before, -1)
        self._records[job_id] = entry.record
        if entry.noted:
            self._noted[job_id] = entry
        else:
            self._noted.pop(job_id, None)
        self._count(entry.record, 1)
        return before

    def _drop(self, job_id: str) -> bool:
        record = self._records.pop(job_id, None)
        for known in (self._noted, self._page, self._news):
            known.pop(job_id, None)
        if record is not None:
            self._count(record, -1)
        return record is not None

    def _count(self, record: JobRecord, step: int) -> None:
        self._counts[record.status] += step
        self._pending += 0 if record.final else step

    def _missing(self, most: int) -> list[Entry]:
        """Return some of the entries that the page does not have."""
        missing = (job_id for job_id in self._records if job_id not in self._page)
        return [self._entry(job_id) for job_id in islice(missing, most)]

    def _totals(self) -> dict[str, Any]:
        """Return how many jobs there are, and what a page without all of them can't count."""
        totals: dict[str, Any] = {"total": len(self._records)}
        if len(self._page) < len(self._records):
            totals["counts"] = {str(status): n for status, n in self._counts.items() if n}
        return totals

    def _whole(self, entries: list[Entry]) -> dict[str, Any]:
        number = self._numbers.setdefault
        numbers = [number(entry.record.id, len(self._numbers)) for entry in entries]
        return rows_frame(numbers, [row_of(entry) for entry in entries])

    def _changes(self, pairs: list[tuple[Entry, Entry]]) -> dict[str, Any]:
        numbers = [self._numbers[new.record.id] for _, new in pairs]
        old, new = ([row_of(entry) for entry in each] for each in zip(*pairs, strict=True))
        return changes_frame(numbers, old, new)
