"""What was submitted from here is found again by a later kernel, without asking the service."""

import pytest

from qjobwidgets import RuntimeJob
from qjobwidgets.client import journal as journals
from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch import submitted_here, watcher_for
from qjobwidgets.watch.remembered import UNKNOWN
from tests.conftest import eventually
from tests.watch.conftest import View


@pytest.fixture(autouse=True)
def own_journal(tmp_path, monkeypatch):
    monkeypatch.setenv("QJOBWIDGETS_DATA", str(tmp_path))
    monkeypatch.setenv("JPY_SESSION_NAME", "work/vqe.ipynb")


def submit(wire, service, job_id, **more):
    wire.answers["/jobs"] = {"id": job_id}
    wire.put(job_id, "Queued")
    return service.run("sampler", {}, {"backend": "ibm_fez"}, **more)


def test_the_jobs_of_this_notebook_newest_first(wire, watcher, monkeypatch):
    service = watcher.service
    submit(wire, service, "a")
    monkeypatch.setenv("JPY_SESSION_NAME", "other.ipynb")
    submit(wire, service, "elsewhere")
    monkeypatch.setenv("JPY_SESSION_NAME", "work/vqe.ipynb")
    submit(wire, service, "b")
    journals.journal().set_name(service.key, "a", "H2 at 0.735")
    journals.journal().set_note(service.key, "a", "<b>warm start</b>")
    asked = len(wire.requests)

    found = submitted_here(service)

    assert [one.job.job_id() for one in found] == ["b", "a"]
    assert (found[1].name, found[1].note) == ("H2 at 0.735", "<b>warm start</b>")
    assert found[1].notebook == "work/vqe.ipynb"
    record = found[1].job.record
    assert (record.status, record.program, record.backend) == (UNKNOWN, "sampler", "ibm_fez")
    assert record.created == found[1].submitted
    assert not record.final
    assert [one.job.job_id() for one in submitted_here(service, anywhere=True)] == [
        "b",
        "elsewhere",
        "a",
    ]
    assert [one.job.job_id() for one in submitted_here(service, limit=1)] == ["b"]
    assert len(wire.requests) == asked


def test_a_view_of_one_tells_the_truth_and_what_is_known_is_not_forgotten(wire, watcher):
    service = watcher.service
    submit(wire, service, "a")
    (found,) = submitted_here(service)
    watched = watcher_for(service)
    wire.put("a", "Completed")
    view = View(watched, ["a"])
    watched.board.introduce([found.job.record])
    watched.attach(view)
    eventually(lambda: watched.board.get("a").record.status == "DONE")
    (again,) = submitted_here(service)
    assert again.job.record.status == JobStatus.DONE
    watched.detach(view)


def test_the_jobs_of_another_account_are_not_among_them(wire, watcher):
    journals.journal().record(journals.Entry("another account", "x"))
    submit(wire, watcher.service, "a")
    (found,) = submitted_here(watcher.service, anywhere=True)
    assert found.job.job_id() == "a"


def test_where_the_front_end_names_no_notebook_these_are_all_of_this_machine(
    wire, watcher, monkeypatch
):
    submit(wire, watcher.service, "a")
    monkeypatch.delenv("JPY_SESSION_NAME")
    submit(wire, watcher.service, "b")
    assert len(submitted_here(watcher.service)) == 2


def test_an_old_memory_gives_way_to_what_the_service_says(wire, watcher):
    """Its status is a word no service has, and it must not stand against a true one."""
    service = watcher.service
    submit(wire, service, "a")
    watched = watcher_for(service)
    watched.board.apply([JobRecord("a", JobStatus.RUNNING)])
    (found,) = submitted_here(service)
    assert isinstance(found.job, RuntimeJob)
    assert found.job.record.status == JobStatus.RUNNING
    watched.board.introduce([JobRecord("a", UNKNOWN)])
    assert watched.board.get("a").record.status == JobStatus.RUNNING
