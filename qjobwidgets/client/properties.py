"""How good a backend was at one time: errors, times and frequencies of its qubits and gates."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any, Self

from qjobwidgets.errors import IBMInputValueError
from qjobwidgets.records import parse_time

__all__ = ["BackendProperties", "Place", "elements", "mappings"]

# the units in which a service gives times and frequencies, in seconds and hertz
_UNITS = {
    "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9,
    "Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9,
}  # fmt: skip

Value = tuple[float, datetime | None]
Place = tuple[int, ...]
"""The qubits that a gate acts on."""


class BackendProperties:
    """The properties document of a backend, with the questions Qiskit users know.

    Times are in seconds, frequencies in hertz.

    Args:
        document: The service's document.

    Attributes:
        backend_name, backend_version: Of the backend.
        last_update_date: When it was calibrated (UTC).
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = dict(document)
        self.backend_name = document.get("backend_name")
        self.backend_version = document.get("backend_version")
        self.last_update_date = parse_time(document.get("last_update_date"))
        self._qubits = [_values(parameters) for parameters in elements(document.get("qubits"))]
        self._gates: dict[str, dict[Place, dict[str, Value]]] = {}
        for gate in mappings(document.get("gates")):
            values = _values(gate.get("parameters"))
            self._gates.setdefault(str(gate.get("gate")), {})[_place(gate)] = values

    def __repr__(self) -> str:
        return f"<BackendProperties of {self.backend_name}, {self.last_update_date}>"

    def to_dict(self) -> dict[str, Any]:
        """Return the service's document."""
        return deepcopy(self._document)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self | None:
        """Return what a service's document tells; ``None`` if it tells of no qubit."""
        return cls(document) if document.get("qubits") else None

    # -- qubits -----------------------------------------------------------------------------------

    def qubit_property(self, qubit: int, name: str | None = None) -> Any:
        """Return value and date of a qubit's property, or of all of them by name.

        Raises:
            IBMInputValueError: There is no such qubit or property.
        """
        if not 0 <= qubit < len(self._qubits):
            raise IBMInputValueError(f"{self.backend_name} has no properties of qubit {qubit}.")
        return _one(self._qubits[qubit], name, f"qubit {qubit}")

    def t1(self, qubit: int) -> float:
        """Return the relaxation time of a qubit."""
        return float(self.qubit_property(qubit, "T1")[0])

    def t2(self, qubit: int) -> float:
        """Return the dephasing time of a qubit."""
        return float(self.qubit_property(qubit, "T2")[0])

    def frequency(self, qubit: int) -> float:
        """Return the frequency of a qubit."""
        return float(self.qubit_property(qubit, "frequency")[0])

    def readout_error(self, qubit: int) -> float:
        """Return how often a qubit is read wrongly."""
        return float(self.qubit_property(qubit, "readout_error")[0])

    def readout_length(self, qubit: int) -> float:
        """Return how long reading a qubit takes."""
        return float(self.qubit_property(qubit, "readout_length")[0])

    def is_qubit_operational(self, qubit: int) -> bool:
        """Whether a qubit works; one of which nothing is said does."""
        return bool(_operational(self.qubit_property(qubit)))

    def faulty_qubits(self) -> list[int]:
        """Return the qubits that don't work."""
        return [qubit for qubit, values in enumerate(self._qubits) if not _operational(values)]

    # -- gates ------------------------------------------------------------------------------------

    def gate_property(
        self, gate: str, qubits: int | Iterable[int] | None = None, name: str | None = None
    ) -> Any:
        """Return value and date of a property of a gate, or more of them as dictionaries.

        Args:
            gate: Name of the gate.
            qubits: The qubits it acts on; ``None`` for all places.
            name: The property; ``None`` for all of them.

        Raises:
            IBMInputValueError: There is no such gate, place or property.
        """
        places = self._gates.get(gate)
        if places is None:
            known = ", ".join(sorted(self._gates))
            raise IBMInputValueError(f"There is no gate {gate!r}.", fix=f"There are {known}.")
        if qubits is None:
            return {place: dict(values) for place, values in places.items()}
        place = (qubits,) if isinstance(qubits, int) else tuple(qubits)
        if place not in places:
            raise IBMInputValueError(f"The gate {gate!r} does not act on {place}.")
        return _one(places[place], name, f"the gate {gate!r} on {place}")

    def gate_error(self, gate: str, qubits: int | Iterable[int]) -> float:
        """Return the error of a gate."""
        return float(self.gate_property(gate, qubits, "gate_error")[0])

    def gate_length(self, gate: str, qubits: int | Iterable[int]) -> float:
        """Return how long a gate takes."""
        return float(self.gate_property(gate, qubits, "gate_length")[0])

    def is_gate_operational(self, gate: str, qubits: int | Iterable[int]) -> bool:
        """Whether a gate works; one of which nothing is said does."""
        return _operational(self.gate_property(gate, qubits))

    def faulty_gates(self) -> list[tuple[str, Place]]:
        """Return the gates that don't work, by name and qubits."""
        return [
            (gate, place)
            for gate, places in self._gates.items()
            for place, values in places.items()
            if not _operational(values)
        ]

    def figures(self, gate: str) -> dict[Place, tuple[float | None, float | None]]:
        """Return length and error of a gate by the qubits it acts on, as far as they are known.

        Those of ``measure`` are told with the qubits.
        """
        found = {
            place: (_number(values, "gate_length"), _number(values, "gate_error"))
            for place, values in self._gates.get(gate, {}).items()
        }
        if gate == "measure":
            found |= {
                (qubit,): (_number(values, "readout_length"), _number(values, "readout_error"))
                for qubit, values in enumerate(self._qubits)
                if "readout_error" in values
            }
        return found


def elements(value: object) -> list[Any]:
    """Return the elements of what should be a list."""
    return value if isinstance(value, list) else []


def mappings(value: object) -> list[Mapping[str, Any]]:
    """Return the objects in what should be a list of them."""
    return [one for one in elements(value) if isinstance(one, Mapping)]


def _values(parameters: object) -> dict[str, Value]:
    """Return value and date by name; what is not a number is left out."""
    found: dict[str, Value] = {}
    for parameter in mappings(parameters):
        value = parameter.get("value")
        if isinstance(value, int | float) and math.isfinite(value):
            scale = _UNITS.get(str(parameter.get("unit")), 1.0)
            found[str(parameter.get("name"))] = (value * scale, parse_time(parameter.get("date")))
    return found


def _place(gate: Mapping[str, Any]) -> Place:
    return tuple(qubit for qubit in elements(gate.get("qubits")) if isinstance(qubit, int))


def _number(values: dict[str, Value], name: str) -> float | None:
    return values[name][0] if name in values else None


def _one(values: dict[str, Value], name: str | None, what: str) -> Any:
    if name is None:
        return dict(values)
    if name not in values:
        known = ", ".join(sorted(values))
        raise IBMInputValueError(f"There is no {name!r} of {what}.", fix=f"There are {known}.")
    return values[name]


def _operational(values: dict[str, Value]) -> bool:
    return values.get("operational", (1.0, None))[0] != 0
