"""A ledger file that can't be used: the server does not start, says why, and leaves it as it is."""

from __future__ import annotations

import ctypes
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from qjobwidgets.server.config import StartRefusedError
from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.ledger import Ledger
from qjobwidgets.server.jobs.states import NewJob
from tests.server.conftest import DEADLINE, Service

_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


def _ledger(database: Database) -> Ledger:
    return Ledger(database, on_change=lambda _job: None, on_message=lambda _job: None)


def _obey_modes() -> None:
    """Have the program that is started next obey the modes of files, even if it is root's."""
    if sys.platform == "linux":
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def _refusal(data: Path) -> str:
    """Start a server that has to refuse; return what it says."""
    refused = subprocess.run(
        [sys.executable, "-m", "qjobwidgets.server", "--port", "0", "--data", str(data)],
        preexec_fn=_obey_modes,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert refused.returncode == 4
    assert refused.stdout == ""
    assert "Traceback" not in refused.stderr
    return refused.stderr


def test_a_file_that_can_only_be_read_is_refused_and_left_as_it_is(tmp_path: Path):
    path = tmp_path / "ledger.db"
    Database(path).close()
    before = path.read_bytes()
    path.chmod(0o400)
    said = _refusal(tmp_path)
    assert "ledger.db can't be used" in said
    assert "Permission denied" in said
    assert path.read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o400


def test_a_folder_that_can_only_be_read_is_refused(tmp_path: Path):
    """Nobody caught the failure to lock it, which ended in a traceback."""
    data = tmp_path / "data"
    data.mkdir(mode=0o500)
    assert f"{data} can't be used: Permission denied" in _refusal(data)
    assert list(data.iterdir()) == []


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path):
    path = tmp_path / "ledger.db"
    Database(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
        connection.commit()
    before = path.read_bytes()
    assert "newer version" in _refusal(tmp_path)
    assert path.read_bytes() == before


def test_a_database_with_a_damaged_page_is_refused_and_left_as_it_is(tmp_path: Path):
    """A file whose first page was whole was opened, and failed some day at the damaged one."""
    path = tmp_path / "ledger.db"
    with closing(Database(path)) as database:
        ledger = _ledger(database)
        for _ in range(50):
            ledger.submit(NewJob("p", "b", '"' + "x" * 2000 + '"'))
    damaged = bytearray(path.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        query = "select rootpage from sqlite_master where name = 'inputs'"
        (page,) = connection.execute(query).fetchone()
        size = connection.execute("pragma page_size").fetchone()[0]
    damaged[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(damaged)
    with pytest.raises(StartRefusedError, match="damaged"):
        Database(path)
    assert path.read_bytes() == bytes(damaged)


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path):
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is no database" * 1000)
    assert "ledger.db can't be used" in _refusal(tmp_path)
    assert path.read_bytes() == b"this is no database" * 1000


def test_a_database_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path):
    """Our tables were added to it, beside its own."""
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("create table notes (text); insert into notes values ('mine')")
    before = path.read_bytes()
    with pytest.raises(StartRefusedError, match="another program"):
        Database(path)
    assert path.read_bytes() == before


def test_nothing_is_promised_while_the_file_is_replaced(start: Callable[..., Service]):
    """Jobs went to the file that had lost its name, and were gone when the server ended."""
    service = start()
    kept = service.submit("sample-program", "aer_local", {"iterations": 1})
    service.wait(kept)
    path, away = service.data / "ledger.db", service.data / "moved.db"
    path.rename(away)
    path.write_bytes(b"something else")
    body = {"program_id": "sample-program", "backend": "aer_local", "params": {"iterations": 1}}
    refused = service.post(body)
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert "was replaced" in (service.data / "server.log").read_text()
    health = service.http.get(service.origin + "/health", timeout=DEADLINE)
    assert health.json()["problems"] == ["The ledger can't be written."]
    assert path.read_bytes() == b"something else"

    away.replace(path)
    assert service.post(body).status_code == 200
    assert service.get("/jobs").json()["count"] == 2


@pytest.mark.parametrize("how", ["moved", "copied"])
def test_a_transaction_over_a_replaced_file_is_rolled_back(tmp_path: Path, how: str):
    path = tmp_path / "ledger.db"
    with closing(Database(path)) as database:
        ledger = _ledger(database)
        copy = path.read_bytes()
        path.rename(tmp_path / "moved.db")
        if how == "copied":
            path.write_bytes(copy)
        with pytest.raises(OperationalError, match="was replaced"):
            ledger.submit(NewJob("p", "b", "{}"))
        (tmp_path / "moved.db").replace(path)
        assert ledger.submit(NewJob("p", "b", "{}"))
        with database.read() as connection:
            assert connection.exec_driver_sql("select count(*) from jobs").scalar() == 1
