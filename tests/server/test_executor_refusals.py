"""``executor``: payloads that are wrong, damaged or too much are refused with a reason."""

from __future__ import annotations

import base64
import io
import json
import random
import zlib
from typing import Any

import numpy as np
import pytest
from ibm_quantum_schemas.common import SamplexModel
from qiskit import QuantumCircuit, qpy
from qiskit.circuit import Parameter
from qiskit.circuit.classical import expr, types

from tests.circuits import bell
from tests.server.conftest import Service
from tests.server.executor_payloads import Item, payload, reason, tensor, turn, twirled


def _refusal(service: Service, params: dict[str, Any]) -> str:
    body = {"program_id": "executor", "backend": "aer_local", "params": params}
    response = service.post(body)
    assert response.status_code == 400, response.text
    return str(response.json()["errors"][0]["message"])


@pytest.mark.parametrize("level", ["kerneled", "avg_kerneled", "both"])
def test_levels_of_measurement_that_a_simulator_has_not(service: Service, level: str):
    assert level in reason(service, payload([Item(bell())], meas_level=level))


def test_a_seed_that_a_primitive_notes_is_checked_too(service: Service):
    noted = {"post_processor": {"options": {"simulator": {"seed_simulator": "x"}}}}
    params = payload([Item(bell())], passthrough_data=noted, semantic_role="estimator_v2")
    assert "seed_simulator" in reason(service, params)


def test_classical_variables_are_refused(service: Service):
    """They ended the process of the job, three times."""
    circuit = bell()
    with circuit.box():
        circuit.add_var("n", expr.lift(3, types.Uint(8)))
    assert "item 0 has classical variables" in reason(service, payload([Item(circuit)]))


def test_stretches_are_refused(service: Service):
    circuit = bell()
    circuit.delay(circuit.add_stretch("s"), 0)
    assert "item 0 has stretches" in reason(service, payload([Item(circuit)]))


def _with(**more: Any) -> dict[str, Any]:
    """Return a payload of one item, with other fields of the item or the program."""
    params = payload([Item(turn(), [[0.0]])])
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
    seed = {"experimental": {"simulator": {"seed_simulator": -1}}}
    assert "seed_simulator" in _refusal(service, good | {"options": seed})
    assert "item 0 has no circuit" in _refusal(service, good | {"schema_version": "v0.2"})
    good["quantum_program"]["items"][0]["item_type"] = "samplex"
    assert "samplex" in _refusal(service, good)


def test_chunks_in_two_ways_are_refused(service: Service):
    params = payload([Item(bell())] * 2)
    params["quantum_program"]["items"][0]["chunk_size"] = 2
    assert "chunk_size" in _refusal(service, params)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (_tensor([1], data=bytes(2**24)), "more bytes than allowed"),
        (_tensor([1], data=bytes(4)), "4 bytes"),
        (_tensor([1], data=np.array([np.nan]).tobytes()), "not finite"),
        (_tensor([2], data=bytes(16)), "1 parameters"),
        ({**_tensor([1]), "data": "!"}, "damaged"),
        ({**_tensor([1]), "data": base64.b64encode(b"no zlib").decode()}, "damaged"),
    ],
)
def test_tensors_that_are_not_what_they_say(service: Service, arguments: Any, words: str):
    assert words in reason(service, _with(circuit_arguments=arguments))


def test_more_than_a_job_may_hold_is_refused_before_it_is_made(service: Service):
    assert "too many elements" in reason(service, _with(shape=[2**30]))
    assert "measure" in reason(service, _with(shape=[2**20], shots=100_000))
    template, samplex = twirled(bell())
    item = Item(template, samplex=samplex, shape=(2**30,))
    assert "A samplex would make" in reason(service, payload([item]))


def _file_of(circuit: QuantumCircuit, version: int) -> bytearray:
    file = io.BytesIO()
    qpy.dump(circuit, file, version=version)
    return bytearray(file.getvalue())


def test_circuits_that_are_not_what_they_say(service: Service):
    def circuits(data: bytes, version: int) -> dict[str, Any]:
        text = base64.b64encode(zlib.compress(data)).decode()
        document = {"b64_data": text, "qpy_version": version, "num_programs": 1}
        return _with(circuits=document)

    good = _file_of(turn(), 17)
    old, many = bytearray(good), bytearray(good)
    old[6] = 12
    many[10:18] = (2**40).to_bytes(8)
    assert "version 12" in reason(service, circuits(old, 12))
    assert "not 16 as declared" in reason(service, circuits(good, 16))
    assert "instead of 1" in reason(service, circuits(many, 17))
    assert "damaged" in reason(service, circuits(good[:-20], 17))
    program = 'OPENQASM 3.0; include "/etc/passwd";'
    assert "OpenQASM" in reason(service, _with(circuits={"data": [program]}))

    plain = payload([Item(turn(), [[0.0]])], "v1.1")
    text = base64.b64encode(_file_of(turn(), 18)).decode()
    plain["quantum_program"]["circuits"] |= {"b64_data": text, "qpy_version": 18}
    assert "13 to 17 can be read" in reason(service, plain)


def _with_samplex(**more: Any) -> dict[str, Any]:
    """Return a payload whose samplex, or else its header, is changed."""
    template, samplex = twirled(turn())
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
    ("more", "words"),
    [
        ({"samplex_json": "{}"}, "refused"),
        ({"samplex_json": "[" * 100_000}, "refused"),
        ({"ssv": 3}, "is 4, not 3 as declared"),
        ({"param_table": _expressions(12)}, "version 12"),
        ({"param_table": "{}"}, "refused"),
        ({"output_specification": "{}"}, "refused"),
        ({"input_specification": "{}"}, "refused"),
    ],
)
def test_samplexes_that_are_not_what_they_say(service: Service, more: Any, words: str):
    assert words in reason(service, _with_samplex(**more))


def test_a_samplex_of_a_newer_schema_or_of_another_circuit(service: Service):
    template, samplex = twirled(bell())
    older = payload([Item(template, samplex=samplex)], "v1.0")
    document = SamplexModel.from_samplex(samplex, 4).model_dump()
    older["quantum_program"]["items"][0]["samplex"] = document
    assert "version 4, this version of the schema has up to 3" in reason(service, older)
    other = payload([Item(turn(), samplex=samplex)])
    assert "its circuit has 1" in reason(service, other)


def test_mutants_of_circuits_and_samplexes_harm_their_jobs_only(service: Service):
    rng, good = random.Random(3), _with_samplex()
    jobs = []
    for _ in range(10):
        for name, part in (
            ("b64_data", good["quantum_program"]["circuits"]),
            ("samplex_json", good["quantum_program"]["items"][0]["samplex"]),
        ):
            before = part[name]
            part[name] = _mutant(before, rng, packed=name == "b64_data")
            jobs.append(service.submit("executor", "aer_local", good))
            part[name] = before
    for job in jobs:
        state = service.wait(job)["state"]
        assert state["status"] in {"Completed", "Failed"}
        assert "process ended" not in state.get("reason", "")


def _mutant(text: str, rng: random.Random, *, packed: bool) -> str:
    data = bytearray(zlib.decompress(base64.b64decode(text)) if packed else text.encode())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(5)
    return base64.b64encode(zlib.compress(data)).decode() if packed else data.decode()


def test_arguments_that_a_samplex_does_not_take(service: Service):
    def arguments(**given: Any) -> dict[str, Any]:
        params = _with_samplex()
        params["quantum_program"]["items"][0]["samplex_arguments"] = given
        return params

    assert "parameter_values" in reason(service, arguments())
    assert "no specification" in reason(service, arguments(other=1))
    noise = {"sparse_terms": [["Q", [0], 0.1]], "num_qubits": 1}
    assert "refused" in reason(service, arguments(parameter_values=noise))
    three = tensor(np.zeros((2, 3))).model_dump()
    assert "refused" in reason(service, arguments(parameter_values=three))
