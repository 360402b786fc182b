"""Races between threads that change the ledger, and what a commit means."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.ledger import Ledger, NotInStateError
from qjobwidgets.server.jobs.queries import Queries
from qjobwidgets.server.jobs.states import NewJob, State, Usage
from tests.server.conftest import MEMORY


def _ledger(database: Database) -> Ledger:
    return Ledger(database, on_change=lambda _job: None, on_message=lambda _job: None)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "ledger.db")
    yield database
    database.close()


@pytest.fixture
def racetrack() -> Iterator[Database]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        database = Database(Path(folder) / "ledger.db")
        yield database
        database.close()


def test_cancel_and_complete_race_to_one_end_with_a_result_only_if_completed(racetrack: Database):
    ledger, queries = _ledger(racetrack), Queries(racetrack)
    chance = random.Random(1)
    ends = set()
    for _ in range(1000):
        job = ledger.submit(NewJob("p", "b", "{}")).job
        assert ledger.start(job) is not None
        gate = threading.Barrier(2)
        # Whoever is called first mostly wins: now the one has a start, now the other.
        starts = [chance.uniform(0, 0.001) for _ in range(2)]

        def complete(job: str, gate: threading.Barrier, start: float) -> None:
            gate.wait()
            time.sleep(start)
            ledger.complete(job, 1, "1", Usage())

        rival = threading.Thread(target=complete, args=(job, gate, starts[0]))
        rival.start()
        gate.wait()
        time.sleep(starts[1])
        with suppress(NotInStateError):
            ledger.cancel(job)
        rival.join()
        end = queries.job(job)
        assert end is not None
        ends.add(end.state)
        assert (ledger.take_result(job) == "1") == (end.state is State.COMPLETED)
    assert ends == {State.COMPLETED, State.CANCELLED}


def test_commits_are_durable_and_readers_never_wait(database: Database):
    with database.write() as connection:
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 2
        assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"
        with database.read() as reader:
            assert reader.exec_driver_sql("select count(*) from jobs").scalar() == 0
