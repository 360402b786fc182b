"""Tensors of the ``executor`` schema: base64 of little-endian numbers, booleans packed in bits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qjobwidgets.codec.binary import Budget, encode
from qjobwidgets.errors import CodecError
from qjobwidgets.server.programs.executor_dtypes import PLAIN_DTYPES, Dtype

__all__ = ["DTYPES", "packed_size", "read_tensor", "write_tensor"]

Array = np.ndarray[Any, Any]

DTYPES: dict[Dtype, np.dtype[Any]] = {
    "bool": np.dtype(np.bool_),
    "u8": np.dtype("<u1"),
    "f64": np.dtype("<f8"),
    "c128": np.dtype("<c16"),
    "f16": np.dtype("<f2"),
    "f32": np.dtype("<f4"),
    "i8": np.dtype("<i1"),
    "i16": np.dtype("<i2"),
    "i32": np.dtype("<i4"),
    "i64": np.dtype("<i8"),
    "u16": np.dtype("<u2"),
    "u32": np.dtype("<u4"),
    "u64": np.dtype("<u8"),
    "c64": np.dtype("<c8"),
}
"""What tensors are made of."""

_NAMES = {dtype: name for name, dtype in DTYPES.items()}


def packed_size(shape: Sequence[int], dtype: Dtype) -> int:
    """Return the bytes of a tensor before they are deflated."""
    elements = math.prod(shape)
    return -(-elements // 8) if dtype == "bool" else elements * DTYPES[dtype].itemsize


def read_tensor(tensor: Mapping[str, Any], budget: Budget, *, compressed: bool) -> Array:
    """Return the array of a tensor off the wire.

    Raises:
        CodecError: Its data are damaged, or not as long as its shape says.
    """
    shape, dtype = tensor["shape"], tensor["dtype"]
    size = packed_size(shape, dtype)
    data = budget.decode(tensor["data"], compressed=compressed, at_most=size)
    if len(data) != size:
        raise CodecError(f"A tensor of shape {shape} and type {dtype} has {len(data)} bytes.")
    if dtype != "bool":
        return np.ndarray(shape, DTYPES[dtype], data)
    bits = np.unpackbits(
        np.ndarray(size, np.uint8, data), count=math.prod(shape), bitorder="little"
    )
    return bits.view(np.bool_).reshape(shape)


def write_tensor(array: Array, *, compressed: bool) -> dict[str, Any]:
    """Return an array as it travels.

    Raises:
        CodecError: Tensors can't be made of what the array is made of.
    """
    dtype = _NAMES.get(array.dtype.newbyteorder("<"))
    if dtype is None or not (compressed or dtype in PLAIN_DTYPES):
        raise CodecError(
            f"Arrays of {array.dtype} can't be returned in this version of the schema.",
            fix="Submit with schema version v2.0.",
        )
    data = (
        np.packbits(array, axis=None, bitorder="little")
        if dtype == "bool"
        else array.astype(DTYPES[dtype], copy=False)
    )
    return {
        "data": encode(data.tobytes(), compressed=compressed),
        "shape": list(array.shape),
        "dtype": dtype,
    }
