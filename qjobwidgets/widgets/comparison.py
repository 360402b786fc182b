"""Two jobs side by side: what a card compares them in, and how far their counts are apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from qjobwidgets.render import Compared, status, words
from qjobwidgets.watch.contents import Inputs, PubResult, Result
from qjobwidgets.watch.details import Detail, JobDetails
from qjobwidgets.watch.distances import Distance, Distribution, align, distance
from qjobwidgets.watch.outcomes import Outcomes

__all__ = ["compared", "distances", "results_of"]

_MOST_RESULTS = 12
"""Lines of a result that a twin or a comparison shows."""
_TOP = 4
_LONGEST = 200


def compared(one: JobDetails, other: JobDetails) -> list[Compared]:
    """Return what two jobs are compared in: options, backend, shots, results, durations."""
    left, right = dict(_traits(one)), dict(_traits(other))
    labels = list(dict.fromkeys([*left, *right]))
    return [
        Compared(label, left.get(label, words.UNKNOWN), right.get(label, words.UNKNOWN))
        for label in labels
    ]


def distances(one: Result | None, other: Result | None) -> list[tuple[str, Distance]]:
    """Return how far the counts of two jobs are apart, per PUB and register that both have."""
    if one is None or other is None:
        return []
    pairs = [
        (at, mine, theirs)
        for at, (left, right) in enumerate(zip(one.pubs, other.pubs, strict=False))
        for mine in left.outcomes
        for theirs in right.outcomes
        if (mine.register, mine.num_bits) == (theirs.register, theirs.num_bits)
    ]
    return [
        (f"PUB {at} · {mine.register}", _apart(mine, theirs))
        for at, mine, theirs in pairs[:_MOST_RESULTS]
    ]


def _apart(one: Outcomes, other: Outcomes) -> Distance:
    aligned = align(one, [Distribution.of(other)])
    (shares,) = aligned.others
    assert shares is not None  # only a place kept free has none
    return distance(aligned.counts, one.shots, shares, other.shots)


def _traits(details: JobDetails) -> Iterator[tuple[str, str]]:
    record = details.record
    yield "Status", str(record.status)
    yield "Program", record.program or words.UNKNOWN
    yield "Backend", record.backend or words.UNKNOWN
    inputs: Inputs | None = details.get("inputs").value
    if inputs is not None:
        yield "Circuits", words.number(inputs.total)
        yield "Shots", inputs.shots or "default"
    now = datetime.now(UTC)
    yield "Waited", words.duration(status.waited(record, now))
    yield "Ran", words.duration(status.ran(record, now))
    yield "Usage", words.seconds(record.usage_seconds)
    yield "Tags", ", ".join(record.tags) or "none"
    yield "Session", words.short_id(record.session_id) if record.session_id else "none"
    yield from inputs.options if inputs is not None else ()
    yield from results_of(details.get("result"))


def results_of(detail: Detail) -> list[tuple[str, str]]:
    """Return a result as labels and texts, the first lines of it."""
    found: Result | None = detail.value
    if found is None:
        return []
    if found.fields:
        return list(found.fields[:_MOST_RESULTS])
    lines = [line for at, pub in enumerate(found.pubs) for line in _pub_lines(at, pub)]
    return lines[:_MOST_RESULTS]


def _pub_lines(at: int, pub: PubResult) -> Iterator[tuple[str, str]]:
    for register in pub.outcomes:
        top = register.largest(_TOP)
        text = ", ".join(f"{bits}: {words.number(count)}" for bits, count in top)
        more = len(register.counts) - len(top)
        rest = f", and {words.number(more)} more {'outcome' if more == 1 else 'outcomes'}"
        yield f"PUB {at} · {register.register}", f"{text}{rest if more else ''}"[:_LONGEST]
    for value in pub.values:
        error = "" if value.error is None else f" ± {words.number(value.error)}"
        label = f"PUB {at}" if value.label[0] != "[" else f"PUB {at} {value.label}"
        yield label, f"{words.number(value.value)}{error}"
