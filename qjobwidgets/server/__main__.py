"""``python -m qjobwidgets.server``: serve the embedded runtime."""

from __future__ import annotations

import argparse
import gc
import os
import re
import sys
from pathlib import Path
from typing import NoReturn

import psutil

from qjobwidgets.arguments import positive, seconds
from qjobwidgets.server.config import MAX_PENDING, Config, StartRefusedError

__all__ = ["main"]

# A job that mostly waits must not keep all others waiting, even on a machine with two cores.
_LEAST_SLOTS = 3
# Below this even a small simulation fails for want of memory.
_LEAST_MEMORY = 256 * 1024**2
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def main(arguments: list[str] | None = None) -> int:
    """Serve, and return the exit status: 0, or that of the ``StartRefusedError``."""
    given = _parser().parse_args(arguments)
    config = Config(
        data=given.data,
        port=given.port,
        idle=given.idle,
        slots=given.slots,
        log_level=given.log_level,
        users=given.users,
        memory=given.memory,
        max_pending=given.max_pending,
        usage_limit=given.usage_limit,
    )
    try:
        _serve(config)
    except StartRefusedError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _serve(config: Config) -> None:
    """Load the server, and serve; Python's collector need not look at what loading leaves."""
    gc.disable()
    from qjobwidgets.server.app import serve  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    serve(config)


class _Parser(argparse.ArgumentParser):
    """A parser that says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        """Leave with the message."""
        self.exit(2, f"{self.prog}: {message} (--help lists the options)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="qjobwidgets serve",
        description="Serve the embedded runtime to programs on this machine, until it is ended by "
        "a signal or has been idle for long enough. The first line on standard output is JSON: "
        "the service's URL, the file with the API key, and more.",
        epilog="Exit status: 0 after an orderly end, 1 for an error of the server itself, 2 for a "
        "wrong option, 3 if another server uses the folder, 4 if the folder or a file can't be "
        "used, 5 if the port can't be used.",
        allow_abbrev=False,
    )
    _add_places(parser)
    _add_limits(parser)
    return parser


def _add_places(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port",
        type=_port,
        required=True,
        metavar="N",
        help="TCP port on the loopback interface; 0 takes any free one",
    )
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="where jobs, results, API key and log are kept, readable by you alone; made if it "
        "does not exist",
    )
    parser.add_argument(
        "--users",
        type=Path,
        metavar="FILE",
        help="further users: a JSON object of names and API keys, readable by you alone (0600); "
        "with it, nobody can upload programs",
    )
    parser.add_argument(
        "--log-level",
        default="INFO",
        type=str.upper,
        choices=_LEVELS,
        metavar="LEVEL",
        help=f"least level that goes to server.log in the folder: {', '.join(_LEVELS)} "
        "(%(default)s)",
    )
    parser.add_argument(
        "--idle",
        type=seconds,
        default=600.0,
        metavar="SECONDS",
        help="end after so long without request, open stream and pending job; 0 means never "
        "(%(default)g)",
    )


def _add_limits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--slots",
        type=positive,
        default=max(_LEAST_SLOTS, os.cpu_count() or 1),
        metavar="N",
        help="jobs that may run at the same time (%(default)s)",
    )
    parser.add_argument(
        "--memory",
        type=_size,
        # One greedy job must not take the notebook's kernel with it.
        default=psutil.virtual_memory().total // 2,
        metavar="BYTES",
        help="memory that each job may use, such as 800M or 4G (half of the machine's)",
    )
    parser.add_argument(
        "--max-pending",
        type=positive,
        default=MAX_PENDING,
        metavar="N",
        help="queued and running jobs that each user may have (%(default)s)",
    )
    parser.add_argument(
        "--usage-limit",
        type=seconds,
        metavar="SECONDS",
        help="execution time of jobs that each user may use (no limit)",
    )


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _size(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,15})([KMG]?)", text.upper())
    if found is None:
        raise argparse.ArgumentTypeError("a size is a number of bytes, or one with K, M or G")
    size: int = int(found[1]) * 1024 ** " KMG".index(found[2] or " ")
    if size < _LEAST_MEMORY:
        raise argparse.ArgumentTypeError(f"a job needs at least {_LEAST_MEMORY >> 20}M")
    return size


if __name__ == "__main__":
    sys.exit(main())
