"""Ledger files of every revision, opened by the server of today."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
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
