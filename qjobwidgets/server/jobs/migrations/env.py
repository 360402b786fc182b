"""Run by alembic: migrates over the connection the server hands in."""

from __future__ import annotations

from alembic import context

__all__: list[str] = []

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,
    render_as_batch=True,
)
# The caller's transaction holds all revisions together: a failing one leaves nothing behind.
context.run_migrations()
