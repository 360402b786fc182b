"""Backends as the client shows them, and their devices as it builds them."""

from datetime import UTC, datetime

import numpy as np
from door import Door, raises
from qiskit.providers.exceptions import QiskitBackendNotFoundError
from qiskit_aer import AerSimulator
from world import backend, ghz, isa, result, sampler, service

DEVICES = {
    "bowtie_local": 5,
    "noisy_local": 7,
    "hexagon_local": 16,
    "falcon_local": 27,
    "eagle_local": 127,
}


def case_all_backends_are_listed(door: Door) -> None:
    listed = {device.name: device for device in service(door).backends()}
    assert listed.keys() == DEVICES.keys() | {"aer_local", "slow_local"}
    for name, qubits in DEVICES.items():
        assert listed[name].num_qubits == qubits
        assert not listed[name].simulator
    assert listed["aer_local"].simulator


def case_backends_are_filtered(door: Door) -> None:
    def names(**filters: object) -> set[str]:
        return {device.name for device in service(door).backends(**filters)}

    assert names(simulator=True) == {"aer_local", "slow_local"}
    assert names(min_num_qubits=27, simulator=False) == {"falcon_local", "eagle_local"}
    assert names(name="noisy_local") == {"noisy_local"}
    assert names(operational=True, simulator=False) == DEVICES.keys()
    assert names(dynamic_circuits=True, simulator=False) == DEVICES.keys()
    assert names(filters=lambda device: device.num_qubits == 16) == {"hexagon_local"}


def case_the_least_busy_of_the_devices(door: Door) -> None:
    assert service(door).least_busy(simulator=False, min_num_qubits=100).name == "eagle_local"


def case_an_unknown_backend_is_not_found(door: Door) -> None:
    with raises(QiskitBackendNotFoundError):
        service(door).backend("nowhere_local")


def case_a_target_has_everything_a_transpiler_asks_for(door: Door) -> None:
    for name, qubits in DEVICES.items():
        device = backend(door, name)
        target = device.target
        assert target.num_qubits == qubits
        assert {
            "measure",
            "reset",
            "delay",
            "if_else",
            "for_loop",
            "switch_case",
            "while_loop",
        } <= {*target.operation_names}
        (entangler,) = {"cx", "cz", "ecr"} & {*target.operation_names}
        assert {*device.coupling_map} == {*target[entangler]}
        for properties in (target[entangler].values(), target["sx"].values()):
            assert all(0 < figure.error < 0.1 and figure.duration > 0 for figure in properties)
        assert all(0 < figure.error < 0.1 for figure in target["measure"].values())
        assert target.dt == device.dt
        assert {*isa(ghz(qubits), device).count_ops()} <= {*target.operation_names, "barrier"}


def case_properties_of_now_and_then(door: Door) -> None:
    device = backend(door, "noisy_local")
    now = device.properties()
    assert 0 < now.t2(3) <= now.t1(3) < 1e-3
    assert now.gate_error("cx", [0, 1]) == device.target["cx"][0, 1].error
    assert now.readout_error(0) == device.target["measure"][0,].error
    assert now.is_qubit_operational(0)
    assert device.properties(datetime=datetime(2026, 6, 1, tzinfo=UTC)).t1(3) == now.t1(3)
    assert device.properties(datetime=datetime(2025, 6, 1, tzinfo=UTC)) is None
    assert backend(door, "aer_local").properties() is None


def case_status_and_configuration(door: Door) -> None:
    for name in ("aer_local", "noisy_local"):
        device = backend(door, name)
        status = device.status()
        assert status.operational
        assert status.status_msg == "active"
        assert status.pending_jobs >= 0
        configuration = device.configuration()
        assert configuration.backend_name == name
        assert configuration.max_shots >= 100_000
        assert device.online_date.tzinfo
        device.refresh()


def case_a_device_does_what_its_properties_say(door: Door) -> None:
    """The noise model that Aer makes of the client's backend gives the server's distribution."""
    device = backend(door, "noisy_local")
    circuit = isa(ghz(5), device)
    shots = 20_000
    there = result(sampler(device).run([circuit], shots=shots))[0].data.meas.get_counts()
    model = AerSimulator.from_backend(device)
    here = model.run(circuit, shots=shots, seed_simulator=1).result().get_counts()
    assert len(here) > 8
    assert differ(there, here) < 6


def case_a_seed_gives_the_counts_of_aer_with_the_noise_of_the_device(door: Door) -> None:
    device = backend(door, "noisy_local")
    circuit = isa(ghz(3), device)
    primitive = sampler(device)
    primitive.options.simulator.seed_simulator = 5
    there = result(primitive.run([circuit], shots=2000))[0].data.meas.get_counts()
    model = AerSimulator.from_backend(device)
    here = model.run(circuit, shots=2000, seed_simulator=5).result().get_counts()
    assert there == here


def differ(one: dict[str, int], other: dict[str, int]) -> float:
    """Return how far two samples of one size differ, in standard deviations of chi-square."""
    outcomes = [
        key for key in one.keys() | other.keys() if one.get(key, 0) + other.get(key, 0) > 20
    ]
    a, b = (np.array([counts.get(key, 0) for key in outcomes]) for counts in (one, other))
    square = float(((a - b) ** 2 / (a + b)).sum())
    return (square - len(outcomes)) / (2 * len(outcomes)) ** 0.5
