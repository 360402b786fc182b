"""The first schema: jobs, their inputs, results, tags, messages and logs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    _create_jobs()
    _create_tags()
    op.create_table("inputs", _job(), sa.Column("params", sa.Text, nullable=False))
    op.create_table("results", _job(), sa.Column("body", sa.Text, nullable=False))
    op.create_table(
        "messages",
        _job(),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "logs",
        _job(),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("text", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )


def _job() -> sa.Column[str]:
    return sa.Column(
        "job", sa.String(64), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True
    )


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("program", sa.String(64), nullable=False),
        sa.Column("backend", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("running", sa.String(32)),
        sa.Column("finished", sa.String(32)),
        sa.Column("reason", sa.Text),
        sa.Column("reason_code", sa.Integer),
        sa.Column("reason_solution", sa.Text),
        sa.Column("limit_seconds", sa.Integer, nullable=False),
        sa.Column("log_level", sa.String(16), nullable=False),
        sa.Column("runtime", sa.String(256)),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("caller", sa.String(256)),
        sa.Column("session", sa.String(64)),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("crashes", sa.Integer, nullable=False),
        sa.Column("interruptions", sa.Integer, nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("usage_seconds", sa.Float, nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.Column("idempotency_key", sa.String(256), unique=True),
        sa.Column("fingerprint", sa.String(64)),
        sqlite_autoincrement=True,
    )
    op.create_index("jobs_by_state", "jobs", ["state", "backend", "number"])
    op.create_index("jobs_by_created", "jobs", ["created"])


def _create_tags() -> None:
    op.create_table(
        "tags",
        _job(),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("tag", sa.String(128), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tags_tag", "tags", ["tag"])
