"""What a histogram shows of its counts: which bars, in which order, beside what. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from qjobwidgets.render import words

__all__ = ["SORTS", "TOP", "Bar", "CountsView", "Look", "Sort", "Versus", "bars", "grouped"]

TOP: Final = 16
"""Outcomes shown when nothing else is asked for; the rest is one bar."""

FEW: Final = 4
"""Up to so many outcomes are looked for by name, more of them by weight."""

Sort = Literal["count", "key", "weight", "distance"]
SORTS: Final[tuple[Sort, ...]] = ("count", "key", "weight", "distance")


@dataclass(frozen=True, slots=True)
class Look:
    """How someone wants to see counts.

    Attributes:
        top: Outcomes shown one by one.
        sort: By count, by key, by Hamming weight, or by Hamming distance to ``toward``; ``None``
            sorts few outcomes by key and many by count.
        toward: The outcome that distances are measured to; by default the most frequent one.
    """

    top: int = TOP
    sort: Sort | None = None
    toward: str | None = None


@dataclass(frozen=True, slots=True)
class Versus:
    """What counts are compared with.

    Attributes:
        label: Its name, such as ``"ideal"``.
        shares: The share of each outcome that may be shown.
        fidelity: Hellinger fidelity.
        fidelity_error: Its standard deviation by shot noise.
        variation: Total variation distance.
    """

    label: str
    shares: Mapping[str, float]
    fidelity: float
    fidelity_error: float
    variation: float


@dataclass(frozen=True, slots=True)
class CountsView:
    """The counts of one classical register of one PUB.

    Attributes:
        label: What this is, such as ``"PUB 0 · meas"``; shown when a job has several.
        num_bits: Width of the register.
        shots: Number of shots; the shares are of this.
        counts: How often each bit string was measured; with ``kinds``, only of those that may be
            shown.
        kinds: How many bit strings were measured or have a share in what they are compared with; by
            default those named here.
        versus: What they are compared with.
        look: How to show them.
    """

    label: str
    num_bits: int
    shots: int
    counts: Mapping[str, int]
    kinds: int | None = None
    versus: Versus | None = None
    look: Look = field(default_factory=Look)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a histogram: an outcome, or all the others together.

    Attributes:
        label: The bits in groups of five, or ``"other"``.
        count: How often it was measured.
        others: How many outcomes stand behind it; ``None`` for a single outcome.
        expected: Its share in what the counts are compared with.
    """

    label: str
    count: int
    others: int | None = None
    expected: float | None = None


def bars(view: CountsView) -> list[Bar]:
    """Return the bars, in order; the last one may stand for all that are not shown."""
    expected = view.versus.shares if view.versus else None
    shots = max(view.shots, 1)
    shares = {key: count / shots for key, count in view.counts.items()}
    every = dict.fromkeys([*view.counts, *(expected or ())])
    largest = {key: max(shares.get(key, 0.0), (expected or {}).get(key, 0.0)) for key in every}
    shown = sorted(every, key=lambda key: (-largest[key], key))[: view.look.top]
    order = _order(view, len(every))
    found = [
        Bar(
            grouped(key),
            view.counts.get(key, 0),
            expected=None if expected is None else expected.get(key, 0.0),
        )
        for key in sorted(shown, key=order)
    ]
    kinds = (len(every) if view.kinds is None else view.kinds) - len(shown)
    if kinds <= 0:
        return found
    rest = None if expected is None else max(0.0, 1.0 - sum(bar.expected or 0.0 for bar in found))
    counted = sum(view.counts.values()) if view.kinds is None else view.shots
    return [*found, Bar("other", counted - sum(bar.count for bar in found), kinds, rest)]


def _order(view: CountsView, kinds: int) -> Callable[[str], Any]:
    """Return the key by which bit strings are sorted."""

    def by_count(key: str) -> tuple[int, str]:
        return -view.counts.get(key, 0), key

    match view.look.sort or ("key" if kinds <= FEW else "count"):
        case "key":
            return lambda key: key
        case "weight":
            return lambda key: (key.count("1"), *by_count(key))
        case "distance":
            goal = view.look.toward or min(view.counts, key=by_count, default="")
            return lambda key: (_distance(key, goal), *by_count(key))
    return by_count


def _distance(one: str, other: str) -> int:
    """Return the Hamming distance of two bit strings of one width."""
    return sum(a != b for a, b in zip(one, other, strict=False))


def grouped(key: str) -> str:
    """Return a bit string in groups of five, counted from bit 0 at its right end."""
    bits = words.clean(key, 256)
    start = len(bits) % 5
    groups = [bits[:start], *(bits[at : at + 5] for at in range(start, len(bits), 5))]
    return " ".join(group for group in groups if group)
