"""``quantum-kernel-alignment``: a kernel that separates two classes with the widest margin.

The kernel of two samples is the fidelity of the states that a feature map prepares from them. Its
free parameters are learned as in J. Glick et al., "Covariant quantum kernels for data with group
structure", Nature Physics 20, 479 (2024): a support vector machine maximises the dual objective

    F = sum_i a_i - 1/2 sum_ij a_i a_j y_i y_j K_ij,   0 <= a_i <= C,   sum_i a_i y_i = 0

over its weights a, and SPSA minimises that maximum, an upper bound of the objective, over the
parameters of K. Each step is published as ``{"cost", "kernel_parameters"}``.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterVector

from qjobwidgets.server.programs.context import Context, ProgramInputError
from qjobwidgets.server.programs.overlap import Overlap
from qjobwidgets.server.programs.spsa import Point, Spsa

__all__ = ["run"]

_GAIN = 0.05  # of the first step
_BESIDE = 0.1  # how far from a point the kernel is looked at, at the first step
_FADING = 0.602, 0.101  # exponents by which the two decrease
_LAST = 10  # the result is the mean of one tenth of the points, the last
_SAMPLES = 400


@dataclass(frozen=True, slots=True)
class _FeatureMap:
    """A circuit, and which of its parameters are the features and which the kernel's."""

    circuit: QuantumCircuit
    features: list[int]
    free: list[int]

    def values(self, sample: Point, parameters: Point) -> Point:
        """Return the values of all parameters of the circuit, in its order."""
        values = np.empty(len(self.features) + len(self.free))
        values[self.features] = sample
        # One number for all is what the original program takes too.
        values[self.free] = parameters
        return values


def run(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Learn the parameters of a kernel, and return them with the kernel of the data."""
    data, labels = _data(params)
    feature_map = _feature_map(params["feature_map"], data.shape[1])
    rng = np.random.default_rng(context.seed)
    start = _start(params.get("initial_kernel_parameters"), feature_map, rng)
    layout = params.get("initial_layout")
    overlap = Overlap(
        context,
        feature_map.circuit,
        shots=params.get("shots", 8192),
        rng=rng,
        options={} if layout is None else {"initial_layout": layout},
    )
    context.note_circuits([overlap.circuit])
    penalty = params.get("C", 1)

    def kernel(parameters: Point) -> NDArray[np.float64]:
        return _kernel(overlap, [feature_map.values(sample, parameters) for sample in data])

    def cost(parameters: Point) -> float:
        return _objective(kernel(parameters), labels, penalty)

    points = []
    for step in _spsa(params.get("maxiters", 1), rng).steps(cost, start):
        points.append(step.point)
        context.publish({"cost": step.cost, "kernel_parameters": step.point})
    aligned = np.mean(points[-max(1, len(points) // _LAST) :], axis=0)
    return {"aligned_kernel_parameters": aligned, "aligned_kernel_matrix": kernel(aligned)}


def _spsa(maxiters: int, rng: np.random.Generator) -> Spsa:
    """Return the method with the gains of the original program, and steps of at most 1."""
    count = np.arange(1.0, maxiters + 1)
    return Spsa(
        rng,
        maxiter=maxiters,
        learning_rate=list(_GAIN / count ** _FADING[0]),
        perturbation=list(_BESIDE / count ** _FADING[1]),
        trust_region=True,
    )


def _kernel(overlap: Overlap, points: list[Point]) -> NDArray[np.float64]:
    matrix = np.eye(len(points))
    pairs = list(itertools.combinations(range(len(points)), 2))
    values = overlap([(points[i], points[j]) for i, j in pairs])
    rows, columns = np.array(pairs).T
    matrix[rows, columns] = matrix[columns, rows] = values
    return matrix


def _objective(kernel: NDArray[np.float64], labels: Point, penalty: float) -> float:
    """Return the maximum of the dual objective of a support vector machine."""
    from sklearn.svm import SVC  # noqa: PLC0415 - this program alone needs it

    machine = SVC(C=penalty, kernel="precomputed")
    machine.fit(kernel, labels)
    weights = machine.dual_coef_[0]  # a_i y_i of the support vectors
    support = kernel[np.ix_(machine.support_, machine.support_)]
    return float(np.abs(weights).sum() - weights @ support @ weights / 2)


def _data(params: Mapping[str, Any]) -> tuple[NDArray[np.float64], Point]:
    """Return the samples, and their labels as 1 and -1."""
    data, labels = _numbers(params["data"], "data"), _numbers(params["labels"], "labels").ravel()
    if data.ndim != 2 or not data.size:
        raise ProgramInputError("The data must be an array of samples and their features.")
    if len(labels) != len(data):
        raise ProgramInputError(f"There are {len(data)} samples and {len(labels)} labels.")
    if len(data) > _SAMPLES:
        raise ProgramInputError(f"There are {len(data)} samples, {_SAMPLES} are allowed.")
    classes = np.unique(labels)
    if len(classes) != 2:
        raise ProgramInputError(f"The labels must be of two kinds, they are of {len(classes)}.")
    return data, np.where(labels == classes[1], 1.0, -1.0)


def _numbers(given: Any, name: str) -> NDArray[np.float64]:
    try:
        numbers = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise ProgramInputError(f"The {name} are not numbers.") from None
    if not np.all(np.isfinite(numbers)):
        raise ProgramInputError(f"The {name} are not all finite.")
    return numbers


def _start(given: Any, feature_map: _FeatureMap, rng: np.random.Generator) -> Point:
    count = len(feature_map.free)
    if given is None:
        return np.asarray(rng.uniform(-1, 1, count))
    start = np.atleast_1d(_numbers(given, "initial kernel parameters"))
    if start.shape not in {(count,), (1,)}:
        raise ProgramInputError(
            f"The kernel has {count} parameters, the initial ones have shape {start.shape}."
        )
    return start


def _feature_map(given: Any, dimension: int) -> _FeatureMap:
    circuit = given if isinstance(given, QuantumCircuit) else _from_json(given)
    features: dict[int, int] = {}
    free: list[int] = []
    for place, parameter in enumerate(circuit.parameters):
        index = getattr(parameter, "index", None)
        if index is not None and parameter.vector.name == "x":
            features[index] = place
        else:
            free.append(place)
    if not free:
        raise ProgramInputError(
            "The feature map has no parameters that could be learned.",
            fix="Its features are the parameter vector x; all other parameters are the kernel's.",
        )
    if sorted(features) != list(range(dimension)):
        raise ProgramInputError(
            f"The feature map takes {len(features)} features, the data have {dimension}.",
            fix="Its features are the parameter vector x; all other parameters are the kernel's.",
        )
    return _FeatureMap(circuit, [features[index] for index in range(dimension)], free)


def _from_json(given: Any) -> QuantumCircuit:
    """Return the circuit that the original program made of the JSON text of its feature map.

    Each qubit takes two features: a free rotation about y, controlled Z of the pairs in
    ``entangler_map`` (all pairs if not given), then rotations about z and x by the features.
    """
    try:
        document = json.loads(given) if isinstance(given, str) else dict(given)
        dimension = document["feature_dimension"]
        pairs = document.get("entangler_map")
    except (TypeError, ValueError, KeyError, AttributeError):
        raise ProgramInputError(
            "The feature map is neither a circuit nor JSON with feature_dimension."
        ) from None
    if not isinstance(dimension, int) or dimension < 2 or dimension % 2:
        raise ProgramInputError("The feature_dimension must be an even number from 2.")
    qubits = dimension // 2
    x, angles = ParameterVector("x", dimension), ParameterVector("λ", qubits)
    circuit = QuantumCircuit(qubits)
    for qubit in range(qubits):
        circuit.ry(-angles[qubit], qubit)
    try:
        for source, target in itertools.combinations(range(qubits), 2) if pairs is None else pairs:
            circuit.cz(source, target)
    except Exception as error:  # noqa: BLE001 - whatever Qiskit says of the pairs
        raise ProgramInputError(f"The entangler_map is no list of pairs: {error}.") from None
    for qubit in range(qubits):
        circuit.rz(-2 * x[2 * qubit + 1], qubit)
        circuit.rx(-2 * x[2 * qubit], qubit)
    return circuit
