"""What holds for all built-in programs, and the smallest of them."""

from __future__ import annotations

import pytest
from qiskit import QuantumCircuit

from qjobwidgets.codec import loads
from qjobwidgets.server.programs.catalogue import PROGRAMS
from tests.circuits import bell
from tests.server.conftest import Service
from tests.server.running import failed, refused, result_of


def test_programs_come_with_their_schemas(service: Service):
    listed = service.get("/programs", params={"limit": len(PROGRAMS)}).json()
    assert [document["id"] for document in listed["programs"]] == list(PROGRAMS)
    assert {
        "circuit-runner",
        "estimator",
        "executor",
        "hello-world",
        "quantum-kernel-alignment",
        "sample-program",
        "sampler",
        "vqe",
    } <= PROGRAMS.keys()
    for document in listed["programs"]:
        assert service.get(f"/programs/{document['id']}").json() == document
        assert document["is_public"]
        assert document["spec"]["parameters"]["type"] == "object"
    vqe = service.get("/programs/vqe").json()
    assert vqe["spec"]["parameters"]["required"] == ["ansatz", "operator"]
    assert service.get("/programs/nope").status_code == 404


@pytest.mark.parametrize("program", ["hello-world", "sample-program", "runtime-simple"])
def test_the_sample_program_says_hello(service: Service, program: str):
    job = service.submit(program, "aer_local", {"iterations": 3})
    assert service.wait(job)["state"]["status"] == "Completed"
    assert loads(service.get(f"/jobs/{job}/results").text) == "Hello, World!"
    messages = service.get(f"/jobs/{job}/interim_results").json()
    assert [message["iteration"] for message in messages] == [0, 1, 2]
    for message in messages:
        assert sum(message["counts"].values()) == 1024
        assert {len(bits) for bits in message["counts"]} == {5}
    for iterations in (0, -1, 10_001, "three", 1.5, True):
        assert "iterations" in refused(service, program, iterations=iterations)


def test_what_a_program_logs_is_in_the_log_from_its_level_on(service: Service):
    def log(level: str) -> str:
        inputs = {"circuits": bell(), "rep_delay": 0.1}
        job = service.submit("circuit-runner", "aer_local", inputs, log_level=level)
        assert service.wait(job)["state"]["status"] == "Completed"
        return service.get(f"/jobs/{job}/logs").text

    assert "WARNING:" in log("WARNING")
    assert "rep_delay" in log("warning")
    assert log("ERROR") == ""


def test_a_failure_is_in_the_log_with_its_traceback(service: Service):
    inputs = {"ansatz": QuantumCircuit(1), "operator": 1}
    job = service.submit("vqe", "aer_local", inputs, log_level="CRITICAL")
    reason = service.wait(job)["state"]["reason"]
    log = service.get(f"/jobs/{job}/logs").text
    assert log.startswith("Traceback")
    assert reason in log


def test_a_broken_input_fails_its_own_job_only(service: Service):
    broken = {"__type__": "QuantumCircuit", "__value__": "bm90IGEgY2lyY3VpdA=="}
    for program, inputs in (
        ("circuit-runner", {"circuits": broken}),
        ("vqe", {"ansatz": broken, "operator": broken}),
        ("quantum-kernel-alignment", {"feature_map": broken, "data": [[1]], "labels": [1]}),
    ):
        assert failed(service, program, **inputs)["reason_code"] == 1210
    assert result_of(service, "circuit-runner", circuits=bell())["success"]


def test_the_usage_of_the_instance_is_that_of_its_jobs(service: Service):
    before = service.get("/instances/usage").json()["usage_consumed_seconds"]
    result_of(service, "sample-program", iterations=1)
    assert service.get("/instances/usage").json()["usage_consumed_seconds"] > before
