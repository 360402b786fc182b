"""Everything typed JSON has a word for comes back as it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Measure, Parameter
from qiskit.circuit.library import RXGate
from qiskit.primitives import (
    BitArray,
    DataBin,
    PrimitiveResult,
    PubResult,
    SamplerPubResult,
    StatevectorEstimator,
    StatevectorSampler,
)
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.observables_array import ObservablesArray
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.quantum_info import Operator, Pauli, PauliList, SuperOp
from qiskit.transpiler import CouplingMap
from qiskit_aer.noise import NoiseModel
from scipy import sparse

from qjobwidgets.codec import ExecutionSpan, ExecutionSpans, dumps, loads
from qjobwidgets.errors import CodecError
from tests.codec.values import ARRAYS, CIRCUITS, MODERN, OTHERS, PLAIN, same

VALUES = {**CIRCUITS, **OTHERS, **MODERN}
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def there_and_back(value):
    return loads(dumps(value))


def bell() -> QuantumCircuit:
    circuit = QuantumCircuit(2, metadata={"name": "bell"})
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.rx(2 * Parameter("theta"), 1)
    circuit.measure_all()
    return circuit


@pytest.mark.parametrize("name", VALUES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_type_comes_back_as_it_was(name, data):
    value = data.draw(VALUES[name])
    assert same(value, there_and_back(value))


@given(PLAIN)
def test_plain_json_is_untouched(value):
    assert there_and_back(value) == value
    assert json.loads(dumps(value)) == value


@given(ARRAYS)
def test_an_array_that_came_back_can_be_changed(array):
    assert there_and_back(array).flags.writeable


def test_numpy_scalars_become_plain_numbers():
    scalars = [np.int64(3), np.float32(0.5), np.bool_(True), np.complex64(1j), np.uint8(7)]
    assert there_and_back(scalars) == [3, 0.5, True, 1j, 7]


def test_infinity_and_nan_are_bare_words_as_the_service_writes_them():
    assert dumps([float("inf"), float("nan")]) == "[Infinity,NaN]"
    infinity, nan = loads("[Infinity,NaN]")
    assert infinity == float("inf")
    assert nan != nan  # noqa: PLR0124 - only NaN differs from itself


def test_circuits_with_parameters_and_metadata():
    circuit = bell()
    back = there_and_back(circuit)
    assert back == circuit
    assert back.metadata == {"name": "bell"}
    assert list(back.parameters) == list(circuit.parameters)


@pytest.mark.parametrize("instruction", [RXGate(0.25), Measure()])
def test_instructions(instruction):
    assert there_and_back(instruction) == instruction


def test_a_parameter_keeps_its_identity():
    parameter = Parameter("θ")
    assert there_and_back(parameter) == parameter


@pytest.mark.parametrize(
    "operator",
    [Pauli("-iXY"), PauliList(["XX", "-ZZ"]), Operator([[0, 1], [1, 0]]), SuperOp(np.eye(4))],
)
def test_other_operators(operator):
    assert there_and_back(operator) == operator


def test_bindings_and_observables():
    bindings = BindingsArray({("a", "b"): [[1, 2], [3, 4]]})
    back = there_and_back(bindings)
    assert back.shape == bindings.shape
    assert np.array_equal(back.data["a", "b"], bindings.data["a", "b"])
    observables = ObservablesArray([["XX", "ZZ"], ["II", {"XY": 2.5}]])
    assert there_and_back(observables).tolist() == observables.tolist()


def test_pubs_become_the_tuples_of_the_wire():
    sampled = there_and_back(SamplerPub.coerce((bell(), [[0.1], [0.2]], 50)))
    assert sampled[0].num_qubits == 2
    assert sampled[1].tolist() == [[0.1], [0.2]]
    assert sampled[2] == 50
    circuit = bell().remove_final_measurements(inplace=False)
    estimated = there_and_back(EstimatorPub.coerce((circuit, "ZZ", [0.1], 0.5)))
    assert estimated[1:] == [{"ZZ": 1.0}, pytest.approx(np.array([0.1])), 0.5]


def test_sampler_results():
    result = StatevectorSampler(seed=1).run([(bell(), [[0.1], [0.2]])], shots=20).result()
    back = there_and_back(result)
    assert isinstance(back[0], SamplerPubResult)
    assert back[0].data.meas.shape == (2,)
    for index in range(2):
        assert back[0].data.meas[index].get_counts() == result[0].data.meas[index].get_counts()
    assert back[0].metadata["shots"] == 20
    assert back.metadata == result.metadata


def test_estimator_results():
    circuit = bell().remove_final_measurements(inplace=False)
    result = StatevectorEstimator(seed=1).run([(circuit, "ZZ", [[0.1], [0.2]])]).result()
    back = there_and_back(result)
    assert type(back[0]) is PubResult
    assert np.array_equal(back[0].data.evs, result[0].data.evs)


def test_a_number_in_a_data_bin_is_written_as_the_array_the_schema_demands():
    """An estimate without axes had a bare number as ``stds``, which the schema refuses."""
    document = json.loads(dumps(DataBin(evs=np.array(0.5), stds=0.25)))["__value__"]
    assert document["field_types"] == ["ndarray", "ndarray"]
    assert document["fields"]["stds"]["__type__"] == "ndarray"


def test_bit_arrays_of_more_than_one_byte():
    bits = BitArray.from_counts({"1" + "0" * 11: 3, "0" * 11 + "1": 2})
    assert there_and_back(bits).get_counts() == bits.get_counts()


@pytest.mark.parametrize(
    ("kind", "bounds"),
    [
        ("DoubleSliceSpan", (0, 1, 0, 200)),
        ("ExecutionSpan", (0, 200)),
        ("TwirledSliceSpan", (True, 0, 2, 0, 100)),
        ("TwirledSliceSpanV2", (True, 0, 2, 0, 100, 200)),
    ],
)
def test_spans(kind, bounds):
    spans = ExecutionSpans((ExecutionSpan(NOON, NOON, {0: ((200,), *bounds)}, kind),))
    assert there_and_back(spans) == spans
    assert [span.kind for span in there_and_back(spans)] == [kind]


def test_a_whole_result_with_spans_in_its_metadata():
    span = ExecutionSpan(NOON, NOON, {0: ((3,), 0, 1, 0, 3)})
    metadata = {"version": 2, "execution": {"execution_spans": ExecutionSpans((span,))}}
    bits = BitArray(np.array([[0], [3], [3]], dtype=np.uint8), 2)
    result = PrimitiveResult([SamplerPubResult(DataBin(meas=bits))], metadata)
    back = there_and_back(result)
    assert back.metadata == metadata
    assert back[0].data.meas.get_counts() == {"00": 1, "11": 2}


def test_a_noise_model_comes_back_as_the_dict_aer_makes_one_of():
    """Clients send noise models as the contract says; they were refused as an unknown type."""
    model = NoiseModel()
    model.add_all_qubit_readout_error([[0.9, 0.1], [0.2, 0.8]])
    text = dumps({"noise_model": model})
    assert json.loads(text)["noise_model"]["__type__"] == "NoiseModel"
    assert loads(text)["noise_model"]["errors"][0]["type"] == "roerror"


def test_what_has_no_word_is_refused_by_name():
    class Detector:
        pass

    with pytest.raises(CodecError, match="Detector") as caught:
        dumps({"deep": [Detector()]})
    assert caught.value.fix


@pytest.mark.parametrize("value", [2 * Parameter("t"), {(1, 2): 3}])
def test_nothing_is_written_as_something_else(value):
    with pytest.raises(CodecError):
        dumps(value)


def test_functions_become_null_and_say_so():
    """An optimizer with a callback among its settings could not be sent at all."""
    with pytest.warns(UserWarning, match="built-in function len"):
        assert dumps({"callback": len}) == '{"callback":null}'


def test_settings_of_any_object_with_their_integer_keys():
    class Optimizer:
        settings: ClassVar = {"maxiter": 5, "weights": {1: 0.5, "two": {3: 1j}}}

    Optimizer.__module__ = "qiskit_algorithms.optimizers.spsa"
    text = dumps(Optimizer())
    assert json.loads(text)["__value__"]["weights"]["__int_keys__"] is True
    back = loads(text)
    assert back == {"name": "Optimizer", **Optimizer.settings}


def test_what_describes_itself_as_json_comes_back_as_that_text():
    class Table:
        def to_json(self) -> str:
            return '{"rows": 3}'

    assert there_and_back([Table()]) == ['{"rows": 3}']


def test_edges_and_parameters_become_lists():
    assert there_and_back(CouplingMap([(0, 1), (1, 2)])) == [[0, 1], [1, 2]]
    parameters = bell().parameters
    assert there_and_back(parameters) == list(parameters)


def test_sparse_arrays_and_formats_without_an_archive():
    array = sparse.csr_array(np.eye(3))
    assert type(there_and_back(array)) is sparse.csr_array
    listed = sparse.lil_matrix(np.eye(3))
    assert np.array_equal(there_and_back(listed).toarray(), np.eye(3))


def test_the_name_of_an_extrapolator_in_the_place_of_an_array():
    """Services have written such words as arrays; their results could not be read."""
    assert loads('{"__type__": "ndarray", "__value__": "linear"}') == "linear"
