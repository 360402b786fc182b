"""Write docs/commands.md and docs/command-line.md: what may be typed after ``%qjob``, and where.

They are made of what reads the words that are typed: of the table from which the parser, help and
completion of ``%qjob`` come, and of the parser of the command line. So the pages can't be wrong
about them; ``make docs`` writes them, a test holds them up to date.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from qjobwidgets import cli
from qjobwidgets.magics.commands import CELL, COMMANDS
from qjobwidgets.magics.grammar import Argument, Command
from qjobwidgets.magics.qjob import QJobMagics
from scripts.markdown import cell

DOCS = Path(__file__).parent.parent / "docs"

_HEAD = """\
# Commands

What is typed in a notebook. This page is made of the table that the help is made of.

`%load_ext qjobwidgets` brings `%qjob` and `%%qjob`. Each line magic returns the Python object, so
`job = %qjob run ...`, `table = %qjob` and `counts = %qjob result job` work. Tab completes commands,
options, variables with jobs, names, tags and ids, from what is known already: it never asks a
service. In a terminal IPython the same commands show text, and without Python there is the
[command line](command-line.md).
"""

_NAMES = """\
## How a job is named

| you type | which job |
| --- | --- |
| a variable | the job it holds, `RuntimeJob` or one of another package; a list of jobs is several |
| an id | that job |
| the beginning of an id, or `d4qk…2m60` as views shorten it | the one job that fits |
| `last` | the job submitted last in this notebook; without one, the account's newest |
| `name:X` | the job called so by `%qjob name` or `--name` |
| `tag:X`, `session:X` | all jobs with the tag, or of the session or batch |
"""

_SETTINGS = """\
With `%config QJobMagics.shots = 2048`, `%qjob config shots=2048`, or `c.QJobMagics.shots = 2048` in
IPython's configuration file.
"""


_TERMINAL = """\
# Command line

What is typed in a terminal. This page is made of the parser that reads it; `qjobwidgets --help` and
`qjobwidgets COMMAND --help` say the same.

The account is the one that notebooks use, or the saved one that `--account` names; without any, the
embedded runtime. What is asked for goes to standard output, how things go meanwhile and what is
wrong to standard error, in one line.

`JOB` is an id, the unique beginning of one, `last` for the account's newest, `name:X` for a job
that was named on this machine, or `tag:X` and `session:X` for all jobs with the tag, or of the
session or batch.

| exit status | when |
| --- | --- |
"""

_SERVE = """\
### `qjobwidgets serve`

Run the embedded runtime by hand, with [these options](server.md#limits-and-options).

```text
qjobwidgets serve --port 8787 --data ~/my-runtime
```
"""


def main() -> None:
    """Write the files."""
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(f"docs/{name}")


def pages() -> dict[str, str]:
    """Return each page by the name of its file."""
    return {"commands.md": commands(), "command-line.md": command_line()}


def command_line() -> str:
    """Return the page of what is typed in a terminal."""
    statuses = [f"| {number} | {cell(when)} |" for number, when in cli.STATUSES.items()]
    (parsers,) = [one.choices for one in _arguments(cli.parser()) if isinstance(one.choices, dict)]
    sections = [_terminal_section(*one) for one in parsers.items() if one[0] != "serve"]
    return "\n".join([_TERMINAL + "\n".join(statuses), "", "## The commands\n", *sections, _SERVE])


def _terminal_section(name: str, parser: argparse.ArgumentParser) -> str:
    parts = [f"### `qjobwidgets {name}`\n", f"{parser.description}\n"]
    rows = [f"| `{_typed(one)}` | {cell(one.help or '')} |" for one in _arguments(parser)]
    parts += ["| | |", "| --- | --- |", *rows, ""] if rows else []
    examples = [line.strip() for line in (parser.epilog or "").splitlines()[1:]]
    return "\n".join([*parts, "```text", *examples, "```\n"])


def _arguments(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return what a parser takes besides ``--help``; there is no public way to ask it."""
    return [one for one in parser._actions if one.dest != "help"]  # noqa: SLF001


def _typed(one: argparse.Action) -> str:
    """Return how an argument of the command line is typed."""
    if one.option_strings:
        return " ".join(filter(None, (one.option_strings[0], one.metavar)))
    return f"{one.metavar} ..." if one.nargs == "+" else str(one.metavar)


def commands() -> str:
    """Return the page of what is typed after ``%qjob``."""
    settings = [
        f"| `{name}` | {trait.help} |"
        for name, trait in QJobMagics.class_traits(config=True).items()
    ]
    return "\n".join(
        [
            _HEAD,
            _NAMES,
            "## The commands\n",
            *(_section(f"%qjob {name}", command) for name, command in COMMANDS.items()),
            _section("%%qjob", CELL),
            "## What can be set\n",
            _SETTINGS,
            "| name | what it is |",
            "| --- | --- |",
            *settings,
            "",
        ]
    )


def _section(title: str, command: Command) -> str:
    parts = [f"### `{title}`\n", f"{command.sentences}\n"]
    if command.arguments:
        rows = [f"| `{_form(one)}` | {cell(one.help)} |" for one in command.arguments]
        parts += ["| | |", "| --- | --- |", *rows, ""]
    return "\n".join([*parts, "```text", *command.examples, "```\n"])


def _form(one: Argument) -> str:
    """Return how an argument is typed: ``--tag T``, ``[TEXT ...]``."""
    name = one.take.get("metavar") or one.names[0]
    if one.option:
        return one.names[0] if one.flag else f"{one.names[0]} {name}"
    optional, many = one.take.get("nargs") in {"*", "?"}, one.take.get("nargs") in {"*", "+"}
    word = f"{name} ..." if many else name
    return cell(f"[{word}]" if optional else word)


if __name__ == "__main__":
    main()
