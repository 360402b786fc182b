"""What counts are compared with: other jobs, or distributions known beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from qjobwidgets.errors import QJobError
from qjobwidgets.render import words
from qjobwidgets.watch import watcher_for
from qjobwidgets.watch.counts_source import CountsSource, Sight
from qjobwidgets.watch.distances import Distribution, distribution
from qjobwidgets.watch.outcomes import Register

__all__ = ["Comparison", "comparisons"]

MOST: Final = 8
"""Comparisons of one histogram: each adds a column to what is sent."""


class Comparison:
    """Something to compare counts with.

    Args:
        label: Its name on the screen.
        source: The counts of another job.
        given: A distribution by bit string, where it is no job.
    """

    def __init__(
        self,
        label: str,
        source: CountsSource | None = None,
        given: Mapping[Any, Any] | None = None,
    ) -> None:
        self.label = label
        self.source = source
        self._given = given

    def look(self) -> Sight:
        """Return what there is to compare with."""
        return Sight("ready") if self.source is None else self.source.look()

    def for_register(self, register: Register, parameter_set: int | None) -> Distribution | None:
        """Return what to compare one register with; ``None`` if there is nothing alike."""
        if self._given is not None:
            wide = distribution(self._given).num_bits > register.num_bits
            return None if wide else distribution(self._given, register.num_bits)
        found = self._counterpart(register)
        if found is None:
            return None
        same_sets = found.sets == register.sets
        return Distribution.of(found.outcomes(parameter_set if same_sets else None))

    def _counterpart(self, register: Register) -> Register | None:
        """Return the other job's register of this place, or else its only one of this width."""
        alike = [r for r in self.look().registers if r.num_bits == register.num_bits]
        place = (register.pub, register.name)
        same = [r for r in alike if (r.pub, r.name) == place]
        return same[0] if same else alike[0] if len(alike) == 1 else None


def comparisons(
    given: Any, labels: Sequence[str] | None, changed: Callable[[], None]
) -> list[Comparison]:
    """Return what a user wants to compare with.

    Args:
        given: A job, a mapping of bit strings to shares or counts, or several of these.
        labels: A name for each.
        changed: Called when one of the jobs has news.

    Raises:
        QJobError: One of them can't be compared with, or has no name.
    """
    several = isinstance(given, Sequence) and not isinstance(given, str)
    items = list(given) if several else [given]
    names = [labels] if isinstance(labels, str) else list(labels or ())
    if len(items) > MOST:
        raise QJobError(f"At most {MOST} comparisons have room in a histogram.")
    if names and len(names) != len(items):
        raise QJobError(
            f"There are {len(items)} comparisons and {len(names)} labels.",
            fix="Name each of them, or none.",
        )
    found = [_comparison(item, changed) for item in items]
    ideal = sum(comparison.label == "ideal" for comparison in found)
    for index, comparison in enumerate(found):
        if names:
            comparison.label = words.clean(str(names[index]), 40)
        elif ideal > 1 and comparison.label == "ideal":
            comparison.label = f"ideal {index + 1}"
    return found


def _comparison(item: Any, changed: Callable[[], None]) -> Comparison:
    if isinstance(item, Mapping):
        exact = distribution(item).shots is None
        return Comparison("ideal" if exact else "counts", given=item)
    if hasattr(item, "job_id") and hasattr(item, "service"):
        source = CountsSource(item, watcher_for(item.service), changed)
        return Comparison(words.short_id(item.job_id()), source)
    raise QJobError(
        f"Counts can't be compared with a {type(item).__name__}.",
        fix='Pass a RuntimeJob, or outcomes with their shares: {"00": 0.5, "11": 0.5}.',
    )
