"""When which part of a sampler's data was taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qjobwidgets.errors import CodecError

__all__ = ["COLLECTION_NAMES", "SPAN_NAMES", "ExecutionSpan", "ExecutionSpans", "read_span"]

# How many numbers bound a slice, after its shape.
_BOUNDS = {
    "ExecutionSpan": 2,
    "DoubleSliceSpan": 4,
    "TwirledSliceSpan": 5,
    "TwirledSliceSpanV2": 6,
}
SPAN_NAMES = frozenset(_BOUNDS)
COLLECTION_NAMES = frozenset({"ExecutionSpans", "ExecutionSpanCollection"})


@dataclass(frozen=True, slots=True)
class ExecutionSpan:
    """A window of time, and the data taken in it.

    Attributes:
        start, stop: The window (UTC).
        data_slices: PUB index to which data: its shape, then the bounds of the slices as the
            wire type ``kind`` lists them. For ``"DoubleSliceSpan"``: shape (shots last), first
            and last + 1 flat parameter index, first and last + 1 shot.
        kind: The type on the wire.
    """

    start: datetime
    stop: datetime
    data_slices: Mapping[int, tuple[Any, ...]]
    kind: str = "DoubleSliceSpan"


@dataclass(frozen=True, slots=True)
class ExecutionSpans:
    """The spans of one job, iterable."""

    spans: tuple[ExecutionSpan, ...]

    def __iter__(self) -> Iterator[ExecutionSpan]:
        return iter(self.spans)

    def __len__(self) -> int:
        return len(self.spans)


def read_span(kind: str, value: Mapping[str, Any]) -> ExecutionSpan:
    """Return the span of a decoded wire value.

    Raises:
        CodecError: Times or slices are missing or of another type.
    """
    start, stop, slices = value.get("start"), value.get("stop"), value.get("data_slices")
    if not (
        isinstance(start, datetime) and isinstance(stop, datetime) and isinstance(slices, dict)
    ):
        raise CodecError(f"A {kind} needs a start, a stop and data slices.")
    return ExecutionSpan(
        start=start,
        stop=stop,
        data_slices={int(index): _slice(bounds, kind) for index, bounds in slices.items()},
        kind=kind,
    )


def _slice(bounds: Any, kind: str) -> tuple[Any, ...]:
    if not isinstance(bounds, list) or not bounds or not isinstance(bounds[0], list):
        raise CodecError("A data slice begins with the shape of its data.")
    shape, *numbers = bounds
    if len(numbers) != _BOUNDS[kind] or not all(isinstance(n, int) for n in [*shape, *numbers]):
        raise CodecError(f"A slice of a {kind} is a shape and {_BOUNDS[kind]} whole numbers.")
    return (tuple(shape), *numbers)
