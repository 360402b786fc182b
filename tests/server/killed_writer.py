"""Kills a writer of the ledger before each of its statements in turn: ``python -m ... FOLDER``.

For each kind of write, and for each number of statements it gets to make, a line of JSON says what
the next process finds. A process of its own, as it forks: nothing else may run in what is forked.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.ledger import Ledger
from qjobwidgets.server.jobs.queries import Queries
from qjobwidgets.server.jobs.states import NewJob, Reason, Usage

JOB = NewJob("p", "b", "{}", tags=("red", "blue"))
REASON = Reason("because", 1)

WRITES: dict[str, Callable[[Ledger, str], Any]] = {
    "complete": lambda ledger, job: ledger.complete(job, 1, '"result"', Usage(1.0)),
    "fail": lambda ledger, job: ledger.fail(job, 1, REASON, Usage(1.0)),
    "crash": lambda ledger, job: ledger.crash(job, 1, "killed", Usage(1.0)),
    "interrupt": lambda ledger, job: ledger.interrupt(job, 1, "stopped"),
    "publish": lambda ledger, job: ledger.publish(job, 1, [("interim", "2")] * 3, "log"),
    "cancel": lambda ledger, job: ledger.cancel(job),
    "submit": lambda ledger, _job: ledger.submit(JOB, key="second", fingerprint="f"),
}


def open_ledger(database: Database) -> Ledger:
    return Ledger(database, on_change=lambda _job: None, on_message=lambda _job: None)


def prepare(path: Path) -> str:
    """Write a ledger with one running job that has published one message."""
    with closing(Database(path)) as database:
        ledger = open_ledger(database)
        job = ledger.submit(JOB, key="first", fingerprint="f").job
        ledger.start(job)
        ledger.publish(job, 1, [("interim", "1")], "log")
    return job


def write_until_killed(path: Path, write: Callable[[Ledger, str], Any], job: str, n: int) -> None:
    """Make a write, and die before the n-th statement; the end of the transaction is one, too."""
    database = Database(path)
    left = n

    def count(*_facts: Any) -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)
    write(open_ledger(database), job)


def find(path: Path, job: str) -> dict[str, Any]:
    """Return what the next process finds."""
    with closing(Database(path)) as database:
        ledger, queries = open_ledger(database), Queries(database)
        found = queries.job(job)
        page = queries.stream(job, 0, 100)
        assert found is not None
        assert page is not None
        with database.read() as connection:
            whole = connection.scalar(text("pragma integrity_check"))
            strays = connection.execute(text("pragma foreign_key_check")).all()
            rows = connection.execute(text("select count(*), count(distinct id) from jobs")).one()
            given = connection.scalar(text("select count(*) from inputs"))
            tags = connection.scalar(text("select count(*) from tags"))
        return {
            "state": found.state,
            "finished": found.finished is not None,
            "seqs": [message.seq for message in page.messages],
            "last_seq": found.last_seq,
            "result": ledger.take_result(job),
            "sound": whole == "ok" and not strays,
            "jobs": rows[0],
            "inputs": given,
            "tags": tags,
        }


def main(folder: Path) -> None:
    template = folder / "template.db"
    job = prepare(template)
    for kind, write in WRITES.items():
        for n in itertools.count():
            path = Path(shutil.copy(template, folder / f"{kind}-{n}.db"))
            child = os.fork()
            if child == 0:
                try:
                    write_until_killed(path, write, job, n)
                finally:
                    os._exit(0)
            killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
            sys.stdout.write(json.dumps({"kind": kind, "killed": killed} | find(path, job)) + "\n")
            if not killed:
                break


if __name__ == "__main__":
    main(Path(sys.argv[1]))
