"""The items of a quantum program, off the wire: a circuit and all values its parameters take.

Nothing here trusts the document: tensors unpack to what their shapes say or not at all, QPY is of
versions that run no code, and what would be larger than a job may hold is refused before it is
made. Samplomatic and the published schemas take a while to load, so only what needs them does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.quantum_info import PauliLindbladMap

from qjobwidgets.codec import Limits
from qjobwidgets.codec.binary import Budget
from qjobwidgets.errors import QJobError
from qjobwidgets.server.programs.context import ProgramInputError
from qjobwidgets.server.programs.executor_circuits import circuits_of
from qjobwidgets.server.programs.executor_samples import MAX_BYTES, bind, load_samplex, sample
from qjobwidgets.server.programs.executor_tensors import Array, read_tensor
from qjobwidgets.server.programs.executor_versions import Version

__all__ = ["Item", "read_items"]

_QUARTER = np.pi / 2
_DRIFT = 1e-6  # samplomatic keeps angles in single precision


@dataclass(frozen=True, slots=True)
class Item:
    """What is run of one item.

    Attributes:
        circuit: The circuit.
        shape: The shape of the item; its elements are counted in C order.
        values: Values of the parameters of the circuit, one row for each element.
        chunk_size: Most elements to run at a time; none: as many as fit.
        samples: What the samplex tells besides, by name.
    """

    circuit: QuantumCircuit
    shape: tuple[int, ...]
    values: NDArray[np.float64]
    chunk_size: int | None
    samples: dict[str, Array] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)


def read_items(
    program: Mapping[str, Any], version: Version, rng: np.random.Generator
) -> list[Item]:
    """Return the items of a quantum program.

    Args:
        program: The program, of whose shape the API has made sure.
        version: The version of its schema.
        rng: What samplexes sample with, one after the other.

    Raises:
        CodecError: A part of it is damaged.
        ProgramInputError: Its parts don't belong together, or would take too much memory.
    """
    budget = Budget(Limits().unpacked)
    circuits = circuits_of(program, version, budget)
    reader = _Reader(version, budget, rng)
    return [
        reader.read(index, document, circuit)
        for index, (document, circuit) in enumerate(zip(program["items"], circuits, strict=True))
    ]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the items of one program."""

    version: Version
    budget: Budget
    rng: np.random.Generator

    def read(self, index: int, document: Mapping[str, Any], circuit: QuantumCircuit) -> Item:
        """Return one item."""
        sampled = document["item_type"] == "samplex"
        try:
            item = (self._sampled if sampled else self._swept)(document, circuit)
        except (QJobError, MemoryError):
            raise
        except Exception as error:  # samplomatic and Qiskit raise errors of many kinds
            raise ProgramInputError(
                f"Item {index} was refused: {type(error).__name__}: {error}."
            ) from error
        if not np.all(np.isfinite(item.values)):
            raise ProgramInputError(f"Item {index} has parameter values that are not finite.")
        return item

    def _swept(self, document: Mapping[str, Any], circuit: QuantumCircuit) -> Item:
        """Return an item that gives the values itself."""
        arguments = self._tensor(document["circuit_arguments"])
        *lead, last = arguments.shape or (0,)
        count = circuit.num_parameters
        if last != count:
            raise ProgramInputError(
                f"A circuit has {count} parameters, its arguments have shape {arguments.shape}.",
                fix="The last axis of the arguments is that of the parameters, in their order.",
            )
        # Clients that know no shape of such items send an empty one.
        shape = np.broadcast_shapes(tuple(document.get("shape", ())), tuple(lead))
        size = math.prod(shape)
        if size * max(count, 1) * arguments.itemsize > MAX_BYTES:
            raise ProgramInputError(
                f"An item of shape {shape} has too many elements.",
                fix="Split it into several jobs.",
            )
        rows = np.broadcast_to(arguments.reshape(*lead, count), (*shape, count))
        return Item(circuit, shape, rows.reshape(size, count), _chunk_size(document))

    def _sampled(self, document: Mapping[str, Any], circuit: QuantumCircuit) -> Item:
        """Return an item whose values a samplex makes."""
        samplex = load_samplex(document["samplex"], self.version.newest_ssv)
        arguments = document["samplex_arguments"].items()
        bound = bind(samplex, {name: self._argument(value) for name, value in arguments})
        shape = np.broadcast_shapes(tuple(document["shape"]), bound.shape)
        samples = sample(samplex, bound, shape, self.rng)
        values = samples.pop("parameter_values", np.empty((*shape, 0)))
        count = circuit.num_parameters
        if values.shape != (*shape, count):
            raise ProgramInputError(
                f"A samplex makes values for {values.shape[-1]} parameters, "
                f"its circuit has {count}."
            )
        rows = _without_drift(values.reshape(math.prod(shape), count).astype(np.float64))
        return Item(circuit, shape, rows, _chunk_size(document), samples)

    def _argument(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        if "sparse_terms" in value:
            terms = [tuple(term) for term in value["sparse_terms"]]
            return PauliLindbladMap.from_sparse_list(terms, value["num_qubits"])
        return self._tensor(value)

    def _tensor(self, document: Mapping[str, Any]) -> Array:
        return read_tensor(document, self.budget, compressed=self.version.compressed)


def _chunk_size(document: Mapping[str, Any]) -> int | None:
    size = document.get("chunk_size", "auto")
    return None if size == "auto" else int(size)


def _without_drift(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return angles, of which those next to a quarter turn are that quarter turn.

    A Clifford circuit stays one when it is twirled. Aer sees that only when the angles are exact,
    and only then can it simulate more qubits than memory has room for.
    """
    turns = np.round(angles / _QUARTER) * _QUARTER
    return np.where(np.abs(angles - turns) < _DRIFT, turns, angles)
