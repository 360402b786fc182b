"""Create the environments of the official clients that the tests run against our server.

Each folder of tests/official with a requirements.txt is a client; its environment is
build/clients/<folder>. One that is there and was made of the same requirements stays as it is.
A requirements.txt names all that is installed, each with its version, so nothing is to be resolved.
"""

import hashlib
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = ROOT / "tests" / "official"
ENVIRONMENTS = ROOT / "build" / "clients"


def ensure(client: str) -> Path:
    """Return the Python of a client's environment, made if need be."""
    requirements = CLIENTS / client / "requirements.txt"
    folder = ENVIRONMENTS / client
    python = folder / "bin" / "python"
    made_of = f"{sys.version}\n{hashlib.sha256(requirements.read_bytes()).hexdigest()}\n"
    ready = folder / ".made-of"
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    with FileLock(ENVIRONMENTS / f"{client}.lock"):
        if not ready.exists() or ready.read_text() != made_of:
            print(f"Installing the official client in {folder.relative_to(ROOT)}.", flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            # a pip of its own takes as long as half of what is installed
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
            pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
            # and most of what could be compiled is never imported
            install = ["install", "--quiet", "--no-compile", "--no-deps"]
            subprocess.run([*pip, *install, "--requirement", requirements], check=True)
            ready.write_text(made_of)
    return python


def main() -> None:
    """Make all environments, side by side."""
    clients = [requirements.parent.name for requirements in CLIENTS.glob("*/requirements.txt")]
    with ThreadPoolExecutor() as pool:
        list(pool.map(ensure, clients))


if __name__ == "__main__":
    main()
