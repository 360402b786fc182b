"""Lists, programs and backends of a real runtime."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from qiskit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager

from qjobwidgets import RuntimeService, Session
from qjobwidgets.errors import (
    BackendNotFoundError,
    RuntimeInvalidStateError,
    RuntimeJobNotFound,
)
from tests.client.faults import Reply


@pytest.fixture(scope="module")
def tagged(server) -> str:
    """The tag of five finished jobs, on two backends."""
    service, tag = RuntimeService("local", token=server.token, url=server.url), uuid.uuid4().hex
    jobs = [
        service.run(
            "sample-program", {"iterations": 1}, {"backend": backend, "tags": [tag, backend]}
        )
        for backend in ["aer_local"] * 3 + ["noisy_local"] * 2
    ]
    for job in jobs:
        job.wait_for_final_state(60)
    service.close()
    return tag


def test_listing(local, tagged):
    jobs = local.jobs(job_tags=[tagged])
    assert len(jobs) == 5
    created = [job.creation_date for job in jobs]
    assert created == sorted(created, reverse=True)
    assert [j.job_id() for j in local.jobs(job_tags=[tagged], descending=False)] == [
        j.job_id() for j in reversed(jobs)
    ]
    assert len(local.jobs(job_tags=[tagged], backend_name="noisy_local")) == 2
    assert len(local.jobs(job_tags=[tagged, "aer_local"])) == 3
    assert local.jobs(job_tags=[tagged], program_id="vqe") == []
    assert local.jobs(job_tags=[tagged], pending=True) == []
    assert len(local.jobs(job_tags=[tagged], pending=False)) == 5
    assert local.jobs(limit=2, skip=1, job_tags=[tagged]) == jobs[1:3]
    hour = timedelta(hours=1)
    now = datetime.now(UTC)
    assert len(local.jobs(job_tags=[tagged], created_after=now - hour, created_before=now)) == 5
    assert local.jobs(job_tags=[tagged], created_after=now + hour) == []
    naive = datetime.now() - hour  # noqa: DTZ005 - local time, as users write it
    assert len(local.jobs(job_tags=[tagged], created_after=naive)) == 5


def test_all_jobs_page_by_page(local, tagged, monkeypatch):
    monkeypatch.setattr("qjobwidgets.client.service_jobs.LARGEST_PAGE", 2)
    assert len(local.jobs(limit=None, job_tags=[tagged])) == 5
    assert len(local.jobs(limit=3, job_tags=[tagged])) == 3
    assert local.jobs(limit=10, skip=99, job_tags=[tagged]) == []


def test_records(local, tagged):
    page = local.fetch_records(job_tags=[tagged], limit=2)
    assert page.count == 5
    assert [record.program for record in page.records] == ["sample-program"] * 2
    assert all(record.final and record.finished for record in page.records)
    assert local.fetch_record(page.records[0].id) == page.records[0]
    assert local.fetch_records(job_tags=[tagged], limit=2) is page


def test_a_job_that_comes_while_lists_are_read_shows_none_twice(faults, remote):
    """A job that came between two pages moved the last job of one page to the next one."""

    def page(*ids):
        jobs = [{"id": name, "state": {"status": "Completed"}} for name in ids]
        return Reply(document={"jobs": jobs, "count": 3})

    faults.on("/jobs", page("c", "b"), page("b", "a"))
    assert [job.job_id() for job in remote.jobs(limit=None)] == ["c", "b", "a"]


def test_a_service_that_does_not_turn_the_pages(faults, remote):
    """It was asked for the same page again and again, as often as the number it counted."""
    job = {"id": "a", "state": {"status": "Completed"}}
    faults.on("/jobs", Reply(document={"jobs": [job], "count": 10**9}))
    assert [job.job_id() for job in remote.jobs(limit=None)] == ["a"]
    assert [job.job_id() for job in remote.jobs(limit=300)] == ["a"]
    assert len(faults.asked("/jobs")) == 4


def test_jobs_are_asked_for_as_far_as_they_are_shown(faults, remote):
    faults.on("/jobs", Reply(document={"jobs": [], "count": 0}))
    remote.jobs(limit=3)
    assert remote.jobs(limit=0) == []
    [seen] = faults.asked("/jobs")
    assert seen.query == {"exclude_params": ["true"], "limit": ["3"]}


def test_a_job_is_deleted(local):
    job = local.run("sample-program", {"iterations": 1}, {"backend": "slow_local"})
    with pytest.raises(RuntimeInvalidStateError):
        local.delete_job(job.job_id())
    job.cancel()
    job.wait_for_final_state(60)
    local.delete_job(job.job_id())
    for gone in (local.job, local.delete_job):
        with pytest.raises(RuntimeJobNotFound):
            gone(job.job_id())


def test_a_session_is_opened_for_a_job(local):
    options = {"backend": "aer_local", "session_time": 300}
    job = local.run("sample-program", {"iterations": 1}, options, start_session=True)
    session = Session.from_id(job.session_id, local)
    assert session.details()["max_time"] == 300
    job.wait_for_final_state(60)
    session.close()


def test_a_job_of_another_instance(faults, remote):
    other = "crn:v1:x:y:z:us-east:b"
    faults.on("/jobs", Reply(document={"id": "j", "backend": "b"}))
    for arguments in ({"instance": other}, {"options": {"instance": other}}):
        assert remote.run("p", **arguments).instance == other
    assert {seen.headers["service-crn"] for seen in faults.asked("/jobs")} == {other}


def test_programs(local):
    programs = {program.id: program for program in local.programs()}
    assert {"sampler", "estimator", "vqe", "sample-program"} <= programs.keys()
    assert programs["vqe"].description
    assert local.program_ids() == list(programs)


def test_a_service_without_a_list_of_programs(faults, remote):
    assert remote.program_ids() == ["estimator", "sampler"]


def test_backends(local):
    by_name = {backend.name: backend for backend in local.backends()}
    assert by_name["noisy_local"].num_qubits == 7
    assert by_name["noisy_local"].simulator is False
    assert by_name["aer_local"].simulator is True
    assert local.backend_names() == list(by_name)


def test_backends_listed_by_name_only(faults, remote):
    faults.on("/backends", Reply(document={"devices": ["a", "b"]}))
    assert remote.backend_names() == ["a", "b"]


def test_a_backend_to_transpile_for(local):
    backend = local.backend("noisy_local")
    assert backend.name == "noisy_local"
    assert backend.provider is local
    assert backend.num_qubits == 7
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.cx(0, 2)
    circuit.measure_all()
    manager = generate_preset_pass_manager(optimization_level=1, backend=backend, seed_transpiler=1)
    isa = manager.run(circuit)
    assert set(isa.count_ops()) <= set(backend.target.operation_names) | {"barrier"}
    errors = [backend.target["cx"][place].error for place in backend.target["cx"]]
    assert all(0 < error < 1 for error in errors)
    assert 0 < backend.target["measure"][(0,)].error < 1
    job = local.run("sampler", {"pubs": [isa]}, {"backend": backend, "shots": 100})
    assert sum(job.result(60)[0].data.meas.get_counts().values()) == 100
    assert job.backend().name == "noisy_local"
    with pytest.raises(NotImplementedError, match="Sampler"):
        backend.run(isa)


def test_a_simulator_takes_everything(local):
    target = local.backend("aer_local").target
    assert target.build_coupling_map() is None
    assert {"h", "cx", "measure"} <= set(target.operation_names)


def test_there_is_no_such_backend(local):
    with pytest.raises(BackendNotFoundError):
        local.backend("nosuch")


def test_reviving_is_for_the_embedded_runtime_only(faults, remote):
    remote.revive()
    assert faults.seen == []


def test_a_page_that_has_not_changed_is_not_read_again(faults, remote):
    """A service without tags sends it all each time; reading it took most of a look's time."""
    page = {"jobs": [{"id": "j1", "state": {"status": "Queued"}}], "count": 1}
    changed = {"jobs": [{"id": "j1", "state": {"status": "Running"}}], "count": 1}
    faults.on("/jobs", Reply(document=page), Reply(document=page), Reply(document=changed))
    first, second, third = (remote.fetch_records(pending=True) for _ in range(3))
    assert second is first
    assert [record.status for record in third.records] == ["RUNNING"]
    assert remote.fetch_records(pending=True, limit=1) is not third
