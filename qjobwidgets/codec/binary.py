"""Bytes inside JSON: base64 text, mostly of zlib data, unpacked under a budget."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import IO

from qjobwidgets.errors import CodecError

__all__ = ["Budget", "encode"]


def encode(data: bytes, *, compressed: bool) -> str:
    """Return bytes as base64 text, deflated first when ``compressed``."""
    return base64.b64encode(zlib.compress(data) if compressed else data).decode("ascii")


class Budget:
    """The bytes one document may still unpack to."""

    def __init__(self, limit: int) -> None:
        self._left = limit

    def decode(self, text: object, *, compressed: bool, at_most: int | None = None) -> bytes:
        """Return the bytes of base64 text, inflated when ``compressed``.

        Args:
            text: The text.
            compressed: Whether the bytes were deflated.
            at_most: How many bytes it may be, when less than what the document has left.

        Raises:
            CodecError: Not base64 or zlib, or more bytes than allowed.
        """
        if not isinstance(text, str):
            raise CodecError(f"Expected base64 text, found {type(text).__name__}.")
        cap = self._left if at_most is None else min(self._left, at_most)
        try:
            data = base64.b64decode(text, validate=True)
            data = _inflate(data, cap) if compressed else data
        except (binascii.Error, ValueError, zlib.error) as error:
            raise CodecError(f"A binary part is damaged: {error}.") from error
        if len(data) > cap:
            raise _too_large()
        self._left -= len(data)
        return data

    def read(self, file: IO[bytes]) -> bytes:
        """Return all that is left of an open member of an archive.

        Raises:
            CodecError: That is more than allowed.
        """
        data = file.read(self._left + 1)
        if len(data) > self._left:
            raise _too_large()
        self._left -= len(data)
        return data


def _inflate(data: bytes, cap: int) -> bytes:
    inflater = zlib.decompressobj()
    # one byte more than allowed tells "too much" from "just enough" without unpacking the rest
    unpacked = inflater.decompress(data, cap + 1)
    if len(unpacked) > cap:
        raise _too_large()
    if not inflater.eof or inflater.unused_data:
        raise CodecError("A binary part is damaged: its compressed data does not end properly.")
    return unpacked


def _too_large() -> CodecError:
    return CodecError("The document unpacks to more bytes than allowed.")
