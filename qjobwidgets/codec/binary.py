"""Bytes inside JSON: base64 text, mostly of zlib data, unpacked under a budget."""

from __future__ import annotations

import base64
import binascii
import zlib

from qjobwidgets.errors import CodecError

__all__ = ["Budget", "encode"]


def encode(data: bytes, *, compressed: bool) -> str:
    """Return bytes as base64 text, deflated first when ``compressed``."""
    return base64.b64encode(zlib.compress(data) if compressed else data).decode("ascii")


class Budget:
    """The bytes one document may still unpack to."""

    def __init__(self, limit: int) -> None:
        self._left = limit

    def decode(self, text: object, *, compressed: bool) -> bytes:
        """Return the bytes of base64 text, inflated when ``compressed``.

        Raises:
            CodecError: Not base64 or zlib, or more bytes than the document has left.
        """
        if not isinstance(text, str):
            raise CodecError(f"Expected base64 text, found {type(text).__name__}.")
        try:
            data = base64.b64decode(text, validate=True)
            data = self._inflate(data) if compressed else data
        except (binascii.Error, ValueError, zlib.error) as error:
            raise CodecError(f"A binary part is damaged: {error}.") from error
        self._left -= len(data)
        if self._left < 0:
            raise CodecError("The document unpacks to more bytes than allowed.")
        return data

    def _inflate(self, data: bytes) -> bytes:
        inflater = zlib.decompressobj()
        # one byte more than allowed tells "too much" from "just enough" without unpacking the rest
        unpacked = inflater.decompress(data, self._left + 1)
        if len(unpacked) > self._left:
            raise CodecError("The document unpacks to more bytes than allowed.")
        if not inflater.eof or inflater.unused_data:
            raise CodecError("A binary part is damaged: its compressed data does not end properly.")
        return unpacked
