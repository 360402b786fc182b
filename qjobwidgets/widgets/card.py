"""JobCard: one job whole, and two jobs compared."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import traitlets

from qjobwidgets import render
from qjobwidgets.errors import QJobError
from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch import watcher_for
from qjobwidgets.watch.board import GONE
from qjobwidgets.watch.contents import Result
from qjobwidgets.watch.details import Detail, DetailName, JobDetails
from qjobwidgets.watch.distances import Distance
from qjobwidgets.widgets import facts
from qjobwidgets.widgets.comparison import compared, distances, results_of
from qjobwidgets.widgets.handles import as_job
from qjobwidgets.widgets.job_view import JobView
from qjobwidgets.widgets.rows import row
from qjobwidgets.widgets.view import bundle

if TYPE_CHECKING:
    from qjobwidgets.client import RuntimeJob

__all__ = ["JobCard"]

logger = logging.getLogger(__name__)

TABS: Final = ("result", "inputs", "logs", "session", "compare", "convergence", "counts")
"""What a card can be opened at; the last two only inside a dashboard."""

_WANTED: Final[Mapping[str, tuple[DetailName, ...]]] = {
    "result": ("result",),
    "inputs": ("inputs",),
    "logs": ("logs",),
    "session": ("neighbours",),
    "compare": ("inputs", "result"),
}


_Apart = tuple[Result | None, Result | None, Sequence[tuple[str, Distance]]]
"""Two results, and how far their counts are apart."""

_LACKING: Final = frozenset({"none", "loading"})

_RETRY: Final = 10.0
"""Seconds after which facts that could not be had are asked for again, if there is news."""


class JobCard(JobView):
    """One job: where it is, how long it took, what it cost, what it was given and what came of it.

    Inputs, logs, results and neighbours are fetched when their tab is opened, in the background.
    The result of a private job, which can be read once, is fetched only by a button that says so.

    Args:
        job: A ``RuntimeJob``, or a job's id.
        service: The client of the account that an id is of.
        compare: Another job of the same account, or its id, to show what differs.

    Attributes:
        details: What was fetched of the job.

    Raises:
        QJobError: An id without a service, or something that is no job.
        ValueError: Two jobs of different accounts.
    """

    _esm = bundle("card.js")
    _css = bundle("card.css")

    tab = traitlets.Enum(TABS, "result").tag(sync=True)
    facts: traitlets.List[list[str]] = traitlets.List().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    edits = traitlets.Dict().tag(sync=True)
    private = traitlets.Bool(False).tag(sync=True)
    inputs = traitlets.Dict().tag(sync=True)
    logs = traitlets.Dict().tag(sync=True)
    result = traitlets.Dict().tag(sync=True)
    neighbours = traitlets.Dict().tag(sync=True)
    other = traitlets.Any(None).tag(sync=True)

    def __init__(self, job: Any, *, service: Any = None, compare: Any = None) -> None:
        job = as_job(job, service)
        if compare is not None:
            compare = as_job(compare, service or job.service)
            if compare.service.key != job.service.key:
                raise ValueError("A JobCard compares jobs of one account.")
        watcher = watcher_for(job.service)
        self.details = JobDetails(job, watcher, self._mark)
        self._compare: JobDetails | None = None
        self._apart: _Apart | None = None
        self._pub = 0
        self._goto: RuntimeJob | None = None
        self._words = _words(job)
        self._edits: dict[str, dict[str, Any]] = {}
        super().__init__(job, words=self._words)
        if compare is not None:
            self._compare = JobDetails(compare, watcher, self._mark)
            self.job_ids |= {compare.job_id()}
            self.watcher.watch([compare.record])
            self.tab = "compare"
        self._mark()

    # -- bringing the page up to date -------------------------------------------------------------

    def prepare(self) -> None:
        goto, self._goto = self._goto, None
        if goto is not None and goto.job_id() != self._record.id:
            self._show(goto)
        self._fetch_what_is_seen()

    def _fetch_what_is_seen(self) -> None:
        """Fetch what the open tab shows; nothing of a job that the service has no more."""
        if self.deleted:
            return
        offline = self.watcher.alive and self.watcher.freshness.state == "offline"
        self.details.want(
            "about", again=self._outlived("about"), retry=math.inf if offline else _RETRY
        )
        for name in _WANTED.get(self.tab, ()):
            for details in filter(None, (self.details, self._compare)):
                if name != "result" or _readable(details.record):
                    details.want(name, again=name == "logs" and self._outlived("logs"))

    def _outlived(self, name: Literal["about", "logs"]) -> bool:
        """Whether the job has ended since this was told of it."""
        detail = self.details.get(name)
        return detail.state == "ready" and self.record.final and not detail.value.final

    def _detail(self, name: DetailName) -> Detail:
        """Return what the page is to know of a detail: of a deleted job, that there is none."""
        detail = self.details.get(name)
        return Detail("failed", message=GONE) if self.deleted and detail.state == "none" else detail

    def update_page(self) -> None:
        super().update_page()
        record, details = self.record, self.details
        instance = details.job.service.account.instance
        inputs = self._detail("inputs")
        told = facts.facts_of(record, instance, details.get("about"), inputs)
        self.facts = [list(fact) for fact in told]
        self.words, self.edits = dict(self._words), dict(self._edits)
        self.private = record.private
        self.inputs = facts.inputs_json(inputs, self._pub)
        self.logs = facts.logs_json(self._detail("logs"))
        self.result = facts.result_json(self._detail("result"), self._pub)
        self.neighbours = self._neighbours_json()
        if self._compare is not None:
            rows = compared(details, self._compare)
            self.other = {
                "job": row(self._compare.record),
                "rows": [[one.label, one.one, one.other] for one in rows],
                "distances": [
                    [label, far.fidelity, far.fidelity_error, far.variation]
                    for label, far in self._distances()
                ],
                "loading": any(
                    one.get(name).state == "loading"
                    for one in (details, self._compare)
                    for name in _WANTED["compare"]
                ),
            }

    def _distances(self) -> Sequence[tuple[str, Distance]]:
        """Return how far the counts of the two jobs are apart; worked out once for two results."""
        if self._compare is None:
            return ()
        one, other = (each.get("result").value for each in (self.details, self._compare))
        known = self._apart
        if known is None or known[0] is not one or known[1] is not other:
            known = self._apart = one, other, distances(one, other)
        return known[2]

    def _neighbours_json(self) -> dict[str, Any]:
        detail, board = self._detail("neighbours"), self.watcher.board
        listed = detail.value.records if detail.value else ()
        return facts.neighbours_json(detail, self.record.id, list(map(board.latest, listed)))

    def settled(self) -> bool:
        return super().settled() and (self.deleted or not self._lacks())

    def _lacks(self) -> bool:
        """Whether something that is shown has still to come."""
        readable = _readable(self.record)
        tab = [name for name in _WANTED.get(self.tab, ()) if name != "result" or readable]
        return any(self.details.get(name).state in _LACKING for name in ("about", *tab))

    # -- what the page asks for -------------------------------------------------------------------

    def handle(self, kind: str, content: Mapping[str, Any]) -> None:
        if content.get("job") != self._record.id:
            return  # about a job that was shown before
        match kind, content.get("what"):
            case "again", "inputs" | "logs" | "neighbours" as name:
                self.details.want(name, again=True)
            case "again", "result" if _readable(self.record):
                self.details.want("result", again=True)
            case "read-once", _ if self.record.status == JobStatus.DONE:
                self.details.want("result")
            case "pub", _ if isinstance(place := content.get("at"), int):
                self._pub = place
            case "open", str(job_id) if (neighbour := self._neighbour(job_id)) is not None:
                self.show(self.watcher.handle(neighbour))
            case "edit", "name" | "note" | "tags" as what:
                self._edit(what, content.get("value"))

    def show(self, job: Any) -> None:
        """Show another job of the same account in this card."""
        self.watcher.board.introduce([job.record])
        self._goto = job
        self._mark()

    def _neighbour(self, job_id: str) -> JobRecord | None:
        found = self.details.get("neighbours").value
        return next((one for one in found.records if one.id == job_id), None) if found else None

    def _show(self, job: RuntimeJob) -> None:
        """Turn to another job; called by the publisher only."""
        self.watcher.detach(self)
        self._record = job.record
        self.job_ids = frozenset({job.job_id()})
        self._pub, self._edits, self._words = 0, {}, _words(job)
        self._compare, self._apart, self.other = None, None, None
        self.details = JobDetails(job, self.watcher, self._mark)
        if self.tab == "compare":
            self.tab = "result"
        self.watcher.attach(self)

    # -- edits ------------------------------------------------------------------------------------

    def _edit(self, what: str, value: Any) -> None:
        """Have an edit made; what comes of it is in the trait ``edits``."""
        texts = value if isinstance(value, list) and what == "tags" else [value]
        if not all(isinstance(text, str) for text in texts):
            return
        job = self.details.job
        change: Mapping[str, Callable[[], object]] = {
            "name": lambda: job.update_name(value),
            "note": lambda: job.update_note(value),
            "tags": lambda: job.update_tags(value),
        }
        self._edits = {**self._edits, what: _outcome("saving")}
        self.watcher.errands.run(lambda: self._make(job, what, change[what]))

    def _make(self, job: RuntimeJob, what: str, change: Callable[[], object]) -> None:
        try:
            change()
        except QJobError as error:
            outcome = _outcome("refused", str(error))
        except Exception as error:
            logger.exception("an edit failed")
            outcome = _outcome("refused", f"It failed ({type(error).__name__}).")
        else:
            outcome = _outcome("saved")
            if what == "tags":
                # for tables as well, which nothing else tells of a job that has ended
                self.watcher.audience.announce(self.watcher.board.apply([job.record]))
        if job is not self.details.job:
            return
        self._words = _words(job)
        self._edits = {**self._edits, what: outcome}
        self._mark()

    # -- the twin ---------------------------------------------------------------------------------

    def twin_facts(self) -> object:
        shown = filter(None, (self.details, self._compare))
        tabs = [each.get(name) for each in shown for name in ("about", "result", "inputs")]
        other = None if self._compare is None else self._compare.record
        return self.record, other, tuple(tabs), tuple(self._words.items())

    def twin(self) -> Mapping[str, str]:
        record, details = self.record, self.details
        instance = details.job.service.account.instance
        told = facts.facts_of(record, instance, details.get("about"), details.get("inputs"))
        view = render.CardView(
            job=record,
            name=self._words["name"],
            note=self._words["note"],
            facts=[(label, " · ".join(filter(None, (text, more)))) for label, text, more in told],
            results=results_of(details.get("result")),
            other=None if self._compare is None else self._compare.record,
            compared=() if self._compare is None else compared(details, self._compare),
            distances=[
                (label, render.words.distances(far.fidelity, far.fidelity_error, far.variation))
                for label, far in self._distances()
            ],
        )
        as_of = self.as_of()
        return {
            "text/html": render.card_html(view, as_of=as_of),
            "text/plain": render.card_text(view, as_of=as_of),
        }

    def _mark(self) -> None:
        self.watcher.publisher.mark(self)

    @traitlets.observe("tab")
    def _tab_changed(self, _change: object) -> None:
        self._mark()


def _readable(record: JobRecord) -> bool:
    """Whether a result is there that can be read more than once."""
    return record.status == JobStatus.DONE and not record.private


def _outcome(state: str, message: str | None = None) -> dict[str, Any]:
    return {"state": state, "message": message}


def _words(job: RuntimeJob) -> dict[str, str | None]:
    """Return the user's own words about a job, from the journal on this machine."""
    return {"name": job.name(), "note": job.note()}
