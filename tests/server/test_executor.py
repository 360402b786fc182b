"""``executor``: quantum programs in all published versions of its schema, through the service."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from ibm_quantum_schemas.common import OpenQasm3DataModel
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import ClassicalRegister, Parameter, QuantumRegister
from qiskit.quantum_info import PauliLindbladMap
from qiskit_aer.primitives import SamplerV2
from samplomatic import InjectNoise, Twirl, build

from qjobwidgets.server.programs.executor_dtypes import ELEMENT_BYTES
from qjobwidgets.server.programs.executor_tensors import DTYPES
from tests.circuits import bell
from tests.server.conftest import Service
from tests.server.executor_payloads import (
    VERSIONS,
    Item,
    arrays,
    payload,
    reason,
    result_model,
    tensor,
    turn,
    twirled,
)


def _run(
    service: Service, params: dict[str, Any], backend: str = "aer_local"
) -> tuple[Any, list[dict[str, Any]]]:
    """Return the result of a program and its arrays."""
    job = service.submit("executor", backend, params)
    state = service.wait(job)["state"]
    assert state["status"] == "Completed", state
    text = service.get(f"/jobs/{job}/results").text
    result = result_model(text, params["schema_version"])
    return result, arrays(result)


def _untwirled(results: dict[str, Any]) -> Any:
    return results["meas"] ^ results["measurement_flips.meas"]


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_of_the_schema_is_answered_in_itself(service: Service, version: str):
    template, samplex = twirled(turn())
    turns = np.array([[[0.0], [np.pi], [np.pi]]])
    items = [
        Item(turn(), turns),
        Item(template, samplex=samplex, arguments={"parameter_values": turns[0]}, shape=(4, 3)),
    ]
    more: dict[str, Any] = {"passthrough_data": {"note": 1}} if version != "v0.1" else {}
    result, (swept, sampled) = _run(service, payload(items, version, **more))
    assert swept["meas"].shape == (1, 3, 50, 2)
    assert sampled["meas"].shape == (4, 3, 50, 2)
    assert sampled["measurement_flips.meas"].shape == (4, 3, 1, 2)
    measured = np.moveaxis(np.concatenate([swept["meas"], _untwirled(sampled)]), 1, 0)
    assert not measured[0].any()
    assert measured[1:, ..., 0].all()
    assert not measured[1:, ..., 1].any()

    (chunk,) = result.metadata.chunk_timing
    assert chunk.start <= chunk.stop
    assert chunk.start.utcoffset() is not None
    assert [(part.idx_item, part.size) for part in chunk.parts] == [(0, 3), (1, 12)]
    if version != "v0.1":
        assert result.passthrough_data == {"note": 1}


def test_what_is_passed_through_comes_back_as_it_was(service: Service):
    data = {
        "tensor": tensor(np.arange(3.0)).model_dump(),
        "list": [1, 2.5, 1.0, True, None, "é", {"deep": [[], {}]}],
        "post_processor": {"version": "v0.1", "options": {"simulator": None}},
    }
    params = payload([Item(bell())], semantic_role="sampler_v2", passthrough_data=data)
    job = service.submit("executor", "aer_local", params)
    service.wait(job)
    result = json.loads(service.get(f"/jobs/{job}/results").text)
    assert json.dumps(result["passthrough_data"]) == json.dumps(data)
    assert result["semantic_role"] == "sampler_v2"
    assert result["data"][0]["metadata"] == {"scheduler_timing": None, "stretch_values": None}
    metrics = service.get(f"/jobs/{job}/metrics").json()
    assert (metrics["num_circuits"], metrics["executions"]) == (1, 1)


def test_registers_dynamic_circuits_and_the_order_of_bits(service: Service):
    first, second = ClassicalRegister(1, "first"), ClassicalRegister(9, "second")
    circuit = QuantumCircuit(QuantumRegister(9), first, second)
    circuit.x(0)
    circuit.measure(0, first)
    with circuit.if_test((first, 1)):
        circuit.x(7)
    circuit.measure(range(9), second)
    _, (results, empty) = _run(service, payload([Item(circuit), Item(QuantumCircuit(1))]))
    assert set(results) == {"first", "second"}
    assert results["first"].all()
    assert (results["second"] == [1, 0, 0, 0, 0, 0, 0, 1, 0]).all()
    assert empty == {}


def test_registers_of_any_name(service: Service):
    """Results of programs name their registers by text, but those of the sampler went between."""
    shape, keys = ClassicalRegister(1, "shape"), ClassicalRegister(2, "keys")
    circuit = QuantumCircuit(QuantumRegister(2), shape, keys)
    circuit.x(1)
    circuit.measure(1, shape)
    circuit.measure([0, 1], keys)
    _, (results,) = _run(service, payload([Item(circuit)]))
    assert results["shape"].all()
    assert (results["keys"] == [0, 1]).all()


def test_elements_are_repeated_to_the_shape_of_the_item(service: Service):
    """Aer runs a circuit without parameters once for all elements: the others had no shots."""
    plus = QuantumCircuit(1)
    plus.h(0)
    plus.measure_all()
    items = [
        Item(plus, shape=(3,)),
        Item(turn(), [[0.0], [np.pi]], shape=(3, 2)),
        Item(turn(), np.zeros((0, 1))),
    ]
    _, (repeated, swept, nothing) = _run(service, payload(items))
    rows = repeated["meas"][..., 0]
    assert rows.shape == (3, 50)
    assert rows.any(axis=1).all()
    assert len({row.tobytes() for row in rows}) == 3
    assert (swept["meas"][..., 0] == np.array([[False], [True]])).all()
    assert nothing["meas"].shape == (0, 50, 2)


@pytest.mark.parametrize("place", ["experimental", "noted by a primitive"])
def test_with_a_seed_the_bits_are_those_of_aer(service: Service, place: str):
    options = {"simulator": {"seed_simulator": 7}}
    more: dict[str, Any] = {
        "experimental": {"options": {"experimental": options}},
        "noted by a primitive": {
            "semantic_role": "sampler_v2",
            "passthrough_data": {"post_processor": {"options": options}},
        },
    }[place]
    angles = np.linspace(0, 3, 4)[:, None]
    params = payload([Item(bell()), Item(turn(), angles)], shots=100, **more)
    _, ours = _run(service, params)
    direct = SamplerV2(seed=7).run([bell(), (turn(), angles)], shots=100).result()
    for results, expected in zip(ours, direct, strict=True):
        assert np.array_equal(results["meas"], expected.data.meas.to_bool_array("little"))


def test_with_a_seed_the_randomizations_are_those_of_samplomatic(service: Service):
    template, samplex = twirled(turn())
    angles = np.array([0.3, 1.1])
    options = {"experimental": {"simulator": {"seed_simulator": 11}}}
    item = Item(
        template, samplex=samplex, arguments={"parameter_values": angles[:, None]}, shape=(3, 2)
    )
    _, (results,) = _run(service, payload([item], options=options))
    rng = np.random.default_rng(11)
    samples = [samplex.sample({"parameter_values": [a]}, 3, rng=rng) for a in angles]
    flips = np.stack([one["measurement_flips.meas"] for one in samples], axis=1)
    assert np.array_equal(results["measurement_flips.meas"], flips)
    values = np.stack([one["parameter_values"] for one in samples], axis=1).astype(float)
    direct = SamplerV2(seed=11).run([(template, values)], shots=50).result()[0]
    assert np.array_equal(results["meas"], direct.data.meas.to_bool_array("little"))


def test_noise_is_injected_and_scaled(service: Service):
    circuit = QuantumCircuit(1)
    with circuit.box([Twirl(), InjectNoise("noise", "scale")]):
        circuit.x(0)
    with circuit.box([Twirl()]):
        circuit.measure_all()
    template, samplex = build(circuit)
    noise = PauliLindbladMap.from_list([("X", 0.2)])
    arguments = {"pauli_lindblad_maps.noise": noise, "noise_scales.scale": np.array([0.0, 1.0])}
    item = Item(template, samplex=samplex, arguments=arguments, shape=(2000, 2))
    _, (results,) = _run(service, payload([item], shots=1))
    flipped = 1 - _untwirled(results).mean(axis=(0, 2, 3))
    assert flipped[0] == 0
    assert flipped[1] == pytest.approx((1 - np.exp(-0.4)) / 2, abs=0.05)
    assert results["pauli_signs"].shape == (2000, 2, 1)


def test_a_noisy_device_runs_what_is_in_its_instructions(service: Service):
    edges = [[0, 1], [1, 0], [1, 2], [2, 1]]
    native = transpile(bell(), basis_gates=["cx", "rz", "sx", "x"], coupling_map=edges)
    template, samplex = twirled(native)
    items = [Item(native), Item(template, samplex=samplex, shape=(8,))]
    _, (plain, sampled) = _run(service, payload(items, shots=4000), "noisy_local")
    for bits in (plain["meas"], _untwirled(sampled).reshape(-1, 2)):
        unequal = np.logical_xor(*bits.T).mean()
        assert 0 < unequal < 0.2
        assert 0.4 < bits.mean() < 0.6
    assert "Instruction h on qubits (0,)" in reason(service, payload([Item(bell())]), "noisy_local")


def test_a_wide_clifford_circuit_stays_one_when_it_is_twirled(service: Service):
    """Angles of samplomatic are of single precision: Aer took them for any angles, and refused."""
    wide = QuantumCircuit(50)
    wide.x(0)
    for qubit in range(49):
        wide.cx(qubit, qubit + 1)
    wide.measure_all()
    template, samplex = twirled(wide)
    item = Item(template, samplex=samplex, shape=(3,))
    _, (results,) = _run(service, payload([item], shots=10))
    assert _untwirled(results).all()


def test_chunks_are_of_the_size_asked_for(service: Service):
    items = [Item(turn(), np.zeros((2, 3, 1)), chunk_size=4), Item(bell(), chunk_size=2)]
    result, _ = _run(service, payload(items))
    parts = [part for chunk in result.metadata.chunk_timing for part in chunk.parts]
    assert [(part.idx_item, part.size, part.element_range) for part in parts] == [
        (0, 4, (0, 4, 1)),
        (0, 2, (4, 6, 1)),
        (1, 1, (0, 1, 1)),
    ]
    assert parts[0].permutation == [0, 1]


def test_what_does_not_fit_into_one_chunk_is_run_in_several(service: Service):
    plus = QuantumCircuit(1, 1)
    plus.ry(Parameter("turn"), 0)
    plus.measure(0, 0)
    shots = 400_000
    item = Item(plus, np.full((3, 1), np.pi / 2))
    result, (results,) = _run(service, payload([item], shots=shots))
    sizes = [part.size for chunk in result.metadata.chunk_timing for part in chunk.parts]
    assert sizes == [2, 1]
    rows = results["c"].reshape(3, shots)
    assert np.abs(rows.mean(axis=1) - 0.5).max() < 0.005
    assert not np.array_equal(rows[0], rows[2])


def test_options_without_meaning_are_noted_in_the_logs(service: Service):
    options = {"init_qubits": False, "rep_delay": 1e-4, "scheduler_timing": True}
    options |= {"experimental": {"image": 1, "simulator": {"method": "x"}}}
    params = payload([Item(bell())], options=options)
    params["options"]["later"] = True
    job = service.submit("executor", "aer_local", params)
    assert service.wait(job)["state"]["status"] == "Completed"
    logs = service.get(f"/jobs/{job}/logs").text
    names = ["init_qubits", "rep_delay", "scheduler_timing", "later"]
    for name in [*names, "experimental.image", "experimental.simulator.method"]:
        assert f"Option {name} is not" in logs
    assert "stretch_values" not in logs


def test_circuits_as_openqasm(service: Service):
    template, samplex = twirled(turn())
    arguments = {"parameter_values": np.array([np.pi])}
    items = [Item(turn(), [np.pi]), Item(template, samplex=samplex, arguments=arguments)]
    params = payload(items)
    texts = OpenQasm3DataModel.from_python([item.circuit for item in items]).model_dump()
    params["quantum_program"]["circuits"] = texts
    _, (swept, sampled) = _run(service, params)
    assert swept["meas"][..., 0].all()
    assert _untwirled(sampled)[..., 0].all()


def test_boxes_of_a_circuit_are_opened(service: Service):
    circuit = QuantumCircuit(2)
    with circuit.box([Twirl()]):
        circuit.x(0)
        with circuit.box():
            circuit.cx(0, 1)
    circuit.measure_all()
    _, (results,) = _run(service, payload([Item(circuit)]))
    assert results["meas"].all()


def test_boxes_within_control_flow_are_opened(service: Service):
    """Those that were not at the top stayed closed, and the transpiler failed on them."""
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.cregs[0], 1)), circuit.box():
        circuit.x(1)
    with circuit.box():
        with circuit.if_test((0, True)) as otherwise, circuit.box():
            circuit.x(0)
        with otherwise:
            circuit.x(1)
    circuit.measure([0, 1], [0, 1])
    _, (results,) = _run(service, payload([Item(circuit)]))
    assert not results["c"][..., 0].any()
    assert results["c"][..., 1].all()


def test_data_passed_through_are_no_typed_values(service: Service):
    """A key of the name that typed JSON has for types was read as such, and the job failed."""
    data = {
        "unknown": {"__type__": "nonsense", "__value__": [1, 2]},
        "known": [{"__type__": "complex", "__value__": [1, 2]}, {"__type__": 3}],
        "damaged": {"__type__": "ndarray", "__value__": "?"},
    }
    params = payload([Item(bell())])
    params["quantum_program"]["passthrough_data"] = data
    job = service.submit("executor", "aer_local", params)
    assert service.wait(job)["state"]["status"] == "Completed"
    assert service.get(f"/jobs/{job}/results").json()["passthrough_data"] == data
    assert service.job(job)["params"] == params


def test_data_passed_through_do_not_change_what_is_done(service: Service):
    """What looked like the options of a primitive was obeyed in anybody's data, or refused."""
    noted = {"post_processor": {"options": {"simulator": {"seed_simulator": "none of ours"}}}}
    result, _ = _run(service, payload([Item(bell())], passthrough_data=noted))
    assert result.passthrough_data == noted


def test_the_server_knows_how_large_an_element_is_without_numpy():
    assert {name: dtype.itemsize for name, dtype in DTYPES.items()} == ELEMENT_BYTES
