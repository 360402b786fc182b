"""What a job was given and what came of it, in the few facts a card has room for.

Decoded inputs and results are anything a program takes and returns. These functions pick out what
people ask about first (circuits, shots, options; counts, expectation values) and cap the rest;
the whole is in ``job.inputs`` and ``job.result()``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np

from qjobwidgets.watch.outcomes import Outcomes, Register
from qjobwidgets.watch.sketch import is_circuit

__all__ = ["Inputs", "PubInput", "PubResult", "Result", "Value", "inputs_of", "result_of"]

MOST_PUBS: Final = 100
MOST_VALUES: Final = 64
MOST_FIELDS: Final = 60
_LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class PubInput:
    """A circuit of a job's inputs and what goes with it.

    Attributes:
        label: What it is called: ``"PUB 0"``, or the name of the input.
        circuit: The circuit, a ``QuantumCircuit``; ``None`` where there is none.
        observables: The observables in a line; ``None`` for none.
        values: How many parameter values there are, as a shape; ``None`` for none.
        shots: Shots asked for.
        precision: Precision asked for.
    """

    label: str
    circuit: Any
    observables: str | None = None
    values: tuple[int, ...] | None = None
    shots: int | None = None
    precision: float | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """A job's inputs.

    Attributes:
        pubs: Circuits, the first :data:`MOST_PUBS` of them.
        total: How many there are.
        options: All else that was asked for, nested names joined by dots, values as text.
    """

    pubs: tuple[PubInput, ...]
    total: int
    options: tuple[tuple[str, str], ...]

    @property
    def shots(self) -> str | None:
        """The shots asked for, where they are told: ``"1024"``, ``"100, 1024"``."""
        found = {pub.shots for pub in self.pubs if pub.shots is not None}
        if not found:
            told = dict(self.options)
            return told.get("options.default_shots", told.get("shots"))
        return ", ".join(map(str, sorted(found)[:3])) + ("…" if len(found) > 3 else "")


@dataclass(frozen=True, slots=True)
class Value:
    """A number of a result.

    Attributes:
        label: Its name, or its place in an array.
        value: The number.
        error: Its standard error; ``None`` if not told.
    """

    label: str
    value: float
    error: float | None = None


@dataclass(frozen=True, slots=True)
class PubResult:
    """What one PUB gave: counts per register, or values."""

    outcomes: tuple[Outcomes, ...] = ()
    values: tuple[Value, ...] = ()
    total: int = 0
    """How many values there are, of which :attr:`values` holds the first."""


@dataclass(frozen=True, slots=True)
class Result:
    """A job's result.

    Attributes:
        pubs: Results of PUBs, the first :data:`MOST_PUBS` of them.
        total: How many there are.
        fields: The result of a program without PUBs, as names and texts.
    """

    pubs: tuple[PubResult, ...] = ()
    total: int = 0
    fields: tuple[tuple[str, str], ...] = ()


def inputs_of(params: Any) -> Inputs:
    """Return the facts of decoded inputs."""
    if isinstance(params, list) and len(params) == 1:  # as older services send them
        params = params[0]
    if not isinstance(params, Mapping):
        return Inputs((), 0, ())
    pubs = params.get("pubs")
    if isinstance(pubs, Sequence) and not isinstance(pubs, str):
        found = [_pub(i, pub) for i, pub in enumerate(islice(pubs, MOST_PUBS))]
        rest = {name: value for name, value in params.items() if name != "pubs"}
        return Inputs(tuple(found), len(pubs), tuple(_fields(rest)))
    circuits = [
        PubInput(f"{name} {i}" if isinstance(value, list) else str(name), one)
        for name, value in params.items()
        for i, one in enumerate(value if isinstance(value, list) else [value])
        if is_circuit(one)
    ]
    rest = {name: value for name, value in params.items() if not _holds_circuit(value)}
    return Inputs(tuple(circuits[:MOST_PUBS]), len(circuits), tuple(_fields(rest)))


def _holds_circuit(value: Any) -> bool:
    return is_circuit(value) or (isinstance(value, list) and any(map(is_circuit, value)))


def _pub(index: int, pub: Any) -> PubInput:
    """Return a PUB: circuit, observables or values, and what was asked for, in any short form."""
    label = f"PUB {index}"
    if is_circuit(pub):
        return PubInput(label, pub)
    if not isinstance(pub, Sequence) or isinstance(pub, str) or not pub:
        return PubInput(label, None)
    circuit, rest = pub[0], list(pub[1:])
    observables = None
    if rest and isinstance(rest[0], Mapping | list) and _looks_observed(rest[0]):
        observables = _observables(rest.pop(0))
    values = rest[0] if rest else None
    asked = rest[1] if len(rest) > 1 else None
    return PubInput(
        label,
        circuit if is_circuit(circuit) else None,
        observables=observables,
        values=_shape(values),
        shots=asked if isinstance(asked, int) and not isinstance(asked, bool) else None,
        precision=asked if isinstance(asked, float) else None,
    )


def _looks_observed(value: Any) -> bool:
    """Whether this is an observable, ``{"ZZ": 1.0}``, or nested lists of them."""
    while isinstance(value, list) and value:
        value = value[0]
    return isinstance(value, Mapping) and all(isinstance(v, int | float) for v in value.values())


def _observables(value: Any) -> str:
    """Return observables in a line: ``"ZZI + 14 terms"``, ``"3 observables"``."""
    if isinstance(value, Mapping):
        terms = list(value)
        first = _text(str(terms[0])) if terms else "none"
        more = len(terms) - 1
        return first if more < 1 else f"{first} + {more} {'term' if more == 1 else 'terms'}"
    count = int(np.size(np.array(value, dtype=object)))
    return _observables(value[0]) if count == 1 else f"{count} observables"


def _shape(values: Any) -> tuple[int, ...] | None:
    if values is None or isinstance(values, str | bytes):
        return None
    shape = getattr(values, "shape", None)
    if shape is None and isinstance(values, list):
        shape = np.shape(np.array(values, dtype=object))
    found = tuple(int(size) for size in shape) if shape is not None else ()
    return None if not found or 0 in found else found


def result_of(result: Any) -> Result:
    """Return the facts of a decoded result."""
    if isinstance(result, Mapping):
        return Result(fields=tuple(_fields(result)))
    try:
        pubs = list(result) if not isinstance(result, str | bytes | np.ndarray) else []
    except TypeError:
        pubs = []
    if not any(hasattr(pub, "data") for pub in pubs):
        return Result(fields=(("result", _text(_shown(result))),))
    found = tuple(_pub_result(i, pub) for i, pub in enumerate(pubs[:MOST_PUBS]))
    return Result(pubs=found, total=len(pubs))


def _pub_result(index: int, pub: Any) -> PubResult:
    data: Any = getattr(pub, "data", None)
    outcomes = tuple(_outcomes(index, data))
    if outcomes:
        return PubResult(outcomes=outcomes)
    values = np.asarray(getattr(data, "evs", ()), dtype=float)
    errors = getattr(data, "stds", None)
    deviations = None if errors is None else np.asarray(errors, dtype=float)
    if deviations is not None and deviations.shape != values.shape:
        deviations = None
    places = islice(np.ndindex(values.shape), MOST_VALUES)
    found = (
        Value(
            f"[{', '.join(map(str, place))}]" if place else "expectation value",
            float(values[place]),
            None if deviations is None else float(deviations[place]),
        )
        for place in places
    )
    return PubResult(values=tuple(found), total=int(values.size))


def _outcomes(pub: int, data: Any) -> Iterator[Outcomes]:
    for name in data if hasattr(data, "items") else ():
        bits = data[name]
        # a register without bits has no outcomes
        if getattr(bits, "num_bits", 0) and hasattr(bits, "array"):
            yield Register.of_shots(pub, str(name), int(bits.num_bits), bits.array).outcomes()


def _fields(value: Mapping[Any, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield names and texts of nested settings, as many as a card can show."""
    return islice(_leaves(value, path, depth=0), MOST_FIELDS)


def _leaves(value: Mapping[Any, Any], path: str, depth: int) -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        name = f"{path}{key}"[:_LONGEST]
        if isinstance(inner, Mapping) and inner and depth < 4:
            yield from _leaves(inner, f"{name}.", depth + 1)
        elif not isinstance(inner, Mapping) or inner:
            yield name, _text(_shown(inner))


def _shown(value: Any) -> str:
    """Return a value as text: what is simple as it is, of anything larger only what it is."""
    if value is None or isinstance(value, bool | int | float | complex | str):
        return str(value)
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        size = "×".join(map(str, shape))
        return f"array of {size}" if shape else str(value)
    if isinstance(value, list | tuple):
        short = len(value) <= 8 and all(isinstance(v, bool | int | float | str) for v in value)
        return ", ".join(map(str, value)) if short else f"list of {len(value)}"
    return type(value).__name__


def _text(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
