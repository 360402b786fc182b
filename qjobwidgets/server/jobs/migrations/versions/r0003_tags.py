"""Tags in the order of their jobs, by owner; and when a tag was last given or taken away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Note with each tag whose job it is on, and the number of that job."""
    op.add_column("tags", sa.Column("owner", sa.String(64), nullable=False, server_default="local"))
    op.add_column("tags", sa.Column("number", sa.Integer, nullable=False, server_default="0"))
    op.execute(
        "UPDATE tags SET (owner, number) ="
        " (SELECT jobs.owner, jobs.number FROM jobs WHERE jobs.id = tags.job)"
    )
    op.drop_index("ix_tags_tag", "tags")
    op.create_index("tags_of_owner", "tags", ["owner", "tag", "number"])
    op.create_table(
        "retags",
        sa.Column("owner", sa.String(64), primary_key=True),
        sa.Column("tag", sa.String(128), primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
