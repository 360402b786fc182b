"""The ``qjobwidgets`` command: what the views show, as text, and the embedded runtime by hand.

What a command answers goes to standard output; how things go meanwhile, and what is wrong, to
standard error, in one line. The exit status says how it went.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

from qjobwidgets import __version__, naming, render
from qjobwidgets.arguments import positive, seconds
from qjobwidgets.client import RuntimeJob, RuntimeService
from qjobwidgets.errors import QJobError, RuntimeInvalidStateError, ServiceUnreachableError
from qjobwidgets.progress import ProgressLine, wait_for
from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch import stop_all

__all__ = ["STATUSES", "main", "parser"]


_FINE, _FAILED, _MISUSE, _TROUBLE, _TOO_LATE, _INTERRUPTED = 0, 1, 2, 3, 4, 130

STATUSES: Final = {
    _FINE: "all is well",
    _FAILED: "a job failed or was cancelled, or the doctor found something bad",
    _MISUSE: "wrong use",
    _TROUBLE: "the account or the service is in the way",
    _TOO_LATE: "the time was over",
    _INTERRUPTED: "Ctrl-C",
}
"""What each exit status says."""

_JOB: Final = (
    "id, the unique beginning of one, last, tag:X, session:X, or name:X for a name given here"
)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["serve"]:
        # The server stands beside the house: it is started, never imported.
        command = [sys.executable, "-m", "qjobwidgets.server", *arguments[1:]]
        sys.stdout.flush()
        os.execv(sys.executable, command)  # noqa: S606 - our own interpreter, no shell
    warnings.showwarning = _warn
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # whoever read has read enough; nothing may be written on the way out either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = _FINE
    except KeyboardInterrupt:
        status = _INTERRUPTED
    sys.exit(status)


def _run(arguments: list[str]) -> int:
    asked = parser().parse_args(arguments)
    try:
        status: int = asked.act(asked)
    except (QJobError, ValueError) as error:
        unreachable = isinstance(error, ServiceUnreachableError) and error.fix is None
        hint = " What is wrong: qjobwidgets doctor" if unreachable else ""
        sys.stderr.write(f"qjobwidgets: {error}{hint}\n")
        # some are both: what no service could take is misuse
        return _MISUSE if isinstance(error, ValueError) else _TROUBLE
    else:
        return status
    finally:
        stop_all()


def _warn(message: Warning | str, *_where: object, **_more: object) -> None:
    """Say a warning in a line; where in our code it comes from helps nobody here."""
    sys.stderr.write(f"qjobwidgets: {message}\n")


# -- what may be typed ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Command:
    """A command.

    Attributes:
        name: What is typed.
        does: What it does, in a line.
        act: Does it, and returns the exit status.
        options: Adds what may be typed after it.
        examples: What may be typed after it, where there is a job tagged ``demo``.
    """

    name: str
    does: str
    act: Callable[[argparse.Namespace], int]
    options: Callable[[argparse.ArgumentParser], None] = lambda _parser: None
    examples: tuple[str, ...] = ("",)


class _Parser(argparse.ArgumentParser):
    """A parser that says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        self.exit(_MISUSE, f"{self.prog}: {message} (--help tells more)\n")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line, of which the page in docs/ is made too."""
    whole = _Parser(
        prog="qjobwidgets",
        description="Quantum jobs in a terminal, with the account that notebooks use.",
        epilog=f"Exit status: {'; '.join(f'{code} {when}' for code, when in STATUSES.items())}.",
        allow_abbrev=False,
    )
    whole.add_argument("--version", action="version", version=f"qjobwidgets {__version__}")
    commands = whole.add_subparsers(
        metavar="command", title="commands", required=True, parser_class=_Parser
    )
    for command in _COMMANDS:
        lines = (f"  qjobwidgets {command.name} {words}".rstrip() for words in command.examples)
        one = commands.add_parser(
            command.name,
            help=command.does,
            description=f"{command.does[0].upper()}{command.does[1:]}.",
            epilog="\n".join(["examples:", *lines]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.options(one)
        one.set_defaults(act=command.act)
    # its options are those of the server, see main()
    commands.add_parser("serve", help="run the embedded runtime by hand", add_help=False)
    return whole


def _list_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", metavar="N", type=positive, default=20, help="how many (20)")
    pending = parser.add_mutually_exclusive_group()
    pending.add_argument(
        "--pending", action="store_true", default=None, help="only jobs that have not ended"
    )
    pending.add_argument(
        "--ended", action="store_false", dest="pending", default=None, help="only those that have"
    )
    parser.add_argument("--backend", metavar="B", help="only jobs on this backend")
    parser.add_argument("--program", metavar="P", help="only jobs of this program")
    parser.add_argument("--session", metavar="ID", help="only jobs of this session or batch")
    parser.add_argument(
        "--tag", metavar="T", action="append", help="only jobs with this tag; may be repeated"
    )
    _json_option(parser)
    _account_option(parser)


def _show_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("job", metavar="JOB", help=_JOB)
    _json_option(parser)
    _account_option(parser)


def _wait_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("jobs", metavar="JOB", nargs="+", help=_JOB)
    parser.add_argument("--timeout", metavar="S", type=seconds, help="seconds to wait at the most")
    _account_option(parser)


def _cancel_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("jobs", metavar="JOB", nargs="+", help=_JOB)
    _account_option(parser)


def _logs_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("job", metavar="JOB", help=_JOB)
    _account_option(parser)


def _account_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--account", metavar="NAME", help="a saved account")


def _json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON, for other programs")


# -- the commands ---------------------------------------------------------------------------------


def _list(asked: argparse.Namespace) -> int:
    filters = {
        "pending": asked.pending,
        "backend_name": asked.backend,
        "program_id": asked.program,
        "session_id": asked.session,
        "job_tags": asked.tag,
    }
    with _service(asked) as service:
        records = [job.record for job in service.jobs(limit=asked.limit, **filters)]
    if asked.json:
        _print_json([_facts(record) for record in records])
    elif not records and any(value is not None for value in filters.values()):
        _print("No job is like that. Without options: the newest jobs.")
    else:
        hint = "qjobwidgets demo"
        _print(render.table_text(records, as_of=datetime.now(UTC), limit=asked.limit, hint=hint))
    return _FINE


def _show(asked: argparse.Namespace) -> int:
    with _service(asked) as service:
        job = naming.find_job(service, asked.job)
    name, note = job.name(), job.note()
    if asked.json:
        _print_json({**_facts(job.record), "name": name, "note": note})
    else:
        usage = render.words.seconds(job.record.usage_seconds)
        facts = [("Usage", usage), ("Session", job.record.session_id or render.words.UNKNOWN)]
        view = render.CardView(job.record, name, note, facts)
        _print(render.card_text(view, as_of=datetime.now(UTC)))
    return _FINE


def _wait(asked: argparse.Namespace) -> int:
    with _service(asked) as service, ProgressLine() as line:
        jobs = _all(service, asked.jobs)
        unfinished = wait_for(jobs, asked.timeout, line)
    for job in jobs:
        _print(f"{job.job_id()} {render.badge_text(job.record)}")
    if unfinished:
        return _TOO_LATE
    return _FINE if all(job.record.status == JobStatus.DONE for job in jobs) else _FAILED


def _cancel(asked: argparse.Namespace) -> int:
    with _service(asked) as service:
        for job in _all(service, asked.jobs):
            try:
                job.cancel()
                _print(f"{job.job_id()} is being cancelled.")
            except RuntimeInvalidStateError as error:
                _print(f"{job.job_id()}: {error.message}")
    return _FINE


def _logs(asked: argparse.Namespace) -> int:
    with _service(asked) as service:
        text = naming.find_job(service, asked.job).logs()
    if text:
        _print(text.rstrip("\n"))
    else:
        sys.stderr.write("It has logged nothing.\n")
    return _FINE


def _demo(_asked: argparse.Namespace) -> int:
    from qjobwidgets import demo  # noqa: PLC0415 - no other command needs it

    return _FINE if demo.run(_print) else _FAILED


def _doctor(asked: argparse.Namespace) -> int:
    from qjobwidgets import doctor  # noqa: PLC0415 - it loads the widgets; no other command does

    healthy = True
    # an account that can't be used is one of the things that it finds
    for check in doctor.examine(lambda: RuntimeService(name=asked.account)):
        _print(str(check))
        healthy = healthy and check.state != "bad"
    return _FINE if healthy else _FAILED


_COMMANDS: Final = (
    _Command(
        "list",
        "list the account's newest jobs",
        _list,
        _list_options,
        ("", "--pending --limit 5", "--tag demo --json"),
    ),
    _Command("show", "show a job", _show, _show_options, ("last", "last --json")),
    _Command(
        "wait",
        "wait until jobs have ended",
        _wait,
        _wait_options,
        ("last", "tag:demo --timeout 60"),
    ),
    _Command("cancel", "cancel jobs", _cancel, _cancel_options, ("last", "tag:demo")),
    _Command("logs", "what a job's program has logged", _logs, _logs_options, ("last",)),
    _Command("demo", "run two small jobs on this machine, and watch them", _demo),
    _Command("doctor", "look whether all is well, and say what to do", _doctor, _account_option),
)


def _service(asked: argparse.Namespace) -> closing[RuntimeService]:
    """Return the account asked for, which is closed at the end."""
    return closing(RuntimeService(name=asked.account))


def _all(service: RuntimeService, words: Sequence[str]) -> list[RuntimeJob]:
    found = {job.job_id(): job for word in words for job in naming.find_jobs(service, word)}
    return list(found.values())


def _facts(record: JobRecord) -> dict[str, Any]:
    """Return a record as JSON has it, times in ISO 8601."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in record._asdict().items()
    }


def _print_json(value: Any) -> None:
    _print(json.dumps(value, indent=2))


def _print(text: str) -> None:
    # a terminal of another encoding shows a question mark, rather than a traceback
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    sys.stdout.flush()
