"""What may come next on a ``%qjob`` line, from what is known: nothing is ever asked for.

The shell asks on its main thread while the user waits for a key, so the answer comes from the table
of commands, the notebook's variables, the watcher's board, the journal on this machine, and the
names that earlier commands have brought. An account that was not used yet has none of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher
from IPython.core.error import UsageError

from qjobwidgets.client import RuntimeJob, RuntimeService
from qjobwidgets.client.journal import journal
from qjobwidgets.client.saved_accounts import default_file, read_accounts
from qjobwidgets.errors import QJobError
from qjobwidgets.magics import words
from qjobwidgets.magics.commands import CELL, COMMANDS
from qjobwidgets.magics.desk import Desk
from qjobwidgets.magics.grammar import Argument, Command, Kind
from qjobwidgets.naming import GROUPS, LAST
from qjobwidgets.records import JobRecord
from qjobwidgets.watch import WatchedJob, watcher_for

__all__ = ["matcher"]

_LINE = re.compile(r"\s*(?:[\w.,\s]+=\s*)?(?P<magic>%{1,2})qjob\s(?P<words>.*)", re.DOTALL)
_IDENTIFIER = re.compile(r"\w*\Z")
_COMMON_PROGRAMS: Final = ("estimator", "sampler")
_MOST_IDS = 50


def matcher(desk: Desk) -> Callable[[CompletionContext], dict[str, Any]]:
    """Return what IPython's completer asks; it answers for ``%qjob`` lines only."""

    @context_matcher(identifier="QJobMagics.qjob")  # type: ignore[untyped-decorator]
    def qjob_matcher(context: CompletionContext) -> dict[str, Any]:
        line = _LINE.fullmatch(context.text_until_cursor)
        if line is None or (line["magic"] == "%%" and context.cursor_line > 0):
            return {"completions": [], "suppress": False}
        typed = line["words"]
        fragment = _fragment(typed)
        found = _candidates(desk, typed, cell=line["magic"] == "%%")
        if found is None:
            fragment = _IDENTIFIER.search(typed)[0]  # type: ignore[index] # if only an empty one
            found = _variables(desk, object)
        fitting = [word for word in dict.fromkeys(found) if word.startswith(fragment)]
        return {
            "completions": [SimpleCompletion(text=word, type="qjob") for word in fitting],
            "matched_fragment": fragment,
            "suppress": True,
            "ordered": True,
        }

    return qjob_matcher  # type: ignore[no-any-return]


def _candidates(desk: Desk, typed: str, *, cell: bool = False) -> list[str] | None:
    """Return the words that may stand at the end of a line; ``None`` where an expression does.

    Args:
        desk: What is known.
        typed: What stands after ``%qjob``, the last word perhaps not whole.
        cell: Whether the line is that of ``%%qjob``.
    """
    fragment = _fragment(typed)
    try:
        before = words.split(typed[: len(typed) - len(fragment)])
    except UsageError:  # inside quotes or brackets
        return None
    if cell:
        return _after(desk, CELL, before, fragment)
    if not before:
        return [*COMMANDS, *_options(COMMANDS["list"], [])]
    command = COMMANDS.get(before[0])
    if command is not None:
        return _after(desk, command, before[1:], fragment)
    return _after(desk, COMMANDS["list"], before, fragment) if before[0][0] == "-" else []


def _fragment(typed: str) -> str:
    """Return the word that is being typed."""
    return "" if typed[-1:].isspace() else typed.rpartition(" ")[2]


def _after(desk: Desk, command: Command, before: list[str], fragment: str) -> list[str] | None:
    """Return what may follow these words of a command."""
    options = {name: one for one in command.arguments if one.option for name in one.names}
    if before and (one := options.get(before[-1])) is not None and not one.flag:
        return _values(desk, one)
    more = _options(command, before)
    if fragment.startswith("-"):
        return more
    here = _argument_at(command, _placed(before, options))
    values = [] if here is None else _values(desk, here)
    return None if values is None else [*values, *more]


def _options(command: Command, before: list[str]) -> list[str]:
    """Return the options of a command that may still come."""
    return [
        name
        for one in command.arguments
        if one.option and (one.take.get("action") == "append" or not {*one.names} & {*before})
        for name in one.names
    ]


def _placed(before: list[str], options: dict[str, Argument]) -> int:
    """Return how many of the words are known by their place."""
    count, value = 0, False
    for word in before:
        option = options.get(word)
        if value or option is not None:
            value = option is not None and not option.flag
        else:
            count += 1
    return count


def _argument_at(command: Command, place: int) -> Argument | None:
    by_place = [one for one in command.arguments if not one.option]
    many = by_place and by_place[-1].take.get("nargs") in {"*", "+"}
    if place < len(by_place):
        return by_place[place]
    return by_place[-1] if many else None


def _values(desk: Desk, one: Argument) -> list[str] | None:
    """Return what may stand for an argument; ``None`` for an expression."""
    if one.kind == "expression":
        return None
    if one.choices:
        return [*one.choices]
    return [*_KINDS[one.kind](desk)] if one.kind else []


def _records(desk: Desk) -> list[JobRecord]:
    service = desk.known_service
    return [] if service is None else watcher_for(service).board.records(None)


def _jobs(desk: Desk) -> Iterator[str]:
    yield from _variables(desk, (RuntimeJob, WatchedJob))
    yield LAST
    service = desk.known_service
    names = [entry.name for entry in journal().named(service.key)] if service else []
    facts: dict[str, Iterable[str | None]] = {
        "name": names,
        "tag": _tags(desk),
        "session": _sessions(desk),
    }
    for kind in GROUPS:
        yield from (f"{kind}:{value}" for value in facts[kind] if value and " " not in value)
    yield from islice((record.id for record in _records(desk)), _MOST_IDS)


def _variables(desk: Desk, kinds: type | tuple[type, ...]) -> list[str]:
    space = {**desk.shell.user_ns}
    return sorted(
        name for name, value in space.items() if name[0] != "_" and isinstance(value, kinds)
    )


def _tags(desk: Desk) -> list[str]:
    return sorted({tag for record in _records(desk) for tag in record.tags})


def _sessions(desk: Desk) -> list[str]:
    return sorted({record.session_id for record in _records(desk) if record.session_id})


def _backends(desk: Desk) -> list[str]:
    seen = {record.backend for record in _records(desk) if record.backend}
    return sorted({*desk.backend_names, *seen})


def _programs(desk: Desk) -> list[str]:
    seen = {record.program for record in _records(desk) if record.program}
    return sorted({*_COMMON_PROGRAMS, *desk.program_names, *seen})


def _accounts(desk: Desk) -> list[str]:
    try:
        saved = [*read_accounts(default_file())]
    except QJobError:  # whoever uses it is told
        saved = []
    return ["local", *saved, *_variables(desk, RuntimeService)]


def _settings(desk: Desk) -> list[str]:
    return [f"{name}=" for name in desk.settings.traits(config=True)]


_KINDS: Final[dict[Kind, Callable[[Desk], Iterable[str]]]] = {
    "account": _accounts,
    "backend": _backends,
    "command": lambda _desk: COMMANDS,
    "job": _jobs,
    "program": _programs,
    "session": _sessions,
    "setting": _settings,
    "tag": _tags,
}
