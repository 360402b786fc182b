"""The doctor: looks whether all that live views need is there, and says of each what to do.

A check never raises and never shows a secret: that an account has a token is told, the token is
not. What needs an answer from outside comes last, so that the rest is told at once.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from packaging.requirements import Requirement

from qjobwidgets.client import RuntimeService, local
from qjobwidgets.client.saved_accounts import default_file, read_accounts
from qjobwidgets.errors import QJobError
from qjobwidgets.host import host
from qjobwidgets.render import words
from qjobwidgets.render.grid import grid_html
from qjobwidgets.widgets.view import bundle

__all__ = ["Check", "Report", "examine"]

_NAME: Final = "qjobwidgets"
_VIEWS: Final = ("badge", "card", "counts", "dashboard", "plot", "table")
_SQLITE: Final = (3, 35)
"""RETURNING, on which the ledger of the embedded runtime relies."""
_ROOM: Final = 200 * 1024**2
_SKEW: Final = 60.0
_SLOW: Final = 3.0
_MARKS: Final = {"good": "✓", "note": "!", "bad": "✗"}


@dataclass(frozen=True, slots=True)
class Check:
    """What the doctor says of one thing.

    Attributes:
        name: What was looked at.
        state: ``"good"``; ``"note"`` for what one should know; ``"bad"`` for what will not work.
        found: What was found.
        fix: What to do about it; empty if there is nothing to do.
    """

    name: str
    state: Literal["good", "note", "bad"]
    found: str
    fix: str = ""

    def __str__(self) -> str:
        line = f"{_MARKS[self.state]} {self.name}: {words.clean(self.found)}"
        return f"{line}\n    {words.clean(self.fix)}" if self.fix else line


class Report(list[Check]):
    """All checks, which show themselves line by line."""

    @property
    def healthy(self) -> bool:
        """Whether nothing is bad."""
        return all(check.state != "bad" for check in self)

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's call
        printer.text(str(self))

    def _repr_html_(self) -> str:
        heads = ["", "Looked at", "Found", *(["What to do"] if any(c.fix for c in self) else [])]
        rows = [(_MARKS[one.state], one.name, one.found, one.fix) for one in self]
        return grid_html(heads, [row[: len(heads)] for row in rows])


def examine(service: Callable[[], RuntimeService]) -> Iterator[Check]:
    """Look at one thing after the other.

    Args:
        service: Returns the client of the account in use; may raise what its making raises.
    """
    yield Check("Python", "good", f"{platform.python_version()} on {platform.system()}")
    yield _front_end()
    yield Check("Shown in", "good", host().value)
    yield from _requirements()
    yield _extra()
    yield _sqlite()
    yield from _folder(local.data_folder())
    yield _account_file(default_file())
    yield from _service(service)


# -- what is installed ----------------------------------------------------------------------------


def _front_end() -> Check:
    version = importlib.metadata.version(_NAME)
    try:
        for name in _VIEWS:
            bundle(f"{name}.js")
    except QJobError as error:
        return Check(_NAME, "bad", f"{version}; {error.message}", error.fix or "")
    return Check(_NAME, "good", version)


def _required(extra: str = "") -> Iterator[tuple[Requirement, str | None]]:
    """Return what the package requires, each with the version installed, or ``None``."""
    for line in importlib.metadata.requires(_NAME) or ():
        need = Requirement(line)
        in_extra = need.marker is not None and not need.marker.evaluate({"extra": ""})
        wanted = need.marker is None or need.marker.evaluate({"extra": extra})
        if wanted and in_extra == bool(extra) and need.name != _NAME:
            yield need, _installed(need.name)


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _misfits(needs: Iterable[tuple[Requirement, str | None]]) -> list[tuple[Requirement, str]]:
    """Return what is missing or of a version that does not do, each with what is wrong."""
    found = []
    for need, version in needs:
        if version is None:
            found.append((need, "is not installed"))
        elif not need.specifier.contains(version, prereleases=True):
            found.append((need, f"is {version}, and {need.specifier} is needed"))
    return found


def _requirements() -> Iterator[Check]:
    needs = list(_required())
    for need, wrong in (misfits := _misfits(needs)):
        yield Check(need.name, "bad", wrong, _consequence(need))
    bad = {need.name for need, _ in misfits}
    shown = ("ipykernel", "ipywidgets", "anywidget", "websockets", "qiskit")
    for need, version in needs:
        if need.name in shown and need.name not in bad and version is not None:
            yield Check(need.name, "good", version)


def _consequence(need: Requirement) -> str:
    install = f"Run: pip install '{need.name}{need.specifier}' and restart the kernel."
    if need.name == "ipykernel":
        return f"With 7.0 no live view changes. {install}"
    return install


def _extra() -> Check:
    misfits = _misfits(_required("local"))
    if not misfits:
        return Check("Embedded runtime", "good", "installed")
    lacking = ", ".join(f"{need.name} {wrong}" for need, wrong in misfits)
    fix = 'To run jobs on this machine: pip install "qjobwidgets[local]"'
    return Check("Embedded runtime", "note", lacking, fix)


def _sqlite() -> Check:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= _SQLITE:
        return Check("SQLite", "good", version)
    return Check("SQLite", "bad", version, "Use a Python with SQLite 3.35 or later.")


# -- what is on the disk --------------------------------------------------------------------------


def _folder(folder: Path) -> Iterator[Check]:
    name = "Data folder"
    try:
        facts = folder.lstat()
    except FileNotFoundError:
        yield Check(name, "good", f"{folder}, made when it is needed")
        return
    except OSError as error:
        fix = "Name a folder of your own in QJOBWIDGETS_DATA."
        yield Check(name, "bad", f"{folder}: {error.strerror}", fix)
        return
    wrong = _open_to_others(facts)
    if stat.S_ISLNK(facts.st_mode) or facts.st_uid != os.getuid():
        fix = "Name a folder of your own in QJOBWIDGETS_DATA."
        yield Check(name, "bad", f"{folder} is a link or belongs to another user", fix)
    elif wrong:
        yield Check(name, "note", f"{folder}: {wrong}", f"Run: chmod 700 '{folder}'")
    else:
        yield Check(name, "good", str(folder))
    yield from _private_files(folder)
    yield _room(folder)


def _open_to_others(facts: os.stat_result) -> str:
    mode = stat.S_IMODE(facts.st_mode)
    return f"others may look into it (mode {mode:03o})" if mode & 0o077 else ""


def _private_files(folder: Path) -> Iterator[Check]:
    token, address = folder / "token", folder / "server.json"
    fixes = {
        token: f"End the runtime and remove '{token}', which is not safe any more; a new one is "
        "made at the next start.",
        address: f"Run: chmod 600 '{address}'",
    }
    for file, fix in fixes.items():
        try:
            wrong = _open_to_others(file.lstat())
        except OSError:
            continue  # not there, as long as no runtime has been started
        if wrong:
            yield Check("Data folder", "bad", f"{file.name}: {wrong}", fix)


def _room(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    found = f"{words.number(free / 1024**3, 1)} GiB free"
    if free < _ROOM:
        return Check("Disk", "bad", found, f"Make room on the disk of {folder}.")
    return Check("Disk", "good", found)


def _account_file(file: Path) -> Check:
    name = "Account file"
    try:
        wrong = _open_to_others(file.stat())
        # reading such a file warns of the same
        saved = {} if wrong else read_accounts(file)
    except FileNotFoundError:
        return Check(name, "good", f"{file} does not exist; it is not needed")
    except OSError as error:
        return Check(name, "bad", f"{file}: {error.strerror}", "Mend or remove the file.")
    except QJobError as error:
        return Check(name, "bad", error.message, error.fix or "")
    if wrong:
        return Check(name, "bad", f"{file}: {wrong}", f"Run: chmod 600 '{file}'")
    return Check(name, "good", f"{file}: {', '.join(saved) or 'no account'}")


# -- what answers ---------------------------------------------------------------------------------


def _service(make: Callable[[], RuntimeService]) -> Iterator[Check]:
    try:
        service = make()
    except QJobError as error:
        yield Check("Account", "bad", error.message, error.fix or "")
        return
    account = service.account
    token = "with a token" if account.token else "no token needed"
    yield Check("Account", "good", f"{account.channel}, {account.url or 'this machine'}, {token}")
    began = time.monotonic()
    try:
        query = {"limit": 1, "exclude_params": "true"}
        answer = service.api.call("GET", "/jobs", params=query)
        answer.document()
    except QJobError as error:
        yield Check("Service", "bad", error.message, error.fix or "Check the network, try again.")
        return
    took = time.monotonic() - began
    # the embedded runtime is started by the question, which takes seconds
    long = words.duration(took) if took >= 1 else f"{round(1000 * took)}{words.NARROW}ms"
    found = f"answers after {long}"
    if took > _SLOW and not account.embedded:
        yield Check("Service", "note", found, "Views are right all the same, a little later.")
    else:
        yield Check("Service", "good", found)
    yield _clock(answer.time)


def _clock(told: datetime | None) -> Check:
    if told is None:
        return Check("Clock", "note", "the service does not tell the time")
    skew = (datetime.now(UTC) - told).total_seconds()
    if abs(skew) < _SKEW:
        return Check("Clock", "good", "agrees with the service's")
    way = "ahead of" if skew > 0 else "behind"
    found = f"{words.duration(abs(skew))} {way} the service's"
    fix = "Set this machine's clock; how long a job has waited so far is off by that."
    return Check("Clock", "note", found, fix)
