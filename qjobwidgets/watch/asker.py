"""One look at the service: the requests it takes, within the budget, and the answers noted."""

from __future__ import annotations

import time
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import ceil

from qjobwidgets.client import RuntimeService
from qjobwidgets.errors import RuntimeJobNotFound
from qjobwidgets.records import JobRecord
from qjobwidgets.watch import schedule
from qjobwidgets.watch.board import Board
from qjobwidgets.watch.budget import Budget

__all__ = ["Asker"]


@dataclass(frozen=True, slots=True)
class _Rest:
    """What a look had no budget left for.

    Attributes:
        asks: The questions that remain.
        unseen: The jobs that no answer has named so far.
        sweep: Whether it is a full look.
    """

    asks: list[schedule.AskJob | schedule.AskList]
    unseen: frozenset[str]
    sweep: bool


class Asker:
    """Asks one service for jobs and writes what it answers on the board.

    Used by the watcher's thread; the rest may read.

    Args:
        service: The account's client.
        board: Takes the answers.
        budget: What one may ask. A full look that is too long for it goes on in the next ones.

    Attributes:
        budget: As above.
        total: How many jobs the account has, once it was asked.
        news: What the last look has changed.
        missing: Ids that the last look has found to be deleted.
        unasked: Ids in doubt that the last look has not come to.
        asked: How many requests the last look has sent.
        blocked: Seconds until there is room for what the last look has left out.
    """

    def __init__(self, service: RuntimeService, board: Board, budget: Budget) -> None:
        self.budget = budget
        self.total: int | None = None
        self.news: list[JobRecord] = []
        self.missing: set[str] = set()
        self.unasked: set[str] = set()
        self.asked = 0
        self.blocked = 0.0
        self._service = service
        self._board = board
        self._rest: _Rest | None = None
        self._swept_at = -schedule.SWEEP_EVERY
        self._sweeps_wanted = self._sweeps_made = 0
        self._turn = 0

    @property
    def requests_last_minute(self) -> int:
        """Requests sent in the last minute."""
        return self.budget.own_last_minute

    def sweep_next(self) -> None:
        """Have the next look be a full one, also where the service tells of changes by itself."""
        self._sweeps_wanted += 1

    def look(
        self,
        pending: Iterable[str],
        *,
        recent: bool,
        doubted: AbstractSet[str] = frozenset(),
        calm: bool = False,
    ) -> None:
        """Ask for what is pending and, if ``recent``, for the account's list.

        Args:
            pending: Ids of the watched jobs that are not final.
            recent: Whether the account's newest jobs are watched too.
            doubted: Those of them of which only a handle's memory is known.
            calm: Whether the service tells of changes by itself, so that one question is enough,
                each time another one.

        Raises:
            QJobError: No answer, or a refusal; what was answered before is noted.
        """
        self.news, self.missing, self.asked, self.blocked = [], set(), 0, 0.0
        wanted = self._sweeps_wanted  # another one may be wanted while this one is on its way
        pending = sorted(pending)
        self.unasked = self._board.unknown(pending) | (set(pending) & doubted)
        rest, self._rest = self._rest, None
        if rest is not None:
            asks, complete, sweep = rest.asks, True, rest.sweep
            unseen = dict.fromkeys(i for i in pending if i in rest.unseen)
        else:
            unseen = dict.fromkeys(pending)
            asks, complete, sweep = self._questions(pending, recent=recent, calm=calm)
        for number, ask in enumerate(asks):
            if not self._ask(ask, unseen):
                if complete:
                    self._rest = _Rest(asks[number:], frozenset(unseen), sweep)
                return
        if complete:
            self._ask_ended(unseen)
        else:
            self._ask_singly(sorted(self.unasked), unseen)
        if sweep:
            self._swept_at, self._sweeps_made = time.monotonic(), wanted

    def _questions(
        self, pending: list[str], *, recent: bool, calm: bool
    ) -> tuple[list[schedule.AskJob | schedule.AskList], bool, bool]:
        """Return what to ask, whether it would name all that is pending, and if it is a sweep."""
        overdue = time.monotonic() - self._swept_at >= schedule.SWEEP_EVERY
        wanted = self._sweeps_wanted > self._sweeps_made
        sweep = wanted or len(self.unasked) > schedule.FEW_JOBS
        sweep = sweep or (overdue and not calm)
        asks = schedule.plan(pending, recent=recent, sweep_due=sweep or calm)
        if calm and not sweep and asks:
            self._turn += 1
            return [asks[self._turn % len(asks)]], len(asks) == 1, False
        return asks, sweep or len(pending) <= schedule.PAGE * schedule.MANY_PAGES, sweep

    def _ask_ended(self, unseen: dict[str, None]) -> None:
        """Ask for what was pending and has left the pending list: many by list, the rest singly."""
        if len(unseen) > schedule.FEW_JOBS:
            for page in range(ceil(len(unseen) / schedule.PAGE)):
                if not self._ask(schedule.AskList(False, page * schedule.PAGE), unseen):
                    return
        self._ask_singly(list(unseen), unseen)

    def _ask_singly(self, job_ids: Iterable[str], unseen: dict[str, None]) -> None:
        """Ask for one job after the other, as far as the budget reaches."""
        for job_id in job_ids:
            if not self._ask(schedule.AskJob(job_id), unseen):
                break

    def _ask(self, ask: schedule.AskJob | schedule.AskList, unseen: dict[str, None]) -> bool:
        """Ask one question, if the budget has room for it; return whether it had."""
        self.blocked = self.budget.take()
        if self.blocked > 0:
            return False
        self.asked += 1
        if isinstance(ask, schedule.AskJob):
            self._ask_job(ask.job_id, unseen)
        else:
            self._ask_page(ask, unseen)
        return True

    def _ask_page(self, ask: schedule.AskList, unseen: dict[str, None]) -> None:
        question = self._board.question()
        page = self._service.fetch_records(
            limit=schedule.PAGE, skip=ask.skip, pending=True if ask.pending else None
        )
        if not ask.pending:
            self.total = page.count
        self.news += self._board.apply(page.records, question=question)
        for record in page.records:
            self._seen(record.id, unseen)

    def _ask_job(self, job_id: str, unseen: dict[str, None]) -> None:
        question = self._board.question()
        try:
            record = self._service.fetch_record(job_id)
        except RuntimeJobNotFound:
            self._board.forget(job_id)
            self.missing.add(job_id)
        else:
            self.news += self._board.apply([record], question=question)
        self._seen(job_id, unseen)

    def _seen(self, job_id: str, unseen: dict[str, None]) -> None:
        unseen.pop(job_id, None)
        self.unasked.discard(job_id)
