"""Typed JSON: how circuits, arrays and results travel between a notebook and a runtime service.

A value JSON has no word for is an object ``{"__type__": T, "__value__": V}``; the rest is plain
JSON. :func:`dumps` writes what the official clients and services read, :func:`loads` reads it back:

- by allow-list: a type that is not on the list is refused by name, and no module is ever
  imported because a document names it;
- with caps (:class:`Limits`), checked before memory is taken: length of the text, nesting, and
  the bytes that all compressed parts together may unpack to;
- without pickle in any form.

``NaN`` and ``Infinity`` are written and read as bare words, as the service does.
"""

from qjobwidgets.codec.limits import Limits
from qjobwidgets.codec.noise import LayerError, NoiseLearnerResult, PauliLindbladError
from qjobwidgets.codec.reader import loads
from qjobwidgets.codec.spans import ExecutionSpan, ExecutionSpans
from qjobwidgets.codec.writer import dumps

__all__ = [
    "ExecutionSpan",
    "ExecutionSpans",
    "LayerError",
    "Limits",
    "NoiseLearnerResult",
    "PauliLindbladError",
    "dumps",
    "loads",
]
