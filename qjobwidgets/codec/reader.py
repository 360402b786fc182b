"""From typed JSON to objects, by allow-list."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np

from qjobwidgets.codec.arrays import read_array
from qjobwidgets.codec.binary import Budget
from qjobwidgets.codec.limits import Limits, check_text
from qjobwidgets.codec.noise import read_noise_part, read_noise_result
from qjobwidgets.codec.spans import COLLECTION_NAMES, SPAN_NAMES, ExecutionSpans, read_span
from qjobwidgets.codec.sparse import read_matrix
from qjobwidgets.errors import CodecError

__all__ = ["EXTRAPOLATORS", "loads"]


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
        if name == "spmatrix":
            return read_matrix(self._budget.decode(value, compressed=False), self._budget)
        if name in _PLAIN:
            return _PLAIN[name](value)
        if name in {"settings", "_json"}:
            return _revived(name, document)
        if name in _OF_QISKIT:
            return self._of_qiskit(name, value)
        raise CodecError(f"Values of type {name!r} are not allowed in typed JSON.")

    def _array(self, value: Any) -> Any:
        if isinstance(value, str):
            if value in EXTRAPOLATORS:
                return value
            return read_array(self._budget.decode(value, compressed=True))
        return np.array(value)

    def _of_qiskit(self, name: str, value: Any) -> Any:
        from qjobwidgets.codec import qiskit_types  # noqa: PLC0415 - it loads Qiskit

        if name in qiskit_types.BINARY_READERS:
            data = self._budget.decode(value, compressed=name != "Parameter")
            return qiskit_types.BINARY_READERS[name](data)
        return qiskit_types.READERS[name](value)


def _revived(name: str, document: dict[str, Any]) -> Any:
    """Return an object of a class the document names, as far as it is on the list."""
    names = document.get("__module__"), document.get("__class__")
    value = _with_int_keys(document.get("__value__"))
    if name == "_json":
        return read_noise_part(*names, value)
    from qjobwidgets.codec import qiskit_types  # noqa: PLC0415 - it loads Qiskit

    return qiskit_types.read_settings(*names, value)


def _with_int_keys(value: Any) -> Any:
    """Return settings with the keys that were numbers before JSON made text of them."""
    if not isinstance(value, dict):
        return value
    marked = value.get("__int_keys__") is True
    return {
        int(key) if marked and _INTEGER.fullmatch(key) else key: _with_int_keys(inner)
        for key, inner in value.items()
        if not (marked and key == "__int_keys__")
    }


_INTEGER = re.compile(r"-?[0-9]{1,18}")
EXTRAPOLATORS = frozenset(
    {"linear", "exponential", "double_exponential", "fallback"}
    | {f"polynomial_degree_{degree}" for degree in range(1, 8)}
)
"""Words that services have put where an array stands."""

_PLAIN: dict[str, Callable[[Any], Any]] = {
    "complex": lambda parts: complex(*parts),
    "datetime": datetime.fromisoformat,
    # stays a dict: only what runs circuits needs Aer, which makes a model of it
    "NoiseModel": dict,
    "NoiseLearnerResult": read_noise_result,
    "set": set,
    "to_json": str,
    **{name: partial(read_span, name) for name in SPAN_NAMES},
    **dict.fromkeys(COLLECTION_NAMES, lambda value: ExecutionSpans(tuple(value["spans"]))),
}
_OF_QISKIT = frozenset(
    {
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
        "PauliLindbladMap",
        "PrimitiveResult",
        "Result",
    }
)
