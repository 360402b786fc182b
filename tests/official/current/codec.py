"""The typed JSON of today's client beside ours, in one process: each reads what the other writes.

``tests/official/test_codec.py`` sends values of all types through :func:`again`. The cases here are
about the types that only the client has classes for.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from door import Door
from qiskit import QuantumCircuit
from qiskit.primitives import DataBin, PrimitiveResult
from qiskit.quantum_info import PauliList
from qiskit_aer.noise import NoiseModel, ReadoutError, depolarizing_error
from qiskit_ibm_runtime import RuntimeDecoder, RuntimeEncoder
from qiskit_ibm_runtime.execution_span import (
    DoubleSliceSpan,
    ExecutionSpans,
    SliceSpan,
    TwirledSliceSpan,
    TwirledSliceSpanV2,
)
from qiskit_ibm_runtime.results import (
    EstimatorPubResult,
    LayerError,
    NoiseLearnerResult,
    PauliLindbladError,
)

# Our codec needs nothing that the client does not need as well, so it runs from its source here.
sys.path.append(str(Path(__file__).resolve().parents[3]))
from qjobwidgets import codec

NOON, ONE = datetime(2026, 11, 20, 12, tzinfo=UTC), datetime(2026, 11, 20, 13, tzinfo=UTC)


def written(value: Any) -> str:
    return json.dumps(value, cls=RuntimeEncoder)


def read(text: str) -> Any:
    return json.loads(text, cls=RuntimeDecoder)


def again(text: str) -> str:
    """Return what the client writes of what it has read."""
    return written(read(text))


def case_spans_of_every_kind(_door: Door) -> None:
    whole, part = slice(0, 2), slice(3, 9)
    spans = ExecutionSpans(
        [
            SliceSpan(NOON, ONE, {0: ((4, 10), part)}),
            DoubleSliceSpan(NOON, ONE, {1: ((2, 10), whole, part)}),
            TwirledSliceSpan(NOON, ONE, {2: ((5, 2, 10), True, whole, part)}),
            TwirledSliceSpanV2(NOON, ONE, {3: ((5, 2, 10), False, whole, part, 40)}),
        ]
    )
    ours = codec.loads(written(spans))
    assert [span.kind for span in ours] == [
        "ExecutionSpan",
        "DoubleSliceSpan",
        "TwirledSliceSpan",
        "TwirledSliceSpanV2",
    ]
    assert all((span.start, span.stop) == (NOON, ONE) for span in ours)
    assert dict(ours.spans[1].data_slices) == {1: ((2, 10), 0, 2, 3, 9)}
    assert dict(ours.spans[3].data_slices) == {3: ((5, 2, 10), False, 0, 2, 3, 9, 40)}
    theirs = read(codec.dumps(ours))
    assert theirs == spans
    assert [type(span) for span in theirs] == [type(span) for span in spans]


def learned() -> NoiseLearnerResult:
    circuit = QuantumCircuit(2)
    circuit.cx(0, 1)
    error = PauliLindbladError(PauliList(["XX", "IZ"]), [0.25, 0.5])
    layers = [LayerError(circuit, [4, 7], error), LayerError(circuit, [1, 2])]
    return NoiseLearnerResult(layers, {"backend": "some"})


def case_what_a_noise_learner_has_found(_door: Door) -> None:
    theirs = learned()
    ours = codec.loads(written(theirs))
    assert isinstance(ours, codec.NoiseLearnerResult)
    assert ours.metadata == theirs.metadata
    assert ours[0].circuit == theirs[0].circuit
    assert ours[0].qubits == (4, 7)
    assert ours[0].error.generators == theirs[0].error.generators
    assert ours[0].error.rates == (0.25, 0.5)
    assert ours[1].error is None
    # ours, and objects of the client's own classes
    for text in (codec.dumps(ours), codec.dumps(theirs)):
        back = read(text)
        assert isinstance(back, NoiseLearnerResult)
        assert back[0].circuit == theirs[0].circuit
        assert back[0].qubits == [4, 7]
        assert back[0].error.generators == theirs[0].error.generators
        assert back[0].error.rates.tolist() == [0.25, 0.5]
        assert back[1].error is None


def case_results_of_an_estimator_are_those_of_qiskit(_door: Door) -> None:
    data = DataBin(evs=np.array([0.5, 0.25]), stds=np.array([0.1, 0.2]), shape=(2,))
    result = PrimitiveResult([EstimatorPubResult(data, {"shots": 10})], {"version": 2})
    (ours,) = codec.loads(written(result))
    assert np.array_equal(ours.data.evs, data.evs)
    assert ours.metadata == {"shots": 10}
    (theirs,) = read(codec.dumps(result))
    assert np.array_equal(theirs.data.stds, data.stds)


def case_noise_models(_door: Door) -> None:
    model = NoiseModel()
    model.add_all_qubit_readout_error(ReadoutError([[0.9, 0.1], [0.2, 0.8]]))
    model.add_all_qubit_quantum_error(depolarizing_error(0.01, 2), ["cx"])
    assert read(codec.dumps(model)) == model
    # ours stays a dict until a simulator makes a model of it
    assert NoiseModel.from_dict(codec.loads(written(model))) == model


def case_neither_writes_what_the_other_lacks(_door: Door) -> None:
    values = [complex(1, 2), {3, "a"}, NOON, np.array([1.5, 2.5]), QuantumCircuit(1, name="one")]
    names = [json.loads(codec.dumps(value))["__type__"] for value in values]
    assert names == [json.loads(written(value))["__type__"] for value in values]
