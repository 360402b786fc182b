"""Results of the primitives as plain JSON, for clients that have no Qiskit to revive types with.

They ask for it with ``support_qiskit: false``: outcomes are lists of hexadecimal numbers, one for
each shot, arrays are nested lists, and a span of time is a list of its start, its stop and its
slices.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from qiskit.primitives import BitArray, PrimitiveResult

from qjobwidgets.codec import ExecutionSpan, ExecutionSpans

__all__ = ["plain"]


def plain(result: PrimitiveResult[Any]) -> dict[str, Any]:
    """Return a result of a primitive in words of plain JSON."""
    return {
        "results": [
            {
                "data": {name: _field(field) for name, field in pub.data.items()},
                "metadata": _value(pub.metadata),
            }
            for pub in result
        ],
        "metadata": _value(result.metadata),
    }


def _field(field: Any) -> Any:
    if isinstance(field, BitArray):
        return {"samples": _samples(field.array), "num_bits": field.num_bits}
    return np.asarray(field).tolist()


def _samples(packed: np.ndarray[Any, Any]) -> Any:
    """Return numbers in lists, nested as the axes before that of the bytes are."""
    if packed.ndim == 1:
        return hex(int.from_bytes(packed.tobytes(), "big"))
    return [_samples(part) for part in packed]


def _value(value: Any) -> Any:
    match value:
        case ExecutionSpans():
            return [_value(span) for span in value]
        case ExecutionSpan():
            slices = {str(index): list(bounds) for index, bounds in value.data_slices.items()}
            return [_value(value.start), _value(value.stop), slices]
        case datetime():
            return {"date": value.isoformat()}
        case Mapping():
            return {name: _value(part) for name, part in value.items()}
        case _:
            return value
