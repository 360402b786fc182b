"""Removing the folders of jobs, whatever a job has left in them."""

from __future__ import annotations

import subprocess
from pathlib import Path

__all__ = ["remove"]

# They follow no links, and go as deep as a program may have gone, which recursion can't. What a
# program has closed to its user, such as a folder without the right to write, is opened first.
_STEPS = (["chmod", "-R", "u+rwx"], ["rm", "-rf"])


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, as far as that is possible; a file or link stays."""
    if folder.is_symlink() or not folder.is_dir():
        return
    try:
        folder.rmdir()  # as nearly all jobs leave it
    except OSError:
        for step in _STEPS:
            command = [*step, "--", str(folder)]
            subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603
