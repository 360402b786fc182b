"""What the embedded runtime costs, beside its targets and beside two peers, in one run.

``make benchmark-server``, or ``python benchmarks/server.py`` with the development environment.
Peers are the same circuit on Aer in this very process, which is the least anybody can do, and a
service that keeps nothing: FastAPI with a thread and a dictionary, where a job that crashes takes
all others with it.

Times are of a client on the same machine, over HTTP, one request after the other unless it says
otherwise; medians, as other things may happen on the machine. Its load is shown for that reason.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import psutil
from ledgers import ENDLESS, fill, time_placing
from report import Line, report

from qjobwidgets.codec import dumps

SIZES = (1_000, 10_000, 100_000)
GROWTH = 2.0  # what may be called flat: the time at the largest size by that at the smallest
PATIENCE = 120.0


class Connection:
    """A connection that is kept, with next to no client between: clients cost more than servers."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        parts = urlsplit(url)
        self._path = parts.path
        self._socket = socket.create_connection((parts.hostname, parts.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")
        self._headers = {"Host": parts.netloc, **headers}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()
        self._socket.close()

    def call(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of an answer."""
        sent = self._headers | {name.replace("_", "-"): text for name, text in headers.items()}
        if body:
            sent |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        head = "".join(f"{name}: {text}\r\n" for name, text in sent.items())
        self._socket.sendall(f"{method} {self._path}{path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        status = int(self._file.readline().split()[1])
        got: dict[str, str] = {}
        while (line := self._file.readline()) != b"\r\n":
            name, _, text = line.decode().partition(":")
            got[name.lower()] = text.strip()
        return status, got, self._file.read(int(got.get("content-length", 0)))

    def get(self, path: str) -> Any:
        """Return the JSON of an answer."""
        return json.loads(self.call("GET", path)[2])


@contextlib.contextmanager
def started(command: list[str]) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Run a service that says where it is in its first line, in a process group of its own."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


@contextlib.contextmanager
def runtime(data: Path) -> Iterator[tuple[subprocess.Popen[str], Callable[[], Connection]]]:
    """Run our server with two slots, until it is ready to place jobs."""
    command = [sys.executable, "-m", "qjobwidgets.server", "--port", "0", "--data", str(data)]
    command += ["--slots", "2", "--idle", "0"]
    with started(command) as (process, facts):
        headers = {"Authorization": f"apikey {Path(facts['token_file']).read_text()}"}

        def connect() -> Connection:
            return Connection(facts["url"], headers)

        with connect() as connection:
            run(connection, bell())
        yield process, connect


def bell() -> bytes:
    """Return the submission of a Bell circuit."""
    from qiskit import QuantumCircuit  # noqa: PLC0415 - the run shows its memory apart

    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    params = {"pubs": [[circuit, None, 1024]], "version": 2, "support_qiskit": True}
    body = {"program_id": "sampler", "backend": "aer_local", "params": params}
    return dumps(body).encode()


def run(connection: Connection, body: bytes) -> float:
    """Return how long a job takes from its submission to its end."""
    begin = time.perf_counter()
    job = submit(connection, body)
    deadline = begin + PATIENCE
    path = f"/jobs/{job}?exclude_params=true"  # as clients ask for a status
    while (status := connection.get(path)["state"]["status"]) != "Completed":
        assert status in {"Queued", "Running"}, status
        assert time.perf_counter() < deadline
        time.sleep(0.008)  # asking all the time would slow down what is waited for
    return time.perf_counter() - begin


def submit(connection: Connection, body: bytes) -> str:
    """Submit a job and return its id."""
    status, _, answer = connection.call("POST", "/jobs", body)
    assert status == 200, answer
    return str(json.loads(answer)["id"])


def median(act: Callable[[], Any], times: int) -> float:
    """Return the median time of an action, in seconds."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def rate(
    connect: Callable[[], Connection], act: Callable[[Connection, int], Any], times: int
) -> float:
    """Return how often a second an action is done over two connections at once."""
    gate = threading.Barrier(3)

    def work(part: int) -> None:
        with connect() as connection:
            act(connection, part)
            gate.wait()
            for index in range(part, times, 2):
                act(connection, index)

    with ThreadPoolExecutor(2) as pool:
        workers = [pool.submit(work, part) for part in range(2)]
        gate.wait()
        begin = time.perf_counter()
        for worker in workers:
            worker.result()
    return times / (time.perf_counter() - begin)


def measure_jobs(folder: Path) -> Iterator[Line]:
    """Measure running jobs, on a ledger that has none."""
    body = bell()
    with runtime(folder / "jobs") as (_, connect), connect() as connection:
        ours = statistics.median(run(connection, body) for _ in range(60))
        yield Line(
            "Bell job, submitted to completed", f"{ours * 1e3:.1f} ms", "<= 40 ms", ours <= 0.040
        )
        here = median(in_process(), 60)
        yield Line("  the same on Aer in this process", f"{here * 1e3:.1f} ms")
        peer_command = [sys.executable, str(Path(__file__).parent / "peer.py")]
        with started(peer_command) as (_, facts), Connection(facts["url"], {}) as peer:
            run(peer, body)
            theirs = statistics.median(run(peer, body) for _ in range(60))
        yield Line("  the same by a service that keeps nothing", f"{theirs * 1e3:.1f} ms")
        yield Line("  ours by theirs", f"{ours / theirs:.2f}")
        count = 300
        begin = time.perf_counter()
        rate(connect, lambda connection, _: submit(connection, body), count - 2)
        while connection.get("/jobs?pending=true&limit=1")["count"]:
            time.sleep(0.1)
        done = count / (time.perf_counter() - begin)
        yield Line("Bell jobs a second, two slots", f"{done:.1f} /s", ">= 45 /s", done >= 45)
    yield from measure_memory(folder)


def measure_memory(folder: Path) -> Iterator[Line]:
    """Measure a server at rest; what it shares with the launcher of jobs is counted in parts."""
    with runtime(folder / "rest") as (process, _):
        time.sleep(2)
        server = psutil.Process(process.pid)
        (launcher,) = server.children()
        mine = server.memory_full_info()
        others = [one.memory_full_info().pss for one in (launcher, *launcher.children())]
        resident = mine.rss / 1e6
        yield Line("Server at rest, resident", f"{resident:.0f} MB", "<= 130 MB", resident <= 130)
        yield Line("  of it not shared with others (PSS)", f"{mine.pss / 1e6:.0f} MB")
        yield Line("  launcher, and the process that waits (PSS)", f"{sum(others) / 1e6:.0f} MB")


def in_process() -> Callable[[], Any]:
    """Return the same job as a function call."""
    from qiskit import QuantumCircuit  # noqa: PLC0415
    from qiskit_aer.primitives import SamplerV2  # noqa: PLC0415

    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    sampler = SamplerV2()
    return lambda: sampler.run([(circuit, None, 1024)]).result()


def measure_lists(connect: Callable[[], Connection], size: int) -> Iterator[Line]:
    """Measure what clients that look at lists do."""
    offsets = range(0, size, 200)

    def page(connection: Connection, index: int) -> None:
        offset = offsets[index % len(offsets)]
        status, _, body = connection.call("GET", f"/jobs?limit=200&offset={offset}")
        assert status == 200
        assert len(body) > 200 * 200

    pages = rate(connect, page, 1000)
    yield Line(
        f"Pages of 200 jobs out of {size:,} a second", f"{pages:.0f} /s", ">= 500 /s", pages >= 500
    )
    with connect() as connection:
        etag = connection.call("GET", "/jobs?limit=200")[1]["etag"]

    def unchanged(connection: Connection, _index: int) -> None:
        assert connection.call("GET", "/jobs?limit=200", If_None_Match=etag)[0] == 304

    yield Line("  unchanged (304)", f"{rate(connect, unchanged, 2000):.0f} /s")


REQUESTS = {
    "first page of 200": "/jobs?limit=200",
    "page of one backend": "/jobs?limit=20&backend=noisy_local",
    "page of a tag": "/jobs?limit=20&tags=rare",
    "page of a tag that all jobs have": "/jobs?limit=20&tags=common",
    "last page of a tag that all jobs have": "/jobs?limit=20&tags=common&sort=ASC",
    "page of a program and a tag": "/jobs?limit=20&program=vqe&tags=common",
    "pending jobs": "/jobs?limit=200&pending=true",
    "final jobs of a session": "/jobs?limit=20&pending=false&session_id=s7",
    "jobs since a time": "/jobs?limit=20&created_after=2026-01-01T00:00:00Z",
    "state of a backend": "/backends/aer_local/status",
    "tags": "/tags?type=job&search=rar",
    "usage": "/instances/usage",
}


def measure_growth(folder: Path) -> Iterator[Line]:
    """Measure the same requests on ledgers of three sizes."""
    taken: dict[str, list[float]] = {}
    for size in SIZES:
        data = folder / f"grown-{size}"
        known = fill(data, size)
        for what, seconds in time_placing(data).items():
            taken.setdefault(what, []).append(seconds)
        with runtime(data) as (_, connect):
            for what, seconds in time_requests(connect, known).items():
                taken.setdefault(what, []).append(seconds)
            if size == 10_000:
                yield from measure_lists(connect, size)
    yield Line(f"With {' / '.join(f'{size:,}' for size in SIZES)} jobs in the ledger:", "ms")
    for what, times in taken.items():
        # Half a millisecond is noise of the machine, not growth.
        flat = times[-1] <= GROWTH * times[0] or times[-1] - times[0] < 0.0005
        values = " / ".join(f"{seconds * 1e3:.2f}" for seconds in times)
        yield Line(f"  {what}", values, "flat", flat)


def time_requests(connect: Callable[[], Connection], known: str) -> dict[str, float]:
    """Return the median seconds of requests."""
    waiting = {"program_id": "sample-program", "backend": "slow_local"}
    body = json.dumps(waiting | {"params": json.loads(ENDLESS)}).encode()
    with connect() as connection:

        def get(path: str) -> float:
            return median(lambda: connection.call("GET", path), 30)

        def get_changed(path: str) -> float:
            taken = []
            for index in range(30):
                tags = json.dumps({"tags": [f"change-{index}"]}).encode()
                assert connection.call("PUT", f"/jobs/{known}/tags", tags)[0] == 204
                taken.append(median(lambda: connection.call("GET", path), 1))
            return statistics.median(taken)

        return (
            {
                "submit": median(lambda: submit(connection, body), 30),
                "a job": get(f"/jobs/{known}"),
            }
            | {what: get(path) for what, path in REQUESTS.items()}
            | {
                f"{what}, after a change": get_changed(path)
                for what, path in REQUESTS.items()
                if path.startswith("/jobs")
            }
        )


def lines(folder: Path, only: str | None) -> Iterator[Line]:
    """Measure all, or the half that is named."""
    for name, part in PARTS.items():
        if only in {None, name}:
            with closing(part(folder)) as measured:
                yield from measured


PARTS = {"jobs": measure_jobs, "growth": measure_growth}


def main() -> int:
    """Print the table; the exit status says whether every target was met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=PARTS, help="half of it")
    only = parser.parse_args().only
    with tempfile.TemporaryDirectory() as folder, closing(lines(Path(folder), only)) as measured:
        return report(measured)


if __name__ == "__main__":
    sys.exit(main())
