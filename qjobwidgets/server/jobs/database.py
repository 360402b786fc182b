"""The ledger's SQLite file: how it is opened, migrated, read, and written by one connection.

Readers never wait (WAL); all writes go through a pool of exactly one connection, whose
transactions begin IMMEDIATE and are on the disk (``synchronous=FULL``) when they have committed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import DatabaseError

from qjobwidgets.server.config import StartRefusedError

__all__ = ["Database"]

_READERS = 8
_BUSY_TIMEOUT_MS = 10_000


class Database:
    """The open ledger file.

    Args:
        path: The file; it is created (0600) when it does not exist.

    Raises:
        StartRefusedError: It is damaged, can't be written, or was made by a newer version. The
            file is left as it is.
    """

    def __init__(self, path: Path) -> None:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
            _migrate(path)
            self._writer = _engine(path, connections=1, begin="BEGIN IMMEDIATE")
            self._readers = _engine(path, connections=_READERS, begin="BEGIN")
        except (DatabaseError, OSError) as error:
            cause = getattr(error, "orig", None) or error
            raise StartRefusedError(
                f"The database {path} can't be used: {cause}.",
                exit_code=4,
                fix="It was left as it is; move it away to start with an empty one.",
            ) from error

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction: alone, and durable once the block is left without an exception."""
        with self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction, which sees one state of the ledger throughout."""
        with self._readers.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._readers.dispose()
        self._writer.dispose()


def _engine(path: Path, *, connections: int, begin: str, foreign_keys: bool = True) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": _BUSY_TIMEOUT_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins no transaction of its own
        cursor = connection.cursor()
        keys = f"foreign_keys={'ON' if foreign_keys else 'OFF'}"
        for pragma in ("journal_mode=WAL", "synchronous=FULL", keys):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _migrate(path: Path) -> None:
    # A revision that makes a table anew drops the old one, and with foreign keys in force all
    # that refers to its rows would go with it.
    engine = _engine(path, connections=1, begin="BEGIN IMMEDIATE", foreign_keys=False)
    try:
        with engine.begin() as connection:
            _check(connection, path)
            _upgrade(connection, path)
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


def _upgrade(connection: Connection, path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        raise StartRefusedError(
            f"The database {path} was made by a newer version (revision {current}).",
            exit_code=4,
            fix="Update qjobwidgets, or use another data folder.",
        )
    command.upgrade(config, "head")
