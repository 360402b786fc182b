"""CountsHistogram: the counts of a sampler job, drawn as soon as there are any."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any, Final

import traitlets

from qjobwidgets import render
from qjobwidgets.errors import QJobError, RateLimitedError, ServiceUnreachableError
from qjobwidgets.watch import Outcomes, fetch_outcomes
from qjobwidgets.widgets.view import GONE, JobView, bundle

__all__ = ["CountsHistogram"]

logger = logging.getLogger(__name__)

_RETRY: Final = 10.0
"""Seconds after which a result that could not be fetched is asked for again, when there is news."""


class CountsHistogram(JobView):
    """The counts of one job, per PUB and register.

    The result is fetched once, in the background, when the job is done; again only if the service
    could not be reached.

    Args:
        job: A ``RuntimeJob`` of a program whose result has counts.
    """

    _esm = bundle("counts.js")
    _css = bundle("counts.css")

    state = traitlets.Unicode("waiting").tag(sync=True)
    message = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    entries: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)

    def __init__(self, job: Any) -> None:
        self._job = job
        self._outcomes: list[Outcomes] = []
        self._failure: str | None = None
        self._fetch_at: float | None = 0.0
        super().__init__(job)

    @property
    def outcomes(self) -> list[Outcomes]:
        """The counts, empty until they are there."""
        return self._outcomes

    def settled(self) -> bool:
        return super().settled() and bool(self._outcomes or self._failure)

    def twin_facts(self) -> object:
        return self.record, self._failure, len(self._outcomes)

    def publish(self) -> None:
        if self.record.final:
            if self._fetch_at is not None and self._fetch_at <= time.monotonic():
                self._fetch_at = None
                self.watcher.errands.run(self._fetch)
        elif self.deleted:
            self._failure = GONE
        super().publish()

    def update_page(self) -> None:
        super().update_page()
        if self._outcomes and self.state != "ready":
            self.entries = [_entry_json(found) for found in self._outcomes]
            self.state, self.message = "ready", None
        elif self._failure is not None:
            self.state, self.message = "failed", self._failure

    def twin(self) -> Mapping[str, str]:
        views = [_counts_view(found) for found in self._outcomes]
        return {
            "text/html": render.counts_html(
                self.record, views, as_of=self.as_of(), message=self._failure
            ),
            "text/plain": render.counts_text(
                self.record, views, as_of=self.as_of(), message=self._failure
            ),
        }

    def _fetch(self) -> None:
        self._job.update(self.record)
        try:
            self._outcomes, self._failure = fetch_outcomes(self._job), None
        except (RateLimitedError, ServiceUnreachableError) as error:
            self._failure, self._fetch_at = str(error), time.monotonic() + _RETRY
        except QJobError as error:
            self._failure = str(error)
        except Exception as error:
            # a decoder of the user's own may raise anything; a view must not wait for ever
            logger.exception("reading a result failed")
            self._failure = f"The result can't be read as counts ({type(error).__name__})."
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
