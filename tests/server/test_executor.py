"""``executor``: quantum programs in all published versions of its schema, through the service."""

from __future__ import annotations

import base64
import io
import json
import zlib
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, qpy, transpile
from qiskit.circuit import ClassicalRegister, Parameter, QuantumRegister
from qiskit.quantum_info import PauliLindbladMap
from qiskit_aer.primitives import SamplerV2
from samplomatic import InjectNoise, Twirl, build
from samplomatic.samplex import Samplex
from samplomatic.transpiler import generate_boxing_pass_manager

from tests.circuits import bell
from tests.server.conftest import Service
from tests.server.executor_payloads import VERSIONS, Item, arrays, payload, result_model, tensor


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


def _reason(service: Service, params: dict[str, Any], backend: str = "aer_local") -> str:
    state = service.wait(service.submit("executor", backend, params))["state"]
    assert state["status"] == "Failed", state
    return str(state["reason"])


def _refusal(service: Service, params: dict[str, Any]) -> str:
    body = {"program_id": "executor", "backend": "aer_local", "params": params}
    response = service.post(body)
    assert response.status_code == 400, response.text
    return str(response.json()["errors"][0]["message"])


def _turn() -> QuantumCircuit:
    """Return a circuit that measures 1 on qubit 0 after a turn of pi, and 0 without one."""
    circuit = QuantumCircuit(2)
    circuit.rx(Parameter("turn"), 0)
    circuit.measure_all()
    return circuit


def _twirled(circuit: QuantumCircuit) -> tuple[QuantumCircuit, Samplex]:
    boxes = generate_boxing_pass_manager(enable_gates=True, enable_measures=True)
    template, samplex = build(boxes.run(circuit))
    return template, samplex.finalize()


def _untwirled(results: dict[str, Any]) -> Any:
    return results["meas"] ^ results["measurement_flips.meas"]


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_of_the_schema_is_answered_in_itself(service: Service, version: str):
    template, samplex = _twirled(_turn())
    turns = np.array([[[0.0], [np.pi], [np.pi]]])
    items = [
        Item(_turn(), turns),
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


def test_elements_are_repeated_to_the_shape_of_the_item(service: Service):
    """Aer runs a circuit without parameters once for all elements: the others had no shots."""
    plus = QuantumCircuit(1)
    plus.h(0)
    plus.measure_all()
    items = [
        Item(plus, shape=(3,)),
        Item(_turn(), [[0.0], [np.pi]], shape=(3, 2)),
        Item(_turn(), np.zeros((0, 1))),
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
        "noted by a primitive": {"passthrough_data": {"post_processor": {"options": options}}},
    }[place]
    angles = np.linspace(0, 3, 4)[:, None]
    params = payload([Item(bell()), Item(_turn(), angles)], shots=100, **more)
    _, ours = _run(service, params)
    direct = SamplerV2(seed=7).run([bell(), (_turn(), angles)], shots=100).result()
    for results, expected in zip(ours, direct, strict=True):
        assert np.array_equal(results["meas"], expected.data.meas.to_bool_array("little"))


def test_with_a_seed_the_randomizations_are_those_of_samplomatic(service: Service):
    template, samplex = _twirled(_turn())
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
    template, samplex = _twirled(native)
    items = [Item(native), Item(template, samplex=samplex, shape=(8,))]
    _, (plain, sampled) = _run(service, payload(items, shots=250), "noisy_local")
    for bits in (plain["meas"], _untwirled(sampled).reshape(-1, 2)):
        unequal = np.logical_xor(*bits.T).mean()
        assert 0 < unequal < 0.2
        assert 0.4 < bits.mean() < 0.6
    assert "Instruction h on qubits (0,)" in _reason(
        service, payload([Item(bell())]), "noisy_local"
    )


def test_a_wide_clifford_circuit_stays_one_when_it_is_twirled(service: Service):
    """Angles of samplomatic are of single precision: Aer took them for any angles, and refused."""
    wide = QuantumCircuit(50)
    wide.x(0)
    for qubit in range(49):
        wide.cx(qubit, qubit + 1)
    wide.measure_all()
    template, samplex = _twirled(wide)
    item = Item(template, samplex=samplex, shape=(3,))
    _, (results,) = _run(service, payload([item], shots=10))
    assert _untwirled(results).all()


def test_chunks_are_of_the_size_asked_for(service: Service):
    items = [Item(_turn(), np.zeros((2, 3, 1)), chunk_size=4), Item(bell(), chunk_size=2)]
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


def test_boxes_of_a_circuit_are_opened(service: Service):
    circuit = QuantumCircuit(2)
    with circuit.box([Twirl()]):
        circuit.x(0)
        with circuit.box():
            circuit.cx(0, 1)
    circuit.measure_all()
    _, (results,) = _run(service, payload([Item(circuit)]))
    assert results["meas"].all()


@pytest.mark.parametrize("level", ["kerneled", "avg_kerneled", "both"])
def test_levels_of_measurement_that_a_simulator_has_not(service: Service, level: str):
    assert level in _reason(service, payload([Item(bell())], meas_level=level))


def test_stretches_are_refused(service: Service):
    circuit = bell()
    circuit.delay(circuit.add_stretch("s"), 0)
    assert "item 0 has stretches" in _reason(service, payload([Item(circuit)]))


def _with(**more: Any) -> dict[str, Any]:
    """Return a payload of one item, with other fields of the item or the program."""
    params = payload([Item(_turn(), [[0.0]])])
    program = params["quantum_program"]
    for name, value in more.items():
        (program["items"][0] if name in program["items"][0] else program)[name] = value
    return params


def _tensor(shape: list[int], dtype: str = "f64", data: bytes = b"") -> dict[str, Any]:
    text = base64.b64encode(zlib.compress(data)).decode()
    return {"data": text, "shape": shape, "dtype": dtype}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"circuits": None}, "circuits are missing"),
        ({"shots": None}, "shots"),
        ({"shots": 0}, "shots"),
        ({"shots": 10**12}, "shots"),
        ({"items": []}, "1 circuits for 0 items"),
        ({"item_type": "pickle"}, "item_type"),
        ({"chunk_size": 0}, "chunk_size"),
        ({"shape": [-1]}, "shape"),
        ({"shape": [1] * 33}, "shape"),
        ({"circuit_arguments": _tensor([1], "object")}, "dtype"),
        ({"circuit_arguments": _tensor([1], "i8")}, "f64"),
        ({"circuit_arguments": _tensor([2**40])}, "bytes"),
        ({"circuit_arguments": _tensor([2**33, 2**33])}, "bytes"),
        ({"meas_level": "raw"}, "meas_level"),
    ],
)
def test_what_the_shape_shows_is_refused_at_once(service: Service, more: Any, message: str):
    assert message in _refusal(service, _with(**more))


def test_versions_and_their_parts(service: Service):
    good = _with()
    assert "schema_version" in _refusal(service, {})
    assert "schema_version" in _refusal(service, good | {"schema_version": "v9.9"})
    assert "options" in _refusal(service, good | {"options": None})
    assert "item 0 has no circuit" in _refusal(service, good | {"schema_version": "v0.2"})
    good["quantum_program"]["items"][0]["item_type"] = "samplex"
    assert "samplex" in _refusal(service, good)


def test_chunks_in_two_ways_are_refused(service: Service):
    params = payload([Item(bell())] * 2)
    params["quantum_program"]["items"][0]["chunk_size"] = 2
    assert "chunk_size" in _refusal(service, params)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (_tensor([1], data=bytes(2**24)), "more bytes than allowed"),
        (_tensor([1], data=bytes(4)), "4 bytes"),
        (_tensor([1], data=np.array([np.nan]).tobytes()), "not finite"),
        (_tensor([2], data=bytes(16)), "1 parameters"),
        ({**_tensor([1]), "data": "!"}, "damaged"),
        ({**_tensor([1]), "data": base64.b64encode(b"no zlib").decode()}, "damaged"),
    ],
)
def test_tensors_that_are_not_what_they_say(service: Service, arguments: Any, reason: str):
    assert reason in _reason(service, _with(circuit_arguments=arguments))


def test_more_than_a_job_may_hold_is_refused_before_it_is_made(service: Service):
    assert "too many elements" in _reason(service, _with(shape=[2**30]))
    assert "measure" in _reason(service, _with(shape=[2**20], shots=100_000))
    template, samplex = _twirled(bell())
    item = Item(template, samplex=samplex, shape=(2**30,))
    assert "A samplex would make" in _reason(service, payload([item]))


def _file_of(circuit: QuantumCircuit, version: int) -> bytearray:
    file = io.BytesIO()
    qpy.dump(circuit, file, version=version)
    return bytearray(file.getvalue())


def test_circuits_that_are_not_what_they_say(service: Service):
    def circuits(data: bytes, version: int) -> dict[str, Any]:
        text = base64.b64encode(zlib.compress(data)).decode()
        document = {"b64_data": text, "qpy_version": version, "num_programs": 1}
        return _with(circuits=document)

    good = _file_of(_turn(), 17)
    old, many = bytearray(good), bytearray(good)
    old[6] = 12
    many[10:18] = (2**40).to_bytes(8)
    assert "version 12" in _reason(service, circuits(old, 12))
    assert "not 16 as declared" in _reason(service, circuits(good, 16))
    assert "instead of 1" in _reason(service, circuits(many, 17))
    assert "damaged" in _reason(service, circuits(good[:-20], 17))

    plain = payload([Item(_turn(), [[0.0]])], "v1.1")
    text = base64.b64encode(_file_of(_turn(), 18)).decode()
    plain["quantum_program"]["circuits"] |= {"b64_data": text, "qpy_version": 18}
    assert "13 to 17 can be read" in _reason(service, plain)


def _with_samplex(**more: Any) -> dict[str, Any]:
    """Return a payload whose samplex, or else its header, is changed."""
    template, samplex = _twirled(_turn())
    item = Item(template, samplex=samplex, arguments={"parameter_values": np.zeros(1)})
    params = payload([item])
    document = params["quantum_program"]["items"][0]["samplex"]
    if more.keys() <= document.keys():
        document.update(more)
    else:
        graph = json.loads(document["samplex_json"])
        graph["attrs"].update(more)
        document["samplex_json"] = json.dumps(graph)
    return params


def _expressions(version: int) -> str:
    circuit = QuantumCircuit(1)
    circuit.rz(Parameter("turn"), 0)
    data = _file_of(circuit, 15)
    data[6] = version
    return json.dumps({"qpy": "15", "circuit_base64": base64.b64encode(data).decode()})


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"samplex_json": "{}"}, "refused"),
        ({"samplex_json": "[" * 100_000}, "refused"),
        ({"ssv": 3}, "came as version 3"),
        ({"param_table": _expressions(12)}, "version 12"),
        ({"param_table": "{}"}, "refused"),
        ({"output_specification": "{}"}, "refused"),
        ({"input_specification": "{}"}, "refused"),
    ],
)
def test_samplexes_that_are_not_what_they_say(service: Service, more: Any, reason: str):
    assert reason in _reason(service, _with_samplex(**more))


def test_arguments_that_a_samplex_does_not_take(service: Service):
    def arguments(**given: Any) -> dict[str, Any]:
        params = _with_samplex()
        params["quantum_program"]["items"][0]["samplex_arguments"] = given
        return params

    assert "parameter_values" in _reason(service, arguments())
    assert "no specification" in _reason(service, arguments(other=1))
    noise = {"sparse_terms": [["Q", [0], 0.1]], "num_qubits": 1}
    assert "refused" in _reason(service, arguments(parameter_values=noise))
    three = tensor(np.zeros((2, 3))).model_dump()
    assert "refused" in _reason(service, arguments(parameter_values=three))
