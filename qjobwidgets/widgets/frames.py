"""Rows by columns: a tenth of what the same rows cost as objects, and quick to read.

A frame holds the numbers of the rows (``n``) and one list for each field. A column of words that
repeat is told as the words (``of``) and which of them each row has (``at``; when they all have the
first, it is left out). A field without a column is ``null`` in rows that are new, and as it was in
rows that are known. Its reader is ``js/src/table/frame.ts``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["changes_frame", "rows_frame"]

Row = Mapping[str, Any]
Frame = dict[str, Any]


def rows_frame(numbers: Sequence[int], rows: Sequence[Row]) -> Frame:
    """Return whole rows."""
    frame: Frame = {"n": list(numbers)}
    for field in rows[0] if rows else ():
        values = [row[field] for row in rows]
        if not all(_quiet(value) for value in values):
            frame[field] = _column(values)
    return frame


def changes_frame(numbers: Sequence[int], old: Sequence[Row], new: Sequence[Row]) -> Frame:
    """Return the fields in which any of the rows has changed."""
    frame: Frame = {"n": list(numbers)}
    for field in new[0] if new else ():
        values = [row[field] for row in new]
        if any(value != row[field] for value, row in zip(values, old, strict=True)):
            frame[field] = _column(values)
    return frame


def _quiet(value: object) -> bool:
    """Whether a reader assumes this of a field it is not told."""
    return value is None or value is False or value == []


def _column(values: list[Any]) -> list[Any] | Frame:
    if not any(isinstance(value, str | list) for value in values):
        return values
    keys = [tuple(value) if isinstance(value, list) else value for value in values]
    places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    if 2 * len(places) > len(values):
        return values
    words = [list(key) if isinstance(key, tuple) else key for key in places]
    return {"of": words} if len(places) == 1 else {"of": words, "at": [places[k] for k in keys]}
