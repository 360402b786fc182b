"""Ledger files of every revision, opened by the server of today."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from qjobwidgets.server.jobs import migrations
from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.ledger import KeyReusedError, Ledger
from qjobwidgets.server.jobs.queries import JobFilter, Queries
from qjobwidgets.server.jobs.schema import metadata
from qjobwidgets.server.jobs.states import NewJob, State

OLD_JOBS = """
    INSERT INTO jobs VALUES
    (1, 'first', 'p', 'b', 'Completed', '2026-11-20T10:00:00.000000Z', NULL, NULL, NULL, NULL,
     NULL, 60, 'INFO', NULL, 0, NULL, NULL, 1, 0, 0, 1, 1.5, '{}', 'key', 'print'),
    (2, 'second', 'p', 'b', 'Queued', '2026-11-20T11:00:00.000000Z', NULL, NULL, NULL, NULL,
     NULL, 60, 'INFO', NULL, 0, NULL, NULL, 0, 0, 0, 0, 0.0, '{}', NULL, NULL);
    INSERT INTO inputs VALUES ('first', '{"a":1}'), ('second', '{}');
    INSERT INTO results VALUES ('first', '42');
    INSERT INTO messages VALUES ('first', 1, 1, 'interim', '7');
    INSERT INTO tags VALUES ('first', 0, 'red');
"""


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    """A ledger as the first revision left it, with two jobs."""
    path = tmp_path / "ledger.db"
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in OLD_JOBS.split(";")[:-1]:
            connection.exec_driver_sql(statement)
    engine.dispose()
    return path


def test_a_migrated_file_has_the_tables_of_the_schema(old_file: Path):
    with closing(Database(old_file)) as database, database.write() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []


def test_a_new_file_is_as_one_that_was_migrated(old_file: Path, tmp_path: Path):
    """A new file took all migrations, and with them alembic: a third of a server's start."""
    new_file = tmp_path / "new.db"
    for path in (old_file, new_file):
        Database(path).close()
    assert shape(new_file) == shape(old_file)
    with closing(sqlite3.connect(new_file)) as connection:
        version, revision = connection.execute(
            "SELECT version_num, counters.value FROM alembic_version, counters"
        ).fetchone()
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert (version, revision) == (scripts.get_current_head(), 0)


def test_new_files_have_the_same_text(tmp_path: Path):
    """The indexes of a new file came in the order of a set, another one in each process."""
    path = tmp_path / "new.db"
    Database(path).close()
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT tbl_name, name FROM sqlite_master WHERE sql LIKE 'CREATE INDEX%'"
        indexes = connection.execute(f"{query} ORDER BY rowid").fetchall()
    by_table = {table: [name for owner, name in indexes if owner == table] for table, _ in indexes}
    assert by_table == {table: sorted(names) for table, names in by_table.items()}
    assert len(by_table["jobs"]) > 5


def shape(path: Path) -> dict[str, Any]:
    """Return what a file's tables are, but for the order of columns and how old rows are filled."""
    with closing(sqlite3.connect(path)) as connection:

        def ask(pragma: str, name: str) -> list[tuple[Any, ...]]:
            return connection.execute(f"PRAGMA {pragma}({name})").fetchall()

        def indexes(table: str) -> set[Any]:
            return {
                (unique, origin, partial, tuple(column for *_, column in ask("index_info", name)))
                for _, name, unique, origin, partial in ask("index_list", table)
            }

        return {
            name: (
                {tuple(column[1:4]) + column[5:] for column in ask("table_xinfo", name)},
                "AUTOINCREMENT" in sql,
                "WITHOUT ROWID" in sql,
                ask("foreign_key_list", name),
                indexes(name),
                set(
                    connection.execute(
                        "SELECT name, sql FROM sqlite_master"
                        " WHERE tbl_name = ? AND type = 'index' AND sql IS NOT NULL",
                        (name,),
                    )
                ),
            )
            for name, sql in connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
            ).fetchall()
        }


def test_jobs_of_the_first_revision_keep_all_that_is_theirs(old_file: Path):
    with closing(Database(old_file)) as database:
        ledger = Ledger(database, on_change=lambda _job: None, on_message=lambda _job: None)
        queries = Queries(database)
        found, count = queries.jobs(JobFilter("local"))
        assert ([job.id for job in found], count) == (["second", "first"], 2)
        second, first = found
        assert (first.state, first.tags, first.usage_seconds) == (State.COMPLETED, ("red",), 1.5)
        assert (second.state, second.position) == (State.QUEUED, 1)
        assert first.revision < second.revision
        assert queries.params(["first"]) == {"first": '{"a":1}'}
        assert ledger.take_result("first") == "42"
        assert list(queries.interim_results("first", 100)) == [["7"]]

        with pytest.raises(KeyReusedError):
            ledger.submit(NewJob("p", "b", "{}"), key="key", fingerprint="other")
        third = queries.job(ledger.submit(NewJob("p", "b", "{}")).job)
        assert third is not None
        assert third.revision > second.revision
        assert ledger.delete("first")
        assert queries.params(["first"]) == {}
