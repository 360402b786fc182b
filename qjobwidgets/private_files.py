"""Files that are for their owner alone, and whole whenever somebody reads them."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

__all__ = ["write_private"]


def write_private(file: Path, text: str) -> None:
    """Put a text in a file, in the place of what was there; readers see the old or the new one.

    Raises:
        OSError: It can't be written; the old one is still there.
    """
    # a temporary file is readable by its owner alone from the first byte on
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
