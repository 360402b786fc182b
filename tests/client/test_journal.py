"""The journal of submissions, names and notes: shared, bounded, and never in a job's way."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import warnings
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qjobwidgets.client import journal as module
from qjobwidgets.client import local
from qjobwidgets.client.journal import Entry, Journal, journal, notebook
from qjobwidgets.errors import IBMInputValueError, JournalWarning
from tests.client.faults import CANARY

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.db"


def test_submissions_are_found_again_newest_first(file):
    for number in range(3):
        moment = NOON.replace(minute=number)
        Journal(file).record(Entry("a", f"j{number}", "sampler", "aer", moment, "n.ipynb"))
    Journal(file).record(Entry("b", "other", submitted=NOON.replace(hour=13)))
    found = Journal(file).entries("a")
    assert [entry.job for entry in found] == ["j2", "j1", "j0"]
    assert found[2] == Entry("a", "j0", "sampler", "aer", NOON, "n.ipynb")
    assert [entry.job for entry in Journal(file).entries(notebook="n.ipynb", limit=2)] == [
        *("j2", "j1")
    ]
    assert len(Journal(file).entries()) == 4


def test_names_and_notes_of_any_job(file):
    kept = Journal(file)
    kept.record(Entry("a", "j1", "sampler"))
    kept.set_name("a", "j1", "first try")
    kept.set_note("a", "j1", "with the new ansatz")
    kept.set_name("a", "elsewhere", "submitted on another machine")
    again = Journal(file).entry("a", "j1")
    assert (again.program, again.name, again.note) == (
        "sampler",
        "first try",
        "with the new ansatz",
    )
    assert Journal(file).entry("b", "j1") is None
    assert [entry.job for entry in kept.entries()] == ["j1"], "only what was submitted here"
    kept.set_name("a", "j1", "")
    assert kept.entry("a", "j1").name is None
    kept.forget("a", "elsewhere")
    assert kept.entry("a", "elsewhere") is None


def test_it_belongs_to_the_user_alone(file):
    Journal(file).record(Entry("a", "j1"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_several_kernels_write_at_once(file):
    code = (
        "import sys; from pathlib import Path; from qjobwidgets.client.journal import *\n"
        "for n in range(20): Journal(Path(sys.argv[1])).record(Entry('a', f'{sys.argv[2]}-{n}'))"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(file)]
    writers = [subprocess.Popen([*command, str(number)]) for number in range(3)]
    assert [writer.wait(240) for writer in writers] == [0, 0, 0]
    assert len(Journal(file).entries()) == 60


def test_a_submission_noted_twice_stays_as_it_was(file):
    Journal(file).record(Entry("a", "j1", submitted=NOON))
    Journal(file).set_name("a", "j1", "x")
    Journal(file).record(Entry("a", "j1", "other"))
    assert Journal(file).entry("a", "j1") == Entry("a", "j1", submitted=NOON, name="x")


def damage_head(file: Path) -> None:
    file.write_bytes(b"not a database at all, " * 100)


def damage_page(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


@pytest.mark.parametrize("damage", [damage_head, damage_page])
def test_a_damaged_file_is_moved_aside_and_a_new_one_begins(file, damage):
    Journal(file).record(Entry("a", "j1"))
    damage(file)
    with pytest.warns(JournalWarning, match="was damaged"):
        Journal(file).record(Entry("a", "j2"))
    assert [entry.job for entry in Journal(file).entries()] == ["j2"]
    [aside] = file.parent.glob("journal.damaged-*")
    assert aside.stat().st_size > 0


def newer(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def a_link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to(file.with_name("elsewhere"))


@pytest.mark.parametrize("spoil", [newer, a_folder, a_link])
def test_where_it_cannot_be_kept_it_lasts_as_long_as_the_kernel(file, spoil):
    Journal(file).record(Entry("a", "j1"))
    spoil(file)
    kept = Journal(file)
    with pytest.warns(JournalWarning, match="only as long as this kernel") as told:
        kept.set_name("a", "j2", "mine")
    kept.record(Entry("a", "j2"))
    assert kept.entry("a", "j2").name == "mine"
    assert len(told) == 1


def test_it_is_bounded_and_what_has_a_name_stays_longest(file, monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 5)
    kept = Journal(file)
    kept.set_name("a", "named", "keep me")
    for number in range(20):
        kept.record(Entry("a", f"j{number}"))
    assert {entry.job for entry in kept.entries()} == {f"j{n}" for n in range(16, 20)}
    assert kept.entry("a", "named").name == "keep me"
    with pytest.raises(IBMInputValueError, match="At most 200"):
        kept.set_name("a", "j1", "x" * 201)
    with pytest.raises(IBMInputValueError, match="At most 10000"):
        kept.set_note("a", "j1", "x" * 10_001)


def test_odd_answers_of_a_service_do_not_stop_a_submission(file):
    """SQLite takes neither lone surrogates nor lists."""
    Journal(file).record(Entry("a", "j\ud800", backend=["odd"]))
    assert Journal(file).entry("a", "j\ud800").backend is None
    with pytest.raises(IBMInputValueError, match="no name"):
        Journal(file).set_name("a", "j1", 5)


def test_odd_bytes_in_a_file_name_do_not_stop_a_submission(file, monkeypatch):
    """SQLite refuses lone surrogates, which is what Python makes of a name that isn't UTF-8."""
    monkeypatch.setenv("JPY_SESSION_NAME", os.fsdecode(b"/home/r\xe9sum\xe9.ipynb"))
    Journal(file).record(Entry("a", "j1", notebook=notebook()))
    assert Journal(file).entry("a", "j1").notebook == "/home/r?sum?.ipynb"


def test_the_notebook_is_known_from_jupyter_or_vs_code(monkeypatch):
    """VS Code on a jupyter-server got a new name for each session, which was taken for the path."""
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert notebook() is None
    monkeypatch.setenv("JPY_SESSION_NAME", "/c/d.ipynb")
    assert notebook() == "/c/d.ipynb"
    monkeypatch.setattr(sys.modules["__main__"], "__vsc_ipynb_file__", "/a/b.ipynb", raising=False)
    assert notebook() == "/a/b.ipynb"


def test_a_submission_is_noted_with_no_credential(local, tmp_path, monkeypatch):
    monkeypatch.setenv("QJOBWIDGETS_DATA", str(tmp_path / "own"))
    monkeypatch.setenv("JPY_SESSION_NAME", "/notebooks/vqe.ipynb")
    job = local.run("sample-program", {"iterations": 1}, {"backend": "aer_local"})
    [entry] = journal().entries(local.key)
    assert (entry.job, entry.program, entry.backend) == (
        job.job_id(),
        "sample-program",
        "aer_local",
    )
    assert entry.notebook == "/notebooks/vqe.ipynb"
    assert entry.submitted == job.record.created
    content = (tmp_path / "own" / "journal.db").read_bytes()
    assert local.account.token.encode() not in content
    assert CANARY.encode() not in content
    job.wait_for_final_state(60)


def test_the_journal_lies_beside_the_local_runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("QJOBWIDGETS_DATA", str(tmp_path / "own"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        journal().set_name("a", "j1", "x")
    assert journal() is journal()
    assert (local.data_folder() / "journal.db").exists()
