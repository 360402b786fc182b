"""What the tensors of the ``executor`` schema are made of, known without numpy.

The server process checks submissions and never loads numpy; only attempts make arrays of tensors.
"""

from __future__ import annotations

from typing import Literal

__all__ = ["ELEMENT_BYTES", "PLAIN_DTYPES", "Dtype"]

Dtype = Literal[
    "bool", "u8", "f64", "c128", "f16", "f32", "i8", "i16", "i32", "i64", "u16", "u32", "u64", "c64"
]

ELEMENT_BYTES: dict[Dtype, int] = {
    "bool": 1,
    "u8": 1,
    "f64": 8,
    "c128": 16,
    "f16": 2,
    "f32": 4,
    "i8": 1,
    "i16": 2,
    "i32": 4,
    "i64": 8,
    "u16": 2,
    "u32": 4,
    "u64": 8,
    "c64": 8,
}
"""What one element takes in memory."""

PLAIN_DTYPES: frozenset[Dtype] = frozenset({"bool", "u8", "f64", "c128"})
"""What tensors are made of in versions that don't compress them."""
