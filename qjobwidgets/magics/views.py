"""The commands that show something: tables, cards, curves, counts."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, Final

from IPython.core.error import UsageError

from qjobwidgets.arguments import positive
from qjobwidgets.errors import QJobError
from qjobwidgets.magics.desk import Desk
from qjobwidgets.magics.grammar import JOB, JOBS, Argument, Command, argument, text
from qjobwidgets.magics.showing import display_tables
from qjobwidgets.naming import GROUPS
from qjobwidgets.records import JobStatus
from qjobwidgets.render import short_id
from qjobwidgets.render.bars import SORTS as COUNT_SORTS
from qjobwidgets.render.bars import TOP
from qjobwidgets.render.overview import SORTS
from qjobwidgets.render.query import GROUPS as JOB_GROUPS
from qjobwidgets.watch import WatchedJob, is_foreign, submitted_here, watch
from qjobwidgets.widgets import (
    CountsHistogram,
    InterimPlot,
    JobCard,
    JobsDashboard,
    JobsTable,
    StatusBadge,
)
from qjobwidgets.widgets.table import COLUMNS

__all__ = ["COMMANDS"]

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
    if asked.badge or is_foreign(job.service):
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


def _labelled(jobs: Sequence[Any]) -> dict[str, Any]:
    """Return jobs by what they are called; those of one name have their ids beside it."""
    names = [None if is_foreign(job.service) else job.name() for job in jobs]
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


_ORDERS = (*SORTS, *(f"-{name}" for name in SORTS))
_STATUS = tuple(JobStatus.__members__)
_HOOK_HELP = "notify (in the browser), a function of the notebook, or a webhook's address"


def _hook_option(when: str, what: str) -> Argument:
    name, help_text = f"--on-{when}", f"{what}: {_HOOK_HELP}"
    more = {"action": "append", "default": [], "metavar": "HOOK"}
    return argument(name, help=help_text, kind="expression", **more)


COMMANDS: Final = (
    Command(
        "watch",
        "watch jobs of any kind, Aer's and other packages' too",
        watch_jobs,
        (
            JOBS,
            _hook_option("done", "what to do when it has ended well"),
            _hook_option("error", "what to do when it has failed"),
            _hook_option("change", "what to do at each change of its status"),
        ),
        more="Returns a handle, which tables and badges take, and of a service's job all views.",
        examples=("%qjob watch job", "%qjob watch job other --on-done print"),
    ),
    Command(
        "list",
        "a live table of the account's jobs",
        list_jobs,
        (
            argument(
                "text", help="part of an id, program, backend, session or tag", nargs="*",
                metavar="TEXT",
            ),
            argument(
                "--status", help="only jobs in this status; may be repeated", action="append",
                choices=_STATUS, type=str.upper, metavar="S",
            ),
            argument(
                "--backend", help="only jobs on this backend; may be repeated", kind="backend",
                action="append", metavar="B",
            ),
            argument(
                "--program", help="only jobs of this program; may be repeated", kind="program",
                action="append", metavar="P",
            ),
            argument(
                "--tag", help="only jobs with this tag; may be repeated", kind="tag",
                action="append", metavar="T",
            ),
            argument(
                "--session", help="only jobs of this session or batch; may be repeated",
                kind="session", action="append", metavar="ID",
            ),
            argument("--since", help="only jobs created then or later", metavar="TIME"),
            argument("--until", help="only jobs created before", metavar="TIME"),
            argument("--sort", help="order", choices=_ORDERS, default="status", metavar="KEY"),
            argument("--group", help="group them", choices=JOB_GROUPS, metavar="KEY"),
            argument(
                "--columns", help=f"of {', '.join(COLUMNS)}, with commas between them",
                type=columns, metavar="A,B",
            ),
            argument(
                "--dashboard", help="with the job you choose beside them", action="store_true"
            ),
        ),
        more="The same as %qjob without a command. An order with a minus before it is reversed, "
        "as in --sort=-created. Times are such as 2026-11-20 or 2026-11-20T14:02.",
        examples=(
            "%qjob",
            "%qjob list --status RUNNING --status QUEUED --sort=-created",
            "%qjob list demo --group tag --columns backend,tags",
            "%qjob list --dashboard",
        ),
    ),
    Command(
        "mine",
        "a live table of the jobs that this notebook has submitted",
        mine,
        (
            argument(
                "--anywhere", help="also those of other notebooks of this machine",
                action="store_true",
            ),
            argument("--limit", help="how many at most", type=positive, default=200, metavar="N"),
        ),
        more="Also after the kernel was restarted: a journal on this machine knows them.",
        examples=("%qjob mine", "%qjob mine --anywhere --limit 20"),
    ),
    Command(
        "show",
        "a job's live card: times, usage, inputs, logs, result",
        show,
        (JOB, argument("--badge", help="only its status, in a line", action="store_true")),
        examples=("%qjob show job", "%qjob show last --badge"),
    ),
    Command(
        "plot",
        "plot interim results while they come, or a point for each job of a group",
        plot,
        (
            JOBS,
            argument("--field", help="field to draw, such as energy", default="", metavar="F"),
            argument(
                "--exact", help="reference value; an expression", kind="expression", metavar="X"
            ),
            argument("--unit", help="unit of the field, such as Ha", default="", metavar="U"),
            argument("--goal", help="draw the running best", choices=("min", "max"), metavar="G"),
            argument(
                "--scale", help="linear, log, or error for the distance to the reference",
                choices=("linear", "log", "error"), default="linear", metavar="S",
            ),
        ),
        more="tag:X or session:X alone draws one point for each of its finished jobs; the fields "
        "are then ev, usage and duration.",
        examples=("%qjob plot job", "%qjob plot job other", "%qjob plot tag:demo --field duration"),
    ),
    Command(
        "counts",
        "a job's counts, as soon as they are there",
        counts,
        (
            JOB,
            argument(
                "--compare", help="a job or a distribution to compare with; may be repeated",
                kind="job", action="append", default=[], metavar="JOB",
            ),
            argument(
                "--top", help="outcomes shown one by one", type=positive, default=TOP, metavar="N"
            ),
            argument("--sort", help="order", choices=COUNT_SORTS, metavar="KEY"),
            argument(
                "--unit", help="share or counts", choices=("share", "counts"), default="share",
                metavar="U",
            ),
        ),
        more="A distribution is a variable or an expression such as {'00': 0.5, '11': 0.5}.",
        examples=(
            "%qjob counts job",
            "%qjob counts job --compare {'00':0.5,'11':0.5}",
            "%qjob counts job --compare other --sort key --top 8",
        ),
    ),
    Command(
        "compare",
        "a card that shows in what two jobs differ",
        compare,
        (JOB, argument("other", help="the other job", kind="job", metavar="OTHER")),
        examples=("%qjob compare job other",),
    ),
)  # fmt: skip
