"""Bringing a ledger's file of an earlier version to the schema of today, by alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from qjobwidgets.server.config import StartRefusedError

__all__ = ["upgrade"]


def upgrade(connection: Connection, path: Path) -> None:
    """Run the migrations that a file has not seen yet, in the transaction that is open.

    Args:
        connection: Of the file, which has tables.
        path: The file, for messages.

    Raises:
        StartRefusedError: It was made by a newer version, or is the database of something else.
    """
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
    if current is None:
        raise StartRefusedError(
            f"The database {path} is of another program.",
            exit_code=4,
            fix="It was left as it is; move it away, or use another data folder.",
        )
    command.upgrade(config, "head")
