"""Expressions of parameters as SymEngine wrote them, written again in the portable encoding.

Clients with Qiskit 1 send QPY whose expressions are SymEngine's own binary form. Its reader
unpickles, so it is never asked. The form itself is simple, and what Qiskit's expressions consist of
is a handful of it: a header, then one node within the other, each with a number, its type, and its
operands. :func:`to_portable` reads these few types and nothing else, and puts the text that Qiskit
reads by an allow-list in the place of each expression.

The text is hardly ever longer than the nodes were: it is padded with blanks to their size, so that
nothing else in the file has to change. At the first that can't be written so the file is left as it
is, for Qiskit to refuse; so however it is made, no byte is looked at twice.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable

__all__ = ["to_portable"]

# Little endian; version 0.11 or 0.13, whose forms are the same; the number of the first node. The
# count of parameters and the size of the expression stand before it, as QPY writes them.
_HEADER = re.compile(rb"\x01\x00\x00[\x0b\x0d]\x00(?=\x01\x00\x00\x80)")
_SIZE = struct.Struct("!Q")
_DEEPEST = 150

_INTEGER, _RATIONAL, _COMPLEX, _COMPLEX_DOUBLE, _REAL_DOUBLE = 0, 1, 2, 3, 6
_SYMBOL, _MUL, _ADD, _POW, _CONSTANT = 13, 15, 16, 17, 31
_FUNCTIONS = {
    29: "log",
    30: "conjugate",
    35: "sin",
    36: "cos",
    37: "tan",
    41: "asin",
    42: "acos",
    45: "atan",
    77: "Abs",
}
_CONSTANTS = {"E": math.e, "pi": math.pi}


class _UnreadableError(Exception):
    """Not the form of an expression, or one that has no portable text."""


def to_portable(data: bytes) -> bytes:
    """Return the bytes of a QPY file with its expressions in the portable encoding."""
    result = bytearray(data)
    done = _SIZE.size
    while header := _HEADER.search(data, done):
        start = header.start()
        (size,) = _SIZE.unpack_from(data, start - _SIZE.size)
        try:
            text = _Nodes(data[header.end() : start + size]).text().encode()
        except _UnreadableError:
            break
        if len(text) > size:
            break
        done = start + size
        result[start:done] = text.ljust(size)
    return bytes(result)


class _Nodes:
    """The nodes of one expression, read from the first to the last.

    Args:
        data: All of them.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0
        self._count = 0

    def text(self) -> str:
        """Return the expression as text.

        Raises:
            _UnreadableError: It is something else.
        """
        try:
            text = self._node(0)
        except (struct.error, UnicodeDecodeError) as error:
            raise _UnreadableError from error
        if self._place != len(self._data):
            raise _UnreadableError
        return text

    def _node(self, depth: int) -> str:
        self._count += 1
        number, kind = self._take("<II")
        # One that stands for an earlier one has that one's number, without the first bit.
        if number != 0x80000000 + self._count or depth > _DEEPEST:
            raise _UnreadableError

        def operand() -> str:
            return self._node(depth + 1)

        match kind:
            case _ if kind in _FUNCTIONS:
                return f"{_FUNCTIONS[kind]}({operand()})"
            case _ if kind in {_ADD, _MUL}:
                return self._terms(kind, operand)
            case _ if kind == _POW:
                return _power(operand(), operand())
            case _ if kind == _SYMBOL:
                (pickled,) = self._take("<B")
                if pickled:
                    raise _UnreadableError
                return f"Symbol({self._word()!r})"
            case _:
                return self._number(kind, operand)

    def _terms(self, kind: int, operand: Callable[[], str]) -> str:
        """Return a sum of multiples, or a product of powers: a number, then pairs."""
        name, first, pair = ("Add", "0", _multiple) if kind == _ADD else ("Mul", "1", _power)
        number = operand()
        parts = [] if number == first else [number]
        (count,) = self._take("<Q")
        parts += (pair(operand(), operand()) for _ in range(count))
        return parts[0] if len(parts) == 1 else f"{name}({','.join(parts)})"

    def _number(self, kind: int, operand: Callable[[], str]) -> str:
        match kind:
            case _ if kind == _INTEGER:
                digits = self._word()
                if not re.fullmatch("-?[0-9]+", digits):
                    raise _UnreadableError
                return digits
            case _ if kind == _RATIONAL:
                return f"Rational({operand()},{operand()})"
            case _ if kind in {_COMPLEX, _COMPLEX_DOUBLE}:
                return f"Add({operand()},Mul({operand()},1j))"
            case _ if kind == _REAL_DOUBLE:
                (value,) = self._take("<d")
                return _real(value)
            case _ if kind == _CONSTANT:
                return _real(_CONSTANTS.get(self._word(), math.nan))
            case _:
                raise _UnreadableError

    def _word(self) -> str:
        (length,) = self._take("<Q")
        end = self._place + length
        if end > len(self._data):
            raise _UnreadableError
        word = self._data[self._place : end].decode()
        self._place = end
        return word

    def _take(self, form: str) -> tuple[int, ...]:
        values = struct.unpack_from(form, self._data, self._place)
        self._place += struct.calcsize(form)
        return values


def _multiple(term: str, factor: str) -> str:
    return term if factor == "1" else f"Mul({factor},{term})"


def _power(base: str, exponent: str) -> str:
    if base == repr(math.e):
        return f"exp({exponent})"
    return base if exponent == "1" else f"Pow({base},{exponent})"


def _real(value: float) -> str:
    if not math.isfinite(value):
        raise _UnreadableError
    return repr(value)
