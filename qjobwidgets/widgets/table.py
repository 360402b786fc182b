"""JobsTable: many jobs, live, each sent to the page once and then only what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import traitlets

from qjobwidgets import render
from qjobwidgets.watch import Entry
from qjobwidgets.widgets.rows import row
from qjobwidgets.widgets.view import View, bundle

__all__ = ["JobsTable"]

_EMPTY_HINT = "%qjob run sampler bell --backend aer_local"


def _snapshot_now(_value: object, widget: JobsTable) -> dict[str, Any]:
    return widget.snapshot_json()


class JobsTable(View):
    """A live table of jobs.

    The trait ``snapshot`` is written at the moment the page asks for the model's state, so a
    reloaded page starts from the present; ``patch`` then carries what changed since. Both have a
    revision, by which the page notices that it missed a patch.

    Args:
        jobs: The ``RuntimeJob`` objects to show; without any, the account's newest jobs.
        service: The account's client; needed when no jobs are given.
        title: Heading of the table.
    """

    _esm = bundle("table.js")
    _css = bundle("table.css")

    title = traitlets.Unicode().tag(sync=True)
    hint = traitlets.Unicode(_EMPTY_HINT).tag(sync=True)
    total = traitlets.Int(None, allow_none=True).tag(sync=True)
    requests_per_minute = traitlets.Int(0).tag(sync=True)
    snapshot = traitlets.Any().tag(sync=True, to_json=_snapshot_now)
    patch = traitlets.Dict().tag(sync=True)

    def __init__(
        self, jobs: Iterable[Any] | None = None, *, service: Any = None, title: str = "Jobs"
    ) -> None:
        jobs = None if jobs is None else list(jobs)
        if service is None:
            if not jobs:
                raise TypeError("JobsTable needs jobs=[...] or service=...")
            service = jobs[0].service
        if any(job.service.key != service.key for job in jobs or []):
            raise ValueError("A JobsTable shows jobs of one account; make one for each.")
        self.recent = jobs is None
        self._sent: int | None = None
        self._resync = False
        super().__init__(service, [job.record for job in jobs or []], title=title)

    def add(self, job: Any) -> None:
        """Show one more job of the same account."""
        self.job_ids |= {job.record.id}
        self.watcher.watch([job.record])
        # what the board knows of it may be older than the last patch
        self.resync()
        self.watcher.publisher.mark(self)

    def update_page(self) -> None:
        self.total = self.watcher.asker.total if self.recent else len(self.shown_records())
        self.requests_per_minute = self.watcher.asker.requests_last_minute
        if self._resync:
            self._resync = False
            self.send_state("snapshot")
            return
        base = self._sent or 0
        revision, changed, gone = self.watcher.board.since(base)
        rows = [_entry_row(entry) for entry in changed if self.shows(entry.record.id)]
        if rows or gone:
            self.patch = {"base": base, "rev": revision, "rows": rows, "gone": gone}
            self._sent = revision

    def snapshot_json(self) -> dict[str, Any]:
        """Return all rows as of now, with the board's revision."""
        revision, entries, _ = self.watcher.board.since(0)
        if self._sent is None:
            self._sent = revision
        rows = [_entry_row(entry) for entry in entries if self.shows(entry.record.id)]
        return {"rev": revision, "rows": rows}

    def resync(self) -> None:
        self._resync = True

    def twin(self) -> Mapping[str, str]:
        records, total = self.shown_records(), self.watcher.asker.total if self.recent else None
        return {
            "text/html": render.table_html(
                records, as_of=self.as_of(), total=total, hint=self.hint
            ),
            "text/plain": render.table_text(
                records, as_of=self.as_of(), total=total, hint=self.hint
            ),
        }


def _entry_row(entry: Entry) -> dict[str, Any]:
    return row(entry.record, cancelling=entry.cancelling, note=entry.note)
