"""What watching costs while jobs are pending, beside what others do, in one run.

``make benchmark-watch``; takes about four minutes. Everything that a user has runs: the embedded
runtime with so many jobs in its queue, real kernels that show a table of them all, and a page's end
of their wire. Who watches by lists asks a server that answers from memory (:mod:`kept`), with the
same as long as nothing changes, and tells nothing by itself, as services of today do; who is told
asks the runtime. One of the jobs runs, for which the schedule asks more often than while all wait.

- *cpu* is the processor time of the whole kernel, all its threads included, over the window.
- *memory* is what the kernel has of its own beyond the same kernel with a table of one job.
- *screen* is from the moment that the runtime gives as a job's end, in the transaction that it then
  commits, to the moment the page's end of the kernel's wire has the message. What a browser takes
  to paint it is in ``benchmarks/views.py``.

The official client looks every two seconds, or as often as it can. It runs after ours.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from pathlib import Path

from client import Client
from kept import KeptAnswers, kept_answers
from ledgers import fill
from page import Kernel, kernel
from report import Line, report
from server import Connection, started

from qjobwidgets.watch import schedule

CPU = {1000: 0.6, 10_000: 2.0}  # percent of a core
MEMORY = {1000: 10.0, 10_000: 40.0}  # MB
SCREEN = 0.15  # seconds
SETTLE = 25.0  # seconds until the haste of the beginning is over
WINDOW = 95.0  # seconds; longer than the time between two looks at everything
EVERY = 2.0  # seconds between two looks of the official client
CHANGES = 20
PATIENCE = 60.0

SETUP = """
import gc
from qjobwidgets import JobsTable, RuntimeService
service = RuntimeService("local", token={token!r}, url={url!r})
first = JobsTable(service.jobs(1, pending=True))
display(first)
"""
MANY = """
table = JobsTable(service.jobs({size}, pending=True))
display(table)
first.close()
print(len(table.roster))
"""
PAUSES = [0.41 + 0.037 * n for n in range(CHANGES)]  # in step with no clock of ours


@dataclass
class Watching:
    """A kernel that watches so many jobs.

    Attributes:
        size: How many.
        kernel: The kernel.
        server: What it asks; ``None`` where it is told.
        memory: What it has beyond a table of one job, in MB.
    """

    size: int
    kernel: Kernel
    server: KeptAnswers | None
    memory: float = 0.0

    @property
    def how(self) -> str:
        """How it learns of changes."""
        return "told" if self.server is None else "by lists"

    def begin(self, url: str, token: str) -> None:
        """Show a table of one job, then of all."""
        self.kernel.run(SETUP.format(url=url, token=token))
        time.sleep(3)
        self.memory = -self._memory()
        shown = self.kernel.run(MANY.format(size=self.size))
        if shown != str(self.size):
            raise RuntimeError(f"the table shows {shown} jobs of {self.size}")

    def settled(self) -> None:
        """Note the memory, now that everything is there."""
        self.memory += self._memory()

    def last_minute(self) -> int:
        """Return how many requests it has sent within a minute."""
        return int(self.kernel.run("print(table.watcher.asker.requests_last_minute)"))

    def _memory(self) -> float:
        self.kernel.run("gc.collect()")
        return self.kernel.memory()


def scheduled(size: int) -> float:
    """Return the requests a minute that the schedule asks for lists, while a job runs."""
    now = schedule.Situation(size, running=1, watched=False, visible=True, since_change=60)
    looks = 60 / (schedule.interval(now) or 60)
    pages = ceil(size / schedule.PAGE)
    if pages <= schedule.MANY_PAGES:
        return looks * pages
    sweeps = 60 / schedule.SWEEP_EVERY
    return looks - sweeps + sweeps * pages


def idle(watching: list[Watching]) -> Iterator[Line]:
    """Measure kernels that have nothing to do but watch, all at once."""
    time.sleep(SETTLE)
    for one in watching:
        one.settled()
    begin = [(time.monotonic(), one.kernel.cpu()) for one in watching]
    before = [one.server.requests if one.server else 0 for one in watching]
    time.sleep(WINDOW)
    for one, (moment, cpu), sent in zip(watching, begin, before, strict=True):
        seconds = time.monotonic() - moment
        percent = 100 * (one.kernel.cpu() - cpu) / seconds
        asked = (one.server.requests - sent) * 60 / seconds if one.server else one.last_minute()
        yield from figures(one, percent, asked)


def figures(one: Watching, percent: float, asked: float) -> Iterator[Line]:
    """Lay what was measured beside its targets."""
    what, most, largest = f"{one.size} pending jobs, {one.how}", CPU[one.size], MEMORY[one.size]
    yield Line(f"{what}: cpu", f"{percent:.2f} %", f"<= {most} %", percent <= most)
    due = scheduled(one.size) if one.server else 1.0
    # a look is up to a fifth early, and a window may hold one more than its share
    good = asked <= due * 1.25 + 1
    yield Line("  requests a minute", f"{asked:.0f}", f"about {due:.0f}", good)
    good = one.memory <= largest
    yield Line("  memory", f"{one.memory:.1f} MB", f"<= {largest:.0f} MB", good)


def screens(told: Watching, connection: Connection) -> Iterator[Line]:
    """Measure how long a change takes from the runtime to the page's end of the wire."""
    jobs = connection.get(f"/jobs?pending=true&limit={CHANGES}")["jobs"]
    taken = []
    for job, pause in zip(jobs, PAUSES, strict=True):
        time.sleep(pause)
        told.kernel.heard.clear()
        connection.call("POST", f"/jobs/{job['id']}/cancel", b"{}")
        until = time.monotonic() + PATIENCE
        while not (seen := [at for at, traits in told.kernel.heard if traits.get("patch")]):
            time.sleep(0.01)
            if time.monotonic() > until:
                raise TimeoutError("a change did not reach the page")
        ended = connection.get(f"/jobs/{job['id']}")["timestamps"]["finished"]
        taken.append(seen[0] - datetime.fromisoformat(ended).timestamp())
    middle, worst = statistics.median(taken), max(taken)
    target, good = f"<= {SCREEN * 1e3:.0f} ms", middle <= SCREEN
    yield Line(
        f"A status on the screen, {told.size} pending", f"{middle * 1e3:.0f} ms", target, good
    )
    yield Line(f"  the slowest of {CHANGES}", f"{worst * 1e3:.0f} ms", target, worst <= SCREEN)


def official(server: KeptAnswers, token: str) -> Iterator[Line]:
    """Measure the official client with a thousand pending jobs."""
    with Client("official", server.url, token) as client:
        client.cpu("hold all")
        for what, part in (("service.jobs()", "pending"), ("job.status() for each", "statuses")):
            before = server.requests
            begin, cpu = time.monotonic(), client.cpu(part)
            seconds = max(EVERY, time.monotonic() - begin)
            asked = (server.requests - before) * 60 / seconds
            yield Line(
                f"1000 pending jobs, the official {what}: cpu", f"{100 * cpu / seconds:.0f} %"
            )
            yield Line("  requests a minute", f"{asked:.0f}")


def lines(folder: Path) -> Iterator[Line]:
    """Measure everything."""
    watching: list[Watching] = []
    told: list[tuple[Watching, str, str]] = []
    with ExitStack() as stack:
        for size in CPU:
            data = folder / str(size)
            fill(data, size, pending=size)
            command = [sys.executable, "-m", "qjobwidgets.server", "--port", "0", "--idle", "0"]
            _, facts = stack.enter_context(started([*command, "--data", str(data)]))
            url, token = facts["url"], Path(facts["token_file"]).read_text().strip()
            kept = stack.enter_context(kept_answers(url))
            for server in (kept, None):
                one = Watching(size, stack.enter_context(kernel()), server)
                one.begin(server.url if server else url, token)
                watching.append(one)
            told.append((one, url, token))
            if size == min(CPU):
                thousand = kept, token
        yield from idle(watching)
        for one, url, token in told:
            with Connection(url, {"Authorization": f"apikey {token}"}) as connection:
                yield from screens(one, connection)
        yield from official(*thousand)


def main() -> int:
    """Print the table; the exit status says whether every target was met."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["QJOBWIDGETS_DATA"] = folder  # whose budget nobody else uses
        return report(lines(Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
