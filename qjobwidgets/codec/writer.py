"""From objects to typed JSON."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np

from qjobwidgets.codec.arrays import write_array
from qjobwidgets.codec.binary import encode
from qjobwidgets.codec.noise import NOISE_MODULES, noise_document
from qjobwidgets.codec.spans import ExecutionSpan, ExecutionSpans
from qjobwidgets.codec.sparse import write_matrix
from qjobwidgets.errors import CodecError

__all__ = ["Encoder", "dumps", "typed"]


def dumps(obj: Any, *, finite: bool = False) -> str:
    """Return ``obj`` as typed JSON.

    Args:
        obj: Plain JSON values, or circuits, instructions, parameters, arrays, complex numbers,
            times, sets, operators, sparse matrices, PUBs, primitive results and their parts, what
            noise learners find, and objects with ``settings`` or ``to_json()``. A function becomes
            null, with a warning.
        finite: Refuse NaN and infinities, for which JSON has no word. Those in arrays are no part
            of the text.

    Raises:
        CodecError: It holds something typed JSON has no word for; the message names its type.
    """
    try:
        return json.dumps(obj, cls=Encoder, separators=(",", ":"), allow_nan=not finite)
    except (TypeError, ValueError, RecursionError) as error:
        if finite and _NOT_FINITE in str(error):
            raise CodecError(
                "JSON has no word for NaN and infinity.", fix="Pass numbers, or a NumPy array."
            ) from None
        raise CodecError(f"This can't be written as typed JSON: {error}.") from error


_NOT_FINITE = "Out of range float"  # what json says of them


class Encoder(json.JSONEncoder):
    """The types that plain JSON has no word for."""

    def default(self, o: Any) -> Any:
        """Return what stands for ``o``: a typed object, or a plain value."""
        for kind, write in _WRITERS:
            if isinstance(o, kind):
                return write(o)
        # an object of Qiskit or Aer can't exist before these are loaded; they never are for this
        if "qiskit" in sys.modules:
            from qjobwidgets.codec import qiskit_types  # noqa: PLC0415

            for kind, write in qiskit_types.WRITERS:
                if isinstance(o, kind):
                    return write(o)
        noise = sys.modules.get("qiskit_aer.noise")
        if noise is not None and isinstance(o, noise.NoiseModel):
            return typed("NoiseModel", o.to_dict())
        sparse = sys.modules.get("scipy.sparse")
        if sparse is not None and sparse.issparse(o):
            return typed("spmatrix", encode(write_matrix(o), compressed=False))
        return self._described_by_itself(o)

    def _described_by_itself(self, o: Any) -> Any:
        """Return what stands for an object that says itself what it is made of."""
        kind = type(o)
        if kind.__module__ in NOISE_MODULES:
            return noise_document(o)
        if callable(getattr(kind, "to_json", None)):
            return typed("to_json", o.to_json())
        if isinstance(settings := getattr(o, "settings", None), dict):
            names = {"__module__": kind.__module__, "__class__": kind.__name__}
            return {"__type__": "settings", **names, "__value__": _marked(settings)}
        if callable(o):
            # a callback among the settings of an optimizer, say: the rest still has its meaning
            warnings.warn(f"{o!r} can't be sent to a runtime service; null is sent.", stacklevel=2)
            return None
        name = f"{type(o).__module__}.{type(o).__qualname__}"
        raise CodecError(
            f"A value of type {name} can't be sent to a runtime service.",
            fix="Turn it into numbers, text, lists, dicts, arrays, circuits or operators first.",
        )


def typed(name: str, value: Any) -> dict[str, Any]:
    """Return the object that stands for a value of type ``name``."""
    return {"__type__": name, "__value__": value}


def _marked(value: Any) -> Any:
    """Return settings with a mark where JSON makes text of the numbers that are keys."""
    if not isinstance(value, dict):
        return value
    marked = {key: _marked(inner) for key, inner in value.items()}
    return (
        {**marked, "__int_keys__": True} if any(isinstance(key, int) for key in value) else marked
    )


def _array(array: np.ndarray[Any, Any]) -> Any:
    if array.dtype.hasobject:
        return typed("ndarray", array.tolist())
    return typed("ndarray", encode(write_array(array), compressed=True))


def _complex(number: complex) -> Any:
    return typed("complex", [float(number.real), float(number.imag)])


def _span(span: ExecutionSpan) -> Any:
    value = {"start": span.start, "stop": span.stop, "data_slices": dict(span.data_slices)}
    return typed(span.kind, value)


_WRITERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (np.ndarray, _array),
    (np.bool_, bool),
    (np.integer, int),
    (np.floating, float),
    (complex, _complex),
    (np.complexfloating, _complex),
    (date, lambda time: typed("datetime", time.isoformat())),
    (set, lambda values: typed("set", list(values))),
    (frozenset, lambda values: typed("set", list(values))),
    (ExecutionSpans, lambda spans: typed("ExecutionSpans", {"spans": list(spans)})),
    (ExecutionSpan, _span),
)
