"""Lists by tags: however the jobs are found, they are those that match, and so is their number."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest

from qjobwidgets.server.jobs import lists
from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.ledger import Ledger
from qjobwidgets.server.jobs.queries import JobFilter, Queries
from qjobwidgets.server.jobs.states import Job, NewJob, Usage
from tests.server.conftest import MEMORY

TAGS = ("red", "green", "blue")
PROGRAMS = ("sampler", "vqe")
WANTED = [
    JobFilter("ada", pending=pending, program=program, tags=tags, newest_first=newest, limit=4)
    for pending, (program, newest), tags in product(
        (None, True, False),
        ((None, True), ("vqe", False)),
        (("red",), ("red", "green"), ("red", "unknown")),
    )
]


@pytest.fixture
def database() -> Iterator[Database]:
    with (
        tempfile.TemporaryDirectory(dir=MEMORY) as folder,
        closing(Database(Path(folder) / "ledger.db")) as database,
    ):
        yield database


def _ledger(database: Database) -> Ledger:
    return Ledger(database, on_change=lambda _job: None, on_message=lambda _job: None)


def _matches(job: Job, wanted: JobFilter) -> bool:
    return (
        job.owner == wanted.owner
        and wanted.pending in {None, not job.final}
        and wanted.program in {None, job.program}
        and set(wanted.tags) <= set(job.tags)
    )


def _check(queries: Queries, submitted: list[str]) -> None:
    """Compare all lists with the jobs, looked at one by one."""
    jobs = [job for job in map(queries.job, submitted) if job is not None]
    for wanted in WANTED:
        expected = [job.id for job in jobs if _matches(job, wanted)]
        if wanted.newest_first:
            expected.reverse()
        page, count = queries.jobs(wanted)
        assert ([job.id for job in page], count) == (expected[: wanted.limit], len(expected))


@pytest.mark.parametrize("few", [0, 3, 500])
def test_lists_by_tags_hold_what_matches_after_any_change(
    database: Database, monkeypatch: pytest.MonkeyPatch, few: int
):
    monkeypatch.setattr(lists, "_FEW", few)
    chance = random.Random(few)
    ledger, queries = _ledger(database), Queries(database)
    submitted: list[str] = []

    def some_tags() -> tuple[str, ...]:
        return tuple(tag for tag in TAGS if chance.random() < 0.6)

    def submit() -> None:
        facts = {"owner": chance.choice(["ada", "bob"]), "tags": some_tags()}
        new = NewJob(chance.choice(PROGRAMS), "aer_local", "{}", **facts)
        submitted.append(ledger.submit(new).job)

    def change() -> None:
        job = chance.choice(submitted)
        match chance.choice(["tag", "end", "delete"]):
            case "tag":
                ledger.set_tags(job, some_tags())
            case "end" if ticket := ledger.start(job):
                ledger.complete(job, ticket.attempt, "{}", Usage())
            case _ if (known := queries.job(job)) is not None and known.final:
                ledger.delete(job)

    for _ in range(4):
        for _ in range(6):
            submit()
        _check(queries, submitted)
        for _ in range(4):
            change()
        _check(queries, submitted)
