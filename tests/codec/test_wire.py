"""The bytes are those of the official client.

``wire.json`` was written by the JSON encoder of ``qiskit-ibm-runtime`` 0.51.0.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from qiskit.quantum_info import SparsePauliOp

from qjobwidgets.codec import dumps, loads

WIRE = json.loads((Path(__file__).parent / "wire.json").read_text())


def without_names(document):
    """Leave out what differs on purpose (``field_types``) or in each circuit (automatic names)."""
    if isinstance(document, dict):
        return {k: without_names(v) for k, v in document.items() if k != "field_types"}
    return [without_names(v) for v in document] if isinstance(document, list) else document


@pytest.mark.parametrize("name", sorted(WIRE))
def test_it_is_read(name):
    value = loads(json.dumps(WIRE[name]))
    assert not isinstance(value, dict)


@pytest.mark.parametrize("name", sorted(WIRE.keys() - {"instruction"}))
def test_and_written_again_as_it_was(name):
    again = json.loads(dumps(loads(json.dumps(WIRE[name]))))
    assert without_names(again) == without_names(WIRE[name])


def test_a_result_carries_the_field_types_of_the_published_schema():
    result = json.loads(dumps(loads(json.dumps(WIRE["sampler_result"]))))
    data = result["__value__"]["pub_results"][0]["__value__"]["data"]["__value__"]
    assert data["field_types"] == ["BitArray"]


def test_circuits_are_written_in_the_version_services_read():
    from base64 import b64decode
    from zlib import decompress

    from qiskit import QuantumCircuit

    text = json.loads(dumps(QuantumCircuit(1)))["__value__"]
    assert decompress(b64decode(text))[6] <= 17


def test_what_older_clients_send_is_read_as_what_took_its_place():
    """Their optimizers and sums of Paulis were refused, as objects of classes not allowed."""
    terms = json.loads(dumps(SparsePauliOp.from_list([("XZ", 0.5)])))
    older = {
        "__type__": "settings",
        "__module__": "qiskit.opflow.primitive_ops.pauli_sum_op",
        "__class__": "PauliSumOp",
        "__value__": {"primitive": terms, "coeff": 2.0},
    }
    assert loads(json.dumps(older)) == SparsePauliOp.from_list([("XZ", 1.0)])
    for package in ("qiskit.algorithms", "qiskit_algorithms"):
        optimizer = {
            "__type__": "settings",
            "__module__": f"{package}.optimizers.spsa",
            "__class__": "SPSA",
            "__value__": {"maxiter": 10, "name": "os.system"},
        }
        assert loads(json.dumps(optimizer)) == {"name": "SPSA", "maxiter": 10}
