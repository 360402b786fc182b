"""What may be typed after ``%qjob``: the one description of it, which is also its help."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from IPython.core.error import UsageError

__all__ = ["COMMANDS", "build_parser", "parse"]

_JOB_HELP = "id, the unique beginning of one, a variable that holds a job, or: last"


class _Parser(argparse.ArgumentParser):
    """A parser that answers wrong use with one line and never ends the kernel."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(
            f"{message.rstrip('.')}. Usage: {' '.join(self.format_usage().split()[1:])}"
        )

    def exit(self, *_: object) -> NoReturn:  # what argparse calls after --help
        raise _HelpShown


class _HelpShown(Exception):  # noqa: N818 - not an error: the help was asked for and printed
    pass


def _run(commands: Any) -> None:
    run = commands.add_parser("run", help="submit a job and show it")
    run.add_argument("program", type=_text, help="program id, such as sampler, estimator or vqe")
    run.add_argument(
        "inputs",
        nargs="*",
        metavar="PUB | key=value",
        help="PUBs of a primitive, or inputs by name; expressions of the notebook's variables",
    )
    run.add_argument("--backend", metavar="B", type=_text, help="backend name")
    run.add_argument("--shots", metavar="N", type=_positive, help="shots per circuit")
    run.add_argument(
        "--tag", metavar="T", type=_text, action="append", default=[], help="tag; may be repeated"
    )


def _text(word: str) -> str:
    """Return what a word says: quotes hold it together and are no part of it."""
    quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "'\""
    return word[1:-1] if quoted else word


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 up")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not seconds >= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds


def _plot(commands: Any) -> None:
    plot = commands.add_parser("plot", help="plot a job's interim results while they come")
    plot.add_argument("job", type=_text, help=_JOB_HELP)
    plot.add_argument(
        "--field", metavar="F", type=_text, default="", help="field of the interim results"
    )
    plot.add_argument("--exact", metavar="X", help="reference value; an expression")
    plot.add_argument(
        "--unit", metavar="U", type=_text, default="", help="unit of the field, such as Ha"
    )


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of a ``%qjob`` line; wrong use raises ``UsageError``."""
    parser = _Parser(
        prog="%qjob",
        description=(
            "Live quantum jobs. Without a command: a live table of the account's newest jobs. "
            "As %%qjob: run the cell and show the jobs it submits."
        ),
    )
    commands = parser.add_subparsers(
        dest="command", metavar="command", parser_class=_Parser, title="commands"
    )
    _run(commands)
    show = commands.add_parser("show", help="show a job's live status")
    show.add_argument("job", type=_text, help=_JOB_HELP)
    _plot(commands)
    counts = commands.add_parser("counts", help="show a job's counts as soon as they are there")
    counts.add_argument("job", type=_text, help=_JOB_HELP)
    cancel = commands.add_parser("cancel", help="cancel jobs")
    cancel.add_argument("job", nargs="+", type=_text, help=_JOB_HELP)
    wait = commands.add_parser("wait", help="wait until jobs are final")
    wait.add_argument("job", nargs="+", type=_text, help=_JOB_HELP)
    wait.add_argument("--timeout", metavar="S", type=_seconds, help="seconds to wait at the most")
    return parser


COMMANDS = ("run", "show", "plot", "counts", "cancel", "wait")
"""The commands, in the order of the help."""


def parse(words: list[str]) -> argparse.Namespace | None:
    """Return what was asked for; ``None`` when that was only help, which is then printed.

    Raises:
        UsageError: Wrong use; the message names what is possible.
    """
    if words and not words[0].startswith("-") and words[0] not in COMMANDS:
        raise UsageError(f"%qjob has no command {words[0]!r}. Commands: {', '.join(COMMANDS)}")
    try:
        return build_parser().parse_args(words)
    except _HelpShown:
        return None
