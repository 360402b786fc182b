"""The measured outcomes of a finished job, per PUB and register, ready to be drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from qjobwidgets.errors import QJobError

__all__ = ["Outcomes", "fetch_outcomes"]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Counts of one classical register of one PUB.

    Attributes:
        pub: Index of the PUB.
        register: Name of the classical register.
        num_bits: Width of the register.
        shots: Shots taken, over all parameter sets of the PUB.
        outcomes: One row per distinct outcome, ``ceil(num_bits / 8)`` bytes, big endian: bit 0 of
            the register is the least significant bit of the last byte (as in ``BitArray``).
        counts: How often each was seen, uint32, same order.
    """

    pub: int
    register: str
    num_bits: int
    shots: int
    outcomes: np.ndarray[Any, np.dtype[np.uint8]]
    counts: np.ndarray[Any, np.dtype[np.uint32]]

    def bitstrings(self) -> dict[str, int]:
        """Return the counts by bit string, as Qiskit's ``get_counts`` writes them."""
        numbers = (int.from_bytes(row.tobytes(), "big") for row in self.outcomes)
        texts = (f"{number:0{self.num_bits}b}" for number in numbers)
        return dict(zip(texts, map(int, self.counts), strict=True))


def fetch_outcomes(job: Any) -> list[Outcomes]:
    """Fetch a finished job's result and return its outcomes.

    Args:
        job: A ``RuntimeJob`` in a final status.

    Raises:
        QJobError: The job has no result, or its result has no counts.
    """
    found = list(_outcomes(job.result()))
    if not found:
        raise QJobError(
            f"The result of job {job.job_id()} has no counts.",
            fix="Only sampler results have; see job.result().",
        )
    return found


def _outcomes(result: Any) -> Iterator[Outcomes]:
    try:
        pubs = list(enumerate(result))
    except TypeError:
        return
    for index, pub in pubs:
        data: Any = getattr(pub, "data", {})
        for register in data if hasattr(data, "items") else ():
            bits = data[register]
            # a register without bits has no outcomes
            if getattr(bits, "num_bits", 0) and hasattr(bits, "array"):
                yield _tally(index, register, bits)


def _tally(pub: int, register: str, bits: Any) -> Outcomes:
    rows = np.asarray(bits.array, dtype=np.uint8).reshape(-1, bits.array.shape[-1])
    outcomes, counts = np.unique(rows, axis=0, return_counts=True)
    return Outcomes(
        pub=pub,
        register=str(register),
        num_bits=int(bits.num_bits),
        shots=len(rows),
        outcomes=outcomes,
        counts=counts.astype("<u4"),
    )
