"""Results read for looking at: the measured bits and the numbers in them, without Qiskit.

The codec gives the objects of Qiskit that users calculate with, which takes loading Qiskit first. A
view needs less: which fields each PUB has, and the bits of those that are registers. So this reader
takes the same typed JSON under the same caps, keeps arrays and bits, and leaves everything else
packed as it came: circuits, spans, metadata and whatever a program may invent.

Three documents hold measured bits: the result of a sampler in typed JSON, the same in the plain
form for clients without Qiskit, and the result of a circuit runner.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from qjobwidgets.codec.arrays import read_array
from qjobwidgets.codec.binary import Budget
from qjobwidgets.codec.limits import Limits, check_text
from qjobwidgets.codec.reader import EXTRAPOLATORS
from qjobwidgets.errors import CodecError
from qjobwidgets.watch.outcomes import Register

__all__ = ["Reading", "read_result"]

_MOST_PUBS: Final = 10_000
_MOST_BITS: Final = 2**16
_LONGEST_NAME: Final = 60
_MOST_NAMES: Final = 6


@dataclass(frozen=True, slots=True)
class Reading:
    """What a result holds, as far as a view is concerned.

    Attributes:
        registers: The measured registers, PUB by PUB.
        content: What it holds, in a few words: ``"evs and stds"``.
    """

    registers: tuple[Register, ...]
    content: str


def read_result(text: str, limits: Limits | None = None) -> Reading:
    """Return what the text of a result holds.

    Args:
        text: The result as the service sends it.
        limits: Caps; those of the codec when not given.

    Raises:
        CodecError: The text is over a cap, or what it has in the place of bits is damaged.
    """
    limits = limits or Limits()
    try:
        check_text(text, limits)
        document = json.loads(text, object_hook=_Reader(limits).read)
    except (ValueError, RecursionError):
        return Reading((), "text")
    try:
        pubs = list(_pubs(document))
        registers = tuple(_registers(pubs))
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise CodecError(f"The counts in the result are damaged: {error}.") from error
    return Reading(registers, _content([fields for fields, _ in pubs] or [document]))


@dataclass(frozen=True, slots=True)
class _Packed:
    """A typed value that no view looks into."""

    kind: str


@dataclass(frozen=True, slots=True)
class _Pubs:
    """The PUB results of a primitive."""

    results: Sequence[Any]


@dataclass(frozen=True, slots=True)
class _Bits:
    """The bits of one register, a row of packed bytes for each shot."""

    array: Any
    num_bits: int


class _Reader:
    """Reads the typed values of one document, innermost first."""

    def __init__(self, limits: Limits) -> None:
        self._budget = Budget(limits.unpacked)

    def read(self, document: dict[str, Any]) -> Any:
        """Return what a JSON object stands for."""
        if "__type__" not in document:
            return document
        name, value = str(document["__type__"]), document.get("__value__")
        try:
            if name == "ndarray":
                return self._array(value)
            return _READERS[name](value) if name in _READERS else _Packed(name)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise CodecError(f"A value of type {name!r} is damaged: {error}.") from error

    def _array(self, value: Any) -> Any:
        if isinstance(value, str):
            if value in EXTRAPOLATORS:
                return value
            return read_array(self._budget.decode(value, compressed=True))
        return np.asarray(value)


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "BitArray": lambda value: _Bits(value["array"], int(value["num_bits"])),
    "DataBin": lambda value: value["fields"],
    "PubResult": lambda value: {"data": value["data"]},
    "EstimatorPubResult": lambda value: {"data": value["data"]},
    "SamplerPubResult": lambda value: {"data": value["data"]},
    "PrimitiveResult": lambda value: _Pubs(value["pub_results"]),
    "Result": lambda value: value,
}


def _pubs(document: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the data of each PUB or circuit, and what describes it."""
    results = document.results if isinstance(document, _Pubs) else None
    if isinstance(document, dict):
        results = document.get("results")
    for result in results[:_MOST_PUBS] if isinstance(results, list) else ():
        if isinstance(result, dict):
            yield result.get("data"), result.get("header")


def _registers(pubs: Sequence[tuple[Any, Any]]) -> Iterator[Register]:
    for pub, (fields, header) in enumerate(pubs):
        if not isinstance(fields, dict):
            continue
        if isinstance(fields.get("counts"), dict) and isinstance(header, dict):
            yield _of_circuit(pub, fields["counts"], header)
            continue
        for name, field in fields.items():
            found = _of_field(pub, str(name)[:_LONGEST_NAME], field)
            if found is not None:
                yield found


def _of_field(pub: int, name: str, field: Any) -> Register | None:
    """Return the register of one field of a PUB; ``None`` if it is none, or has no bits."""
    if isinstance(field, _Bits):
        bits, array = field.num_bits, np.asarray(field.array)
        if bits == 0:
            return None
        if array.dtype != np.uint8 or array.ndim < 2 or array.shape[-1] != _width(bits):
            raise ValueError(f"{name} has no rows of {bits} bits")
        return Register.of_shots(pub, name, bits, array)
    if isinstance(field, dict) and isinstance(field.get("samples"), list):
        numbers = [_number(sample) for sample in field["samples"]]
        # a nested list would be one of parameter sets, which this form does not describe
        bits = int(field.get("num_bits") or _least_bits(numbers))
        packed = b"".join(number.to_bytes(_width(bits), "big") for number in numbers)
        array = np.frombuffer(packed, np.uint8).reshape(-1, _width(bits))
        return Register.of_shots(pub, name, bits, array)
    return None


def _of_circuit(pub: int, counts: Mapping[str, Any], header: Mapping[str, Any]) -> Register:
    """Return the register of one experiment of a circuit runner: all its classical bits."""
    tallies = {_number(key): int(count) for key, count in counts.items()}
    bits = int(header.get("memory_slots") or _least_bits(tallies))
    _width(bits)  # before anything is written out in as many bits
    sizes = header.get("creg_sizes")
    names = [str(size[0])[:_LONGEST_NAME] for size in sizes] if isinstance(sizes, list) else []
    return Register.of_counts(pub, names[0] if len(names) == 1 else "all bits", bits, tallies)


def _least_bits(numbers: Iterable[int]) -> int:
    """Return how many bits the largest number has, and at least one."""
    return max((number.bit_length() for number in numbers), default=1) or 1


def _number(key: object) -> int:
    """Return the number of an outcome written in hexadecimal digits."""
    if not isinstance(key, str) or len(key) > _MOST_BITS // 4:
        raise TypeError("an outcome is no hexadecimal number")
    return int(key, 16)


def _width(bits: int) -> int:
    if not 0 < bits <= _MOST_BITS:
        raise ValueError(f"a register has {bits} bits")
    return -(-bits // 8)


def _content(parts: Sequence[Any]) -> str:
    """Return what a result holds, by the names of its fields."""
    names = dict.fromkeys(
        str(name)[:_LONGEST_NAME] for part in parts if isinstance(part, dict) for name in part
    )
    if not names:
        return _kind(parts[0])
    shown = list(names)[:_MOST_NAMES]
    more = len(names) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _kind(value: Any) -> str:
    match value:
        case _Packed(kind):
            return f"a value of type {kind[:_LONGEST_NAME]}"
        case str():
            return "text"
        case bool() | int() | float() | None:
            return str(value)[:_LONGEST_NAME]
        case np.ndarray():
            return "an array"
        case list(some) | _Pubs(some):
            return "a list" if some else "an empty list"
    return "nothing that has a name"
