"""CountsHistogram: the counts of a sampler job, drawn as soon as there are any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets

from qjobwidgets import render
from qjobwidgets.errors import QJobError
from qjobwidgets.records import JobRecord
from qjobwidgets.watch import Outcomes, fetch_outcomes
from qjobwidgets.widgets.rows import row
from qjobwidgets.widgets.view import View, bundle

__all__ = ["CountsHistogram"]


class CountsHistogram(View):
    """The counts of one job, per PUB and register.

    The result is fetched once, in the background, when the job is done.

    Args:
        job: A ``RuntimeJob`` of a program whose result has counts.
    """

    _esm = bundle("counts.js")
    _css = bundle("counts.css")

    job = traitlets.Dict().tag(sync=True)
    state = traitlets.Unicode("waiting").tag(sync=True)
    message = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    entries: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)

    def __init__(self, job: Any) -> None:
        self._job = job
        self._record: JobRecord = job.record
        self._outcomes: list[Outcomes] = []
        self._failure: str | None = None
        self._fetching = False
        super().__init__(job.service, [job.record], job=row(job.record))

    @property
    def outcomes(self) -> list[Outcomes]:
        """The counts, empty until they are there."""
        return self._outcomes

    def settled(self) -> bool:
        return super().settled() and bool(self._outcomes or self._failure)

    def twin_facts(self) -> object:
        return self._record, self._failure, len(self._outcomes)

    def publish(self) -> None:
        entry = self.watcher.board.get(self._record.id)
        if entry is not None:
            self._record = entry.record
        if self._record.final and not self._fetching:
            self._fetching = True
            self.watcher.errands.run(self._fetch)
        super().publish()

    def update_page(self) -> None:
        self.job = row(self._record)
        if self._failure is not None:
            self.state, self.message = "failed", self._failure
        elif self._outcomes and self.state != "ready":
            self.entries = [_entry_json(found) for found in self._outcomes]
            self.state = "ready"

    def twin(self) -> Mapping[str, str]:
        views = [_counts_view(found) for found in self._outcomes]
        return {
            "text/html": render.counts_html(
                self._record, views, as_of=self.as_of(), message=self._failure
            ),
            "text/plain": render.counts_text(
                self._record, views, as_of=self.as_of(), message=self._failure
            ),
        }

    def _fetch(self) -> None:
        self._job.update(self._record)
        try:
            self._outcomes = fetch_outcomes(self._job)
        except QJobError as error:
            self._failure = str(error)
        self.watcher.publisher.mark(self)


def _entry_json(found: Outcomes) -> dict[str, Any]:
    return {
        "label": _label(found),
        "pub": found.pub,
        "register": found.register,
        "num_bits": found.num_bits,
        "shots": found.shots,
        "outcomes": found.outcomes.tobytes(),
        "counts": found.counts.tobytes(),
    }


def _counts_view(found: Outcomes) -> render.CountsView:
    return render.CountsView(
        label=_label(found),
        num_bits=found.num_bits,
        shots=found.shots,
        counts=found.bitstrings(),
    )


def _label(found: Outcomes) -> str:
    return f"PUB {found.pub} · {found.register}"
