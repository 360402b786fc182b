"""A reader of PNG files, by way of matplotlib's own decoder."""

from __future__ import annotations

import hashlib
from io import BytesIO

from matplotlib import image


def png_pixels(data: bytes) -> tuple[tuple[int, int], str]:
    """Return width and height of a PNG, and a digest of its pixels."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    pixels = image.imread(BytesIO(data), format="png")
    height, width = pixels.shape[:2]
    return (width, height), hashlib.sha256(pixels.tobytes()).hexdigest()


def png_colors(data: bytes, columns: slice = slice(None)) -> set[str]:
    """Return the hex colours that occur in a PNG, or in some columns of it."""
    pixels = (
        (image.imread(BytesIO(data), format="png")[:, columns, :3] * 255).round().astype("uint8")
    )
    return {bytes(pixel).hex() for pixel in pixels.reshape(-1, 3)}
