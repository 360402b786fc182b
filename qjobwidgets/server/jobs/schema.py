"""The tables of the ledger, as they are after the newest migration.

A new file is made from what is written here; only one of an earlier version needs the migrations.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    select,
    text,
)
from sqlalchemy.schema import CreateIndex, CreateTable

__all__ = [
    "VERSION",
    "counters",
    "create",
    "deletions",
    "inputs",
    "jobs",
    "logs",
    "messages",
    "metadata",
    "programs",
    "read_version",
    "results",
    "retags",
    "session_states",
    "sessions",
    "tags",
    "usage",
]

VERSION = "0003"
"""The newest of the migrations."""

metadata = MetaData()
# Alembic's own, which it leaves out where it compares tables.
_versions = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def _of_job() -> Column[str]:
    return Column("job", String(64), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)


jobs = Table(
    "jobs",
    metadata,
    # The order of submission.
    Column("number", Integer, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("owner", String(64), nullable=False),
    # The number of the job's last change among all changes: what an owner's feed goes by.
    Column("revision", Integer, nullable=False),
    Column("program", String(64), nullable=False),
    Column("backend", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created", String(32), nullable=False),
    Column("running", String(32)),
    Column("finished", String(32)),
    Column("reason", Text),
    Column("reason_code", Integer),
    Column("reason_solution", Text),
    Column("limit_seconds", Integer, nullable=False),
    Column("log_level", String(16), nullable=False),
    Column("runtime", String(256)),
    Column("private", Boolean, nullable=False),
    Column("caller", String(256)),
    Column("session", String(64)),
    # The queue of a backend is its queued jobs by turn and number. A turn is a revision: that of
    # the job's own submission, or, in a dedicated session, that of the job that woke the session,
    # so that its jobs stay together.
    Column("turn", Integer, nullable=False),
    # The number of the latest attempt; whoever reports with another number is fenced off.
    Column("attempt", Integer, nullable=False),
    # Counted up while an attempt is watched; one that stands still was left alone.
    Column("heartbeat", Integer, nullable=False),
    Column("crashes", Integer, nullable=False),
    Column("interruptions", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("usage_seconds", Float, nullable=False),
    Column("figures", JSON, nullable=False),
    Column("idempotency_key", String(256)),
    Column("fingerprint", String(64)),
    UniqueConstraint("owner", "idempotency_key", name="jobs_by_key"),
    Index("jobs_by_state", "state", "backend", "turn", "number"),
    Index("jobs_by_created", "created"),
    Index("jobs_by_owner", "owner", "number"),
    Index("jobs_by_revision", "owner", "revision"),
    Index("jobs_by_session", "session", "number", sqlite_where=text("session IS NOT NULL")),
    Index("jobs_in_session", "session", "state", sqlite_where=text("session IS NOT NULL")),
    Index("jobs_by_workload", "owner", "session", "created", "id", "state"),
    Index("jobs_of_owner", "owner", "state", "number"),
    Index("jobs_of_backend", "owner", "backend", "number"),
    Index("jobs_of_program", "owner", "program", "number"),
    # A number is never given twice, also not after the newest job was deleted.
    sqlite_autoincrement=True,
)

tags = Table(
    "tags",
    metadata,
    _of_job(),
    Column("place", Integer, primary_key=True),
    Column("tag", String(128), nullable=False),
    # Of the job, and never changed: jobs with a tag are found in their order.
    Column("owner", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Index("tags_of_owner", "owner", "tag", "number"),
    sqlite_with_rowid=False,
)

retags = Table(
    "retags",
    metadata,
    # When a tag was last given to a job, or taken from one, that had been submitted before.
    Column("owner", String(64), primary_key=True),
    Column("tag", String(128), primary_key=True),
    Column("revision", Integer, nullable=False),
    sqlite_with_rowid=False,
)

inputs = Table(
    "inputs",
    metadata,
    _of_job(),
    Column("params", Text, nullable=False),
    # Of an uploaded program: its text as it was when the job was submitted.
    Column("source", Text),
)

results = Table("results", metadata, _of_job(), Column("body", Text, nullable=False))

messages = Table(
    "messages",
    metadata,
    _of_job(),
    Column("seq", Integer, primary_key=True),
    Column("attempt", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("data", Text, nullable=False),
    sqlite_with_rowid=False,
)

logs = Table(
    "logs",
    metadata,
    _of_job(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    sqlite_with_rowid=False,
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Integer, nullable=False),
)

deletions = Table(
    "deletions",
    metadata,
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("owner", String(64), nullable=False),
    Column("job", String(64), nullable=False),
    Index("deletions_by_owner", "owner", "revision"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("owner", String(64), nullable=False),
    Column("backend", String(64), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("state_reason", Text),
    Column("accepting", Boolean, nullable=False),
    Column("max_ttl", Integer, nullable=False),
    Column("active_ttl", Integer),
    Column("interactive_ttl", Integer, nullable=False),
    Column("created", String(32), nullable=False),
    Column("started", String(32)),
    Column("activated", String(32)),
    Column("closed", String(32)),
    Column("last_job_started", String(32)),
    Column("last_job_completed", String(32)),
    Column("active_seconds", Float, nullable=False),
    Column("usage_seconds", Float, nullable=False),
    # Of a dedicated session: the turn of its jobs since it was woken.
    Column("turn", Integer),
    Index("sessions_by_owner", "owner", "created", "id"),
    Index("sessions_by_state", "state"),
    sqlite_autoincrement=True,
)

session_states = Table(
    "session_states",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("session", String(64), ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("time", String(32), nullable=False),
    Index("states_of_session", "session", "number"),
)

usage = Table(
    "usage",
    metadata,
    # Kept apart from the jobs: it stays when they are deleted, and is read before each submission.
    Column("owner", String(64), primary_key=True),
    Column("seconds", Float, nullable=False),
    # Set by the owner; the server may have one for everybody besides.
    Column("limit_seconds", Float),
)

programs = Table(
    "programs",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("owner", String(64), nullable=False),
    Column("name", String(128), nullable=False),
    Column("description", Text, nullable=False),
    Column("cost", Integer, nullable=False),
    Column("public", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("spec", JSON, nullable=False),
    Column("created", String(32), nullable=False),
    Column("updated", String(32), nullable=False),
    UniqueConstraint("owner", "name", name="programs_by_name"),
    sqlite_autoincrement=True,
)


def create(connection: Connection) -> None:
    """Make all tables, in a file that has none: the same text whoever makes it."""
    for table in metadata.sorted_tables:
        connection.execute(CreateTable(table))
        # A set, which has another order in each process.
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            connection.execute(CreateIndex(index))
    connection.execute(insert(counters).values(name="revision", value=0))
    _versions.create(connection, checkfirst=False)
    connection.execute(insert(_versions).values(version_num=VERSION))


def read_version(connection: Connection, found: Collection[str]) -> str | None:
    """Return the newest migration that a file has seen, by the tables that were found in it."""
    if _versions.name not in found:
        return None
    return connection.execute(select(_versions.c.version_num)).scalar()
