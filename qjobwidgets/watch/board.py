"""The board: what is known of the jobs of one account, with revision numbers.

Every change takes the next revision, so a view that has seen revision *r* asks for what came
since. A final status never changes again, whatever a late answer says. Questions have numbers too:
what the service tells by itself while a question is on its way is newer than the answer.

The watcher wants the sums at each turn, also of ten thousand jobs of which none has changed. So it
is kept which jobs are pending, run, and have a place in a queue: a sum is an intersection of sets.

Ten thousand jobs also come at once, with the table that shows them. So a job is nothing here but
keys of dictionaries, and an :class:`Entry` is made for who asks: thousands of new objects, beside
the time to make them, may have Python's collector go through all that the kernel holds.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count, takewhile
from typing import Final, NamedTuple

from qjobwidgets.client import forks
from qjobwidgets.records import JobRecord, JobStatus

__all__ = ["GONE", "Board", "Entry", "Tally"]

GONE: Final = "The service does not have this job any more."
"""What a view of a deleted job says."""

_Notes = tuple[bool, str | None, tuple[tuple[str, str], ...]]
_NOTHING: Final[_Notes] = (False, None, ())  # cancelling, refusal and remarks of most jobs


class Entry(NamedTuple):
    """What is known of a job.

    Attributes:
        record: What the service said last.
        cancelling: Whether a cancel was asked for and not yet answered.
        refusal: Why an act on this job was refused, one line; until the job changes.
        remarks: What else there is to say, by what it is about; until it is taken back.
    """

    record: JobRecord
    cancelling: bool = False
    refusal: str | None = None
    remarks: tuple[tuple[str, str], ...] = ()

    @property
    def noted(self) -> bool:
        """Whether there is more to say of the job than its record."""
        return self[1:] != _NOTHING

    @property
    def note(self) -> str | None:
        """What a view shows with the job, one line; of remarks the last."""
        if self.refusal is None and self.remarks and not self.cancelling:
            return self.remarks[-1][1]
        return self.refusal


@dataclass(frozen=True, slots=True)
class Tally:
    """What jobs are doing, in numbers.

    Attributes:
        pending: How many are not known to be final.
        running: How many of them run.
        placed: Whether the place of any in its queue is known.
    """

    pending: int
    running: int
    placed: bool


class Board:
    """Job records by id, safe to read and write from any thread."""

    def __init__(self) -> None:
        self._records: dict[str, JobRecord] = {}
        self._noted: dict[str, _Notes] = {}  # of the few of which there is more to say
        self._told: dict[str, int] = {}  # last question before the service told of it by itself
        self._gone: dict[str, int] = {}  # revision of its end
        self._revision = 0
        self._question = 0
        self._begin()
        forks.begin_anew(self, Board._begin)

    def _begin(self) -> None:
        """Take the records as they are: a fork may come in the middle of a change."""
        self._lock = threading.Lock()
        self._revisions: dict[str, int] = {}  # the latest comes last
        self._pending: set[str] = set()
        self._running: set[str] = set()
        self._placed: set[str] = set()
        self._count_new(self._records)

    @property
    def revision(self) -> int:
        """Number of the last change."""
        return self._revision

    def question(self) -> int:
        """Return the number of a question that is about to be asked."""
        with self._lock:
            self._question += 1
            return self._question

    def apply(
        self, records: Iterable[JobRecord], *, question: int | None = None
    ) -> list[JobRecord]:
        """Take in what a service has said; return the records that are news.

        Args:
            records: What it said.
            question: Number of the question that this answers; ``None`` if it told by itself.
        """
        with self._lock:
            return [record for told in records if (record := self._take(told, question))]

    def introduce(self, records: Iterable[JobRecord]) -> list[JobRecord]:
        """Take in what the handles of jobs remember; return the records that are news.

        A handle's memory may be as old as the job, so it counts only for a job that is not on the
        board, and where it alone knows of the end.
        """
        with self._lock:
            self._question += 1
            known = self._records
            new: dict[str, JobRecord] = {}
            had = new.setdefault
            old = [rec for rec in records if rec.id in known or had(rec.id, rec) is not rec]
            self._count_new(new)
            self._records |= new  # all at once: an interruption leaves them unknown
            news = list(new.values())
            for record in old:
                if record.final and not self._records[record.id].final:
                    taken = self._take(record, self._question)
                    news += [taken] if taken else []
            return news

    def annotate(self, job_id: str, *, cancelling: bool = False, note: str | None = None) -> None:
        """Note that a cancel of the job was asked for, or refused with ``note``."""
        with self._lock:
            known = self._entry(job_id)
            if known is not None and not (cancelling and known.record.final):
                self._set(known._replace(cancelling=cancelling, refusal=note))

    def remark(self, job_id: str, note: str | None, about: str = "") -> None:
        """Note what else there is to say of a job; it stays, whatever the job does.

        Args:
            job_id: The job.
            note: What there is to say; ``None`` takes back what was said.
            about: What it is about: each thing has one remark.
        """
        with self._lock:
            known = self._entry(job_id)
            if known is None or dict(known.remarks).get(about) == note:
                return
            remarks = tuple(one for one in known.remarks if one[0] != about)
            if note is not None:
                remarks += ((about, note),)
            self._set(known._replace(remarks=remarks))

    def forget(self, job_id: str) -> bool:
        """Note that a job does not exist any more; return whether it was on the board."""
        with self._lock:
            self._noted.pop(job_id, None)
            self._revisions.pop(job_id, None)
            known = self._records.pop(job_id, None)
            for jobs in (self._pending, self._running, self._placed):
                jobs.discard(job_id)
            self._revision += 1
            self._gone[job_id] = self._revision
            self._told[job_id] = self._question
            return known is not None

    def deleted(self, job_id: str) -> bool:
        """Whether the service has said that there is no such job."""
        with self._lock:
            return job_id in self._gone

    def get(self, job_id: str) -> Entry | None:
        """Return what is known of a job."""
        with self._lock:
            return self._entry(job_id)

    def latest(self, record: JobRecord) -> JobRecord:
        """Return what is known of a record's job: the record itself, if it is not on the board."""
        with self._lock:
            return self._records.get(record.id, record)

    def pending(self, ids: Iterable[str], *, everything: bool = False) -> set[str]:
        """Return those of the jobs, and of ``everything`` known, that are not known to be final."""
        with self._lock:
            named = _as_set(ids)
            pending = self._pending if everything else self._pending & named
            return pending.union(named.difference(self._records))

    def unknown(self, ids: Iterable[str]) -> set[str]:
        """Return those of the jobs that are not on the board."""
        with self._lock:
            return set(ids).difference(self._records)

    def tally(self, ids: Iterable[str], *, everything: bool = False) -> Tally:
        """Return what the jobs, and ``everything`` known, are doing."""
        with self._lock:
            named = _as_set(ids)
            unknown = len(named.difference(self._records))
            if everything:
                return Tally(unknown + len(self._pending), len(self._running), bool(self._placed))
            return Tally(
                unknown + len(named & self._pending),
                len(named & self._running),
                not named.isdisjoint(self._placed),
            )

    def records(self, ids: Iterable[str] | None = None) -> list[JobRecord]:
        """Return the known records of ``ids``, or of all jobs."""
        with self._lock:
            if ids is None:
                return list(self._records.values())
            return [self._records[job_id] for job_id in ids if job_id in self._records]

    def whole(self) -> tuple[int, dict[str, JobRecord], list[Entry]]:
        """Return the revision, all records by id, and where there is more to say the entries."""
        with self._lock:
            noted = [entry for job_id in self._noted if (entry := self._entry(job_id))]
            return self._revision, self._records.copy(), noted

    def since(self, revision: int) -> tuple[int, list[Entry], list[str]]:
        """Return the present revision, the entries made after ``revision``, and the ids gone."""
        with self._lock:
            if revision == self._revision:
                return revision, [], []
            latest = reversed(self._revisions)
            changed = list(takewhile(lambda job_id: self._revisions[job_id] > revision, latest))
            entries = [entry for job_id in reversed(changed) if (entry := self._entry(job_id))]
            gone = [job_id for job_id, since in self._gone.items() if since > revision]
            return self._revision, entries, gone

    def _entry(self, job_id: str) -> Entry | None:
        record = self._records.get(job_id)
        return None if record is None else Entry(record, *self._noted.get(job_id, _NOTHING))

    def _take(self, record: JobRecord, question: int | None) -> JobRecord | None:
        """Take in one record; return it as it is now known if it is news."""
        known, told = self._records.get(record.id), self._told.get(record.id, 0)
        if question is None:
            self._told[record.id] = self._question
        elif told >= question:
            return None
        merged = record if known is None else _merged(known, record)
        if known is not None and (merged is known or merged == known):
            self._records[record.id] = merged
            return None
        cancelling, _, remarks = self._noted.get(record.id, _NOTHING)
        self._set(Entry(merged, cancelling and not merged.final, None, remarks))
        return merged

    def _set(self, entry: Entry) -> None:
        """Take in what has changed of one job."""
        record = entry.record
        self._records[record.id] = record
        if entry.noted:
            self._noted[record.id] = (entry.cancelling, entry.refusal, entry.remarks)
        else:
            self._noted.pop(record.id, None)
        self._gone.pop(record.id, None)
        self._revisions.pop(record.id, None)
        self._revision += 1
        self._revisions[record.id] = self._revision
        self._count(record)

    def _count_new(self, new: Mapping[str, JobRecord]) -> None:
        """Take note of jobs whose records have come; quickly, as a table may have thousands."""
        pending = {job_id for job_id, record in new.items() if not record.final}
        running = {job_id for job_id in pending if new[job_id].status == JobStatus.RUNNING}
        placed = {job_id for job_id, record in new.items() if record.queue_position is not None}
        if self._gone:
            for job_id in new:
                self._gone.pop(job_id, None)
        self._revisions.update(zip(new, count(self._revision + 1), strict=False))
        self._revision += len(new)
        self._pending |= pending
        self._running |= running
        self._placed |= placed

    def _count(self, record: JobRecord) -> None:
        _keep(self._pending, record.id, holds=not record.final)
        _keep(self._running, record.id, holds=record.status == JobStatus.RUNNING)
        _keep(self._placed, record.id, holds=record.queue_position is not None)


def _as_set(ids: Iterable[str]) -> set[str] | frozenset[str]:
    return ids if isinstance(ids, set | frozenset) else set(ids)


def _keep(jobs: set[str], job_id: str, *, holds: bool) -> None:
    """Have a job among those of which something holds, or not."""
    if holds:
        jobs.add(job_id)
    else:
        jobs.discard(job_id)


def _merged(old: JobRecord, new: JobRecord) -> JobRecord:
    """Return ``new``, but with a final status kept, and times kept that ``new`` does not tell."""
    # a list that has not changed since it was asked for last has the same objects
    if new is old or (old.final and new.status != old.status):
        return old
    created = new.created or old.created
    started = new.started or (None if new.status == "QUEUED" else old.started)
    finished = new.finished or old.finished
    if (created, started, finished) == (new.created, new.started, new.finished):
        return new
    return new._replace(created=created, started=started, finished=finished)
