"""Arrays as npy bytes, read without trusting their header."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from numpy.lib import format as npy

from qjobwidgets.errors import CodecError

__all__ = ["read_array", "write_array"]

_KINDS = frozenset("biufcSUmM")  # numbers, text, times: nothing that holds Python objects
_MAX_DIMENSIONS = 32
_MAX_HEADER = 10_000


def write_array(array: np.ndarray[Any, Any]) -> bytes:
    """Return an array as the bytes of a npy file."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def read_array(data: bytes) -> np.ndarray[Any, Any]:
    """Return the array of a npy file whose header and length agree.

    Raises:
        CodecError: Not a npy file, a dtype that is not plain data, or a header that claims
            another size than the bytes that follow it have.
    """
    file = io.BytesIO(data)
    try:
        shape, fortran, dtype = _read_header(file)
    except (ValueError, EOFError, SyntaxError, TypeError) as error:
        raise CodecError(f"An array has no readable header: {error}.") from error
    if dtype.kind not in _KINDS:
        raise CodecError(f"Arrays of dtype {dtype} are not allowed.")
    body = memoryview(data)[file.tell() :]
    if len(shape) > _MAX_DIMENSIONS or math.prod(shape) * dtype.itemsize != len(body):
        raise CodecError(f"An array of shape {shape} and dtype {dtype} has {len(body)} bytes.")
    try:
        flat = np.frombuffer(body, dtype=dtype) if len(body) else np.empty(0, dtype)
        return flat.reshape(shape, order="F" if fortran else "C").copy(order="K")
    except ValueError as error:
        raise CodecError(f"An array can't have shape {shape}: {error}.") from error


def _read_header(file: io.BytesIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = npy.read_magic(file)
    if version == (1, 0):
        return npy.read_array_header_1_0(file, max_header_size=_MAX_HEADER)
    if version == (2, 0):
        return npy.read_array_header_2_0(file, max_header_size=_MAX_HEADER)
    raise ValueError(f"npy version {version}")
