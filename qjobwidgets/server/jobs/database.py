"""The ledger's SQLite file: how it is opened, migrated, read, and written by one connection.

Readers never wait (WAL); all writes go through a pool of exactly one connection, whose
transactions begin IMMEDIATE and are on the disk (``synchronous=FULL``) when they have committed.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, inspect
from sqlalchemy.exc import DatabaseError, OperationalError

from qjobwidgets.server.config import StartRefusedError
from qjobwidgets.server.jobs.schema import VERSION, create, read_version

__all__ = ["Database"]

_READERS = 8
_BUSY_TIMEOUT_MS = 10_000
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


class Database:
    """The open ledger file.

    Args:
        path: The file; it is created (0600) when it does not exist.

    Raises:
        StartRefusedError: It is damaged, can't be written, was made by a newer version, or is the
            database of something else. The file is left as it is.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = _File(path)
            _migrate(self._file)
            self._writer = _engine(
                self._file, connections=1, begin="BEGIN IMMEDIATE", pragmas=_PRAGMAS
            )
            self._readers = _engine(
                self._file, connections=_READERS, begin="BEGIN", pragmas=_PRAGMAS
            )
        except (DatabaseError, OSError) as error:
            cause = getattr(error, "orig", None) or error
            raise StartRefusedError(
                f"The database {path} can't be used: {cause}.",
                exit_code=4,
                fix="It was left as it is; move it away to start with an empty one.",
            ) from error

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction: alone, and durable once the block is left without an exception.

        Raises:
            OperationalError: The file can't be written, or is another one by now.
        """
        with self._writer.begin() as connection:
            yield connection
            # What is committed to a file that has lost its name is gone with this process.
            self._file.require()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction, which sees one state of the ledger throughout."""
        with self._readers.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._readers.dispose()
        self._writer.dispose()


class _File:
    """The ledger's file, told from any other that gets its name while it is in use."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        self.path = path
        self._identity = self._look()

    def connect(self) -> sqlite3.Connection:
        """Open it; another file is not opened, and none is made."""
        self.require()
        address = f"{self.path.absolute().as_uri()}?mode=rw"
        timeout = _BUSY_TIMEOUT_MS / 1000
        return sqlite3.connect(address, uri=True, timeout=timeout, check_same_thread=False)

    def require(self) -> None:
        """Check that it is still where it was: what another writes is gone with its name.

        Raises:
            OperationalError: It is not.
        """
        if self._look() != self._identity:
            cause = FileNotFoundError(f"{self.path} was replaced while it was in use")
            raise OperationalError("the ledger's file", None, cause)

    def _look(self) -> tuple[int, int] | None:
        try:
            facts = self.path.stat()
        except FileNotFoundError:
            return None
        return facts.st_dev, facts.st_ino


def _engine(file: _File, *, connections: int, begin: str, pragmas: Sequence[str]) -> Engine:
    engine = create_engine(
        "sqlite://",
        creator=file.connect,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        json_deserializer=orjson.loads,  # lists read one document for each job
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins no transaction of its own
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _migrate(file: _File) -> None:
    # A revision that makes a table anew drops the old one, and with foreign keys in force all
    # that refers to its rows would go with it. The file is only changed once it is known as ours.
    pragmas = ("synchronous=FULL", "foreign_keys=OFF")
    engine = _engine(file, connections=1, begin="BEGIN IMMEDIATE", pragmas=pragmas)
    try:
        with engine.begin() as connection:
            _check(connection, file.path)
            _bring_to_date(connection, file.path)
    finally:
        engine.dispose()


def _check(connection: Connection, path: Path) -> None:
    # Reads the whole file, about a second for 200 MB: a damaged page is found now or by a user.
    found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if found != "ok":
        raise StartRefusedError(
            f"The database {path} is damaged: {found}.",
            exit_code=4,
            fix="It was left as it is; put a copy in its place, or move it away to start anew.",
        )


def _bring_to_date(connection: Connection, path: Path) -> None:
    found = inspect(connection).get_table_names()
    if not found:
        create(connection)
    elif read_version(connection, found) != VERSION:
        # Slow to load, and seldom needed.
        from qjobwidgets.server.jobs.upgrade import upgrade  # noqa: PLC0415

        upgrade(connection, path)
