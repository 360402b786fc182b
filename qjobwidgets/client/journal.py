"""What this user has submitted, named and noted, on this machine: a small file of our own.

Services have no field for a job's name or for a note, and none tells which notebook a job came
from. The journal keeps them, by account and job id, in ``journal.db`` in the data folder:

- All kernels of a user share the file. Each act opens it, makes one change and closes it, so no
  kernel holds a lock, and a fork or a thread does no harm.
- It holds ids and the user's own words, never a credential: an account is known by its key, a
  digest.
- It must never stand in the way of a job. A damaged file is moved aside and a new one begun; where
  nothing can be written the journal lives in memory for as long as the kernel. Either is told
  once, by a :class:`~qjobwidgets.errors.JournalWarning`.
- It is bounded: beyond :data:`LARGEST` jobs the oldest without name and note go first.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock

from qjobwidgets.client import forks, local
from qjobwidgets.errors import IBMInputValueError, JournalWarning, LocalRuntimeError
from qjobwidgets.host import notebook_path

__all__ = ["LARGEST", "Entry", "Journal", "journal", "notebook"]

LARGEST = 10_000
"""Jobs the journal remembers."""

_LONGEST_NAME = 200
_LONGEST_NOTE = 10_000
_BUSY = 10.0  # seconds that another kernel's change may take, on a busy disk
_VERSION = 1
_TABLE = """
CREATE TABLE jobs (
    account TEXT NOT NULL,
    job TEXT NOT NULL,
    program TEXT,
    backend TEXT,
    submitted REAL,
    notebook TEXT,
    name TEXT,
    note TEXT,
    touched REAL NOT NULL,
    PRIMARY KEY (account, job)
) WITHOUT ROWID
"""
_FORGET = """
DELETE FROM jobs WHERE (account, job) IN (
    SELECT account, job FROM jobs
    ORDER BY name IS NOT NULL OR note IS NOT NULL, touched
    LIMIT max(0, (SELECT count(*) FROM jobs) - ?)
)
"""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Entry:
    """What the journal knows of a job.

    Attributes:
        account: Key of the account, :attr:`RuntimeService.key`.
        job: Id of the job.
        program, backend: As submitted; ``None`` for a job submitted elsewhere.
        submitted: When it was submitted here (UTC).
        notebook: The notebook it was submitted from, as far as the front end tells.
        name, note: The user's words.
    """

    account: str
    job: str
    program: str | None = None
    backend: str | None = None
    submitted: datetime | None = None
    notebook: str | None = None
    name: str | None = None
    note: str | None = None


_COLUMNS = ", ".join(field.name for field in fields(Entry))


class Journal:
    """The journal in one file.

    Args:
        file: The file; it and its folder are made when they are needed.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._begin()
        forks.begin_anew(self, Journal._begin)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._memory: sqlite3.Connection | None = None

    def record(self, entry: Entry) -> None:
        """Note a submission."""
        words = (entry.account, entry.job, entry.program, entry.backend, entry.notebook)
        submitted = (entry.submitted or datetime.now(UTC)).timestamp()

        def write(db: sqlite3.Connection) -> None:
            db.execute(
                "INSERT INTO jobs (account, job, program, backend, notebook, submitted, touched)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (*map(_storable, words), submitted, time.time()),
            )
            db.execute(_FORGET, (LARGEST,))

        self._act(write)

    def entry(self, account: str, job: str) -> Entry | None:
        """Return what is known of a job, if anything is."""
        query = f"SELECT {_COLUMNS} FROM jobs WHERE account = ? AND job = ?"  # noqa: S608 - our own names
        row = self._act(lambda db: db.execute(query, (account, _storable(job))).fetchone())
        return None if row is None else _entry(row)

    def entries(
        self, account: str | None = None, notebook: str | None = None, *, limit: int = 200
    ) -> list[Entry]:
        """Return jobs submitted on this machine, newest first.

        Args:
            account: Only those of this account.
            notebook: Only those of this notebook.
            limit: How many at most.
        """
        query = (
            f"SELECT {_COLUMNS} FROM jobs WHERE submitted IS NOT NULL"  # noqa: S608 - our own names
            " AND account = coalesce(?, account) AND (? IS NULL OR notebook = ?)"
            " ORDER BY submitted DESC LIMIT ?"
        )
        values = (account, notebook, notebook, limit)
        return [_entry(row) for row in self._act(lambda db: db.execute(query, values).fetchall())]

    def named(self, account: str) -> list[Entry]:
        """Return the jobs of an account that have a name, the one named or noted last first."""
        query = (
            f"SELECT {_COLUMNS} FROM jobs WHERE account = ? AND name IS NOT NULL"  # noqa: S608 - our own names
            " ORDER BY touched DESC"
        )
        return [
            _entry(row) for row in self._act(lambda db: db.execute(query, (account,)).fetchall())
        ]

    def set_name(self, account: str, job: str, name: str | None) -> None:
        """Name a job; ``None`` takes the name away.

        Raises:
            IBMInputValueError: The name is too long.
        """
        self._set("name", _checked(name, "name", _LONGEST_NAME), account, job)

    def set_note(self, account: str, job: str, note: str | None) -> None:
        """Keep a note with a job; ``None`` takes it away.

        Raises:
            IBMInputValueError: The note is too long.
        """
        self._set("note", _checked(note, "note", _LONGEST_NOTE), account, job)

    def forget(self, account: str, job: str) -> None:
        """Remove a job."""
        statement = "DELETE FROM jobs WHERE account = ? AND job = ?"
        self._act(lambda db: db.execute(statement, (account, _storable(job))))

    def _set(self, column: str, text: str | None, account: str, job: str) -> None:
        statement = (
            f"INSERT INTO jobs (account, job, {column}, touched) VALUES (?, ?, ?, ?)"  # noqa: S608 - our own names
            f" ON CONFLICT (account, job) DO UPDATE SET {column} = excluded.{column},"
            " touched = excluded.touched"
        )

        def write(db: sqlite3.Connection) -> None:
            db.execute(statement, (account, _storable(job), text, time.time()))
            db.execute(_FORGET, (LARGEST,))

        self._act(write)

    def _act(self, action: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do something with the file in one transaction; in memory where the file can't be used."""
        with self._lock:
            if self._memory is None:
                try:
                    return self._in_file(action)
                except (OSError, sqlite3.Error, LocalRuntimeError) as error:
                    self._memory = sqlite3.connect(":memory:", check_same_thread=False)
                    self._memory.execute(_TABLE)
                    _warn(
                        f"The journal {self._file} can't be used ({error}): names and notes last "
                        "only as long as this kernel."
                    )
            with self._memory:
                return action(self._memory)

    def _in_file(self, action: Callable[[sqlite3.Connection], _T]) -> _T:
        try:
            with self._opened() as db:
                return action(db)
        except sqlite3.OperationalError:
            raise  # locked, read-only, disk full: the file itself may be sound
        except sqlite3.DatabaseError:
            self._move_aside()
        with self._opened() as db:
            return action(db)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction, making it first when there is none."""
        local.secure_folder(self._file.parent)
        os.close(os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
        with contextlib.closing(sqlite3.connect(self._file, timeout=_BUSY)) as db:
            db.execute("PRAGMA synchronous = NORMAL")
            with db:
                db.execute("BEGIN IMMEDIATE")
                _migrate(db)
                yield db

    def _move_aside(self) -> None:
        # several kernels may have seen the damage: the first of them moves the file
        with FileLock(self._file.with_suffix(".lock"), timeout=_BUSY):
            if self._is_sound():
                return
            aside = self._file.with_suffix(f".damaged-{time.time_ns()}")
            self._file.rename(aside)
        _warn(
            f"The journal {self._file} was damaged. It is kept as {aside.name}; a new one begins."
        )

    def _is_sound(self) -> bool:
        try:
            with self._opened() as db:
                return bool(db.execute("PRAGMA quick_check").fetchone() == ("ok",))
        except sqlite3.OperationalError:
            raise  # as when another kernel, which has begun a new one, keeps it busy
        except sqlite3.DatabaseError:
            return False


def _migrate(db: sqlite3.Connection) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > _VERSION:
        raise sqlite3.OperationalError("it was written by a newer qjobwidgets")
    if version == 0:
        db.execute(_TABLE)
        db.execute(f"PRAGMA user_version = {_VERSION}")


def _entry(row: tuple[Any, ...]) -> Entry:
    known = dict(zip((field.name for field in fields(Entry)), row, strict=True))
    if known["submitted"] is not None:
        known["submitted"] = datetime.fromtimestamp(known["submitted"], UTC)
    return Entry(**known)


def _checked(text: str | None, what: str, longest: int) -> str | None:
    if text is not None and not isinstance(text, str):
        raise IBMInputValueError(f"{text!r} is no {what}.", fix="Pass a string.")
    if text is not None and len(text) > longest:
        raise IBMInputValueError(
            f"The {what} has {len(text)} characters.", fix=f"At most {longest} are kept."
        )
    return _storable(text or None)


def _storable(text: object) -> str | None:
    """Return a text without what no database takes, such as the odd bytes of a file's name.

    A service's answer may hold something else where a text belongs; that is not kept.
    """
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else None


def _warn(message: str) -> None:
    warnings.warn(message, JournalWarning, stacklevel=2)


_lock = forks.Lock()
_journals: dict[Path, Journal] = {}


def journal() -> Journal:
    """Return the user's journal."""
    file = local.data_folder() / "journal.db"
    with _lock:
        if file not in _journals:
            _journals[file] = Journal(file)
        return _journals[file]


def notebook() -> str | None:
    """Return the notebook this kernel runs, as far as the front end tells."""
    return _storable(notebook_path())
