"""Backends of a real runtime: listed, filtered, described; the one with the least to do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from qiskit.providers import BackendV2

from qjobwidgets.client.backend import target_of
from qjobwidgets.client.properties import BackendProperties
from qjobwidgets.errors import BackendNotFoundError, IBMInputValueError
from tests.client.faults import Reply

DEVICES = {"bowtie_local", "noisy_local", "hexagon_local", "falcon_local", "eagle_local"}
SIMULATORS = {"aer_local", "slow_local"}


def names(backends) -> set[str]:
    return {backend.name for backend in backends}


def device(name: str, queue: int, status: str = "online", qubits: int = 5) -> dict:
    return {
        "name": name,
        "status": {"name": status},
        "qubits": qubits,
        "queue_length": queue,
        "is_simulator": False,
    }


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, DEVICES | SIMULATORS),
        ({"simulator": True}, SIMULATORS),
        ({"simulator": False, "operational": True}, DEVICES),
        ({"simulator": False, "min_num_qubits": 27}, {"falcon_local", "eagle_local"}),
        ({"n_qubits": 16}, {"hexagon_local"}),
        ({"name": "noisy_local"}, {"noisy_local"}),
        ({"name": "nosuch"}, set()),
        ({"dynamic_circuits": True, "n_qubits": 7}, {"noisy_local"}),
        ({"dynamic_circuits": False}, set()),
        ({"filters": lambda backend: backend.num_qubits == 127}, {"eagle_local"}),
        ({"filters": lambda backend: "cx" in backend.basis_gates, "n_qubits": 7}, {"noisy_local"}),
        ({"open_pulse": True}, set()),
        ({"status_msg": "active", "n_qubits": 7}, {"noisy_local"}),
        ({"use_fractional_gates": True}, SIMULATORS),
        ({"instance": "local", "n_qubits": 7}, {"noisy_local"}),
    ],
)
def test_backends_are_filtered(local, filters, expected):
    assert names(local.backends(**filters)) == expected


def test_an_unknown_field_is_said(local):
    with pytest.raises(IBMInputValueError, match="tells its 'simulater'"):
        local.backends(simulater=True)


def test_a_list_of_backends_asks_for_nothing_else(faults, remote):
    faults.on("/backends", Reply(document={"devices": [device("a", 3), device("b", 1)]}))
    found = remote.backends(simulator=False, operational=True, min_num_qubits=5)
    assert [(b.name, b.num_qubits, b.simulator) for b in found] == [
        ("a", 5, False),
        ("b", 5, False),
    ]
    assert remote.least_busy(min_num_qubits=2).name == "b"
    assert {seen.path for seen in faults.seen} == {"/identity/token", "/api/v1/backends"}
    assert isinstance(found[0], BackendV2)
    assert found[0].service is remote


def test_the_least_busy_is_online_and_the_first_of_equals(faults, remote):
    devices = [device("off", 0, "offline"), device("full", 9), device("b", 1), device("a", 1)]
    faults.on("/backends", Reply(document={"devices": devices}))
    assert remote.least_busy().name == "b"
    assert remote.least_busy(filters=lambda backend: backend.name != "b").name == "a"


def test_why_there_is_no_least_busy_backend(faults, remote):
    devices = [device("off", 0, "offline"), device("rests", 0, "paused")]
    faults.on("/backends", Reply(document={"devices": devices}))
    with pytest.raises(BackendNotFoundError, match=r"online: off \(offline\), rests \(paused\)"):
        remote.least_busy()
    with pytest.raises(BackendNotFoundError, match="No backend matches"):
        remote.least_busy(min_num_qubits=100)


def test_a_list_of_names_is_filled_in_where_it_is_needed(faults, remote):
    faults.on("/backends", Reply(document={"devices": ["a", "b"]}))
    for name, queue in (("a", 5), ("b", 2)):
        faults.on(f"/backends/{name}/configuration", Reply(document={"n_qubits": 5}))
        status = {"state": True, "status": "active", "length_queue": queue}
        faults.on(f"/backends/{name}/status", Reply(document=status))
    assert remote.least_busy(min_num_qubits=5).name == "b"


def test_what_a_backend_tells(local):
    backend = local.backend("noisy_local")
    assert backend.max_shots == backend.configuration().max_shots > 0
    assert backend.configuration().num_qubits == backend.n_qubits == 7
    assert backend.configuration().to_dict()["backend_name"] == "noisy_local"
    assert backend.online_date.tzinfo is UTC
    assert backend.description
    assert backend.backend_version
    status = backend.status()
    assert (status.operational, status.status_msg, status.backend_name) == (
        True,
        "active",
        "noisy_local",
    )
    assert 0 < backend.properties().t1(3) < 1e-3
    assert backend.properties(datetime=datetime(2025, 1, 1, tzinfo=UTC)) is None
    assert local.backend("aer_local").properties() is None
    target = backend.target
    assert backend.target is target
    backend.refresh()
    assert backend.target is not target
    with pytest.raises(AttributeError, match="no 'nosuch'"):
        backend.nosuch  # noqa: B018 - the error
    assert not hasattr(backend, "_nosuch")


def test_fractional_gates_are_for_those_who_want_them(faults, remote):
    configuration = {
        "backend_name": "frac",
        "n_qubits": 2,
        "simulator": False,
        "basis_gates": ["rx", "rzz", "rz", "sx", "cz"],
        "gates": [],
        "coupling_map": [[0, 1]],
    }
    faults.on("/backends/frac/configuration", Reply(document=configuration))
    faults.on("/backends/frac/properties", Reply(document={}))
    usual = remote.backend("frac").target.operation_names
    assert {"rz", "sx", "cz"} <= usual
    assert not {"rx", "rzz"} & usual
    for wanted in (True, None):
        target = remote.backend("frac", use_fractional_gates=wanted).target
        assert {"rx", "rzz"} <= target.operation_names


def test_what_does_not_work_is_no_place_for_a_gate():
    """The transpiler was offered qubits and couplings that the device called faulty."""
    configuration = {
        "n_qubits": 3,
        "basis_gates": ["x", "cz"],
        "coupling_map": [[0, 1], [1, 0], [1, 2]],
    }
    broken = [{"name": "operational", "value": 0}]
    properties = {
        "qubits": [[], [], broken],
        "gates": [{"gate": "cz", "qubits": [1, 0], "parameters": broken}],
    }
    target = target_of(configuration, BackendProperties({**properties, "gates": []}))
    assert set(target["cz"]) == {(0, 1), (1, 0)}
    assert set(target["x"]) == set(target["measure"]) == set(target["delay"]) == {(0,), (1,)}
    both = [*properties["gates"], {"gate": "cz", "qubits": [0, 1], "parameters": []}]
    target = target_of(configuration, BackendProperties({**properties, "gates": both}))
    assert set(target["cz"]) == {(0, 1)}


def test_a_device_without_fractional_gates(local):
    with pytest.raises(IBMInputValueError, match="noisy_local has no fractional gates"):
        local.backend("noisy_local", use_fractional_gates=True)
