"""What one client costs, measured in its own environment: ``one_client.py WHICH URL TOKEN``.

``plain`` is the least anybody can do: requests and json on the same pages. Prints a JSON object.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests

JOBS = 1000
PENDING = 100
INSTANCE = "crn:v1:bluemix:public:quantum-computing:us-east:a/local:local::"
# Pages that have not changed are remembered: a filter of no effect asks for others each time.
LONG_AGO = (datetime.fromtimestamp(second, UTC) for second in itertools.count())


class Requests:
    """Counts the requests that this process sends."""

    def __init__(self) -> None:
        self.count = 0
        send = requests.Session.send

        def counted(session: requests.Session, *args: Any, **more: Any) -> requests.Response:
            self.count += 1
            return send(session, *args, **more)

        requests.Session.send = counted  # type: ignore[method-assign]


def plain(url: str, token: str) -> dict[str, Callable[[], Any]]:
    """Return what to measure of requests and json."""
    session = requests.Session()
    session.headers["Authorization"] = f"apikey {token}"

    def jobs() -> list[str]:
        found: list[str] = []
        query = {"created_after": next(LONG_AGO).isoformat(), "exclude_params": "true"}
        while len(found) < JOBS:
            page = {"limit": "200", "offset": str(len(found))}
            answer = session.get(f"{url}/jobs", params={**query, **page})
            found += [job["state"]["status"] for job in answer.json()["jobs"]]
        return found

    return {"jobs": jobs}


def ours(url: str, token: str) -> dict[str, Callable[[], Any]]:
    """Return what to measure of our client."""
    from qjobwidgets import RuntimeService, Sampler  # noqa: PLC0415 - only in this environment

    service = RuntimeService("local", token=token, url=url)
    sampler = Sampler(service.backend("aer_local"))

    def jobs() -> list[str]:
        found = service.jobs(JOBS, created_after=next(LONG_AGO))
        return [job.record.status for job in found]

    return {
        "jobs": jobs,
        "pending": lambda: service.jobs(PENDING, pending=True),
        "bell": lambda: sampler.run([bell()]).result(60),
    }


def official(url: str, token: str) -> dict[str, Callable[[], Any]]:
    """Return what to measure of the official client."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    os.environ |= {"IAM_URL": origin, "QISKIT_FUNCTIONS_EXPERIMENTAL": "1"}
    from qiskit_ibm_runtime import QiskitRuntimeService, SamplerV2  # noqa: PLC0415

    service = QiskitRuntimeService(
        channel="ibm_quantum_platform",
        token=token,
        instance=INSTANCE,
        url=origin,
        url_resolver=lambda *_: url,
    )
    sampler = SamplerV2(service.backend("aer_local"))
    return {
        "jobs": lambda: [job.status() for job in service.jobs(limit=JOBS)],
        "pending": lambda: [job.status() for job in service.jobs(limit=PENDING, pending=True)],
        "bell": lambda: sampler.run([bell()]).result(timeout=60),
    }


def bell() -> Any:
    """Return a Bell circuit."""
    from qiskit import QuantumCircuit  # noqa: PLC0415 - plain requests need none

    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    return circuit


def main() -> None:
    """Measure each part some times, as long as that does not take half a minute."""
    which, url, token = sys.argv[1:]
    sent = Requests()
    parts = {"plain": plain, "ours": ours, "official": official}[which](url, token)
    measured: dict[str, dict[str, float]] = {}
    for name, act in parts.items():
        taken: list[float] = []
        while len(taken) < 15 and sum(taken) < 15:
            sent.count = 0
            begin = time.perf_counter()
            act()
            taken.append(time.perf_counter() - begin)
        measured[name] = {"seconds": statistics.median(taken), "requests": sent.count}
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
