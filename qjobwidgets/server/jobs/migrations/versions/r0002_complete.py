"""Owners, turns, revisions and heartbeats of jobs; sessions, programs, deletions, usage."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Widen the table of jobs, whose rows all belong to the local user, and add tables."""
    _widen_jobs()
    op.add_column("inputs", sa.Column("source", sa.Text))
    _create_counters()
    op.create_table(
        "deletions",
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("job", sa.String(64), nullable=False),
    )
    op.create_index("deletions_by_owner", "deletions", ["owner", "revision"])
    _create_sessions()
    _create_programs()
    _create_usage()


def _widen_jobs() -> None:
    # The unique key becomes one per owner. SQLite can't drop a constraint, so the table is made
    # anew from what it should be, not from what is found: found constraints have no names.
    old = sa.Table("jobs", sa.MetaData(), *_columns_of_0001(), sqlite_autoincrement=True)
    with op.batch_alter_table("jobs", copy_from=old, recreate="always") as jobs:
        jobs.add_column(sa.Column("owner", sa.String(64), nullable=False, server_default="local"))
        jobs.add_column(sa.Column("revision", sa.Integer, nullable=False, server_default="0"))
        jobs.add_column(sa.Column("turn", sa.Integer, nullable=False, server_default="0"))
        jobs.add_column(sa.Column("heartbeat", sa.Integer, nullable=False, server_default="0"))
        jobs.create_unique_constraint("jobs_by_key", ["owner", "idempotency_key"])
    op.execute("UPDATE jobs SET revision = number, turn = number")
    for name, columns in (
        ("jobs_by_state", ["state", "backend", "turn", "number"]),
        ("jobs_by_created", ["created"]),
        ("jobs_by_owner", ["owner", "number"]),
        ("jobs_by_revision", ["owner", "revision"]),
        ("jobs_of_owner", ["owner", "state", "number"]),
        ("jobs_of_backend", ["owner", "backend", "number"]),
        ("jobs_of_program", ["owner", "program", "number"]),
        ("jobs_by_workload", ["owner", "session", "created", "id", "state"]),
    ):
        op.create_index(name, "jobs", columns)
    for name, columns, where in (
        ("jobs_by_session", ["session", "number"], "session IS NOT NULL"),
        ("jobs_in_session", ["session", "state"], "session IS NOT NULL"),
    ):
        op.create_index(name, "jobs", columns, sqlite_where=sa.text(where))


def _columns_of_0001() -> list[sa.Column[Any]]:
    return [
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
        sa.Column("idempotency_key", sa.String(256)),
        sa.Column("fingerprint", sa.String(64)),
    ]


def _create_counters() -> None:
    counters = op.create_table(
        "counters",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.Integer, nullable=False),
    )
    op.bulk_insert(counters, [{"name": "revision", "value": 0}])
    op.execute(
        "UPDATE counters SET value = (SELECT COALESCE(MAX(number), 0) FROM jobs)"
        " WHERE name = 'revision'"
    )


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("backend", sa.String(64), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("state_reason", sa.Text),
        sa.Column("accepting", sa.Boolean, nullable=False),
        sa.Column("max_ttl", sa.Integer, nullable=False),
        sa.Column("active_ttl", sa.Integer),
        sa.Column("interactive_ttl", sa.Integer, nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("started", sa.String(32)),
        sa.Column("activated", sa.String(32)),
        sa.Column("closed", sa.String(32)),
        sa.Column("last_job_started", sa.String(32)),
        sa.Column("last_job_completed", sa.String(32)),
        sa.Column("active_seconds", sa.Float, nullable=False),
        sa.Column("usage_seconds", sa.Float, nullable=False),
        sa.Column("turn", sa.Integer),
        sqlite_autoincrement=True,
    )
    op.create_index("sessions_by_owner", "sessions", ["owner", "created", "id"])
    op.create_index("sessions_by_state", "sessions", ["state"])
    op.create_table(
        "session_states",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column(
            "session",
            sa.String(64),
            sa.ForeignKey("sessions.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
    )
    op.create_index("states_of_session", "session_states", ["session", "number"])


def _create_programs() -> None:
    op.create_table(
        "programs",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("cost", sa.Integer, nullable=False),
        sa.Column("public", sa.Boolean, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("spec", sa.JSON, nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("updated", sa.String(32), nullable=False),
        sa.UniqueConstraint("owner", "name", name="programs_by_name"),
        sqlite_autoincrement=True,
    )


def _create_usage() -> None:
    op.create_table(
        "usage",
        sa.Column("owner", sa.String(64), primary_key=True),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("limit_seconds", sa.Float),
    )
    op.execute(
        "INSERT INTO usage (owner, seconds)"
        " SELECT owner, SUM(usage_seconds) FROM jobs GROUP BY owner"
    )
