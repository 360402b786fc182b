"""The commands of ``%qjob``: one table, from which parser, help and completion are made."""

from __future__ import annotations

from typing import Final

from qjobwidgets.magics import accounts, cell, housekeeping, jobs, submitting, views
from qjobwidgets.magics.grammar import JOB, JOBS, TIMEOUT, Argument, Command, argument, positive
from qjobwidgets.records import JobStatus
from qjobwidgets.render.bars import SORTS as COUNT_SORTS
from qjobwidgets.render.bars import TOP
from qjobwidgets.render.overview import SORTS
from qjobwidgets.render.query import GROUPS
from qjobwidgets.widgets.table import COLUMNS

__all__ = ["CELL", "COMMANDS"]

_ORDERS = (*SORTS, *(f"-{name}" for name in SORTS))
_STATUS = tuple(JobStatus.__members__)
_HOOK = "notify (in the browser), a function of the notebook, or a webhook's address"


def _hook(when: str, what: str) -> Argument:
    name, help_text = f"--on-{when}", f"{what}: {_HOOK}"
    more = {"action": "append", "default": [], "metavar": "HOOK"}
    return argument(name, help=help_text, kind="expression", **more)


_SUBMITTING = (
    Command(
        "run",
        "submit a job and show its live row",
        submitting.run,
        (
            argument(
                "program", help="program, such as sampler, estimator or vqe", kind="program",
                metavar="PROGRAM",
            ),
            argument(
                "inputs",
                help="PUBs of a primitive, or inputs by name; expressions of the notebook",
                kind="expression",
                nargs="*",
                metavar="PUB | key=value",
            ),
            argument("--backend", help="backend", kind="backend", metavar="B"),
            argument("--shots", help="shots per circuit", type=positive, metavar="N"),
            argument(
                "--tag", help="tag; may be repeated", kind="tag", action="append", default=[],
                metavar="T",
            ),
            argument("--name", help="name of the job, kept on this machine", metavar="NAME"),
            argument("--session", help="session or batch it is of", kind="session", metavar="ID"),
        ),
        more="The job is returned: job = %qjob run ...",
        examples=(
            "%qjob run sampler bell --backend aer_local --shots 1024 --tag demo",
            "%qjob run sample-program iterations=3 --backend aer_local --name trial",
        ),
    ),
)  # fmt: skip

_SHOWING = (
    Command(
        "watch",
        "watch jobs of any kind, Aer's and other packages' too",
        views.watch_jobs,
        (
            JOBS,
            _hook("done", "what to do when it has ended well"),
            _hook("error", "what to do when it has failed"),
            _hook("change", "what to do at each change of its status"),
        ),
        more="Returns a handle, which tables and badges take, and of a service's job all views.",
        examples=("%qjob watch job", "%qjob watch job other --on-done print"),
    ),
    Command(
        "list",
        "a live table of the account's jobs",
        views.list_jobs,
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
            argument("--group", help="group them", choices=GROUPS, metavar="KEY"),
            argument(
                "--columns", help=f"of {', '.join(COLUMNS)}, with commas between them",
                type=views.columns, metavar="A,B",
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
        views.mine,
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
        views.show,
        (JOB, argument("--badge", help="only its status, in a line", action="store_true")),
        examples=("%qjob show job", "%qjob show last --badge"),
    ),
    Command(
        "plot",
        "plot interim results while they come, or a point for each job of a group",
        views.plot,
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
        views.counts,
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
        views.compare,
        (JOB, argument("other", help="the other job", kind="job", metavar="OTHER")),
        examples=("%qjob compare job other",),
    ),
)  # fmt: skip

_ACTING = (
    Command(
        "result",
        "wait for a job and return its result",
        jobs.result,
        (JOB, TIMEOUT),
        more="The result of a private job can be read once.",
        examples=("%qjob result job", "%qjob result last --timeout 60"),
    ),
    Command(
        "wait",
        "wait until jobs are final, and return them",
        jobs.wait,
        (JOBS, TIMEOUT),
        examples=("%qjob wait job other", "%qjob wait tag:demo --timeout 60"),
    ),
    Command(
        "cancel", "cancel jobs", jobs.cancel, (JOBS,),
        examples=("%qjob cancel job", "%qjob cancel tag:demo"),
    ),
    Command(
        "tag",
        "change a job's tags, and return them",
        jobs.tag,
        (
            JOB,
            argument("tags", help="tags to add", kind="tag", nargs="*", metavar="TAG"),
            argument(
                "--remove", help="tag to take away; may be repeated", kind="tag", action="append",
                default=[], metavar="T",
            ),
            argument("--only", help="in place of those it has", action="store_true"),
        ),
        examples=("%qjob tag job", "%qjob tag job good 'to keep' --remove demo"),
    ),
    Command(
        "note",
        "keep a note with a job, on this machine",
        jobs.note,
        (
            JOB,
            argument("text", help="the note; without it, what was noted", nargs="*"),
            argument("--clear", help="take it away", action="store_true"),
        ),
        examples=("%qjob note job the one for the paper", "%qjob note job"),
    ),
    Command(
        "name",
        "name a job, on this machine",
        jobs.name,
        (
            JOB,
            argument("name", help="the name; without it, what it is called", nargs="*"),
            argument("--clear", help="take it away", action="store_true"),
        ),
        more="From then on name:X means the job.",
        examples=("%qjob name job first try", "%qjob name job"),
    ),
    Command(
        "delete",
        "delete jobs that have ended, for good",
        jobs.delete,
        (JOBS, argument("--yes", help="also if it is more than one", action="store_true")),
        examples=("%qjob delete job", "%qjob delete tag:demo --yes"),
    ),
    Command(
        "logs", "what a job's program has logged", jobs.logs, (JOB,),
        examples=("%qjob logs job",),
    ),
    Command(
        "inputs", "a job's inputs, by name", jobs.inputs, (JOB,), examples=("%qjob inputs job",)
    ),
)  # fmt: skip

_ASKING = (
    Command(
        "backends",
        "the account's backends",
        accounts.backends,
        (
            argument("backend", help="only this one", kind="backend", nargs="?", metavar="B"),
            argument("--qubits", help="with so many qubits at least", type=positive, metavar="N"),
            argument(
                "--simulators", help="only simulators", action="store_true", default=None,
                dest="simulator",
            ),
            argument(
                "--devices", help="only devices", action="store_false", default=None,
                dest="simulator",
            ),
        ),
        examples=("%qjob backends", "%qjob backends --qubits 5 --simulators"),
    ),
    Command(
        "programs", "the programs that the service runs", accounts.programs,
        examples=("%qjob programs",),
    ),
    Command(
        "sessions",
        "the sessions and batches of the newest jobs",
        accounts.sessions,
        (argument("--limit", help="how many at most", type=positive, default=20, metavar="N"),),
        examples=("%qjob sessions", "%qjob sessions --limit 5"),
    ),
    Command(
        "usage", "what the account has used, and what is left", accounts.usage,
        examples=("%qjob usage",),
    ),
    Command(
        "account",
        "the account in use, or change to another one",
        accounts.account,
        (
            argument(
                "which", help="name of a saved account, local, or a variable with a service",
                kind="account", nargs="?", metavar="ACCOUNT",
            ),
        ),
        more="Its token is never shown.",
        examples=("%qjob account", "%qjob account local"),
    ),
    Command(
        "budget",
        "how many requests a minute watching may cost",
        accounts.budget,
        (argument("requests", help="the budget from now on", type=positive, nargs="?"),),
        more="It holds for an account in all kernels of this machine together.",
        examples=("%qjob budget", "%qjob budget 60"),
    ),
)  # fmt: skip

_KEEPING = (
    Command(
        "freeze",
        "put static forms in the place of all live views, to share the notebook",
        views.freeze,
        examples=("%qjob freeze",),
    ),
    Command(
        "stop", "close all live views and end the watching", views.stop, more="The jobs go on.",
        examples=("%qjob stop",),
    ),
    Command(
        "doctor",
        "look whether all is well, and say what to do",
        housekeeping.doctor,
        more="Shows no secret, so it can be sent to someone who helps.",
        examples=("%qjob doctor",),
    ),
    Command(
        "config",
        "what can be set, and set it",
        housekeeping.config,
        (
            argument(
                "settings", help="new values; expressions", kind="setting", nargs="*", type=str,
                metavar="key=value",
            ),
        ),
        more="The same as %config QJobMagics.",
        examples=("%qjob config", "%qjob config shots=2048 backend='aer_local'"),
    ),
    Command(
        "help",
        "what there is, or all about a command",
        housekeeping.help_of,
        (argument("topic", help="a command", kind="command", nargs="?", default=""),),
        examples=("%qjob help", "%qjob help run"),
    ),
)  # fmt: skip

COMMANDS: Final[dict[str, Command]] = {
    command.name: command for command in (*_SUBMITTING, *_SHOWING, *_ACTING, *_ASKING, *_KEEPING)
}
"""All commands by name, in the order of the help."""

CELL: Final = Command(
    "",
    "run the cell and show the jobs it submits",
    cell.run_cell,
    (
        argument(
            "--name", help="name of its jobs, kept on this machine; numbered if there are several",
            metavar="NAME",
        ),
        argument(
            "--tag", help="tag of its jobs; may be repeated", kind="tag", action="append",
            default=[], metavar="T",
        ),
        argument(
            "--watch", help="how they are shown: table, card, plot, counts or none",
            choices=cell.VIEWS, default="table", metavar="VIEW",
        ),
    ),
    examples=("%%qjob --name first --tag demo --watch table",),
)  # fmt: skip
"""``%%qjob``."""
