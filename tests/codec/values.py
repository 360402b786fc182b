"""Strategies for the values that typed JSON has words for, and what makes two of them equal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.library import CPhaseGate, RXGate, SwapGate
from qiskit.primitives import BitArray, DataBin, PrimitiveResult, PubResult, SamplerPubResult
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.observables_array import ObservablesArray
from qiskit.quantum_info import Kraus, Operator, PauliLindbladMap, PauliList, SparsePauliOp
from qiskit.result import Result
from scipy import sparse

from qjobwidgets.codec import (
    ExecutionSpan,
    ExecutionSpans,
    LayerError,
    NoiseLearnerResult,
    PauliLindbladError,
)

TIMES = st.datetimes(timezones=st.just(UTC))
NUMBERS = st.floats(-1e6, 1e6)
NAMES = st.text("abcθ_", min_size=1, max_size=6)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text().filter(lambda key: key != "__type__"), inner, max_size=4)
    ),
    max_leaves=20,
)
ARRAYS = npst.arrays(
    dtype=npst.boolean_dtypes()
    | npst.integer_dtypes()
    | npst.floating_dtypes(sizes=(16, 32, 64))
    | npst.complex_number_dtypes(sizes=(64, 128))
    | npst.unicode_string_dtypes(max_len=4)
    | npst.datetime64_dtypes(),
    shape=npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
_SMALL = npst.arrays(np.float64, npst.array_shapes(max_dims=2, max_side=3), elements=NUMBERS)


@st.composite
def circuits(draw: st.DrawFn) -> QuantumCircuit:
    """Circuits of a few gates, some with parameters, some with a measurement."""
    qubits = draw(st.integers(1, 4))
    circuit = QuantumCircuit(qubits, draw(st.integers(1, 3)), name="circuit")
    circuit.metadata = draw(st.dictionaries(NAMES, st.integers(), max_size=2))
    for gate in draw(st.lists(st.sampled_from(["h", "cx", "rx", "named", "measure"]), max_size=6)):
        qubit = draw(st.integers(0, qubits - 1))
        if gate == "cx" and qubits > 1:
            circuit.cx(qubit, (qubit + 1) % qubits)
        elif gate == "rx":
            circuit.rx(draw(NUMBERS), qubit)
        elif gate == "named":
            circuit.rz(2 * Parameter(f"p{len(circuit.data)}") + 1, qubit)
        elif gate == "measure":
            circuit.measure(qubit, 0)
        else:
            circuit.h(qubit)
    return circuit


@st.composite
def bit_arrays(draw: st.DrawFn) -> BitArray:
    """Bits of some shots, with the unused bits of the first byte empty."""
    bits, shots = draw(st.integers(1, 12)), draw(st.integers(1, 5))
    shape = draw(st.lists(st.integers(1, 3), max_size=2))
    values = draw(npst.arrays(np.bool_, (*shape, shots, bits)))
    return BitArray.from_bool_array(values, order="big")


@st.composite
def observables(draw: st.DrawFn) -> ObservablesArray:
    """Arrays of sums of Paulis."""
    term = st.dictionaries(
        st.text("IXYZ", min_size=2, max_size=2), st.floats(0.1, 10), min_size=1, max_size=3
    )
    return ObservablesArray(draw(st.lists(term, min_size=1, max_size=3)))


@st.composite
def bindings(draw: st.DrawFn) -> BindingsArray:
    """Values of some parameters, in one array or in several."""
    shape = draw(st.lists(st.integers(1, 3), max_size=2))
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    together = draw(st.booleans())
    keys = [tuple(names)] if together else [(name,) for name in names]
    data = {
        key: draw(npst.arrays(np.float64, (*shape, len(key)), elements=NUMBERS)) for key in keys
    }
    return BindingsArray(data, shape=tuple(shape))


@st.composite
def pauli_sums(draw: st.DrawFn) -> SparsePauliOp:
    """Sums of Paulis with complex weights."""
    weight = st.complex_numbers(max_magnitude=1e6)
    term = st.tuples(st.text("IXYZ", min_size=3, max_size=3), weight)
    return SparsePauliOp.from_list(draw(st.lists(term, min_size=1, max_size=6)))


@st.composite
def spans(draw: st.DrawFn) -> ExecutionSpans:
    """Spans of all kinds."""
    number = st.integers(0, 1000)
    bounds = {
        "ExecutionSpan": st.tuples(number, number),
        "DoubleSliceSpan": st.tuples(number, number, number, number),
        "TwirledSliceSpan": st.tuples(st.booleans(), number, number, number, number),
        "TwirledSliceSpanV2": st.tuples(st.booleans(), *[number] * 5),
    }
    found = []
    for kind in draw(st.lists(st.sampled_from(sorted(bounds)), max_size=3)):
        shape = st.lists(st.integers(0, 9), min_size=1, max_size=3).map(tuple)
        data_slice = st.tuples(shape, bounds[kind]).map(lambda parts: (parts[0], *parts[1]))
        slices = draw(st.dictionaries(st.integers(0, 9), data_slice, max_size=3))
        found.append(ExecutionSpan(draw(TIMES), draw(TIMES), slices, kind))
    return ExecutionSpans(tuple(found))


@st.composite
def sparse_matrices(draw: st.DrawFn) -> Any:
    """Sparse matrices of every format that an archive can hold."""
    dense = draw(npst.arrays(np.complex128, (draw(st.integers(1, 4)), draw(st.integers(1, 4)))))
    kind = draw(st.sampled_from(["csr", "csc", "bsr", "coo", "dia"]))
    return getattr(sparse, f"{kind}_matrix")(np.nan_to_num(dense))


@st.composite
def primitive_results(draw: st.DrawFn) -> PrimitiveResult:
    """Results of samplers and of estimators."""
    pubs: list[PubResult] = []
    for sampled in draw(st.lists(st.booleans(), max_size=3)):
        if sampled:
            data = DataBin(meas=draw(bit_arrays()))
            pubs.append(SamplerPubResult(data, metadata={"shots": 1}))
        else:
            values = draw(_SMALL)
            data = DataBin(evs=values, stds=np.abs(values), shape=values.shape)
            pubs.append(PubResult(data, metadata={"target_precision": draw(NUMBERS)}))
    return PrimitiveResult(pubs, {"version": 2, "execution": {"execution_spans": draw(spans())}})


@st.composite
def learned_noise(draw: st.DrawFn) -> NoiseLearnerResult:
    """What a noise learner finds."""
    layers = []
    for circuit in draw(st.lists(circuits(), max_size=2)):
        qubits = circuit.num_qubits
        text = st.text("IXYZ", min_size=qubits, max_size=qubits)
        generators = PauliList(draw(st.lists(text, min_size=1, max_size=3)))
        rates = draw(st.tuples(*[st.floats(0, 1)] * len(generators)))
        error = draw(st.none() | st.just(PauliLindbladError(generators, rates)))
        layers.append(LayerError(circuit, tuple(range(5, 5 + qubits)), error))
    return NoiseLearnerResult(tuple(layers), {"backend": "some"})


def _pauli_lindblad_map(rates: list[float]) -> PauliLindbladMap:
    terms = [("XZ"[i % 2], (i,), rate) for i, rate in enumerate(rates)]
    return PauliLindbladMap.from_sparse_list(terms, num_qubits=7)


def _old_result(counts: dict[str, int]) -> Result:
    return Result.from_dict(
        {
            "backend_name": "aer_local",
            "backend_version": "1.0.0",
            "qobj_id": "of Qiskit 1",
            "job_id": "job",
            "success": True,
            "date": datetime(2026, 11, 20, tzinfo=UTC),
            "results": [
                {
                    "shots": 10,
                    "success": True,
                    "data": {"counts": counts, "statevector": np.array([1, 1j])},
                    "header": {"name": "bell", "memory_slots": 2},
                }
            ],
        }
    )


CIRCUITS: dict[str, st.SearchStrategy[Any]] = {
    "circuit": circuits(),
    "instruction": st.sampled_from([RXGate(0.25), CPhaseGate(-1.5), SwapGate()]),
    "noise": learned_noise(),
}
"""Values that hold a circuit, and so the QPY of one release of Qiskit."""

OTHERS: dict[str, st.SearchStrategy[Any]] = {
    "plain": PLAIN,
    "array": ARRAYS,
    "array of objects": st.sampled_from([np.array([1, 2], object), np.array([[1], [2]], object)]),
    "complex": st.complex_numbers(allow_nan=False, allow_infinity=False),
    "time": TIMES,
    "set": st.sets(st.integers() | st.text()),
    "parameter": NAMES.map(Parameter),
    "sum of Paulis": pauli_sums(),
    "operator": st.sampled_from([PauliList(["XX", "-iZZ"]), Operator([[0, 1], [1j, 0]])]),
    "channel": NUMBERS.map(lambda angle: Kraus(RXGate(angle).to_matrix())),
    "bindings": bindings(),
    "observables": observables(),
    "bits": bit_arrays(),
    "spans": spans(),
    "sparse matrix": sparse_matrices(),
    "result": primitive_results(),
    "old result": st.dictionaries(
        st.sampled_from(["0x0", "0x1", "0x2", "0x3"]), st.integers(0, 9)
    ).map(_old_result),
}
"""All other values that both official clients know as well."""

MODERN: dict[str, st.SearchStrategy[Any]] = {
    "map of rates": st.lists(st.floats(0, 1), max_size=5).map(_pauli_lindblad_map),
}
"""Values that Qiskit 1 did not have."""


def same(one: Any, other: Any) -> bool:
    """Whether two values hold the same; arrays and containers of Qiskit compare oddly or not."""
    if isinstance(one, np.ndarray):
        if one.dtype.kind == "O":  # comes back as what its numbers make
            return one.tolist() == other.tolist()
        alike = (one.shape, one.dtype) == (other.shape, other.dtype)
        return alike and one.tobytes() == other.tobytes()
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    for kind, parts in _PARTS:
        if isinstance(one, kind):
            return isinstance(other, kind) and same(parts(one), parts(other))
    return one == other


def _fields(value: Any) -> list[Any]:
    return [getattr(value, item.name) for item in fields(value)]


_PARTS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (BitArray, lambda bits: [bits.num_bits, bits.array]),
    (BindingsArray, lambda bindings: [bindings.shape, dict(bindings.data)]),
    (ObservablesArray, lambda array: array.tolist()),
    (DataBin, lambda data: [data.shape, dict(data.items())]),
    (SamplerPubResult, lambda result: [result.data, result.metadata]),
    (PubResult, lambda result: [result.data, result.metadata]),
    (PrimitiveResult, lambda result: [list(result), result.metadata]),
    # numbers rather than bytes: each time Qiskit makes one, the sign of a zero may be another
    (SparsePauliOp, lambda operator: [operator.paulis.to_labels(), operator.coeffs.tolist()]),
    (Result, lambda result: result.to_dict()),
    (sparse.spmatrix, lambda matrix: [matrix.format, matrix.toarray()]),
    (ExecutionSpans, _fields),
    (ExecutionSpan, _fields),
    (NoiseLearnerResult, _fields),
    (LayerError, _fields),
    (PauliLindbladError, _fields),
)
