"""Write docs/commands.md: what may be typed after ``%qjob``.

It is made of the table from which parser, help and completion come, so the page can't be wrong
about them; ``make docs`` writes it, a test holds it up to date.
"""

from __future__ import annotations

from pathlib import Path

from qjobwidgets.magics.commands import CELL, COMMANDS
from qjobwidgets.magics.grammar import Argument, Command
from qjobwidgets.magics.qjob import QJobMagics

TARGET = Path(__file__).parent.parent / "docs" / "commands.md"

_HEAD = """\
# Commands

What is typed in a notebook. This page is made of the table that the help is made of.

`%load_ext qjobwidgets` brings `%qjob` and `%%qjob`. Each line magic returns the Python object, so
`job = %qjob run ...`, `table = %qjob` and `counts = %qjob result job` work. Tab completes commands,
options, variables with jobs, names, tags and ids, from what is known already: it never asks a
service. In a terminal IPython the same commands show text.
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


def main() -> None:
    """Write the file."""
    TARGET.write_text(render(), encoding="utf-8")


def render() -> str:
    """Return the page."""
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
    does = f"{command.does[0].upper()}{command.does[1:]}."
    parts = [f"### `{title}`\n", f"{does} {command.more}".strip() + "\n"]
    if command.arguments:
        rows = [f"| `{_form(one)}` | {_cell(one.help)} |" for one in command.arguments]
        parts += ["| | |", "| --- | --- |", *rows, ""]
    return "\n".join([*parts, "```text", *command.examples, "```\n"])


def _form(one: Argument) -> str:
    """Return how an argument is typed: ``--tag T``, ``[TEXT ...]``."""
    name = one.take.get("metavar") or one.names[0]
    if one.option:
        return one.names[0] if one.flag else f"{one.names[0]} {name}"
    optional, many = one.take.get("nargs") in {"*", "?"}, one.take.get("nargs") in {"*", "+"}
    word = f"{name} ..." if many else name
    return _cell(f"[{word}]" if optional else word)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    main()
