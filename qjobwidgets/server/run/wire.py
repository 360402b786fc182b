"""Frames between an attempt and its supervisor: a length (4 bytes, big endian), then JSON.

Both ends are ours, but the attempt runs circuits and programs of others: the supervisor takes
nothing from it without a cap.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import Any

import orjson

__all__ = [
    "FRAME_CAP",
    "MESSAGE_CAP",
    "REHEARSE",
    "FrameError",
    "FrameReader",
    "receive_frames",
    "send_frame",
]

FRAME_CAP = 512 * 1024 * 1024
"""Largest frame, in bytes; a result larger than this fails the job."""

MESSAGE_CAP = 1024 * 1024
"""Largest interim result, in characters; a larger one is dropped and counted."""

REHEARSE = {"type": "rehearse"}
"""The frame that has a process without a job get ready for one."""

_HEADER = struct.Struct(">I")


class FrameError(Exception):
    """The other end did not keep to the protocol."""


def send_frame(sock: socket.socket, frame: dict[str, Any]) -> None:
    """Send one frame, blocking until the other end has room for it."""
    body = orjson.dumps(frame)
    if len(body) > FRAME_CAP:
        raise FrameError(f"a frame of {len(body)} bytes exceeds the cap of {FRAME_CAP}")
    sock.sendall(_HEADER.pack(len(body)) + body)


def receive_frames(sock: socket.socket) -> Iterator[dict[str, Any]]:
    """Yield frames as they come, blocking; used by the attempt for what the supervisor tells it.

    Raises:
        FrameError: The supervisor is gone.
    """
    reader = FrameReader()
    while data := sock.recv(1 << 16):
        reader.feed(data)
        yield from reader.frames()
    raise FrameError("the supervisor is gone")


class FrameReader:
    """Collects bytes as they come and hands out whole frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Add bytes received."""
        self._buffer += data

    def frames(self) -> Iterator[dict[str, Any]]:
        """Yield the frames that are complete.

        Raises:
            FrameError: A frame is too large or is not a JSON object.
        """
        while len(self._buffer) >= _HEADER.size:
            (length,) = _HEADER.unpack_from(self._buffer)
            if length > FRAME_CAP:
                raise FrameError(f"a frame of {length} bytes exceeds the cap of {FRAME_CAP}")
            end = _HEADER.size + length
            if len(self._buffer) < end:
                return
            # Without a copy: a frame may take half a gigabyte.
            with memoryview(self._buffer) as buffer, buffer[_HEADER.size : end] as body:
                frame = _decode(body)
            del self._buffer[:end]
            yield frame


def _decode(body: memoryview) -> dict[str, Any]:
    try:
        frame = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise FrameError("a frame is not JSON") from None
    if not isinstance(frame, dict):
        raise FrameError("a frame is not a JSON object")
    return frame
