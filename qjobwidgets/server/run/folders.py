"""Removing the folders of jobs, whatever a job has left in them."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from pathlib import Path

__all__ = ["remove"]

# For what is left then: folders that a program has closed to its own user, and such as are nested
# deeper than recursion goes. Both programs follow no links.
_STEPS = (["chmod", "-R", "u+rwx"], ["rm", "-rf"])


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, as far as that is possible; a file or link stays."""
    if folder.is_symlink() or not folder.is_dir():
        return
    with contextlib.suppress(OSError, RecursionError):
        shutil.rmtree(folder)
        return
    for step in _STEPS:
        command = [*step, "--", str(folder)]
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603
