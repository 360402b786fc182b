"""What our client costs, beside plain requests and beside the official client, in one run.

``make benchmark-client``. All three ask one server about the same thousand jobs; times are
medians. The official client runs in its environment of tests/official.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ledgers import ENDLESS, fill
from one_client import JOBS, PENDING
from server import Connection, Line, started, submit

ROOT = Path(__file__).resolve().parent.parent
OFFICIAL = ROOT / "build" / "clients" / "current" / "bin" / "python"
HERE = Path(sys.executable)
IMPORTS = 7


def measure(python: Path, which: str, facts: dict[str, Any], token: str) -> dict[str, Any]:
    """Return what one client measures of itself."""
    script = Path(__file__).with_name("one_client.py")
    command = [python, script, which, facts["url"], token]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def import_time(python: Path, statement: str) -> float:
    """Return the median seconds an import takes, beside what Python needs to start."""

    def run(code: str) -> float:
        begin = time.perf_counter()
        subprocess.run([python, "-c", code], check=True, capture_output=True)
        return time.perf_counter() - begin

    run(statement)  # reads the files once, so that all following runs find them in memory
    return statistics.median(run(statement) - run("pass") for _ in range(IMPORTS))


def lines(folder: Path) -> Iterator[Line]:
    """Measure everything."""
    fill(folder / "data", JOBS)
    command = [sys.executable, "-m", "qjobwidgets.server", "--port", "0", "--idle", "0"]
    with started([*command, "--data", str(folder / "data")]) as (_, facts):
        token = Path(facts["token_file"]).read_text().strip()
        headers = {"Authorization": f"apikey {token}"}
        waiting = {"program_id": "sample-program", "backend": "slow_local"}
        body = json.dumps(waiting | {"params": json.loads(ENDLESS)}).encode()
        with Connection(facts["url"], headers) as connection:
            while connection.get("/jobs?pending=true&limit=1")["count"] < PENDING:
                submit(connection, body)
        plain = measure(HERE, "plain", facts, token)
        ours = measure(HERE, "ours", facts, token)
        theirs = measure(OFFICIAL, "official", facts, token)
    yield from compare(plain, ours, theirs)


def compare(plain: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[Line]:
    """Compare what the clients have measured."""
    least, mine = plain["jobs"]["seconds"], ours["jobs"]["seconds"]
    other = theirs["jobs"]["seconds"]
    yield Line(f"{JOBS} jobs with status, plain requests and json", f"{least * 1e3:.0f} ms")
    ratio = mine / least
    yield Line("  ours", f"{mine * 1e3:.0f} ms, {ratio:.2f} x", "<= 2 x", ratio <= 2)
    yield Line("  the official client", f"{other * 1e3:.0f} ms, {other / least:.0f} x")
    count = ours["pending"]["requests"]
    yield Line(f"Requests for {PENDING} pending jobs", f"{count}", "1", count == 1)
    yield Line("  the official client", f"{theirs['pending']['requests']}")
    mine, other = ours["bell"]["seconds"], theirs["bell"]["seconds"]
    yield Line("A Bell circuit, from run() to its result", f"{mine * 1e3:.0f} ms")
    yield Line("  the official client", f"{other * 1e3:.0f} ms")
    mine = import_time(HERE, "from qjobwidgets import RuntimeService")
    other = import_time(OFFICIAL, "from qiskit_ibm_runtime import QiskitRuntimeService")
    good = mine <= other / 3
    yield Line("Import of the client", f"{mine * 1e3:.0f} ms", "<= 1/3", good)
    yield Line("  the official client", f"{other * 1e3:.0f} ms, ours {mine / other:.2f} of it")


def main() -> int:
    """Print the table; the exit status says whether every target was met."""
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f} before the run\n")
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        for line in lines(Path(folder)):
            print(line, flush=True)
            missed += line.good is False
    print(f"\nload {os.getloadavg()[0]:.2f} after the run; {missed} targets missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
