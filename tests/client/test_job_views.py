"""What a job tells beside its result, by the names of all the classes of job there have been."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta

import pytest

import qjobwidgets
from qjobwidgets import RuntimeJob
from qjobwidgets.client.journal import journal
from qjobwidgets.client.properties import BackendProperties
from qjobwidgets.errors import IBMInputValueError, RuntimeInvalidStateError, RuntimeJobNotFound
from tests.circuits import bell
from tests.client.faults import Reply
from tests.conftest import eventually
from tests.test_package import modules_after

CREATED = "2026-11-20T12:00:00.123456Z"


@pytest.fixture(scope="module")
def finished(server):
    """A sampler job that has ended well, as another handle would find it."""
    from qjobwidgets import RuntimeService

    service = RuntimeService("local", token=server.token, url=server.url)
    options = {"tags": ["bell", "views"], "shots": 100, "image": "mine:1", "backend": "aer_local"}
    job = service.run("sampler", {"pubs": [bell(), (bell(), None, 7)]}, options)
    job.wait_for_final_state(60)
    yield service.job(job.job_id())
    service.close()


def played(faults, remote, metrics=None, properties=None, **document) -> RuntimeJob:
    """Return a job that a service describes like this."""
    told = {"id": "j1", "state": {"status": "Queued"}, "created": CREATED, **document}
    faults.on("/jobs/j1", Reply(document=told))
    faults.on("/jobs/j1/metrics", Reply(document=metrics or {}))
    faults.on("/backends/dev/properties", Reply(document=properties or {}))
    return remote.job("j1")


# -- one value for those who call it and for those who don't ---------------------------------------


def test_tags_are_a_list_and_a_method(finished):
    assert finished.tags == finished.tags() == ["bell", "views"]
    finished.tags.append("not kept")
    assert finished.tags == ["bell", "views"]


def test_the_creation_date_is_local_time_and_a_method(faults, remote):
    job = played(faults, remote)
    moment = datetime(2026, 11, 20, 12, 0, 0, 123456, UTC)
    assert job.creation_date == job.creation_date() == moment
    assert job.creation_date.utcoffset() == moment.astimezone().utcoffset()
    assert job.creation_date - moment == timedelta(0)
    assert played(faults, remote, created=None).creation_date is None


def test_the_names_of_classes_and_of_the_final_states(finished):
    assert finished.ERROR == "ERROR"
    assert finished.status() in finished.JOB_FINAL_STATES
    assert {"DONE", "CANCELLED", "ERROR"} == set(RuntimeJob.JOB_FINAL_STATES)


def test_it_is_one_of_qiskits_jobs_however_late_qiskit_is_loaded():
    """A job made before Qiskit was loaded was none of Qiskit's jobs afterwards."""
    made = (
        "from qjobwidgets import RuntimeJob, JobRecord\n"
        "job = RuntimeJob(None, JobRecord('a', 'DONE')); assert isinstance(job, RuntimeJob)\n"
        "import sys; assert 'qiskit' not in sys.modules\n"
        "from qiskit.primitives import BasePrimitiveJob\nfrom qiskit.providers import JobV1\n"
        "assert isinstance(job, BasePrimitiveJob) and isinstance(job, JobV1)\n"
        "assert type(job) is job.__class__ is RuntimeJob and not isinstance(job, str)"
    )
    assert "qiskit.primitives" in modules_after(made)


# -- facts -----------------------------------------------------------------------------------------


def test_facts_of_a_finished_job(finished):
    assert finished.program_id == finished.primitive_id == "sampler"
    assert finished.image == "mine:1"
    assert finished.session_id is None
    assert finished.instance is None
    assert finished.private is False
    assert finished.backend().name == "aer_local"
    assert finished.usage() > 0
    assert finished.usage(partial=True) == finished.usage()
    assert finished.usage_estimation.keys() == {"quantum_seconds"}
    assert finished.properties() is None, "a simulator has none"


def test_an_account_with_an_instance(service, finished):
    assert service.job(finished.job_id()).instance == service.account.instance


def test_inputs_by_their_old_names(finished):
    assert [circuit.num_qubits for circuit in finished.circuits()] == [2, 2]
    assert finished.circuits()[0] == bell()
    assert finished.backend_options() == {"default_shots": 100}
    assert finished.header() == {}
    assert finished.qobj() is None


@pytest.mark.parametrize(
    ("inputs", "circuits", "options"),
    [
        ({"circuits": ["a", "b"], "shots": 8}, ["a", "b"], {"shots": 8}),
        ({"circuits": "a", "options": {"x": 1}}, ["a"], {"x": 1}),
        ({"pubs": ["bare", ["in a pub", None]]}, ["bare", "in a pub"], {}),
        ({"iterations": 3}, [], {}),
        ([{"circuits": ["a"]}], ["a"], {}),
        (None, [], {}),
    ],
)
def test_inputs_of_all_kinds(faults, remote, inputs, circuits, options):
    job = played(faults, remote, params=inputs)
    assert job.circuits() == circuits
    assert job.backend_options() == options
    asked = [seen for seen in faults.asked("/jobs/j1") if seen.query["exclude_params"] == ["false"]]
    assert len(asked) == 1


def test_steps_in_local_time(finished, faults, remote):
    steps = finished.time_per_step()
    assert list(steps) == ["CREATED", "RUNNING", "COMPLETED"]
    assert steps["CREATED"] == finished.creation_date <= steps["RUNNING"] <= steps["COMPLETED"]
    assert steps["RUNNING"].utcoffset() == steps["RUNNING"].astimezone().utcoffset()
    told = {"timestamps": {"created": CREATED, "finished": CREATED, "odd": CREATED, "never": None}}
    failed = played(faults, remote, told, state={"status": "Failed"})
    assert list(failed.time_per_step()) == ["CREATED", "ERROR_RUNNING_JOB", "ODD"]
    assert list(played(faults, remote, ended=CREATED).time_per_step()) == ["CREATED", "FINISHED"]
    assert played(faults, remote, created=None).time_per_step() is None


def test_a_service_without_metrics_or_backends_of_old_jobs(faults, remote):
    job = played(faults, remote, backend="retired", state={"status": "Completed"})
    faults.on("/jobs/j1/metrics", Reply(404))
    assert (job.usage(), job.client_version, job.properties(), job.queue_info()) == (
        *(None, {}, None, None),
    )
    assert list(job.time_per_step()) == ["CREATED"]
    faults.on("/jobs/j1", Reply(404))
    with pytest.raises(RuntimeJobNotFound):
        job.usage()


def test_what_no_runtime_service_knows(finished):
    assert finished.experiment_id is None
    assert finished.share_level() == "none"
    assert finished.scheduling_mode() is None
    with pytest.raises(NotImplementedError, match="submitted already"):
        finished.submit()


def test_the_mode_of_a_session(faults, remote):
    faults.on("/sessions/s1", Reply(document={"id": "s1", "mode": "batch"}))
    assert played(faults, remote, session_id="s1").scheduling_mode() == "batch"
    assert played(faults, remote, session_id="gone").scheduling_mode() is None


def test_a_batch_of_the_embedded_runtime(local):
    document = json.dumps({"mode": "batch", "backend": "aer_local"})
    session = local.api.call("POST", "/sessions", document=document).document()["id"]
    options = {"backend": "aer_local", "session_id": session}
    job = local.run("sample-program", {"iterations": 1}, options)
    assert job.session_id == session
    assert job.scheduling_mode() == "batch"
    job.wait_for_final_state(60)


def test_the_client_that_submitted_it(faults, remote):
    caller = "qiskit-version-2/qiskit_ibm_runtime-0.51.0,qiskit-2.6.2*,qiskit_aer-0.18/ipykernel"
    versions = played(faults, remote, {"caller": caller}).client_version
    assert versions == {"qiskit_ibm_runtime": "0.51.0", "qiskit": "2.6.2", "qiskit_aer": "0.18"}
    assert played(faults, remote).client_version == {}


def test_ours_says_what_it_is(finished):
    assert finished.client_version == {"qjobwidgets": qjobwidgets.__version__}


@pytest.mark.parametrize(
    ("usage", "final", "whole", "partial"),
    [
        ({"qpu_charge_time_seconds": 1.5, "status": "pending"}, False, 0.0, 1.5),
        ({"qpu_charge_time_seconds": 1.5, "status": "pending"}, True, 0.0, 1.5),
        ({"qpu_charge_time_seconds": 1.5, "status": "complete"}, True, 1.5, 1.5),
        ({"quantum_seconds": 2}, True, 2, 2),
        ({"quantum_seconds": 2}, False, 0.0, 2),
        ({}, True, None, None),
    ],
)
def test_usage_is_zero_until_it_has_been_counted(faults, remote, usage, final, whole, partial):
    state = {"status": "Completed" if final else "Running"}
    job = played(faults, remote, {"usage": usage}, state=state)
    assert (job.usage(), job.usage(partial=True)) == (whole, partial)


def test_the_estimate_of_the_usage(faults, remote):
    assert played(faults, remote).usage_estimation == {"quantum_seconds": None}
    job = played(faults, remote, estimated_running_time_seconds=3.5)
    asked = len(faults.asked("/jobs/j1"))
    assert job.usage_estimation == {"quantum_seconds": 3.5}
    assert len(faults.asked("/jobs/j1")) == asked


# -- the queue -------------------------------------------------------------------------------------


def test_the_place_in_the_queue(local):
    first = local.run("sample-program", {"iterations": 100}, {"backend": "slow_local"})
    behind = local.run("sample-program", {"iterations": 100}, {"backend": "slow_local"})
    eventually(first.running)
    assert behind.queue_position() is None, "nothing has been asked yet"
    assert behind.queue_position(refresh=True) == behind.queue_position() == 1
    info = behind.queue_info()
    assert (info.job_id, info.position, info.status) == (behind.job_id(), 1, "QUEUED")
    assert info.estimated_start_time is None
    assert info.to_dict()["hub_priority"] is None
    assert "position: 1" in info.format()
    assert "estimated start time: unknown" in info.format()
    assert first.queue_info() is None
    behind.cancel()
    first.cancel()
    for job in (first, behind):
        job.wait_for_final_state(30)
    assert behind.queue_position() is None


def test_estimates_of_a_service_that_makes_them(faults, remote):
    soon = datetime.now(UTC) + timedelta(minutes=10)
    told = {"estimated_start_time": soon.isoformat(), "estimated_completion_time": CREATED}
    info = played(faults, remote, told).queue_info()
    assert info.estimated_start_time == soon
    assert info.estimated_start_time.utcoffset() == soon.astimezone().utcoffset()
    assert info.position is None
    assert "estimated start time: in 10 min" in info.format()
    assert "estimated complete time: now" in info.format()


def test_a_service_that_tells_nothing_of_its_queue(faults, remote):
    job = played(faults, remote)
    assert job.queue_info() is None
    assert job.queue_position(refresh=True) is None


# -- properties of the backend ---------------------------------------------------------------------

DOCUMENT = {
    "backend_name": "dev",
    "backend_version": "1.2.3",
    "last_update_date": CREATED,
    "qubits": [
        [
            {"name": "T1", "value": 80.0, "unit": "us", "date": CREATED},
            {"name": "T2", "value": 60.0, "unit": "us", "date": CREATED},
            {"name": "frequency", "value": 5.0, "unit": "GHz", "date": CREATED},
            {"name": "readout_error", "value": 0.02, "unit": "", "date": CREATED},
            {"name": "readout_length", "value": 900, "unit": "ns", "date": CREATED},
        ],
        [{"name": "operational", "value": 0, "unit": "", "date": CREATED}],
    ],
    "gates": [
        {
            "gate": "cx",
            "qubits": [0, 1],
            "parameters": [
                {"name": "gate_error", "value": 0.01, "unit": "", "date": CREATED},
                {"name": "gate_length", "value": 300, "unit": "ns", "date": CREATED},
                {"name": "operational", "value": 0, "unit": "", "date": CREATED},
            ],
        },
        {"gate": "x", "qubits": [0], "parameters": []},
    ],
}


def test_properties_as_of_the_time_it_began_to_run(faults, remote):
    metrics = {"timestamps": {"running": "2026-11-20T12:05:00Z"}}
    job = played(faults, remote, metrics, DOCUMENT, backend="dev", state={"status": "Running"})
    found = job.properties()
    assert job.properties() is found
    [seen] = faults.asked("/backends/dev/properties")
    assert seen.query["updated_before"] == ["2026-11-20T12:05:00+00:00"]
    assert job.properties(refresh=True).to_dict() == DOCUMENT
    waiting = played(faults, remote, {}, DOCUMENT, backend="dev")
    assert waiting.properties().to_dict() == DOCUMENT
    assert played(faults, remote).properties() is None, "no backend, no properties"


def test_the_questions_one_asks_properties():
    device = BackendProperties(DOCUMENT)
    assert (device.backend_name, device.last_update_date) == (
        "dev",
        datetime(2026, 11, 20, 12, 0, 0, 123456, UTC),
    )
    assert device.t1(0) == pytest.approx(80e-6)
    assert device.t2(0) == pytest.approx(60e-6)
    assert device.frequency(0) == pytest.approx(5e9)
    assert device.readout_error(0) == pytest.approx(0.02)
    assert device.readout_length(0) == pytest.approx(900e-9)
    assert device.qubit_property(0).keys() >= {"T1", "T2"}
    assert device.gate_error("cx", [0, 1]) == pytest.approx(0.01)
    assert device.gate_length("cx", (0, 1)) == pytest.approx(300e-9)
    assert device.gate_property("cx").keys() == {(0, 1)}
    assert device.is_qubit_operational(0)
    assert device.is_gate_operational("x", 0)
    assert device.faulty_qubits() == [1]
    assert device.faulty_gates() == [("cx", (0, 1))]
    for ask in (
        lambda: device.t1(5),
        lambda: device.t1(1),
        lambda: device.gate_error("swap", [0, 1]),
        lambda: device.gate_error("cx", [1, 0]),
        lambda: device.gate_error("x", 0),
    ):
        with pytest.raises(IBMInputValueError):
            ask()


def test_properties_of_a_device_of_the_embedded_runtime(local):
    job = local.run("sample-program", {"iterations": 1}, {"backend": "noisy_local"})
    job.wait_for_final_state(60)
    device = job.properties()
    assert device.backend_name == "noisy_local"
    assert 0 < device.readout_error(0) < 1
    assert 0 < device.t1(0) < 1
    assert device.faulty_qubits() == []


# -- tags, names and notes -------------------------------------------------------------------------


@pytest.fixture
def job(local):
    """A job of the test's own, to tag and to name."""
    job = local.run("sample-program", {"iterations": 1}, {"tags": ["first"]})
    yield job
    job.wait_for_final_state(60)


def test_changing_tags(job):
    assert job.update_tags(["a", "b", "b"]) == job.tags == ["a", "b"]
    assert job.update_tags(additional_tags=["c"]) == ["a", "b", "c"]
    assert job.update_tags(removal_tags=["b", "unknown"]) == ["a", "c"]
    assert job.update_tags(["x"], ["y", "z"], ["x", "z"]) == ["y"]
    assert job.update_tags(replacement_tags=[]) == []
    assert job.service.job(job.job_id()).tags == []
    with pytest.raises(RuntimeInvalidStateError, match="No tags"):
        job.update_tags()
    for wrong in ("abc", [1]):
        with pytest.raises(IBMInputValueError, match="list of strings"):
            job.update_tags(wrong)


def test_tags_that_someone_else_has_changed_meanwhile_stay(job):
    other = job.service.job(job.job_id())
    other.update_tags(["theirs"])
    assert job.update_tags(additional_tags=["ours"]) == ["theirs", "ours"]


def test_a_name_and_a_note(job):
    assert job.name() is None
    assert job.update_name("Bell pair") == job.name() == "Bell pair"
    assert job.update_note("first of all") == job.note() == "first of all"
    again = job.service.job(job.job_id())
    assert (again.name(), again.note()) == ("Bell pair", "first of all")
    assert job.update_name("") == ""
    assert again.name() is None
    with pytest.raises(RuntimeInvalidStateError, match="not a name"):
        job.update_name(5)
    journal().forget(job.service.key, job.job_id())
    assert again.note() is None


def test_looking_at_a_job_loads_no_qiskit(server):
    look = (
        "from qjobwidgets import RuntimeService\n"
        f"s = RuntimeService('local', {server.token!r}, {server.url!r})\n"
        "j = s.run('sample-program', {'iterations': 1}); j.wait_for_final_state(60); j.metrics()\n"
        "s.jobs(); j.tags; j.creation_date; j.usage(); j.name(); j.time_per_step(); s.close()"
    )
    assert "qiskit" not in modules_after(look)
    assert "qiskit" in sys.modules, "the test itself would see it"
