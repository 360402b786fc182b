"""JobsDashboard: the account's jobs, and the one that was opened, in one cell."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import traitlets

from qjobwidgets.errors import QJobError
from qjobwidgets.widgets.card import JobCard
from qjobwidgets.widgets.counts import CountsHistogram
from qjobwidgets.widgets.parts import Owner, Part
from qjobwidgets.widgets.plot import InterimPlot
from qjobwidgets.widgets.table import JobsTable
from qjobwidgets.widgets.view import bundle

if TYPE_CHECKING:
    from qjobwidgets.client import RuntimeJob

__all__ = ["JobsDashboard"]

logger = logging.getLogger(__name__)

_TABS: Final = {"convergence": "plot", "counts": "counts"}
"""Tabs of the card that are parts of their own, made when they are opened."""


class _Card(Part, JobCard):
    """The card of the current job."""

    def show(self, job: RuntimeJob) -> None:
        """Have the dashboard turn to another job, its other parts as well."""
        owner = self._owner
        if isinstance(owner, JobsDashboard):
            owner.show(job)


class _Plot(Part, InterimPlot):
    """The interim results of the current job."""


class _Counts(Part, CountsHistogram):
    """The counts of the current job."""


_KINDS: Final[Mapping[str, type[Part]]] = {"card": _Card, "plot": _Plot, "counts": _Counts}


class JobsDashboard(Owner, JobsTable):
    """A table of jobs, with the current job as a card beside or below it.

    The card has tabs for the job's result, the convergence of its interim results, its counts,
    logs and inputs; each is fetched when it is opened. Arguments are those of
    :class:`~qjobwidgets.JobsTable`.
    """

    _esm = bundle("dashboard.js")
    _css = bundle("dashboard.css")

    account = traitlets.Dict().tag(sync=True)
    part_kinds = _KINDS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._backends: list[dict[str, Any]] = []
        self._goto: RuntimeJob | None = None
        super().__init__(*arguments, **named)
        self.watcher.errands.run(self._ask_backends)

    @property
    def card(self) -> JobCard | None:
        """The card of the current job."""
        part = self.parts.get("card")
        return part if isinstance(part, JobCard) else None

    def show(self, job: RuntimeJob) -> None:
        """Make a job of the same account the current one, also one that is not in the table."""
        self._goto = job
        self.watcher.publisher.mark(self)

    def update_page(self) -> None:
        super().update_page()
        goto, self._goto = self._goto, None
        if goto is not None:
            self.watcher.board.introduce([goto.record])
            self.current = goto.job_id()
        self._follow_current()
        self.update_parts()
        account = self.watcher.service.account
        self.account = {
            "channel": account.channel,
            "instance": account.instance,
            "backends": self._backends,
            "requests": self.watcher.asker.requests_last_minute,
            "budget": self.watcher.asker.budget.per_minute,
        }

    def _follow_current(self) -> None:
        """Have the parts be of the current job, and those be there that are looked at."""
        entry = None if self.current is None else self.watcher.board.get(self.current)
        card, tab = self.card, "result"
        if card is not None and (entry is None or card.record.id != entry.record.id):
            tab, card = card.tab, None
            for name in _KINDS:
                self.put_part(name, None)
        if entry is None:
            return
        if card is None:
            card = _Card(self, "card", self.watcher.handle(entry.record))
            card.tab = tab
            self.put_part("card", card)
        wanted = _TABS.get(card.tab)
        if wanted is not None and wanted not in self.parts:
            self.put_part(wanted, _KINDS[wanted](self, wanted, card.details.job))

    def twin(self) -> Mapping[str, str]:
        table, card = super().twin(), self.card
        if card is None:
            return table
        below = card.twin()
        return {kind: f"{text}\n{below[kind]}" for kind, text in table.items()}

    def twin_facts(self) -> object:
        return super().twin_facts(), None if self.card is None else self.card.twin_facts()

    def _ask_backends(self) -> None:
        try:
            found = self.watcher.service.api.backends()
        except QJobError as error:
            logger.debug("the backends are not known: %s", error)
            return
        self._backends = [
            {"name": one.name, "status": one.status, "queue": one.queue_length}
            for one in found[:12]
        ]
        self.watcher.publisher.mark(self)

    @traitlets.observe("current")
    def _current_changed(self, _change: object) -> None:
        if self._roster is not None:
            self.watcher.publisher.mark(self)
