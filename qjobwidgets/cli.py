"""The ``qjobwidgets`` command: starts the embedded runtime by hand."""

from __future__ import annotations

import argparse
import os
import sys

from qjobwidgets import __version__

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; ``serve`` and its options go to ``python -m qjobwidgets.server``."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["serve"]:
        # The server stands beside the house: it is started, never imported.
        command = [sys.executable, "-m", "qjobwidgets.server", *arguments[1:]]
        sys.stdout.flush()
        os.execv(sys.executable, command)  # noqa: S606 - our own interpreter, no shell
    parser = argparse.ArgumentParser(prog="qjobwidgets", description=__doc__)
    parser.add_argument("--version", action="version", version=f"qjobwidgets {__version__}")
    parser.add_argument("command", choices=["serve"], help="serve: run the embedded runtime")
    parser.parse_args(arguments)
