"""Measured outcomes, counted: per PUB, register and parameter set, as columns of numpy.

An outcome is a row of bytes, as in Qiskit's ``BitArray``: big endian, bit 0 of the register in the
lowest bit of the last byte. Rows are always in the order of their numbers, and each is there once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, Final

import numpy as np

__all__ = ["Outcomes", "Register", "keys_of", "pack", "texts"]

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Counts = np.ndarray[Any, np.dtype[np.uint32]]

_TABLE_BITS: Final = 20
"""Widest register whose outcomes are counted in a table with a place for each possible one."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How often each outcome was measured.

    Attributes:
        pub: Index of the PUB.
        register: Name of the classical register.
        num_bits: Width of the register.
        shots: Shots taken.
        outcomes: One row per distinct outcome, ``ceil(num_bits / 8)`` bytes.
        counts: How often each was seen, uint32, same order.
    """

    pub: int
    register: str
    num_bits: int
    shots: int
    outcomes: Bytes
    counts: Counts

    def bitstrings(self) -> dict[str, int]:
        """Return the counts by bit string, as Qiskit's ``get_counts`` writes them."""
        return dict(zip(texts(self.outcomes, self.num_bits), map(int, self.counts), strict=True))

    def largest(self, most: int) -> list[tuple[str, int]]:
        """Return the outcomes seen most often as bit strings, the first one of equals first."""
        order = np.argsort(-self.counts.astype(np.int64), kind="stable")[:most]
        found = texts(self.outcomes[order], self.num_bits)
        return list(zip(found, self.counts[order].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Register:
    """One classical register of one PUB, over all parameter sets.

    Attributes:
        pub: Index of the PUB.
        name: Name of the register.
        num_bits: Its width.
        shape: Shape of the PUB's parameter sets; ``()`` for a circuit without parameters.
        shots: Shots taken, over all parameter sets.
        rows: The outcome of each shot, parameter set by parameter set; or of each distinct outcome,
            where the service has counted.
        times: How often each row was seen, where the service has counted.
    """

    pub: int
    name: str
    num_bits: int
    shape: tuple[int, ...]
    shots: int
    rows: Bytes
    times: Counts | None = None

    @classmethod
    def of_shots(cls, pub: int, name: str, num_bits: int, array: Bytes) -> Register:
        """Return a register by the outcome of each shot, an array like that of ``BitArray``."""
        rows = np.ascontiguousarray(array).reshape(-1, array.shape[-1])
        return cls(pub, name, num_bits, array.shape[:-2], len(rows), rows)

    @classmethod
    def of_counts(cls, pub: int, name: str, num_bits: int, counts: Mapping[int, int]) -> Register:
        """Return a register by its counts.

        Raises:
            ValueError: A number is negative, or wider than the register.
        """
        rows, times = pack(counts, num_bits)
        if any(not 0 <= count < 2**32 for count in counts.values()):
            raise ValueError("a count is no count")
        return cls(pub, name, num_bits, (), sum(counts.values()), rows, times.astype("<u4"))

    @property
    def sets(self) -> int:
        """How many parameter sets there are."""
        return prod(self.shape)

    def outcomes(self, parameter_set: int | None = None) -> Outcomes:
        """Return the counts of one parameter set, or of all together."""
        rows, times = self.rows, self.times
        if parameter_set is not None:
            shots = self.shots // self.sets
            rows = rows[parameter_set * shots : (parameter_set + 1) * shots]
        if times is None:
            rows, times = _tally(rows, self.num_bits)
        shots = int(times.sum(dtype=np.int64))
        return Outcomes(self.pub, self.name, self.num_bits, shots, rows, times)

    def slimmed(self) -> Register:
        """Return the register without its single shots, if no parameter set can be asked for."""
        if self.sets > 1 or self.times is not None:
            return self
        found = self.outcomes()
        return replace(self, rows=found.outcomes, times=found.counts)


def keys_of(rows: Bytes) -> np.ndarray[Any, Any]:
    """Return one value per row that can be sorted and compared in place of the row."""
    width = rows.shape[1]
    rows = np.ascontiguousarray(rows)
    if width > 8:
        return rows.view(f"S{width}").reshape(-1)
    if width not in {1, 2, 4, 8}:
        rows = np.pad(rows, ((0, 0), (8 - width, 0)))
    return rows.view(f">u{rows.shape[1]}").reshape(-1).astype(np.uint64)


def pack(
    values: Mapping[int, float], num_bits: int
) -> tuple[Bytes, np.ndarray[Any, np.dtype[np.float64]]]:
    """Return outcomes given by number as sorted rows, and their values.

    Raises:
        ValueError: A number is negative, or wider than ``num_bits``.
    """
    width = -(-num_bits // 8)
    numbers = sorted(values)
    if numbers and not 0 <= numbers[0] <= numbers[-1] < 2**num_bits:
        raise ValueError(f"an outcome has more than {num_bits} bits")
    packed = b"".join(number.to_bytes(width, "big") for number in numbers)
    rows = np.frombuffer(packed, np.uint8).reshape(-1, width)
    return rows, np.array([values[number] for number in numbers], np.float64)


def texts(rows: Bytes, num_bits: int) -> Sequence[str]:
    """Return the bit string of each row."""
    numbers = (int.from_bytes(row.tobytes(), "big") for row in rows)
    return [f"{number:0{num_bits}b}" for number in numbers]


def _tally(rows: Bytes, num_bits: int) -> tuple[Bytes, Counts]:
    """Return each distinct row once, in order, and how often it is there."""
    width = rows.shape[1]
    # bits beyond the register are none of it, whatever the service says
    if width <= 8:
        keys = keys_of(rows)
        keys &= np.uint64(2**num_bits - 1)
    else:
        if num_bits % 8:
            rows = rows.copy()
            rows[:, 0] &= 2 ** (num_bits % 8) - 1
        keys = keys_of(rows)
    if num_bits <= _TABLE_BITS:
        table = np.bincount(keys.view(np.int64).astype(np.intp, copy=False))
        seen = np.flatnonzero(table)
        found, times = seen.astype(">u8").view(np.uint8).reshape(-1, 8), table[seen]
    else:
        unique, times = np.unique(keys, return_counts=True)
        kind = unique if width > 8 else unique.astype(">u8")
        found = kind.view(np.uint8).reshape(-1, kind.itemsize)
    return np.ascontiguousarray(found[:, -width:]), times.astype("<u4")
