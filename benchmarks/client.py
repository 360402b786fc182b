"""What our client costs, beside plain requests and beside the official client, in one run.

``make benchmark-client``. The clients ask for the same thousand jobs of the embedded runtime, whose
answers are kept in memory (:mod:`kept`). They take turns, so that whatever else happens on the
machine happens to all, and what counts is the processor time each one takes: waiting for a server
is nobody's work, and it would make all clients look alike. Medians; a ratio is the median of the
ratios of the rounds. The official client runs in its environment of tests/official.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from kept import KeptAnswers, kept_answers
from ledgers import ENDLESS, fill
from one_client import JOBS, PENDING
from report import Line, report
from server import Connection, started, submit

ROOT = Path(__file__).resolve().parent.parent
OFFICIAL = ROOT / "build" / "clients" / "current" / "bin" / "python"
HERE = Path(sys.executable)
ROUNDS = 60
IMPORTS = 7
BELLS = 7


class Client:
    """A client in a process of its own, which does what it is told."""

    def __init__(self, which: str, url: str, token: str) -> None:
        python = OFFICIAL if which == "official" else HERE
        script = str(Path(__file__).with_name("one_client.py"))
        command = [str(python), "-Wignore", script, which, url, token]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.communicate()  # ends with its input

    def cpu(self, part: str) -> float:
        """Return the processor time that a part takes, in seconds."""
        return self._do(part)["cpu"]

    def elapsed(self, part: str) -> float:
        """Return how long a part takes, in seconds."""
        return self._do(part)["elapsed"]

    def _do(self, part: str) -> dict[str, float]:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        print(part, file=process.stdin, flush=True)
        return dict(json.loads(process.stdout.readline()))


def lines(folder: Path) -> Iterator[Line]:
    """Measure everything."""
    fill(folder / "data", JOBS + PENDING)  # some of which are pending
    command = [sys.executable, "-m", "qjobwidgets.server", "--port", "0", "--idle", "0"]
    with started([*command, "--data", str(folder / "data")]) as (_, facts):
        url, token = facts["url"], Path(facts["token_file"]).read_text().strip()
        yield from bells(url, token)
        fill_queue(url, token)
        with ExitStack() as stack:
            server = stack.enter_context(kept_answers(url, never_twice=True))
            plain, ours, official = (
                stack.enter_context(Client(which, server.url, token))
                for which in ("plain", "ours", "official")
            )
            yield from lists(plain, ours, official)
            yield from refreshing(server, ours, official)
    yield from imports()


def fill_queue(url: str, token: str) -> None:
    """Submit jobs until so many are pending."""
    job = {"program_id": "sample-program", "backend": "slow_local", "params": json.loads(ENDLESS)}
    with Connection(url, {"Authorization": f"apikey {token}"}) as connection:
        while connection.get("/jobs?pending=true&limit=1")["count"] < PENDING:
            submit(connection, json.dumps(job).encode())


def lists(plain: Client, ours: Client, official: Client) -> Iterator[Line]:
    """Measure a long list of jobs with their status."""
    for client in (plain, ours, official):
        client.cpu("jobs")  # the server and all connections are warm from now on
    rounds = [(plain.cpu("jobs"), ours.cpu("jobs")) for _ in range(ROUNDS)]
    least, mine = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(mine / least for least, mine in rounds)
    other = official.cpu("jobs")
    yield Line(f"{JOBS} jobs with status, plain requests and json", f"{least * 1e3:.1f} ms")
    yield Line("  ours", f"{mine * 1e3:.1f} ms, {ratio:.2f} x", "<= 2 x", ratio <= 2)
    yield Line("  the official client", f"{other * 1e3:.0f} ms, {other / least:.0f} x")


def refreshing(server: KeptAnswers, ours: Client, official: Client) -> Iterator[Line]:
    """Count the requests that bring the jobs a client holds up to date."""

    def count(client: Client) -> int:
        client.cpu("hold")
        before = server.requests
        client.cpu("refresh")
        return server.requests - before

    mine, other = count(ours), count(official)
    yield Line(f"Requests to refresh {PENDING} pending jobs", f"{mine}", "1", mine == 1)
    yield Line("  the official client", f"{other}")


def bells(url: str, token: str) -> Iterator[Line]:
    """Measure a small job, over the clock: it is the server that computes."""
    with Client("ours", url, token) as ours, Client("official", url, token) as official:
        rounds = [(ours.elapsed("bell"), official.elapsed("bell")) for _ in range(BELLS)]
    mine, other = (statistics.median(column) for column in zip(*rounds, strict=True))
    yield Line("A Bell circuit, from run() to its result", f"{mine * 1e3:.0f} ms")
    yield Line("  the official client", f"{other * 1e3:.0f} ms")


def imports() -> Iterator[Line]:
    """Measure imports; to make a sampler loads Qiskit itself, whichever client it is for."""
    mine, other = import_times("RuntimeService", "QiskitRuntimeService")
    good = mine <= other / 3
    ratio = mine / other
    yield Line("Import of the client", f"{mine * 1e3:.0f} ms, {ratio:.2f} of it", "<= 1/3", good)
    yield Line("  the official client", f"{other * 1e3:.0f} ms")
    mine, other = import_times("RuntimeService, Sampler", "QiskitRuntimeService, SamplerV2")
    yield Line("  and of a sampler", f"{mine * 1e3:.0f} ms, {mine / other:.2f} of it")
    yield Line("  the official client", f"{other * 1e3:.0f} ms")


def import_times(mine: str, theirs: str) -> tuple[float, float]:
    """Return the processor times of two imports, beside what Python needs to start."""

    def cpu(python: Path, code: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([python, "-c", code], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def once() -> tuple[float, float]:
        here = cpu(HERE, f"from qjobwidgets import {mine}") - cpu(HERE, "pass")
        there = cpu(OFFICIAL, f"from qiskit_ibm_runtime import {theirs}") - cpu(OFFICIAL, "pass")
        return here, there

    once()  # reads the files, so that all following runs find them in memory
    here, there = zip(*(once() for _ in range(IMPORTS)), strict=True)
    return statistics.median(here), statistics.median(there)


def main() -> int:
    """Print the table; the exit status says whether every target was met."""
    with tempfile.TemporaryDirectory() as folder:
        return report(lines(Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
