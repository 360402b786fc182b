"""What may be typed after ``%qjob``: a parser made of the table of commands, which is its help."""

from __future__ import annotations

import argparse
import difflib
import textwrap
from typing import Final, NoReturn

from IPython.core.error import UsageError

from qjobwidgets.magics.commands import CELL, COMMANDS
from qjobwidgets.magics.grammar import Command
from qjobwidgets.render.grid import grid_text

__all__ = ["command_help", "parse", "parse_cell"]

LIST: Final = "list"
"""What a line without a command is."""

HELP: Final = "help"
_WIDTH: Final = 88
_PROLOGUE: Final = (
    "Live quantum jobs. Without a command: a live table of the account's newest jobs. "
    "As %%qjob: run the cell and show the jobs it submits."
)
_EPILOGUE: Final = """\
A job is named by its id, the unique beginning of one, a variable that holds it,
last, name:X, tag:X or session:X.

%qjob help COMMAND tells more, %config QJobMagics what can be set."""


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


def parse(words: list[str]) -> tuple[Command, argparse.Namespace] | None:
    """Return the command meant and its arguments; ``None`` for help, which is then printed.

    Raises:
        UsageError: Wrong use; the message names what is possible.
    """
    first = words[0] if words else LIST
    if first in {"-h", "--help"}:
        first, words = HELP, [HELP]
    elif first.startswith("-") or not words:
        first, words = LIST, [LIST, *words]
    if first not in COMMANDS:
        raise UsageError(_no_command(first))
    return _parsed(COMMANDS[first], words[1:])


def parse_cell(words: list[str]) -> tuple[Command, argparse.Namespace] | None:
    """Return what was asked of a cell; see :func:`parse`."""
    if words and words[0] in COMMANDS:
        raise UsageError(f"%%qjob takes no command. Take away the cell for: %qjob {words[0]}")
    return _parsed(CELL, words)


def command_help(name: str) -> str:
    """Return the help of a command, or of all of them for an empty name.

    Raises:
        UsageError: There is no such command.
    """
    if not name:
        return _overview()
    if name not in COMMANDS:
        raise UsageError(_no_command(name))
    return _parser(COMMANDS[name]).format_help()


def _overview() -> str:
    table = grid_text([], [(f"  {one.name}", one.does) for one in COMMANDS.values()])
    usage = "usage: %qjob [command] ..."
    return "\n\n".join([usage, textwrap.fill(_PROLOGUE, _WIDTH), table, _EPILOGUE]) + "\n"


def _no_command(word: str) -> str:
    close = difflib.get_close_matches(word, COMMANDS, n=1)
    guess = f" Did you mean {close[0]}?" if close else ""
    return f"%qjob has no command {word!r}.{guess} Commands: {', '.join(COMMANDS)}"


def _parser(command: Command) -> _Parser:
    examples = "\n".join(["examples:", *(f"  {line}" for line in command.examples)])
    parser = _Parser(
        prog=f"%qjob {command.name}" if command.name else "%%qjob",
        description=textwrap.fill(command.sentences, _WIDTH),
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for one in command.arguments:
        # argparse formats help texts with %
        parser.add_argument(*one.names, help=one.help.replace("%", "%%"), **one.take)
    return parser


def _parsed(command: Command, words: list[str]) -> tuple[Command, argparse.Namespace] | None:
    try:
        return command, _parser(command).parse_args(words)
    except _HelpShown:
        return None
