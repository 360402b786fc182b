"""What a document may ask of the reader."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qjobwidgets.errors import CodecError

__all__ = ["Limits", "check_text"]

# A whole string is one match, so that brackets inside strings don't count and a long base64 text
# costs one step. The second form of string never ends: the JSON parser reports it later.
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on one document.

    Attributes:
        text: Characters of the document.
        depth: Levels of nested arrays and objects.
        unpacked: Bytes that all its base64 and zlib parts together may unpack to.
    """

    text: int = 256 * 2**20
    depth: int = 100
    unpacked: int = 512 * 2**20


def check_text(text: str, limits: Limits) -> None:
    """Raise :class:`CodecError` when a document is longer or more deeply nested than allowed."""
    if len(text) > limits.text:
        raise CodecError(f"The document has {len(text)} characters, {limits.text} are allowed.")
    if text.count("[") + text.count("{") <= limits.depth:
        return  # as in a document that is one long text of base64
    depth = 0
    for token in _TOKEN.finditer(text):
        first = text[token.start()]
        if first in "[{":
            depth += 1
            if depth > limits.depth:
                raise CodecError(f"The document is nested more than {limits.depth} levels deep.")
        elif first in "]}":
            depth -= 1
