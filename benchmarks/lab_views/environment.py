"""The environment of the peers, with our package in it, made in build/views when needed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

__all__ = ["ROOT", "python"]

ROOT = Path(__file__).resolve().parents[2]
_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_FOLDER = ROOT / "build" / "views"


def python() -> Path:
    """Return the Python of the environment."""
    made_of = f"{sys.version}\n{hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()}\n"
    ready, binary = _FOLDER / ".made-of", _FOLDER / "bin" / "python"
    _FOLDER.parent.mkdir(exist_ok=True)
    with FileLock(_FOLDER.with_suffix(".lock")):
        if not ready.exists() or ready.read_text() != made_of:
            print(f"Installing the peers in {_FOLDER.relative_to(ROOT)}.", flush=True)
            shutil.rmtree(_FOLDER, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", _FOLDER], check=True)
            pip = [binary, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
            subprocess.run([*pip, "--requirement", _REQUIREMENTS, "--editable", ROOT], check=True)
            ready.write_text(made_of)
    return binary
