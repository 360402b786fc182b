"""Generic superconducting devices: how their qubits are coupled, and how good they are.

Numbers only, drawn from a seed by Python itself: a chip is the same one on every machine and with
every version of Qiskit, the server describes it without Qiskit, and an attempt simulates exactly
what was described.

Two choices keep large chips simulable and what clients make of them true:

- T2 does not exceed T1, so that relaxation is a mixture of resets and phase flips, which the
  stabilizer method takes part in;
- a readout error is the same for both outcomes, because a client's target has one figure for both.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = [
    "BOWTIE",
    "DT",
    "H_SHAPE",
    "Chip",
    "Figures",
    "Places",
    "Qubit",
    "eagle",
    "falcon",
]

DT = 2e-9 / 9
"""Seconds between two samples of a control signal."""

Edge = tuple[int, int]
Places = tuple[int, ...]
"""The qubits on which an instruction acts, by index."""

BOWTIE: Sequence[Edge] = ((0, 1), (0, 2), (1, 2), (2, 3), (2, 4), (3, 4))
"""Two triangles of 5 qubits that share one."""
H_SHAPE: Sequence[Edge] = ((0, 1), (1, 2), (1, 3), (3, 5), (4, 5), (5, 6))
"""Two rows of 3 qubits, coupled in the middle."""

# Two hexagons with qubits on their edges, side by side.
_FALCON = (
    *((0, 1), (1, 2), (1, 4), (2, 3), (3, 5), (4, 7), (5, 8), (6, 7), (7, 10), (8, 9), (8, 11)),
    *((10, 12), (11, 14), (12, 13), (12, 15), (13, 14), (14, 16), (15, 18), (16, 19), (17, 18)),
    *((18, 21), (19, 20), (19, 22), (21, 23), (22, 25), (23, 24), (24, 25), (25, 26)),
)

_SINGLE_QUBIT_GATES = ("id", "sx", "x")
_SINGLE_LENGTH = 160  # samples, as all lengths here
_READOUT_LENGTH = 5472
_RESET_LENGTH = 5728
_ENTANGLER_LENGTHS = (1280, 2560)
_GRID = 16  # which they are multiples of


def falcon(qubits: int) -> Sequence[Edge]:
    """Return the couplings of a heavy-hexagonal device of at most 27 qubits."""
    return tuple(edge for edge in _FALCON if max(edge) < qubits)


def eagle() -> Sequence[Edge]:
    """Return the couplings of a heavy-hexagonal device of 127 qubits.

    Seven rows of up to 15 qubits, and between two rows four qubits that couple every fourth column.
    """
    columns = [range(14), *[range(15)] * 5, range(1, 15)]
    edges: list[Edge] = []
    bridges: dict[int, int] = {}  # qubits between the row before and this one, by column
    first = 0
    for number, row in enumerate(columns):
        place = {column: first + index for index, column in enumerate(row)}
        last = first + len(row) - 1
        edges += [(qubit, qubit + 1) for qubit in range(first, last)]
        edges += [(qubit, place[column]) for column, qubit in bridges.items()]
        crossings = range(2 * (number % 2), 15, 4) if number + 1 < len(columns) else range(0)
        bridges = {column: last + 1 + index for index, column in enumerate(crossings)}
        edges += [(place[column], qubit) for column, qubit in bridges.items()]
        first = last + 1 + len(bridges)
    return tuple(edges)


@dataclass(frozen=True, slots=True)
class Qubit:
    """What is known of a qubit; times in seconds, the frequency in Hz."""

    t1: float
    t2: float
    frequency: float
    readout_error: float
    readout_length: float


@dataclass(frozen=True, slots=True)
class Figures:
    """How long an instruction takes, in seconds, and its error, if it has one of its own."""

    length: float
    error: float | None


class Chip:
    """A device of coupled qubits.

    Args:
        edges: Pairs of coupled qubits.
        entangler: Name of the gate of two qubits; ``ecr`` acts in one direction only.
        seed: Everything else follows from it.
    """

    def __init__(self, edges: Iterable[Edge], *, entangler: str, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - no secret; its series is the same for ever
        edges = tuple(edges)
        self.entangler = entangler
        self.qubits = tuple(_qubit(chance) for _ in range(1 + max(map(max, edges))))
        places: list[Places] = [(index,) for index in range(len(self.qubits))]
        single = {place: self._gate(chance, place, _SINGLE_LENGTH) for place in places}
        pairs: dict[Places, Figures] = {edge: self._entangler(chance, edge) for edge in edges}
        if entangler != "ecr":
            pairs |= {place[::-1]: known for place, known in pairs.items()}
        self.gates: Mapping[str, Mapping[Places, Figures]] = {
            entangler: dict(sorted(pairs.items())),
            **dict.fromkeys(_SINGLE_QUBIT_GATES, single),
            "rz": dict.fromkeys(places, Figures(0.0, 0.0)),
        }
        """Figures by name of the gate and by places."""
        self.reset: Mapping[Places, Figures] = dict.fromkeys(
            places, Figures(_RESET_LENGTH * DT, None)
        )
        """Figures of the reset instruction, by place."""

    def _entangler(self, chance: random.Random, edge: Edge) -> Figures:
        shortest, longest = _ENTANGLER_LENGTHS
        return self._gate(chance, edge, chance.randrange(shortest, longest + 1, _GRID))

    def _gate(self, chance: random.Random, qubits: Places, samples: int) -> Figures:
        """Return figures with an error beyond what relaxation alone does meanwhile."""
        length = samples * DT
        control = chance.uniform(5e-5, 2e-4) if len(qubits) == 1 else chance.uniform(1e-3, 5e-3)
        return Figures(length, self._relaxation(qubits, length) + control)

    def _relaxation(self, qubits: Places, length: float) -> float:
        """Return the average gate infidelity of waiting."""
        known = [self.qubits[index] for index in qubits]
        process = math.prod(
            (1 + math.exp(-length / qubit.t1) + 2 * math.exp(-length / qubit.t2)) / 4
            for qubit in known
        )
        dimension = 1 << len(known)
        return (1 - process) * dimension / (dimension + 1)


def _qubit(chance: random.Random) -> Qubit:
    t1 = chance.uniform(100e-6, 250e-6)
    return Qubit(
        t1=t1,
        t2=t1 * chance.uniform(0.4, 1.0),
        frequency=chance.uniform(4.8e9, 5.2e9),
        readout_error=chance.uniform(5e-3, 2e-2),
        readout_length=_READOUT_LENGTH * DT,
    )
