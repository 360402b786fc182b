"""The tables of the ledger, as they are after the newest migration."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

__all__ = ["inputs", "jobs", "logs", "messages", "metadata", "results", "tags"]

metadata = MetaData()


def _of_job() -> Column[str]:
    return Column("job", String(64), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)


jobs = Table(
    "jobs",
    metadata,
    # The order of submission: the queue of a backend is the queued jobs by this number.
    Column("number", Integer, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
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
    # The number of the latest attempt; whoever reports with another number is fenced off.
    Column("attempt", Integer, nullable=False),
    Column("crashes", Integer, nullable=False),
    Column("interruptions", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("usage_seconds", Float, nullable=False),
    Column("figures", JSON, nullable=False),
    Column("idempotency_key", String(256), unique=True),
    Column("fingerprint", String(64)),
    Index("jobs_by_state", "state", "backend", "number"),
    Index("jobs_by_created", "created"),
    # A number is never given twice, also not after the newest job was deleted.
    sqlite_autoincrement=True,
)

tags = Table(
    "tags",
    metadata,
    _of_job(),
    Column("place", Integer, primary_key=True),
    Column("tag", String(128), nullable=False, index=True),
    sqlite_with_rowid=False,
)

inputs = Table("inputs", metadata, _of_job(), Column("params", Text, nullable=False))

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
