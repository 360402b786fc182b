"""A placer of its own on a ledger that others use as well: ``python -m ... FOLDER NAME LEASE``.

It stands for a worker on another machine, which no server of ours has yet.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.ledger import Ledger
from qjobwidgets.server.jobs.queries import Queries
from qjobwidgets.server.jobs.sessions import Sessions
from qjobwidgets.server.placing.placer import LocalPlacer
from qjobwidgets.server.run.launcher import Launcher
from qjobwidgets.server.run.limits import Limits


def main(folder: Path, name: str, lease: float) -> None:
    database = Database(folder / "ledger.db")
    launcher = Launcher(threads=1, limits=Limits(memory=1 << 30), folder=folder / name)
    placer = LocalPlacer(
        Ledger(database, on_change=lambda _job: None, on_message=lambda _job: None),
        Queries(database),
        Sessions(database, on_change=lambda _job: None, on_close=lambda: None),
        launcher,
        slots=1,
        concurrency={"slow_local": 1},
        lease=lease,
    )
    launcher.start()
    placer.start()
    threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
