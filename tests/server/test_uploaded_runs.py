"""Jobs of programs that a user uploaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from qiskit.quantum_info import SparsePauliOp

from qjobwidgets.codec import loads
from tests.circuits import bell
from tests.server.conftest import Service, until
from tests.server.uploading import (
    encoded,
    failed,
    run,
    uploaded,
)


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


def test_an_attempt_made_again_gives_the_same_numbers(service: Service, tmp_path: Path):
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
    path = str(tmp_path / "second")
    job = service.submit(uploaded(service, source), "aer_local", {"path": path})
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
        ("def main(backend, user_messenger): user_messenger.publish(object())", "TypeError: "),
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
    until(lambda: not Path(folder).exists(), "the end of its folder")
    assert name != "__main__"


FORGING = """
    import gc, json, os, socket, struct

    def main(backend, user_messenger, frame):
        body = json.dumps(frame).encode()
        for channel in gc.get_objects():
            if isinstance(channel, socket.socket) and channel.fileno() >= 0:
                channel.sendall(struct.pack(">I", len(body)) + body)
        os._exit(0)
"""


@pytest.mark.parametrize("code", [2**64 - 1, -1, True, "1"])
def test_a_forged_code_is_not_taken(service: Service, code: object):
    """One that the ledger has no room for made the job run again and again, for ever."""
    frame = {"type": "failed", "reason": "mine", "code": code}
    job = service.submit(uploaded(service, FORGING), "aer_local", {"frame": frame})
    state = service.wait(job)["state"]
    assert state == {"status": "Failed", "reason": "mine", "reason_code": 1307}


def test_forged_figures_are_not_taken(service: Service):
    """Whatever an attempt said was kept with its job, megabytes too, and read with each list."""
    figures = {
        "executions": "x" * 1000,
        "num_circuits": 2,
        "num_qubits": [1, -1],
        "circuit_depths": [2**64 - 1],
    }
    frame = {"type": "result", "data": "1", "figures": figures}
    job = service.submit(uploaded(service, FORGING), "aer_local", {"frame": frame})
    assert service.wait(job)["state"]["status"] == "Completed"
    metrics = service.get(f"/jobs/{job}/metrics").json()
    assert {name: metrics[name] for name in figures if name in metrics} == {"num_circuits": 2}


@pytest.mark.parametrize("text", ["no JSON", "1] [2", "[" * 100_000])
def test_a_forged_message_is_dropped_and_the_others_can_be_read(service: Service, text: str):
    """It went as it was into the list of all messages, which nobody could read any more."""
    program = uploaded(service, FORGING.replace("os._exit(0)", "user_messenger.publish(None)"))
    frame = {"type": "interim", "data": text}
    job = service.submit(program, "aer_local", {"frame": frame})
    assert service.wait(job)["state"] == {"status": "Completed"}
    assert service.get(f"/jobs/{job}/interim_results").json() == [None]
    frames = [(frame["type"], frame["data"]) for frame in service.frames(job)]
    assert frames == [("interim", None), ("dropped", {"count": 1}), ("final", None)]


def test_numbers_that_are_none_are_published(service: Service):
    source = """
        def main(backend, user_messenger):
            user_messenger.publish([float("nan"), float("-inf")])
    """
    job = service.submit(uploaded(service, source), "aer_local", {})
    assert service.wait(job)["state"] == {"status": "Completed"}
    assert service.get(f"/jobs/{job}/interim_results").text == "[[NaN,-Infinity]]"
