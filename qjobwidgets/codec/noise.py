"""What a noise learner has found: layers of circuits, and the errors on them.

Qiskit has no classes for these results. Services name those of the official client, by module;
they are read as the classes here, and an object of either is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qjobwidgets.errors import CodecError

__all__ = [
    "NOISE_MODULES",
    "LayerError",
    "NoiseLearnerResult",
    "PauliLindbladError",
    "noise_document",
    "read_noise_part",
    "read_noise_result",
]

_OLDER_HOME = "qiskit_ibm_runtime.utils.noise_learner_result"  # the one all releases know
NOISE_MODULES = frozenset({_OLDER_HOME, "qiskit_ibm_runtime.results.noise_learner", __name__})
"""Where classes of these results live."""


@dataclass(frozen=True, slots=True)
class PauliLindbladError:
    """An error channel made of Pauli dissipators.

    Attributes:
        generators: The dissipators, a ``PauliList``.
        rates: The rate of each.
    """

    generators: Any
    rates: tuple[float, ...]

    @property
    def num_qubits(self) -> int:
        """How many qubits it acts on."""
        return int(self.generators.num_qubits)


@dataclass(frozen=True, slots=True)
class LayerError:
    """The error of one layer of a circuit.

    Attributes:
        circuit: The layer, a ``QuantumCircuit``.
        qubits: The backend's qubits it ran on.
        error: The error; ``None`` when it is not known.
    """

    circuit: Any
    qubits: tuple[int, ...]
    error: PauliLindbladError | None = None

    @property
    def num_qubits(self) -> int:
        """How many qubits the layer has."""
        return len(self.qubits)


@dataclass(frozen=True, slots=True)
class NoiseLearnerResult:
    """The layers a noise learner was asked about, iterable.

    Attributes:
        data: The layers; services of older releases give pairs instead.
        metadata: What holds for all of them.
    """

    data: tuple[LayerError | Any, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, index: int) -> LayerError | Any:
        return self.data[index]

    def __iter__(self) -> Iterator[LayerError | Any]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


def noise_document(obj: Any) -> dict[str, Any]:
    """Return what stands for an object of :data:`NOISE_MODULES`."""
    name = type(obj).__name__
    if name == "NoiseLearnerResult":
        value: dict[str, Any] = {"data": list(obj.data), "metadata": dict(obj.metadata)}
        return {"__type__": name, "__value__": value}
    if name == "PauliLindbladError":
        value = {"generators": obj.generators, "rates": np.asarray(obj.rates, dtype=float)}
    elif name == "LayerError":
        value = {"circuit": obj.circuit, "qubits": list(obj.qubits), "error": obj.error}
    else:
        raise CodecError(f"Objects of {name} can't be written as typed JSON.")
    names = {"__module__": _OLDER_HOME, "__class__": name}
    return {"__type__": "_json", **names, "__value__": value}


def read_noise_part(module: object, name: object, value: Mapping[str, Any]) -> Any:
    """Return a layer or an error.

    Raises:
        CodecError: The class named is neither of the two, or its parts do not fit together.
    """
    if module in NOISE_MODULES and name == "PauliLindbladError":
        return _error(value["generators"], value["rates"])
    if module in NOISE_MODULES and name == "LayerError":
        return _layer(value["circuit"], value["qubits"], value.get("error"))
    raise CodecError(f"Objects of {module}.{name} are not allowed in typed JSON.")


def read_noise_result(value: Mapping[str, Any]) -> NoiseLearnerResult:
    """Return a result of a decoded wire value."""
    return NoiseLearnerResult(tuple(value["data"]), dict(value.get("metadata") or {}))


def _error(generators: Any, rates: Any) -> PauliLindbladError:
    from qiskit.quantum_info import PauliList  # noqa: PLC0415 - the value has loaded it

    numbers = np.asarray(rates, dtype=float)
    if not isinstance(generators, PauliList) or numbers.shape != (len(generators),):
        raise CodecError("An error channel needs as many rates as Pauli generators.")
    return PauliLindbladError(generators, tuple(numbers.tolist()))


def _layer(circuit: Any, qubits: Any, error: Any) -> LayerError:
    from qiskit.circuit import QuantumCircuit  # noqa: PLC0415 - the value has loaded it

    places = tuple(int(qubit) for qubit in qubits)
    if not isinstance(circuit, QuantumCircuit) or circuit.num_qubits != len(places):
        raise CodecError("A layer needs a circuit, and as many qubits as that has.")
    if error is not None and (
        not isinstance(error, PauliLindbladError) or error.num_qubits != len(places)
    ):
        raise CodecError("The error of a layer must be on as many qubits as the layer.")
    return LayerError(circuit, places, error)
