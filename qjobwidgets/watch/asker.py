"""One look at the service: the requests it takes, within the budget, and the answers noted."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from math import ceil

from qjobwidgets.client import RuntimeService
from qjobwidgets.errors import RuntimeJobNotFound
from qjobwidgets.records import JobRecord
from qjobwidgets.watch import schedule
from qjobwidgets.watch.board import Board

__all__ = ["Asker"]


class Asker:
    """Asks one service for jobs and writes what it answers on the board.

    Used by the watcher's thread; the rest may read.

    Args:
        service: The account's client.
        board: Takes the answers.
        requests_per_minute: The budget. A look that has begun ends its lists; what it would ask
            for job by job beyond the budget waits for the next one.

    Attributes:
        total: How many jobs the account has, once it was asked.
        news: What the last look has changed.
        missing: Ids that the last look has found to be deleted.
    """

    def __init__(self, service: RuntimeService, board: Board, requests_per_minute: int) -> None:
        self.requests_per_minute = requests_per_minute
        self.total: int | None = None
        self.news: list[JobRecord] = []
        self.missing: set[str] = set()
        self._service = service
        self._board = board
        self._sent: deque[float] = deque(maxlen=1000)
        self._swept_at = -schedule.SWEEP_EVERY

    @property
    def requests_last_minute(self) -> int:
        """Requests sent in the last minute."""
        now = time.monotonic()
        return sum(now - t < 60.0 for t in list(self._sent))

    def budget_wait(self) -> float:
        """Return the seconds until one more request keeps within the budget."""
        return schedule.budget_wait(list(self._sent), time.monotonic(), self.requests_per_minute)

    def sweep_next(self) -> None:
        """Have the next look be a full one."""
        self._swept_at = -schedule.SWEEP_EVERY

    def look(self, pending: Iterable[str], *, recent: bool) -> None:
        """Ask for what is pending and, if ``recent``, for the account's list.

        Raises:
            QJobError: No answer, or a refusal; what was answered before is noted.
        """
        self.news, self.missing = [], set()
        unseen = dict.fromkeys(sorted(pending))
        sweep = time.monotonic() - self._swept_at >= schedule.SWEEP_EVERY
        complete = sweep or len(unseen) <= schedule.PAGE * schedule.MANY_PAGES
        for ask in schedule.plan(list(unseen), recent=recent, sweep_due=sweep):
            if isinstance(ask, schedule.AskJob):
                self._ask_job(ask.job_id)
                del unseen[ask.job_id]
            else:
                self._ask_page(ask, unseen)
        if complete:
            self._ask_ended(unseen)
        if sweep:
            self._swept_at = time.monotonic()

    def _ask_ended(self, unseen: dict[str, None]) -> None:
        """Ask for what was pending and has left the pending list: many by list, the rest singly."""
        if len(unseen) > schedule.FEW_JOBS:
            for page in range(ceil(len(unseen) / schedule.PAGE)):
                self._ask_page(schedule.AskList(pending=False, skip=page * schedule.PAGE), unseen)
        for job_id in unseen:
            if self.budget_wait() > 0:
                break
            self._ask_job(job_id)

    def _ask_page(self, ask: schedule.AskList, unseen: dict[str, None]) -> None:
        self._sent.append(time.monotonic())
        page = self._service.fetch_records(
            limit=schedule.PAGE, skip=ask.skip, pending=True if ask.pending else None
        )
        if not ask.pending:
            self.total = page.count
        self.news += self._board.apply(page.records)
        for record in page.records:
            unseen.pop(record.id, None)

    def _ask_job(self, job_id: str) -> None:
        self._sent.append(time.monotonic())
        try:
            self.news += self._board.apply([self._service.fetch_record(job_id)])
        except RuntimeJobNotFound:
            self._board.forget(job_id)
            self.missing.add(job_id)
