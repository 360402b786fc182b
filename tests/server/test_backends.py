"""The backends: what the service says of them, and that their devices behave as described."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections import Counter
from datetime import datetime
from functools import cache
from typing import Any

import psutil
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.providers import BackendV2
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel

from qjobwidgets.codec import loads
from qjobwidgets.server.api.backends import _add_waits
from qjobwidgets.server.backends import documents
from qjobwidgets.server.backends.catalogue import BACKENDS
from qjobwidgets.server.backends.devices import Device
from tests.server.conftest import Service, until

DEVICES = {
    "bowtie_local": 5,
    "noisy_local": 7,
    "hexagon_local": 16,
    "falcon_local": 27,
    "eagle_local": 127,
}
SIMULATORS = ("aer_local", "slow_local")
MEMORY = 4 << 30


def ghz(qubits: int) -> QuantumCircuit:
    circuit = QuantumCircuit(qubits)
    circuit.h(0)
    for qubit in range(1, qubits):
        circuit.cx(qubit - 1, qubit)
    circuit.measure_all()
    return circuit


@cache
def device(name: str) -> Device:
    return Device(name, MEMORY)


def isa(circuit: QuantumCircuit, name: str) -> QuantumCircuit:
    return device(name).compile(circuit)


def sampled(service: Service, backend: str, circuit: Any, shots: int, **options: Any) -> Any:
    job = service.submit("sampler", backend, {"pubs": [[circuit, None, shots]], "options": options})
    state = service.wait(job)["state"]
    assert state["status"] == "Completed", state
    return loads(service.get(f"/jobs/{job}/results").text)[0].data.meas


def printed(script: str) -> str:
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def figures(entries: list[dict[str, Any]]) -> dict[str, float]:
    return {entry["name"]: entry["value"] for entry in entries}


# What is said of them


def test_the_list_has_what_clients_read(service: Service):
    listed = {item["name"]: item for item in service.get("/backends").json()["devices"]}
    assert {*listed} == {*SIMULATORS, *DEVICES}
    assert {name: listed[name]["qubits"] for name in DEVICES} == DEVICES
    for name, item in listed.items():
        assert item["status"] == {"name": "online"}
        assert item["is_simulator"] == (name in SIMULATORS)
        assert item["queue_length"] >= 0
        assert item["processor_type"]["family"] == "Local"
        assert ("performance_metrics" in item) == (name in DEVICES)
        assert "wait_time_seconds" not in item


@pytest.mark.parametrize(
    ("headers", "names_only"),
    [
        ({}, False),
        ({"IBM-API-Version": "2025-05-01"}, False),
        ({"IBM-API-Version": "2026-04-15"}, False),
        ({"IBM-API-Version": "2024-01-01"}, True),
        # Before 0.35 the official client told its own version only.
        ({"X-Qx-Client-Application": "qiskit_ibm_runtime-0.31.0*/qiskit"}, True),
    ],
)
def test_older_clients_get_names_only(service: Service, headers: dict[str, str], names_only: bool):
    for query in ("", "?include_mocks=True"):
        listed = service.get(f"/backends{query}", headers=headers).json()["devices"]
        assert (listed == [*BACKENDS]) == names_only


def test_waiting_times_are_told_when_asked_for(service: Service):
    sampled(service, "bowtie_local", isa(ghz(2), "bowtie_local"), 10)
    listed = service.get("/backends", params={"fields": "wait_time_seconds"}).json()["devices"]
    waits = next(item["wait_time_seconds"] for item in listed if item["name"] == "bowtie_local")
    assert 0 <= waits["p50"] <= waits["p95"]
    assert waits["average"] >= 0


@pytest.mark.parametrize("wait", [0.127229, 3.351528, 2.526419])
def test_percentiles_of_equal_waits_are_equal(wait: float):
    """For one wait in fourteen the median was above the 95th percentile, by a rounding error."""
    summary: Any = {}
    _add_waits(summary, [wait])
    assert summary["wait_time_seconds"] == {"average": wait, "p50": wait, "p95": wait}


def test_the_queue_is_that_of_the_backend(empty):
    jobs = [empty.submit("sample-program", "slow_local", {"iterations": 100}) for _ in range(3)]
    empty.wait(jobs[0], "Running")
    lengths = {
        item["name"]: item["queue_length"] for item in empty.get("/backends").json()["devices"]
    }
    assert lengths.pop("slow_local") == 3
    assert not any(lengths.values())
    status = empty.get("/backends/slow_local/status").json()
    assert status["length_queue"] == 3
    assert (status["state"], status["status"]) == (True, "active")
    assert [empty.job(job).get("position_in_queue") for job in jobs] == [None, 1, 2]


def test_backends_are_offline_while_the_ledger_cannot_be_written(start):
    service = start()
    job = {"program_id": "sample-program", "params": {"iterations": 1}}
    service.wait(service.post(job).json()["id"])
    process = psutil.Process(service.process.pid)
    sizes = [path.stat().st_size for path in service.data.glob("ledger.db*")]
    process.rlimit(psutil.RLIMIT_FSIZE, (min(filter(None, sizes)), resource.RLIM_INFINITY))
    until(lambda: service.post(job).status_code == 503, "a ledger that can't be written")

    def status() -> dict[str, Any]:
        return service.get("/backends/noisy_local/status").json()

    until(lambda: not status()["state"], "a backend that is offline")
    told = status()
    assert (told["status"], told["message"]) == ("offline", "The ledger can't be written.")
    listed = service.get("/backends").json()["devices"]
    offline = {"name": "offline", "reason": "The ledger can't be written."}
    assert all(item["status"] == offline for item in listed)
    process.rlimit(psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    until(lambda: status()["state"], "a backend that is back")


@pytest.mark.parametrize("name", [*SIMULATORS, *DEVICES])
def test_a_configuration_is_complete(service: Service, name: str):
    told = service.get(f"/backends/{name}/configuration?calibration_id=any").json()
    assert told["backend_name"] == name
    assert told["n_qubits"] == BACKENDS[name].qubits
    assert told["simulator"] == (name in SIMULATORS)
    assert told["basis_gates"] == [gate["name"] for gate in told["gates"]]
    assert {"measure", "reset", "delay", "if_else", "switch_case"} <= {
        *told["supported_instructions"]
    }
    assert "dynamic_circuits" in told["supported_features"]
    assert datetime.fromisoformat(told["online_date"]).tzinfo
    assert told["max_experiments"] > 0
    for gate in told["gates"]:
        assert {"name", "parameters", "qasm_def"} <= gate.keys()
    if name in SIMULATORS:
        assert told["coupling_map"] is None
    else:
        assert {qubit for pair in told["coupling_map"] for qubit in pair} == {*range(DEVICES[name])}
        assert told["timing_constraints"]["granularity"] == 1
        assert told["rep_delay_range"][0] <= told["default_rep_delay"] <= told["rep_delay_range"][1]


@pytest.mark.parametrize("name", DEVICES)
def test_properties_have_figures_of_every_qubit_and_gate(service: Service, name: str):
    configuration = service.get(f"/backends/{name}/configuration").json()
    told = service.get(f"/backends/{name}/properties").json()
    assert len(told["qubits"]) == DEVICES[name]
    for qubit in told["qubits"]:
        known = figures(qubit)
        assert 0 < known["T2"] <= known["T1"]
        assert known["prob_meas0_prep1"] == known["prob_meas1_prep0"] == known["readout_error"]
        assert known["readout_length"] > 0
        assert known["frequency"] > 4
        assert all(datetime.fromisoformat(entry["date"]) for entry in qubit)
    gates = {(gate["gate"], *gate["qubits"]): figures(gate["parameters"]) for gate in told["gates"]}
    for gate in configuration["gates"]:
        for qubits in gate["coupling_map"]:
            known = gates.pop((gate["name"], *qubits))
            assert (known["gate_error"] > 0) == (known["gate_length"] > 0) == (gate["name"] != "rz")
    assert {name for name, *_ in gates} == {"reset"}  # which has a length, and no error of its own


def test_properties_of_a_time(service: Service):
    path = "/backends/noisy_local/properties"
    assert service.get("/backends/aer_local/properties").json() == {}
    assert service.get(path, params={"updated_before": "2025-12-31T23:59:59+00:00"}).json() == {}
    after = service.get(path, params={"updated_before": "2026-01-01T00:00:00Z"}).json()
    assert after == service.get(path).json() != {}
    refused = service.get(path, params={"updated_before": "yesterday"})
    assert refused.status_code == 400
    assert "updated_before" in refused.text


def test_there_are_no_pulses(service: Service):
    assert service.get("/backends/noisy_local/defaults").json() == {}


@pytest.mark.parametrize("document", ["configuration", "properties", "status", "defaults"])
def test_an_unknown_backend_is_not_found(service: Service, document: str):
    response = service.get(f"/backends/nowhere_local/{document}")
    assert response.status_code == 404
    assert "eagle_local" in response.json()["errors"][0]["solution"]


def test_devices_are_the_same_in_each_process():
    """Figures drawn in another process, with another hash seed, are the same to the last digit."""
    script = (
        "from qjobwidgets.server.backends import documents as d; print(d.properties('eagle_local'))"
    )
    assert printed(script) == str(documents.properties("eagle_local"))


def test_describing_takes_no_qiskit():
    script = (
        "import sys; from qjobwidgets.server.backends import documents as d;"
        "[(d.configuration(n), d.properties(n)) for n in d.BACKENDS];"
        "print('qiskit' in sys.modules)"
    )
    assert printed(script) == "False"


# What they do


@pytest.mark.parametrize("name", DEVICES)
def test_an_attempt_simulates_what_the_server_describes(name: str):
    target = device(name).target
    properties = documents.properties(name)
    for index, told in enumerate(properties["qubits"]):
        known, readout = figures(told), target["measure"][(index,)]
        qubit = target.qubit_properties[index]
        assert known["T1"] == pytest.approx(qubit.t1 * 1e6)
        assert known["T2"] == pytest.approx(qubit.t2 * 1e6)
        assert known["readout_error"] == readout.error
        assert known["readout_length"] == pytest.approx(readout.duration * 1e9)
    for gate in properties["gates"]:
        known = figures(gate["parameters"])
        figure = target[gate["gate"]][tuple(gate["qubits"])]
        assert known.get("gate_error") == figure.error
        assert known["gate_length"] == pytest.approx(figure.duration * 1e9)
    assert target.dt * 1e9 == documents.configuration(name)["dt"]


def test_simulators_tell_gates_that_aer_has():
    for gate in documents.configuration("aer_local")["gates"]:
        operation = AerSimulator().target.operation_from_name(gate["name"])
        assert len(operation.params) == len(gate["parameters"])


class Described(BackendV2):
    """The device as a client knows it: a target, and nothing that simulates it."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.known = device(name).target

    @property
    def target(self):
        return self.known

    max_circuits = None

    @classmethod
    def _default_options(cls):
        return None

    def run(self, *_, **__):
        raise NotImplementedError


def test_noise_is_exactly_that_of_aers_own_model_of_the_device():
    """The model has only what circuits use, and disturbs them as the complete one does."""
    name = "noisy_local"
    complete = AerSimulator.from_backend(Described(name))
    branching = QuantumCircuit(3, 2)
    branching.sx(0)
    branching.measure(0, 0)
    with branching.if_test((branching.clbits[0], 1)) as otherwise:
        branching.x(1)
    with otherwise:
        branching.cx(1, 2)
    branching.delay(500, 1, unit="ns")
    branching.reset(0)
    branching.measure([1], [1])
    circuits = [isa(ghz(4), name), isa(branching, name)]
    ours = device(name).simulator().run(circuits, shots=4000, seed_simulator=3).result()
    theirs = complete.run(circuits, shots=4000, seed_simulator=3).result()
    assert ours.get_counts() == theirs.get_counts()
    assert len(ours.get_counts(0)) > 2  # disturbed


def test_large_devices_get_a_model_of_what_is_used_only():
    circuit = isa(ghz(3), "eagle_local")
    simulator = device("eagle_local").simulator()
    model = simulator._noise.of([circuit])
    assert isinstance(model, NoiseModel)
    assert len(model._local_quantum_errors["ecr"]) == 2
    assert simulator._noise.of([circuit]) is model


def test_a_device_of_127_qubits_runs_a_bell_pair(service: Service):
    data = sampled(service, "eagle_local", isa(ghz(2), "eagle_local"), 2000)
    counts = Counter(data.get_counts())
    assert data.num_bits == 2
    assert counts["00"] + counts["11"] > 1700
    assert counts["01"] + counts["10"] > 0


def test_all_127_qubits_take_part_in_a_clifford_circuit(service: Service):
    data = sampled(service, "eagle_local", isa(ghz(127), "eagle_local"), 20)
    assert data.num_bits == 127


def test_what_is_too_large_to_simulate_is_refused_with_the_reason(service: Service):
    circuit = QuantumCircuit(40)
    for qubit in range(40):
        circuit.ry(0.3, qubit)
        circuit.rx(0.4, qubit)
    for layer in range(3):
        for qubit in range(layer % 2, 39, 2):
            circuit.cz(qubit, qubit + 1)
            circuit.ry(0.2, qubit)
    circuit.measure_all()
    params = {"pubs": [[isa(circuit, "eagle_local"), None, 10]]}
    state = service.wait(service.submit("sampler", "eagle_local", params))["state"]
    assert state["status"] == "Failed"
    assert "memory" in state["reason"].lower()


def test_a_circuit_must_be_in_the_instructions_of_the_device(service: Service):
    params = {"pubs": [[ghz(2), None, 10]]}
    state = service.wait(service.submit("sampler", "bowtie_local", params))["state"]
    assert state["status"] == "Failed"
    assert "Instruction h on qubits (0,)" in state["reason"]
    assert "Transpile" in state["reason_solution"]


def test_more_qubits_than_there_are_is_refused(service: Service):
    wide = transpile(QuantumCircuit(6, 1), basis_gates=["x"])
    wide.measure(0, 0)
    state = service.wait(service.submit("sampler", "bowtie_local", {"pubs": [[wide]]}))["state"]
    assert state["reason"] == "A circuit of 6 qubits is not supported by bowtie_local."
