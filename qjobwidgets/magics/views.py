"""The commands that show something: tables, cards, curves, counts."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from IPython.core.error import UsageError

from qjobwidgets.errors import QJobError
from qjobwidgets.host import Host, host
from qjobwidgets.magics.desk import Desk
from qjobwidgets.magics.grammar import text
from qjobwidgets.magics.showing import display_tables, say
from qjobwidgets.naming import GROUPS
from qjobwidgets.render import short_id
from qjobwidgets.watch import WatchedJob, stop_all, submitted_here, watch
from qjobwidgets.widgets import (
    CountsHistogram,
    InterimPlot,
    JobCard,
    JobsDashboard,
    JobsTable,
    StatusBadge,
    View,
    open_views,
)
from qjobwidgets.widgets.parts import Part
from qjobwidgets.widgets.table import COLUMNS

__all__ = [
    "columns",
    "compare",
    "counts",
    "freeze",
    "list_jobs",
    "mine",
    "plot",
    "show",
    "stop",
    "watch_jobs",
]

_OPERATORS = frozenset("[({.")  # which no id has
_FILTERS = ("status", "backend", "program", "tag", "session", "since", "until")


def list_jobs(desk: Desk, asked: argparse.Namespace) -> JobsTable:
    """Return a live table of the account's jobs, or a dashboard."""
    given = {name: getattr(asked, name) for name in _FILTERS}
    filters = {name: value for name, value in given.items() if value}
    if asked.text:
        filters["text"] = " ".join(asked.text)
    kind = JobsDashboard if asked.dashboard else JobsTable
    view = kind(
        service=desk.service,
        filter=filters,
        sort=asked.sort,
        group=asked.group,
        columns=asked.columns or (),
    )
    assert isinstance(view, JobsTable)
    return view


def columns(words: str) -> list[str]:
    """Return the columns that are named, with commas between them.

    Raises:
        ArgumentTypeError: There is no such column.
    """
    names = text(words).split(",")
    if unknown := [name for name in names if name not in COLUMNS]:
        possible = ", ".join(COLUMNS)
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is no column; columns are {possible}")
    return names


def mine(desk: Desk, asked: argparse.Namespace) -> JobsTable:
    """Return a live table of the jobs that this notebook has submitted."""
    found = submitted_here(desk.service, anywhere=asked.anywhere, limit=asked.limit)
    jobs = [one.job for one in found]
    return JobsTable(jobs, service=desk.service, title="Submitted here", sort="-created")


def show(desk: Desk, asked: argparse.Namespace) -> JobCard | StatusBadge:
    """Return a job's card; of a job of another package its badge."""
    job = desk.job(asked.job)
    if asked.badge or _foreign(job):
        return StatusBadge(job)
    return JobCard(job)


def compare(desk: Desk, asked: argparse.Namespace) -> JobCard:
    """Return a card that shows in what two jobs differ."""
    return JobCard(desk.own_job(asked.job), compare=desk.own_job(asked.other))


def plot(desk: Desk, asked: argparse.Namespace) -> InterimPlot:
    """Return a plot of interim results, or of a point for each job of a session or tag."""
    options = {
        "field": asked.field,
        "exact": _number(desk, asked.exact),
        "unit": asked.unit,
        "goal": asked.goal,
        "scale": asked.scale,
    }
    kind, _, name = asked.jobs[0].partition(":")
    if len(asked.jobs) == 1 and kind in {"tag", "session"} and name:
        group = {kind: name}
        return InterimPlot(service=desk.service, **group, **options)
    jobs = desk.jobs(asked.jobs)
    return InterimPlot(_labelled(jobs) if len(jobs) > 1 else jobs[0], **options)


def counts(desk: Desk, asked: argparse.Namespace) -> CountsHistogram:
    """Return a job's counts, beside those of others or an ideal distribution."""
    others = [_distribution(desk, word) for word in asked.compare]
    return CountsHistogram(
        desk.own_job(asked.job),
        compare=others,
        labels=asked.compare or None,
        top=asked.top,
        sort=asked.sort,
        unit=asked.unit,
    )


def watch_jobs(desk: Desk, asked: argparse.Namespace) -> WatchedJob | list[WatchedJob]:
    """Watch jobs of any kind, and return their handles."""
    hooks = {
        name: _hook(desk, getattr(asked, name)) for name in ("on_done", "on_error", "on_change")
    }
    watched = [watch(job, **hooks) for job in desk.jobs(asked.jobs)]
    display_tables(watched)
    return watched[0] if len(watched) == 1 else watched


def freeze(desk: Desk, asked: argparse.Namespace) -> None:  # noqa: ARG001 - as all commands
    """Put static forms in the place of all live views of the notebook."""
    if host() is Host.TERMINAL:
        say("Views are text here, which nothing changes any more.")
        return
    views = _whole_views()
    for view in views:
        view.freeze()
    frozen = "1 view is" if len(views) == 1 else f"{len(views)} views are"
    say(f"{frozen} static now: save the notebook and share it. Run a cell again for a live view.")


def stop(desk: Desk, asked: argparse.Namespace) -> None:  # noqa: ARG001 - as all commands
    """Close all live views and end the watching."""
    views = _whole_views()
    for view in views:
        view.close()
    stop_all()
    closed = "1 view" if len(views) == 1 else f"{len(views)} views"
    say(f"{closed} closed, nothing is watched any more. The jobs go on.")


def _whole_views() -> list[View]:
    return [view for view in open_views() if not isinstance(view, Part)]


def _foreign(job: Any) -> bool:
    return bool(job.service.channel == "foreign")


def _labelled(jobs: Sequence[Any]) -> dict[str, Any]:
    """Return jobs by what they are called; those of one name have their ids beside it."""
    names = [None if _foreign(job) else job.name() for job in jobs]
    labels = {}
    for job, name in zip(jobs, names, strict=True):
        own = short_id(job.job_id())
        labels[f"{name} ({own})" if names.count(name) > 1 and name else name or own] = job
    return labels


def _number(desk: Desk, expression: str | None) -> float | None:
    if expression is None:
        return None
    try:
        return float(desk.value(expression))
    except (TypeError, ValueError):
        raise UsageError(f"--exact takes a number, not {expression!r}") from None


def _distribution(desk: Desk, word: str) -> Any:
    """Return what counts are compared with: a job, or shares or counts of an expression."""
    group = word.partition(":")[0] in GROUPS
    if not group and (word in desk.shell.user_ns or set(word) & _OPERATORS):
        value = desk.value(word)
        if isinstance(value, Mapping):
            return value
    return desk.own_job(word)


def _hook(desk: Desk, words: list[str]) -> list[Any]:
    """Return what is to be done: ``notify``, an address, or a function of the notebook."""
    known = [word == "notify" or "://" in word for word in words]
    hooks = [word if as_is else desk.value(word) for word, as_is in zip(words, known, strict=True)]
    for word, hook in zip(words, hooks, strict=True):
        if not (isinstance(hook, str) or callable(hook)):
            raise QJobError(
                f"{word} is no function.", fix="Name a function, notify, or a webhook's address."
            )
    return hooks
