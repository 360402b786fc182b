"""Decoders: what turns the text of a result, or of an interim result, into a value.

A decoder is a subclass of :class:`ResultDecoder`, anything else with a method ``decode`` (such as
the decoders of ``qiskit-ibm-runtime``), or a function. The codec reads what has no decoder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from qjobwidgets.codec import loads
from qjobwidgets.errors import CodecError

__all__ = ["CODEC", "Decode", "DecoderPair", "ResultDecoder", "decoder_pair", "decoding", "read"]

Decode = Callable[[Any], Any]

_BEGINNINGS = frozenset('{["')  # of what is JSON, or was before it was cut off


class ResultDecoder:
    """Reads results with the codec; a subclass makes more of them, or reads them differently.

    A subclass overrides :meth:`decode`. Several decoders in a row form a chain: the first gets
    the text, each further one what the one before has returned.
    """

    @classmethod
    def is_applicable(cls, data: Any) -> bool:  # noqa: ARG003 - for subclasses to look at
        """Whether this decoder is for such data; a chain leaves it out if not."""
        return True

    @classmethod
    def decode(cls, data: str) -> Any:
        """Return the value that a text stands for; a text that is no JSON comes as it is.

        Args:
            data: Typed JSON, as the service sends it.

        Raises:
            CodecError: The text is JSON, and holds what the codec does not allow.
        """
        return read(data)


@dataclass(frozen=True, slots=True)
class DecoderPair:
    """How a job's messages are read: interim results, and the result; ``None`` is the codec."""

    interim: Decode | None = None
    final: Decode | None = None


CODEC = DecoderPair()
"""The codec reads everything."""


def decoder_pair(given: Any) -> DecoderPair:
    """Return how to read a job's messages, as ``run(result_decoder=...)`` describes it.

    Args:
        given: A decoder for both kinds of messages; two of them for interim results and for the
            result, where each may be a chain and ``None`` is the codec; or a chain of one, three or
            more decoders for both.

    Raises:
        TypeError: It is none of these.
    """
    if _is_row(given) and len(given) == 2:
        return DecoderPair(decoding(given[0]), decoding(given[1]))
    decode = decoding(given)
    return DecoderPair(decode, decode)


def decoding(given: Any) -> Decode | None:
    """Return the function of a decoder or of a chain of decoders; ``None`` stays ``None``.

    Raises:
        TypeError: It is no decoder.
    """
    if given is None:
        return None
    if not _is_row(given):
        return _link(given)
    links = [_link(one) for one in given]
    if not links:
        return None

    def decode(data: Any) -> Any:
        for link in links:
            data = link(data)
        return data

    return decode


def read(text: str) -> Any:
    """Return what typed JSON says; a text that is not JSON at all comes as it is.

    Raises:
        CodecError: It holds what the codec does not allow, or breaks off.
    """
    try:
        return loads(text)
    except CodecError:
        if text.lstrip()[:1] in _BEGINNINGS:
            raise
        return text


def _link(decoder: Any) -> Decode:
    """Return the function of one decoder, which leaves alone what the decoder is not for."""
    decode: Any = getattr(decoder, "decode", decoder)
    if not callable(decode) or isinstance(decoder, str | bytes):
        raise TypeError(
            f"{decoder!r} is no decoder: pass a subclass of ResultDecoder, or a function."
        )
    applies = getattr(decoder, "is_applicable", None)
    if applies is None:
        return decode  # type: ignore[no-any-return]
    return lambda data: decode(data) if applies(data) else data


def _is_row(given: Any) -> bool:
    return isinstance(given, Sequence) and not isinstance(given, str | bytes)
