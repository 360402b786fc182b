"""The parts of one running server, put together."""

from __future__ import annotations

import os
from pathlib import Path

from qjobwidgets.server.backends.catalogue import concurrency
from qjobwidgets.server.config import Config
from qjobwidgets.server.health import Health
from qjobwidgets.server.hub import ANY_JOB, Hub
from qjobwidgets.server.jobs.changes import Changes
from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.ledger import Ledger
from qjobwidgets.server.jobs.queries import Queries
from qjobwidgets.server.jobs.quotas import Allowances, Quotas
from qjobwidgets.server.jobs.sessions import Sessions
from qjobwidgets.server.jobs.uploads import Uploads, refuse_waiting
from qjobwidgets.server.jobs.workloads import Workloads
from qjobwidgets.server.pages import Pages
from qjobwidgets.server.placing.placer import LocalPlacer
from qjobwidgets.server.run.launcher import Launcher
from qjobwidgets.server.run.limits import Limits

__all__ = ["Runtime"]


class Runtime:
    """Ledger, launcher, placer and hub; :meth:`start` sets them going.

    Args:
        config: The server's settings.
        ledger_file: Where the ledger is kept.

    Raises:
        StartRefusedError: The ledger can't be used.
    """

    def __init__(self, config: Config, ledger_file: Path) -> None:
        self._database = Database(ledger_file)
        self.hub = Hub()
        self.queries = Queries(self._database)
        self.pages = Pages(self.queries.revision)
        self.changes = Changes(self._database)
        # Of several users, none may have code of theirs run as the one who started the server.
        self.uploads = Uploads(self._database) if config.single_user else None
        self.workloads = Workloads(self._database)
        quotas = Quotas(pending=config.max_pending, usage_seconds=config.usage_limit)
        self.sessions = Sessions(
            self._database,
            on_change=self._on_change,
            on_close=self._on_close,
            quotas=quotas,
        )
        self.allowances = Allowances(self._database, quotas)
        self.ledger = Ledger(
            self._database,
            on_change=self._on_change,
            on_message=self.hub.notify,
            quotas=quotas,
        )
        cores = os.cpu_count() or 1
        self._launcher = Launcher(
            threads=max(1, cores // config.slots),
            limits=Limits(memory=config.memory),
            folder=config.data.resolve() / "scratch",
        )
        self.health = Health(self._database, self._launcher)
        self._placer = LocalPlacer(
            self.ledger,
            self.queries,
            self.sessions,
            self._launcher,
            slots=config.slots,
            concurrency=concurrency(config.slots),
        )

    def start(self) -> None:
        """Queue again what an earlier server left running, then begin to place jobs."""
        self.ledger.recover()
        if self.uploads is None:
            refuse_waiting(self._database, self.ledger)
        self._launcher.start()
        self._placer.start()

    def stop(self) -> None:
        """End all attempts, queue their jobs again, and close the ledger."""
        self._placer.stop()
        self._launcher.stop()
        self._database.close()

    def _on_change(self, job: str) -> None:
        self.hub.notify(job, ANY_JOB)
        self._placer.wake()

    def _on_close(self) -> None:
        self._placer.wake()
