"""Programs that a user uploads: kept, described, changed, and run in the attempts of jobs."""

from __future__ import annotations

import base64
import json
import secrets
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from qiskit import QuantumCircuit
from qiskit.quantum_info import SparsePauliOp

from qjobwidgets.codec import loads
from qjobwidgets.server.programs.catalogue import PROGRAMS
from tests.circuits import bell
from tests.server.conftest import Service, until

ITERATING = """
    def main(backend, user_messenger, **kwargs):
        for iteration in range(kwargs.pop("iterations", 2)):
            user_messenger.publish({"iteration": iteration, "kwargs": kwargs})
        return "Hello, World!"
"""
COUNTING = {
    "type": "object",
    "properties": {"iterations": {"type": "integer", "minimum": 1, "maximum": 9}},
    "required": ["iterations"],
    "additionalProperties": False,
}


def encoded(source: str) -> str:
    return base64.b64encode(textwrap.dedent(source).encode()).decode()


def upload(service: Service, source: str = ITERATING, **fields: Any) -> requests.Response:
    body = {"name": f"program {secrets.token_hex(4)}", "data": encoded(source), **fields}
    return service.call("POST", "/programs", json=body)


def uploaded(service: Service, source: str = ITERATING, **fields: Any) -> str:
    response = upload(service, source, **fields)
    assert response.status_code == 201, response.text
    program: str = response.json()["id"]
    return program


def run(service: Service, source: str, backend: str = "aer_local", **params: Any) -> Any:
    """Return the result of a program."""
    job = service.submit(uploaded(service, source), backend, params)
    state = service.wait(job)["state"]
    assert state["status"] == "Completed", state
    return loads(service.get(f"/jobs/{job}/results").text)


def failed(service: Service, source: str, **more: Any) -> tuple[dict[str, Any], str]:
    """Return the state and the log of a job whose program fails."""
    job = service.submit(uploaded(service, source), "aer_local", {}, **more)
    state = service.wait(job)["state"]
    assert state["status"] == "Failed", state
    return state, service.get(f"/jobs/{job}/logs").text


def refusal(response: requests.Response, status: int) -> str:
    assert response.status_code == status, response.text
    message: str = response.json()["errors"][0]["message"]
    return message


# What a program says of itself


def test_a_program_is_described_as_it_was_uploaded(service: Service):
    spec = {
        "backend_requirements": {"min_num_qubits": 5},
        "parameters": COUNTING,
        "return_values": {"type": "string"},
        "interim_results": {"type": "object"},
    }
    program = uploaded(service, name="My program", description="It counts.", cost=60, spec=spec)
    document = service.get(f"/programs/{program}").json()
    assert base64.b64decode(document.pop("data")).decode() == textwrap.dedent(ITERATING)
    assert document.pop("creation_date") == document.pop("update_date")
    assert document == {
        "id": program,
        "name": "My program",
        "description": "It counts.",
        "cost": 60,
        "is_public": False,
        "spec": spec,
    }
    assert program.startswith("My-program-")


def test_uploaded_programs_are_listed_after_those_built_in(service: Service):
    program = uploaded(service)
    first = service.get("/programs", params={"limit": len(PROGRAMS) - 1}).json()
    rest = service.get("/programs", params={"offset": len(PROGRAMS) - 1}).json()
    ids = [document["id"] for document in first["programs"] + rest["programs"]]
    assert ids[: len(PROGRAMS)] == list(PROGRAMS)
    assert program in ids[len(PROGRAMS) :]
    assert first["count"] == rest["count"] == len(ids)
    assert "data" not in rest["programs"][-1]
    last = service.get("/programs", params={"offset": len(ids) - 1, "limit": 5}).json()
    assert [document["id"] for document in last["programs"]] == ids[-1:]
    assert "limit" in refusal(service.get("/programs", params={"limit": 0}), 400)


def test_a_program_is_changed_published_and_deleted(service: Service):
    program = uploaded(service, spec={"return_values": {"type": "string"}})
    path = f"/programs/{program}"
    changes = {"name": f"renamed {program}", "cost": 99_999, "spec": {"parameters": COUNTING}}
    assert service.call("PATCH", path, json=changes).status_code == 204
    data = encoded("def main(backend, user_messenger): return 2")
    octets = {"Content-Type": "application/octet-stream"}
    assert service.call("PUT", f"{path}/data", data=data, headers=octets).status_code == 204
    assert service.call("PUT", f"{path}/public").status_code == 204
    document = service.get(path).json()
    assert (document["name"], document["cost"]) == (changes["name"], 10_800)
    assert document["spec"]["parameters"] == COUNTING
    assert document["spec"]["return_values"] == {"type": "string"}
    assert document["is_public"]
    assert document["data"] == data
    assert document["update_date"] > document["creation_date"]
    assert service.call("PUT", f"{path}/private").status_code == 204
    assert not service.get(path).json()["is_public"]

    assert service.call("DELETE", path).status_code == 204
    for method, place in (
        ("GET", path),
        ("DELETE", path),
        ("PUT", f"{path}/public"),
        ("PUT", f"{path}/private"),
        ("PUT", f"{path}/data"),
        ("PATCH", path),
    ):
        options = {"json": {"cost": 5}} if method == "PATCH" else {"data": data}
        refusal(service.call(method, place, **options), 404)


def test_names_are_unique_and_those_built_in_are_not_to_be_had(service: Service):
    program = uploaded(service, name="once")
    assert "once" in refusal(upload(service, name="once"), 409)
    assert "vqe" in refusal(upload(service, name="vqe"), 409)
    other = f"/programs/{uploaded(service)}"
    refusal(service.call("PATCH", other, json={"name": "once"}), 409)
    refusal(service.call("PATCH", other, json={"name": "sampler"}), 409)
    same = service.call("PATCH", f"/programs/{program}", json={"name": "once"})
    assert same.status_code == 204
    for method, path in (("DELETE", "/programs/vqe"), ("PUT", "/programs/vqe/private")):
        assert "built in" in refusal(service.call(method, path), 403)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"data": "no base64!"}, "data"),
        ({"data": base64.b64encode(b"\xff\xfe").decode()}, "data"),
        ({"data": ""}, "data"),
        ({"data": base64.b64encode(b"#" * 1_100_000).decode()}, "data"),
        ({"cost": 0}, "cost"),
        ({"description": 5}, "description"),
        ({"spec": {"parameters": {"type": "nonsense"}}}, "spec.parameters"),
        ({"spec": {"parameters": {"$schema": "http://example.org/mine"}}}, "spec.parameters"),
        ({"spec": {"parameters": {"$ref": "http://example.org/other.json"}}}, "spec.parameters"),
        ({"spec": {"parameters": {"$ref": "file:///etc/passwd"}}}, "spec.parameters"),
        ({"spec": {"parameters": {"pattern": "(a+)+$"}}}, "spec.parameters"),
        ({"spec": {"parameters": {"default": "x" * 70_000}}}, "spec.parameters"),
    ],
)
def test_what_is_no_program_is_refused(service: Service, fields: dict[str, Any], place: str):
    assert refusal(upload(service, **fields), 400).startswith(place)


def test_several_users_can_upload_nothing(start: Callable[..., Service], tmp_path: Path):
    """Code of one user would run as the user who started the server."""
    own = start()
    program = uploaded(own, "import time\ndef main(backend, user_messenger): time.sleep(600)")
    waiting = [own.submit(program, "noisy_local", {}) for _ in range(2)]
    own.wait(waiting[0], "Running")
    own.stop()
    users = tmp_path / "users.json"
    users.write_text(json.dumps({"ada": secrets.token_urlsafe(24)}))
    users.chmod(0o600)
    shared = start("--users", str(users))
    assert "more than one user" in refusal(upload(shared), 403)
    path = f"/programs/{program}"
    for method, place in (
        ("DELETE", path),
        ("PUT", f"{path}/data"),
        ("PUT", f"{path}/public"),
        ("PATCH", path),
    ):
        options = {"json": {"cost": 5}} if method == "PATCH" else {}
        refusal(shared.call(method, place, **options), 403)
    for job in waiting:
        state = shared.wait(job)["state"]
        assert (state["status"], state["reason_code"]) == ("Failed", 1210)
        assert "more than one user" in state["reason"]
    refusal(shared.get(path), 404)
    assert shared.get("/programs").json()["count"] == len(PROGRAMS)
    body = {"program_id": program, "backend": "aer_local", "params": {}}
    assert "not found" in refusal(shared.post(body), 404)


# How it is run


def test_a_program_publishes_and_returns(service: Service):
    program = uploaded(service)
    circuit = bell()
    job = service.submit(program, "aer_local", {"iterations": 3, "circuit": circuit})
    assert service.wait(job)["program"] == {"id": program}
    assert loads(service.get(f"/jobs/{job}/results").text) == "Hello, World!"
    messages = loads(service.get(f"/jobs/{job}/interim_results").text)
    assert [message["iteration"] for message in messages] == [0, 1, 2]
    assert messages[0]["kwargs"] == {"circuit": circuit}
    assert service.get("/jobs", params={"program": program}).json()["count"] == 1


def test_results_are_typed_and_the_final_message_is_one_too(service: Service):
    source = """
        import datetime, json
        import numpy as np
        from qiskit.quantum_info import SparsePauliOp

        class Encoder(json.JSONEncoder):
            def default(self, o):
                return sorted(o)

        def main(backend, user_messenger, **kwargs):
            user_messenger.publish({2, 1}, encoder=Encoder)
            user_messenger.publish([1 + 2j, np.arange(3), SparsePauliOp("XZ"), {5}], final=True)
    """
    number, array, operator, numbers = run(service, source)
    assert (number, array.tolist(), operator, numbers) == (
        1 + 2j,
        [0, 1, 2],
        SparsePauliOp("XZ"),
        {5},
    )


def test_the_backend_is_the_device_of_the_job(service: Service):
    source = """
        from qiskit import QuantumCircuit, transpile
        from qiskit.primitives import BackendEstimatorV2
        from qiskit.quantum_info import SparsePauliOp

        def main(backend, user_messenger, **kwargs):
            circuit = QuantumCircuit(2)
            circuit.h(0)
            circuit.cx(0, 1)
            measured = circuit.measure_all(inplace=False)
            compiled = transpile(measured, backend)
            counts = backend.run(compiled, shots=2000).result().get_counts()
            pairs = backend.coupling_map and sorted(map(list, backend.coupling_map.get_edges()))
            again = backend.run(compiled, shots=2000).result().get_counts()
            compiled = transpile(circuit, backend)
            parity = SparsePauliOp("ZZ").apply_layout(compiled.layout)
            estimator = BackendEstimatorV2(backend=backend)
            value = estimator.run([(compiled, parity)]).result()[0].data.evs
            return [backend.name, pairs, counts, again, float(value)]
    """
    name, pairs, counts, again, value = run(service, source, "aer_local")
    assert (name, pairs) == ("aer_local", None)
    assert set(counts) == {"00", "11"}
    assert counts != again  # each run has a seed of its own
    assert value == pytest.approx(1)
    name, pairs, counts, _, value = run(service, source, "noisy_local")
    assert name == "noisy_local"
    configuration = service.get("/backends/noisy_local/configuration").json()
    assert pairs == sorted(configuration["coupling_map"])
    assert set(counts) == {"00", "01", "10", "11"}
    assert 0.7 < value < 1


def test_an_attempt_made_again_gives_the_same_numbers(service: Service):
    source = """
        import os, random, sys
        import numpy as np
        from qiskit import QuantumCircuit

        def main(backend, user_messenger, path):
            circuit = QuantumCircuit(3)
            circuit.h([0, 1, 2])
            circuit.measure_all()
            counts = backend.run(circuit).result().get_counts()
            user_messenger.publish([random.random(), np.random.random(), counts])
            if not os.path.exists(path):
                open(path, "w").close()
                os.kill(os.getpid(), 9)
            return "done"
    """
    job = service.submit(
        uploaded(service, source), "aer_local", {"path": str(service.data / "second")}
    )
    assert service.wait(job)["state"]["status"] == "Completed"
    one, other = loads(service.get(f"/jobs/{job}/interim_results").text)
    assert one == other


def test_a_failure_gives_a_reason_and_lines_of_the_program(service: Service):
    source = """\
        def main(backend, user_messenger, **kwargs):
            deeper()

        def deeper():
            raise ValueError("seven is no good")
    """
    state, log = failed(service, source)
    assert state["reason"] == "ValueError: seven is no good"
    assert state["reason_code"] == 1307
    assert 'File "program.py", line 5, in deeper' in log
    assert 'raise ValueError("seven is no good")' in log


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def main(:", "SyntaxError: "),
        ("x = 1", "The program has no function main."),
        ("main = 5", "The program has no function main."),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("def main(backend, user_messenger): return object()", "TypeError: A value of type"),
        ("def main(backend, user_messenger): user_messenger.publish(main)", "TypeError: A value"),
        ("def main(backend, user_messenger): exit(3)", "SystemExit: 3"),
        ("def main(backend, user_messenger, needed): pass", "TypeError: main() missing"),
        ("raise ValueError('\\ud800')", "ValueError: ?"),
    ],
)
def test_each_way_to_fail_has_its_reason(service: Service, source: str, reason: str):
    state, _ = failed(service, source)
    assert state["reason"].startswith(reason)
    assert state["reason_code"] == 1307


def test_what_a_program_prints_and_logs_is_in_its_log_at_once(service: Service):
    """Lines were kept in a buffer, and lost with the process of a cancelled job."""
    source = """
        import logging, sys, time

        def main(backend, user_messenger, **kwargs):
            print("to standard output", "é")
            print("to standard error", file=sys.stderr)
            logging.getLogger("mine").info("told in passing")
            logging.getLogger("mine").warning("told in earnest")
            while True:
                time.sleep(0.1)
    """
    program = uploaded(service, source)
    job, verbose = (
        service.submit(program, "aer_local", {}, log_level=level) for level in ("WARNING", "INFO")
    )

    def log(job: str) -> Any:
        text = service.get(f"/jobs/{job}/logs").text
        return text if "in earnest" in text else None

    text = until(lambda: log(job), "the log")
    assert "to standard output é\n" in text
    assert "to standard error\n" in text
    assert "in passing" not in text
    assert "in passing" in until(lambda: log(verbose), "the verbose log")
    for running in (job, verbose):
        assert service.call("POST", f"/jobs/{running}/cancel").status_code == 204
        assert service.status(running) == "Cancelled"


def test_the_cost_of_a_program_is_the_limit_of_its_jobs(service: Service):
    source = """
        import time
        def main(backend, user_messenger, **kwargs):
            time.sleep(600)
    """
    program = uploaded(service, source, cost=2)
    jobs = [service.submit(program, "aer_local", {}, cost=cost) for cost in (1, 500)]
    for job, cost in zip(jobs, (1, 2), strict=True):
        document = service.wait(job)
        assert document["cost"] == cost
        assert document["state"]["reason_code"] == 1305


def test_a_job_runs_the_source_as_it_was_when_it_was_submitted(service: Service):
    # The noisy device runs one job at a time: the others wait.
    waiting = """
        import time
        def main(backend, user_messenger):
            time.sleep(600)
    """
    first = service.submit(uploaded(service, waiting), "noisy_local", {})
    service.wait(first, "Running")
    program = uploaded(service, "def main(backend, user_messenger): return 1")
    job = service.submit(program, "noisy_local", {})
    data = encoded("def main(backend, user_messenger): return 2")
    assert service.call("PUT", f"/programs/{program}/data", data=data).status_code == 204
    later = service.submit(program, "noisy_local", {})
    assert service.call("DELETE", f"/programs/{program}").status_code == 204
    service.call("POST", f"/jobs/{first}/cancel")
    for number, submitted in ((1, job), (2, later)):
        service.wait(submitted)
        assert loads(service.get(f"/jobs/{submitted}/results").text) == number


def test_parameters_are_checked_by_the_schema(service: Service):
    program = uploaded(service, spec={"parameters": COUNTING})
    body = {"program_id": program, "backend": "aer_local"}
    for params, words in (
        ({}, "'iterations' is a required property"),
        ({"iterations": 10}, "params.iterations: 10 is greater than the maximum of 9"),
        ({"iterations": "x" * 1000}, "params.iterations: not what type asks"),
        ({"iterations": 1, "more": 2}, "'more' was unexpected"),
    ):
        assert words in refusal(service.post({**body, "params": params}), 400)
    assert service.post({**body, "params": {"iterations": 9}}).status_code == 200


def test_typed_values_stand_for_whatever_a_schema_asks(service: Service):
    schema = {
        "properties": {
            "circuits": {"type": "array", "items": {"type": "object", "required": ["never"]}},
            "points": {"type": "array"},
            "pattern": {"type": "string"},
        }
    }
    program = uploaded(
        service,
        "def main(backend, user_messenger, circuits, points): return points.tolist()",
        spec={"parameters": schema},
    )
    import numpy as np

    params = {"circuits": [QuantumCircuit(1)], "points": np.arange(3)}
    job = service.submit(program, "aer_local", params)
    assert service.wait(job)["state"]["status"] == "Completed"
    bad = {"program_id": program, "backend": "aer_local", "params": {**params, "circuits": [{}]}}
    assert "never" in refusal(service.post(bad), 400)


def test_checking_parameters_is_bounded(service: Service):
    """A schema of a few lines may ask for more checks than there is time for."""
    doubling = {f"level{k}": {"anyOf": [{"$ref": f"#/$defs/level{k + 1}"}] * 2} for k in range(40)}
    schemas = (
        {"$defs": {**doubling, "level40": False}, "$ref": "#/$defs/level0"},
        {"$ref": "#"},
        {"$ref": "#/$defs/missing"},
    )
    for schema in schemas:
        program = uploaded(service, spec={"parameters": schema})
        body = {"program_id": program, "backend": "aer_local", "params": {}}
        assert "schema" in refusal(service.post(body), 400)
    program = uploaded(service, spec={"parameters": {"properties": {"a": {"uniqueItems": True}}}})
    body = {"program_id": program, "backend": "aer_local", "params": {"a": [{"b": 1}] * 30_000}}
    assert "repeated" in refusal(service.post(body), 400)


def test_a_private_job_of_a_program_gives_its_result_once(service: Service):
    program = uploaded(service)
    job = service.submit(program, "aer_local", {}, private=True)
    assert "params" not in service.wait(job)
    assert service.get(f"/jobs/{job}/results").json() == "Hello, World!"
    assert service.get(f"/jobs/{job}/results").status_code == 204


def test_a_program_has_no_more_memory_than_any_job(service: Service):
    state, log = failed(service, "def main(backend, user_messenger): bytearray(1 << 45)")
    assert state["reason_code"] == 1306
    assert "MemoryError" in log


def test_a_program_can_neither_reach_the_token_nor_the_ledger(service: Service):
    source = """
        import os
        def main(backend, user_messenger):
            links = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")]
            files = [os.readlink(link) for link in links if os.path.lexists(link)]
            return [files, dict(os.environ), os.getcwd(), __name__]
    """
    files, environment, folder, name = run(service, source)
    assert not [file for file in files if str(service.data) in file and "scratch" not in file]
    assert service.api_key not in json.dumps(environment)
    assert not Path(folder).exists()
    assert name != "__main__"
