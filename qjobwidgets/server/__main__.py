"""``python -m qjobwidgets.server``: serve the embedded runtime."""

from __future__ import annotations

import argparse
import logging
import os
import re
import sys
from pathlib import Path

import psutil

from qjobwidgets.server.app import serve
from qjobwidgets.server.config import Config, StartRefusedError
from qjobwidgets.server.jobs.quotas import MAX_PENDING

__all__ = ["main"]

# A job that mostly waits must not keep all others waiting, even on a machine with two cores.
_LEAST_SLOTS = 3
# Below this even a small simulation fails for want of memory.
_LEAST_MEMORY = 256 * 1024**2


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
        serve(config)
    except StartRefusedError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m qjobwidgets.server",
        description="Serve the embedded runtime on the loopback interface. The first line on "
        "standard output is JSON and says where.",
    )
    parser.add_argument("--port", type=_port, required=True, help="TCP port, 0 for any free one")
    parser.add_argument("--data", type=Path, required=True, help="folder of jobs, token and log")
    parser.add_argument(
        "--idle",
        type=_seconds,
        default=600.0,
        help="end after this many seconds without use and without jobs; 0 means never",
    )
    parser.add_argument(
        "--slots",
        type=_count,
        default=max(_LEAST_SLOTS, os.cpu_count() or 1),
        help="jobs that may run at the same time (%(default)s)",
    )
    parser.add_argument(
        "--users",
        type=Path,
        metavar="FILE",
        help="JSON object of further users' names and API keys, readable by you alone (0600)",
    )
    parser.add_argument(
        "--log-level",
        default="INFO",
        type=str.upper,
        choices=[name for name in logging.getLevelNamesMapping() if name != "NOTSET"],
        help="what goes to the log file (%(default)s)",
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
        type=_count,
        default=MAX_PENDING,
        metavar="N",
        help="queued and running jobs that each user may have (%(default)s)",
    )
    parser.add_argument(
        "--usage-limit",
        type=_seconds,
        metavar="SECONDS",
        help="execution time of jobs that each user may use (no limit)",
    )
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError("seconds must not be negative")
    return seconds


def _size(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,15})([KMG]?)", text.upper())
    if found is None:
        raise argparse.ArgumentTypeError("a size is a number of bytes, or one with K, M or G")
    size: int = int(found[1]) * 1024 ** " KMG".index(found[2] or " ")
    if size < _LEAST_MEMORY:
        raise argparse.ArgumentTypeError(f"a job needs at least {_LEAST_MEMORY >> 20}M")
    return size


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("there must be at least one")
    return count


if __name__ == "__main__":
    sys.exit(main())
