"""How far two distributions of outcomes are apart, and how sure that is.

All functions take shares of 1 as columns of numpy that stand side by side: the same place is the
same outcome in both. :func:`align` puts distributions side by side.

The measures are those of the textbooks, so their numbers are those of other libraries; tests hold
the fidelity equal to ``qiskit.quantum_info.hellinger_fidelity``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from qjobwidgets.errors import QJobError
from qjobwidgets.watch.outcomes import Bytes, Counts, Outcomes, keys_of, pack

__all__ = [
    "Aligned",
    "Distance",
    "Distribution",
    "align",
    "distance",
    "distribution",
    "fidelity_noise",
    "hellinger_fidelity",
    "shot_noise",
    "total_variation",
]

Floats = np.ndarray[Any, np.dtype[np.float64]]

_FIX: Final = 'Pass outcomes with their share or count: {"00": 0.5, "11": 0.5}.'


@dataclass(frozen=True, slots=True)
class Distribution:
    """What the outcomes of one register are compared with.

    Attributes:
        num_bits: Width of the outcomes.
        outcomes: One row per outcome, sorted, as in :class:`Outcomes`.
        shares: The share of each, 1 together.
        shots: The shots it was estimated from; ``None`` if it is exact.
    """

    num_bits: int
    outcomes: Bytes
    shares: Floats
    shots: int | None

    @classmethod
    def of(cls, found: Outcomes) -> Distribution:
        """Return the shares of what was measured."""
        shares = found.counts / max(found.shots, 1)
        return cls(found.num_bits, found.outcomes, shares, found.shots)


@dataclass(frozen=True, slots=True)
class Aligned:
    """Counts, and beside them the shares of the distributions they are compared with.

    Attributes:
        outcomes: One row per outcome that was measured or has a share in one of the others, sorted.
        counts: How often each was measured.
        others: The shares of each of the others; ``None`` for what can't be compared.
    """

    outcomes: Bytes
    counts: Counts
    others: tuple[Floats | None, ...]


@dataclass(frozen=True, slots=True)
class Distance:
    """How far measured counts are from another distribution.

    Attributes:
        fidelity: The Hellinger fidelity.
        fidelity_error: Its standard deviation by shot noise.
        variation: The total variation distance.
    """

    fidelity: float
    fidelity_error: float
    variation: float


def distribution(given: Mapping[Any, Any], num_bits: int | None = None) -> Distribution:
    """Return the distribution that a mapping of outcomes describes.

    Whole numbers that come to more than one are counts. Other numbers are shares, or weights in
    proportion to them.

    Args:
        given: Bit strings, in which spaces don't count, or whole numbers, with a value each.
        num_bits: The width of the outcomes; by default that of the longest bit string.

    Raises:
        QJobError: It is none.
    """
    try:
        numbers = {_number(key): float(value) for key, value in given.items()}
        total = math.fsum(numbers.values())
    except (TypeError, ValueError, OverflowError):
        raise QJobError("This can't be compared with counts.", fix=_FIX) from None
    if not (math.isfinite(total) and total > 0 and min(numbers.values()) >= 0):
        raise QJobError("Shares must be positive and come to one.", fix=_FIX)
    width = num_bits or max(_width(key) for key in given)
    try:
        rows, values = pack(numbers, width)
    except ValueError:
        message = f"An outcome to compare with has more than the {width} bits of the register."
        raise QJobError(message, fix=_FIX) from None
    counted = total > 1 and all(isinstance(value, int | np.integer) for value in given.values())
    return Distribution(width, rows, values / total, round(total) if counted else None)


def align(found: Outcomes, others: Sequence[Distribution | None]) -> Aligned:
    """Put distributions beside what was measured, outcome by outcome.

    Args:
        found: What was measured.
        others: Distributions over as many bits; ``None`` keeps a place free.
    """
    present = [other for other in others if other is not None]
    if not present:
        return Aligned(found.outcomes, found.counts, tuple(None for _ in others))
    rows = np.concatenate([found.outcomes, *(other.outcomes for other in present)])
    _, first, place = np.unique(keys_of(rows), return_index=True, return_inverse=True)
    counts = np.zeros(len(first), "<u4")
    counts[place[: len(found.outcomes)]] = found.counts
    start = len(found.outcomes)
    columns: list[Floats | None] = []
    for other in others:
        if other is None:
            columns.append(None)
            continue
        column = np.zeros(len(first))
        column[place[start : start + len(other.outcomes)]] = other.shares
        columns.append(column)
        start += len(other.outcomes)
    return Aligned(rows[first], counts, tuple(columns))


def distance(counts: Counts, shots: int, other: Floats, other_shots: int | None) -> Distance:
    """Return how far counts are from another distribution.

    Args:
        counts: How often each outcome was measured.
        shots: Their sum.
        other: The share of each outcome in the other distribution.
        other_shots: The shots that one was estimated from; ``None`` if it is exact.
    """
    shares = counts / max(shots, 1)
    return Distance(
        hellinger_fidelity(shares, other),
        fidelity_noise(shares, shots, other, other_shots),
        total_variation(shares, other),
    )


def hellinger_fidelity(one: Floats, other: Floats) -> float:
    r"""Return the Hellinger fidelity: 1 for equal distributions, 0 for disjoint ones.

    .. math:: F = (1 - H^2)^2 = \Bigl(\sum_x \sqrt{p_x q_x}\Bigr)^2

    with the Hellinger distance :math:`H^2 = \tfrac12 \sum_x (\sqrt{p_x} - \sqrt{q_x})^2`: E.
    Hellinger, J. reine angew. Math. 136 (1909) 210; the sum is the coefficient of A. Bhattacharyya,
    Bull. Calcutta Math. Soc. 35 (1943) 99. It is the quantum state fidelity of diagonal states.
    """
    return float(np.sqrt(one * other).sum() ** 2)


def total_variation(one: Floats, other: Floats) -> float:
    r"""Return the total variation distance, the most by which any event's probabilities differ.

    .. math:: \mathrm{TV} = \tfrac12 \sum_x |p_x - q_x|

    D. A. Levin, Y. Peres, E. L. Wilmer: Markov Chains and Mixing Times, 2nd ed., AMS (2017),
    proposition 4.2.
    """
    return float(np.abs(one - other).sum() / 2)


def shot_noise(share: float, shots: int) -> float:
    r"""Return the standard error of a share estimated from so many shots.

    .. math:: \sigma = \sqrt{p (1 - p) / N}

    The binomial proportion's: A. Agresti, Categorical Data Analysis, 3rd ed., Wiley (2013), section
    1.4. It says nothing of outcomes never seen, where it is zero.
    """
    return math.sqrt(max(share * (1 - share), 0.0) / shots) if shots else 0.0


def fidelity_noise(one: Floats, shots: int, other: Floats, other_shots: int | None = None) -> float:
    r"""Return the standard deviation of the Hellinger fidelity by shot noise, to first order.

    The delta method (Agresti, section 16.1) for the multinomial shares in
    :math:`B = \sum_x \sqrt{p_x q_x}` and :math:`F = B^2` gives

    .. math:: \sigma_F = B \sqrt{(Q - B^2) / N}

    where :math:`Q` is the sum of :math:`q_x` over the outcomes that were seen; a second estimated
    distribution adds its own term. It is the spread from run to run. That few shots over many
    outcomes make the fidelity itself too small is not in it.
    """
    coefficient = float(np.sqrt(one * other).sum())
    terms = [(float(other[one > 0].sum()), shots)]
    if other_shots:
        terms.append((float(one[other > 0].sum()), other_shots))
    variance = sum(max(seen - coefficient**2, 0.0) / n for seen, n in terms if n)
    return coefficient * math.sqrt(variance)


def _number(key: object) -> int:
    if isinstance(key, str):
        bits = key.replace(" ", "")
        if not bits or bits.strip("01"):
            raise ValueError(key)
        return int(bits, 2)
    if isinstance(key, int | np.integer):
        return int(key)
    raise TypeError(key)


def _width(key: object) -> int:
    return len(key.replace(" ", "")) if isinstance(key, str) else max(1, int(key).bit_length())  # type: ignore[call-overload]
