"""What a ``%qjob`` command is made of: words that the parser, the help and completion all read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from qjobwidgets.arguments import seconds

__all__ = [
    "JOB",
    "JOBS",
    "TIMEOUT",
    "Argument",
    "Command",
    "Kind",
    "argument",
    "text",
]

Kind = Literal[
    "account", "backend", "command", "expression", "job", "program", "session", "setting", "tag"
]
"""What a word names, by which completion knows what may stand there."""

_JOB_WORDS = (
    "its id, the unique beginning of one, a variable that holds a job, last, "
    "name:X, tag:X or session:X"
)


@dataclass(frozen=True, slots=True)
class Argument:
    """A word that follows a command.

    Attributes:
        names: Its name, or those of an option.
        help: What it is, in a few words.
        kind: What it names; ``None`` for what can't be guessed.
        take: How ``argparse`` takes it.
    """

    names: tuple[str, ...]
    help: str
    kind: Kind | None = None
    take: Mapping[str, Any] = field(default_factory=dict)

    @property
    def option(self) -> bool:
        """Whether it is an option, rather than known by its place."""
        return self.names[0].startswith("-")

    @property
    def flag(self) -> bool:
        """Whether it is an option without a value."""
        return "action" in self.take and self.take["action"] != "append"

    @property
    def choices(self) -> tuple[str, ...]:
        """The only words that it may be; empty if it may be any."""
        return tuple(self.take.get("choices", ()))


@dataclass(frozen=True, slots=True)
class Command:
    """A command of ``%qjob``.

    Attributes:
        name: What is typed.
        does: What it does, in a line.
        act: Does it; takes the desk and the words as parsed, and returns the Python object.
        arguments: The words that may follow, those known by their place first.
        more: What else a user should know, in sentences.
        examples: Lines that run in a notebook with jobs ``job`` and ``other``, a circuit ``bell``
            and jobs tagged ``demo``.
    """

    name: str
    does: str
    act: Callable[..., Any]
    arguments: tuple[Argument, ...] = ()
    more: str = ""
    examples: tuple[str, ...] = ()

    @property
    def sentences(self) -> str:
        """What it does, and what else a user should know."""
        return f"{self.does[0].upper()}{self.does[1:]}. {self.more}".strip()


def argument(*names: str, help: str, kind: Kind | None = None, **take: Any) -> Argument:  # noqa: A002 - as argparse calls it
    """Return an argument, whose words are text unless it says otherwise."""
    if kind == "expression":
        take.setdefault("type", str)
    if "action" not in take or take["action"] == "append":
        take.setdefault("type", text)
    if take.get("nargs") == "*":
        take.setdefault("default", [])  # without one, argparse calls it required
    return Argument(names, help, kind, take)


def text(word: str) -> str:
    """Return what a word says: quotes hold it together and are no part of it."""
    quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "'\""
    return word[1:-1] if quoted else word


JOB = argument("job", help=f"the job: {_JOB_WORDS}", kind="job", metavar="JOB")
JOBS = argument("jobs", help=f"each job: {_JOB_WORDS}", kind="job", nargs="+", metavar="JOB")
TIMEOUT = argument("--timeout", help="seconds to wait at the most", type=seconds, metavar="S")
