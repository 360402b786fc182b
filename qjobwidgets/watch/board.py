"""The board: what is known of the jobs of one account, with revision numbers.

Every change takes the next revision, so a view that has seen revision *r* asks for what came
since. A final status never changes again, whatever a late answer says. Questions have numbers too:
what the service tells by itself while a question is on its way is newer than the answer.

The watcher wants the sums at each turn, also of ten thousand jobs of which none has changed. So it
is kept which jobs are pending, run, and have a place in a queue: a sum is an intersection of sets.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from qjobwidgets.client import forks
from qjobwidgets.records import JobRecord, JobStatus

__all__ = ["GONE", "Board", "Entry", "Tally"]

GONE: Final = "The service does not have this job any more."
"""What a view of a deleted job says."""


class Entry(NamedTuple):
    """A job on the board; a tuple, as a frozen dataclass takes three times as long to make.

    Attributes:
        record: What the service said last.
        revision: Number of the change that made this entry.
        cancelling: Whether a cancel was asked for and not yet answered.
        refusal: Why an act on this job was refused, one line; until the job changes.
        told: The last question that was asked before the service told of this job by itself.
        remarks: What else there is to say, by what it is about; until it is taken back.
    """

    record: JobRecord
    revision: int
    cancelling: bool = False
    refusal: str | None = None
    told: int = 0
    remarks: tuple[tuple[str, str], ...] = ()

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
        self._entries: dict[str, Entry] = {}
        self._gone: dict[str, tuple[int, int]] = {}  # revision, and question as in Entry.told
        self._revision = 0
        self._question = 0
        self._begin()
        forks.begin_anew(self, Board._begin)

    def _begin(self) -> None:
        """Take the entries as they are: a fork may come in the middle of a change."""
        self._lock = threading.Lock()
        self._pending: set[str] = set()
        self._running: set[str] = set()
        self._placed: set[str] = set()
        for entry in self._entries.values():
            self._count(entry.record)

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
            news = []
            for record in records:
                known = self._entries.get(record.id)
                if known is None:
                    news.append(self._add(record))
                elif record.final and not known.record.final:
                    taken = self._take(record, self._question)
                    news += [taken] if taken else []
            return news

    def annotate(self, job_id: str, *, cancelling: bool = False, note: str | None = None) -> None:
        """Note that a cancel of the job was asked for, or refused with ``note``."""
        with self._lock:
            known = self._entries.get(job_id)
            if known is not None and not (cancelling and known.record.final):
                self._set(known.record, cancelling=cancelling, refusal=note, told=known.told)

    def remark(self, job_id: str, note: str | None, about: str = "") -> None:
        """Note what else there is to say of a job; it stays, whatever the job does.

        Args:
            job_id: The job.
            note: What there is to say; ``None`` takes back what was said.
            about: What it is about: each thing has one remark.
        """
        with self._lock:
            known = self._entries.get(job_id)
            if known is None or dict(known.remarks).get(about) == note:
                return
            remarks = tuple(one for one in known.remarks if one[0] != about)
            if note is not None:
                remarks += ((about, note),)
            self._revision += 1
            self._entries[job_id] = known._replace(revision=self._revision, remarks=remarks)

    def forget(self, job_id: str) -> bool:
        """Note that a job does not exist any more; return whether it was on the board."""
        with self._lock:
            known = self._entries.pop(job_id, None)
            for jobs in (self._pending, self._running, self._placed):
                jobs.discard(job_id)
            self._revision += 1
            self._gone[job_id] = self._revision, self._question
            return known is not None

    def deleted(self, job_id: str) -> bool:
        """Whether the service has said that there is no such job."""
        with self._lock:
            return job_id in self._gone

    def get(self, job_id: str) -> Entry | None:
        """Return what is known of a job."""
        with self._lock:
            return self._entries.get(job_id)

    def latest(self, record: JobRecord) -> JobRecord:
        """Return what is known of a record's job: the record itself, if it is not on the board."""
        entry = self.get(record.id)
        return record if entry is None else entry.record

    def pending(self, ids: Iterable[str], *, everything: bool = False) -> set[str]:
        """Return those of the jobs, and of ``everything`` known, that are not known to be final."""
        with self._lock:
            named = set(ids)
            unknown = named.difference(self._entries)
            return unknown | (self._pending if everything else named & self._pending)

    def unknown(self, ids: Iterable[str]) -> set[str]:
        """Return those of the jobs that are not on the board."""
        with self._lock:
            return set(ids).difference(self._entries)

    def tally(self, ids: Iterable[str], *, everything: bool = False) -> Tally:
        """Return what the jobs, and ``everything`` known, are doing."""
        with self._lock:
            named = set(ids)
            unknown = len(named.difference(self._entries))
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
                return [entry.record for entry in self._entries.values()]
            return [self._entries[i].record for i in ids if i in self._entries]

    def since(self, revision: int) -> tuple[int, list[Entry], list[str]]:
        """Return the present revision, the entries made after ``revision``, and the ids gone."""
        with self._lock:
            if revision == self._revision:
                return revision, [], []
            changed = [entry for entry in self._entries.values() if entry.revision > revision]
            gone = [job_id for job_id, (rev, _) in self._gone.items() if rev > revision]
            return self._revision, changed, gone

    def _take(self, record: JobRecord, question: int | None) -> JobRecord | None:
        """Take in one record; return it as it is now known if it is news."""
        known = self._entries.get(record.id)
        told = known.told if known else self._gone.get(record.id, (0, 0))[1]
        if question is None:
            told = self._question
        elif told >= question:
            return None
        merged = record if known is None else _merged(known.record, record)
        if known is not None and (merged is known.record or merged == known.record):
            if told != known.told or merged is not known.record:
                self._entries[record.id] = known._replace(record=merged, told=told)
            return None
        waiting = known is not None and known.cancelling and not merged.final
        self._set(merged, cancelling=waiting, told=told)
        return merged

    def _add(self, record: JobRecord) -> JobRecord:
        """Put a job on the board that is not there; quickly, as a table may have thousands."""
        job_id = record.id
        told = self._gone.pop(job_id, (0, 0))[1] if self._gone else 0
        self._revision += 1
        self._entries[job_id] = Entry(record, self._revision, False, None, told)
        if not record.final:
            self._pending.add(job_id)
            if record.status == JobStatus.RUNNING:
                self._running.add(job_id)
        if record.queue_position is not None:
            self._placed.add(job_id)
        return record

    def _set(
        self, record: JobRecord, *, cancelling: bool, refusal: str | None = None, told: int = 0
    ) -> None:
        known = self._entries.get(record.id)
        remarks = known.remarks if known else ()
        self._revision += 1
        self._entries[record.id] = Entry(record, self._revision, cancelling, refusal, told, remarks)
        self._gone.pop(record.id, None)
        self._count(record)

    def _count(self, record: JobRecord) -> None:
        _keep(self._pending, record.id, holds=not record.final)
        _keep(self._running, record.id, holds=record.status == JobStatus.RUNNING)
        _keep(self._placed, record.id, holds=record.queue_position is not None)


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
