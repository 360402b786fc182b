"""From typed JSON to objects, by allow-list."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np

from qjobwidgets.codec.arrays import read_array
from qjobwidgets.codec.binary import Budget
from qjobwidgets.codec.limits import Limits, check_text
from qjobwidgets.codec.spans import COLLECTION_NAMES, SPAN_NAMES, ExecutionSpans, read_span
from qjobwidgets.errors import CodecError

__all__ = ["loads"]


def loads(text: str | bytes, limits: Limits | None = None) -> Any:
    """Return the objects of a typed JSON document.

    Args:
        text: The document; bytes are UTF-8.
        limits: Caps; the defaults of :class:`Limits` when not given.

    Raises:
        CodecError: Not JSON, over a cap, damaged, or of a type that is not allowed.
    """
    limits = limits or Limits()
    try:
        document = text.decode() if isinstance(text, bytes) else text
        check_text(document, limits)
        return json.loads(document, object_hook=_Reader(limits).read)
    except (ValueError, RecursionError) as error:
        raise CodecError(f"This is not a typed JSON document: {error}.") from error


class _Reader:
    """Turns the objects of one document into values, innermost first."""

    def __init__(self, limits: Limits) -> None:
        self._budget = Budget(limits.unpacked)

    def read(self, document: dict[str, Any]) -> Any:
        if "__type__" not in document:
            return document
        name = document["__type__"]
        if not isinstance(name, str):
            raise CodecError("The type of a typed value must be text.")
        try:
            return self._typed(name, document.get("__value__"), document)
        except (CodecError, MemoryError):
            raise
        except Exception as error:  # constructors of Qiskit raise errors of many kinds
            raise CodecError(f"A value of type {name!r} was refused: {error}.") from error

    def _typed(self, name: str, value: Any, document: dict[str, Any]) -> Any:
        if name == "ndarray":
            return self._array(value)
        if name in _PLAIN:
            return _PLAIN[name](value)
        if name in SPAN_NAMES:
            return read_span(name, value)
        if name in COLLECTION_NAMES:
            return ExecutionSpans(tuple(value["spans"]))
        if name in _OF_QISKIT:
            return self._of_qiskit(name, value, document)
        raise CodecError(f"Values of type {name!r} are not allowed in typed JSON.")

    def _array(self, value: Any) -> np.ndarray[Any, Any]:
        if isinstance(value, str):
            return read_array(self._budget.decode(value, compressed=True))
        return np.array(value)

    def _of_qiskit(self, name: str, value: Any, document: dict[str, Any]) -> Any:
        from qjobwidgets.codec import qiskit_types  # noqa: PLC0415 - it loads Qiskit

        if name == "settings":
            names = document.get("__module__"), document.get("__class__")
            return qiskit_types.read_settings(*names, value)
        if name in qiskit_types.BINARY_READERS:
            data = self._budget.decode(value, compressed=name != "Parameter")
            return qiskit_types.BINARY_READERS[name](data)
        return qiskit_types.READERS[name](value)


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "complex": lambda parts: complex(*parts),
    "datetime": datetime.fromisoformat,
    # stays a dict: only what runs circuits needs Aer, which makes a model of it
    "NoiseModel": dict,
    "set": set,
    "to_json": str,
}
_OF_QISKIT = frozenset(
    {
        "settings",
        "QuantumCircuit",
        "Instruction",
        "Parameter",
        "ObservablesArray",
        "BindingsArray",
        "BitArray",
        "DataBin",
        "PubResult",
        "EstimatorPubResult",
        "SamplerPubResult",
        "PrimitiveResult",
        "Result",
    }
)
