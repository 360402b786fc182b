"""PUBs in every form Qiskit takes reach the service in the one form of the wire."""

from __future__ import annotations

import json

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import SparsePauliOp

from qjobwidgets.client.inputs import submission
from qjobwidgets.codec import loads
from qjobwidgets.errors import CodecError


def bell(*, measured: bool = True) -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    if measured:
        circuit.measure_all()
    return circuit


def rotated() -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.ry(Parameter("t"), 0)
    return circuit


def params(program: str, inputs, options=None):
    body = submission(program, inputs, options).body([])
    return loads(json.dumps(json.loads(body)["params"]))


@pytest.mark.parametrize(
    ("pubs", "count"),
    [
        (bell, 1),
        (lambda: (bell(),), 1),
        (lambda: [bell()], 1),
        (lambda: [bell(), (bell(), None, 50)], 2),
        (lambda: (bell(), bell()), 2),
        (lambda: ((bell(), None, 10), (bell(), None, 20)), 2),
        (lambda: iter([bell()] * 3), 3),
    ],
)
def test_sampler_pubs(pubs, count):
    sent = params("sampler", {"pubs": pubs()})
    assert [len(pub) for pub in sent["pubs"]] == [3] * count
    assert sent["version"] == 2
    assert sent["support_qiskit"] is True
    assert sent["options"] == {}


def test_shots_become_the_programs_default():
    sent = params("sampler", {"pubs": [bell()], "options": {"x": 1}}, {"shots": 50})
    assert sent["options"] == {"x": 1, "default_shots": 50}
    assert params("vqe", {"a": 1}, {"shots": 50}) == {"a": 1, "shots": 50}


def test_estimator_pubs():
    operator = SparsePauliOp(["ZZ", "XX"], [1, 0.5])
    [pub] = params("estimator", {"pubs": (bell(measured=False), operator)})["pubs"]
    assert pub[1] == {"XX": 0.5, "ZZ": 1.0}
    assert pub[2].shape == (0,)
    assert pub[3] is None
    [pub] = params("estimator", {"pubs": [(rotated(), ["Z", "X"], [[0.1], [0.2]], 0.01)]})["pubs"]
    assert pub[1] == [{"Z": 1.0}, {"X": 1.0}]
    assert pub[2].tolist() == [[0.1], [0.2]]
    assert pub[3] == 0.01


def test_parameters_in_a_tuple_do_not_make_it_several_pubs():
    """A tuple inside a PUB was taken for another PUB, and the observable for a circuit."""
    [pub] = params("estimator", {"pubs": (rotated(), "Z", (0.1,))})["pubs"]
    assert pub[2].tolist() == [0.1]


def test_a_circuit_that_measures_nothing_is_refused_at_once():
    with pytest.raises(ValueError, match="measure_all"):
        submission("sampler", {"pubs": [bell(measured=False)]})


@pytest.mark.parametrize("pubs", [[rotated()], [(rotated(), [0.1, 0.2])], [1]])
def test_what_is_no_pub(pubs):
    with pytest.raises((ValueError, TypeError)):
        submission("estimator", {"pubs": pubs})


def test_an_input_that_cannot_be_sent_is_named():
    with pytest.raises(CodecError, match=r"builtins\.object"):
        submission("vqe", {"optimizer": object()})


def test_other_programs_get_their_inputs_as_they_are():
    operator = SparsePauliOp("Z")
    assert params("vqe", {"operator": operator, "optimizer": {"name": "SPSA"}}) == {
        "operator": operator,
        "optimizer": {"name": "SPSA"},
    }


def test_a_backend_may_be_an_object():
    class Named:
        name = "b1"

    class Called:
        def name(self):
            return "b2"

    for backend, name in ((Named(), "b1"), (Called(), "b2"), ("b3", "b3")):
        assert submission("vqe", {}, {"backend": backend}).fields["backend"] == name


def test_the_backend_of_the_options_goes_before_that_of_the_place():
    assert submission("vqe", {}, None, backend="a").fields["backend"] == "a"
    assert submission("vqe", {}, {"backend": "b"}, backend="a").fields["backend"] == "b"
    assert submission("vqe", {}, {"backend_name": "b"}, backend="a").fields["backend"] == "b"
