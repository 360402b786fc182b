"""Counts as the page gets them: binary columns, as many as are needed and no more.

An *entry* is one register of one PUB, over all its parameter sets or for one of them. What fits in
:data:`EAGER` bytes is sent at once, so that picking needs no kernel; the rest when it is picked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from qjobwidgets.render import CountsView, Look, Versus
from qjobwidgets.watch.distances import Aligned, Distance, Distribution, align, distance
from qjobwidgets.watch.outcomes import Outcomes, Register, texts
from qjobwidgets.widgets.counts_compare import Comparison

__all__ = ["Entry", "Place", "eager", "entry_at", "entry_json", "entry_view", "registers_json"]

EAGER: Final = 2**18
"""Bytes of columns that are sent without being asked for, beside the first entry's."""

MOST_ENTRIES: Final = 200
MOST_REGISTERS: Final = 1000
MOST_OUTCOMES: Final = 2**16
"""Outcomes of an entry that are sent; the rest is one bar that can't be opened."""

Floats = np.ndarray[Any, np.dtype[np.float64]]

Place = tuple[int, int]
"""Index of the register, and of the parameter set; -1 for all of them together."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One register with all that is drawn of it.

    Attributes:
        place: Which it is.
        register: The register.
        found: Its counts.
        aligned: Its outcomes, with those of the comparisons beside them.
        distances: How far each comparison is; ``None`` for what can't be compared.
    """

    place: Place
    register: Register
    found: Outcomes
    aligned: Aligned
    distances: tuple[Distance | None, ...]

    def largest(
        self, most: int, others: Sequence[Floats | None]
    ) -> np.ndarray[Any, np.dtype[np.intp]]:
        """Return the places of the outcomes with the largest shares here or there, in order."""
        if len(self.aligned.counts) <= most:
            return np.arange(len(self.aligned.counts))
        shares = self.aligned.counts / max(self.found.shots, 1)
        for other in others:
            if other is not None:
                shares = np.maximum(shares, other)
        # of equal ones the first by number, as on the page
        return np.sort(np.argsort(-shares, kind="stable")[:most])


def entry_at(registers: Sequence[Register], place: Place, others: Sequence[Comparison]) -> Entry:
    """Count one register, and put the comparisons beside it."""
    index, of_set = place
    register = registers[index]
    parameter_set = None if of_set < 0 else of_set
    found = register.outcomes(parameter_set)
    known = [other.for_register(register, parameter_set) for other in others]
    aligned = align(found, known)
    pairs = zip(aligned.others, known, strict=True)
    distances = tuple(_distance(aligned, found, shares, other) for shares, other in pairs)
    return Entry(place, register, found, aligned, distances)


def _distance(
    aligned: Aligned, found: Outcomes, shares: Any, other: Distribution | None
) -> Distance | None:
    if shares is None or other is None:
        return None
    return distance(aligned.counts, found.shots, shares, other.shots)


def eager(
    registers: Sequence[Register], first: Place, others: Sequence[Comparison]
) -> Iterator[Entry]:
    """Yield the entries to send at once: the one shown, then all others while they are small."""
    left = EAGER
    for number, place in enumerate(_places(registers, first)):
        if number == MOST_ENTRIES:
            return
        entry = entry_at(registers, place, others)
        size = entry.aligned.outcomes.nbytes + 4 * len(entry.aligned.counts) * (1 + 2 * len(others))
        if number:
            left -= size
            if left < 0:
                return
        yield entry


def _places(registers: Sequence[Register], first: Place) -> Iterator[Place]:
    yield first
    every = [(index, -1) for index in range(min(len(registers), MOST_REGISTERS))]
    yield from (place for place in every if place != first)
    for index, _ in every:
        sets = registers[index].sets
        if sets > 1:
            yield from ((index, n) for n in range(sets) if (index, n) != first)


def registers_json(registers: Sequence[Register]) -> list[dict[str, Any]]:
    """Return what can be picked, for the page."""
    return [
        {
            "label": label(found),
            "pub": found.pub,
            "register": found.name,
            "num_bits": found.num_bits,
            "sets": found.sets,
        }
        for found in registers[:MOST_REGISTERS]
    ]


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return the columns of an entry, for the page; see ``js/src/counts/outcomes.ts``."""
    aligned, found = entry.aligned, entry.found
    chosen = entry.largest(MOST_OUTCOMES, aligned.others)
    others = [
        None
        if shares is None or far is None
        else {
            "shares": shares[chosen].astype("<f8").tobytes(),
            "fidelity": far.fidelity,
            "error": far.fidelity_error,
            "variation": far.variation,
        }
        for shares, far in zip(aligned.others, entry.distances, strict=True)
    ]
    return {
        "label": label(entry.register),
        "place": list(entry.place),
        "pub": found.pub,
        "register": found.register,
        "num_bits": found.num_bits,
        "shots": found.shots,
        "kinds": len(aligned.counts),
        # rows of two bytes are taken ten times as fast as they are indexed
        "outcomes": aligned.outcomes.take(chosen, axis=0).tobytes(),
        "counts": aligned.counts[chosen].tobytes(),
        "others": others,
    }


def entry_view(entry: Entry, look: Look, compared: int, others: Sequence[Comparison]) -> CountsView:
    """Return an entry as the static twin shows it."""
    shares = entry.aligned.others[compared] if 0 <= compared < len(others) else None
    chosen = entry.largest(look.top, [shares])
    keys = texts(entry.aligned.outcomes[chosen], entry.found.num_bits)
    counts = dict(zip(keys, map(int, entry.aligned.counts[chosen]), strict=True))
    far = None if shares is None else entry.distances[compared]
    versus = None
    if shares is not None and far is not None:
        named = dict(zip(keys, map(float, shares[chosen]), strict=True))
        name = others[compared].label
        versus = Versus(name, named, far.fidelity, far.fidelity_error, far.variation)
    return CountsView(
        label=_full_label(entry),
        num_bits=entry.found.num_bits,
        shots=entry.found.shots,
        counts=counts,
        kinds=len(entry.aligned.counts),
        versus=versus,
        look=look,
    )


def label(register: Register) -> str:
    """Return the name of a register among those of its job."""
    return f"PUB {register.pub} · {register.name}"


def _full_label(entry: Entry) -> str:
    of_set = entry.place[1]
    return label(entry.register) + (f" · parameter set {of_set}" if of_set >= 0 else "")
