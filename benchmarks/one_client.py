"""One client in its own environment and process: ``one_client.py WHICH URL TOKEN``.

``plain`` is the least anybody can do: requests and json. Reads names of parts from its input, does
each, and tells what it has cost as a line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

JOBS = 1000
PENDING = 100
INSTANCE = "crn:v1:bluemix:public:quantum-computing:us-east:a/local:local::"

Parts = dict[str, Callable[[], object]]


def plain(url: str, token: str) -> Parts:
    """Return what requests and json can do."""
    import requests  # noqa: PLC0415 - of this client

    session = requests.Session()
    session.headers["Authorization"] = f"apikey {token}"

    def jobs() -> list[str]:
        found: list[str] = []
        while len(found) < JOBS:
            query = f"exclude_params=true&limit=200&offset={len(found)}&pending=false"
            document = session.get(f"{url}/jobs?{query}").json()
            found += [job["state"]["status"] for job in document["jobs"]]
        return found

    return {"jobs": jobs}


def ours(url: str, token: str) -> Parts:
    """Return what our client can do."""
    from qjobwidgets import RuntimeJob, RuntimeService  # noqa: PLC0415 - of this client

    service = RuntimeService("local", token=token, url=url)
    held: list[RuntimeJob] = []

    def refresh() -> list[str]:
        page = service.fetch_records(limit=PENDING, pending=True)
        records = {record.id: record for record in page.records}
        for job in held:
            job.update(records[job.job_id()])
        return [job.record.status for job in held]

    def run_bell() -> None:
        from qjobwidgets import Sampler  # noqa: PLC0415 - lists are made without Qiskit

        Sampler("aer_local", service=service).run([bell()]).result(60)

    return {
        "jobs": lambda: [job.status() for job in service.jobs(JOBS, pending=False)],
        "hold": lambda: held.extend(service.jobs(PENDING, pending=True)),
        "refresh": refresh,
        "bell": run_bell,
    }


def official(url: str, token: str) -> Parts:
    """Return what the official client can do."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    os.environ |= {"IAM_URL": origin, "QISKIT_FUNCTIONS_EXPERIMENTAL": "1"}
    os.environ["QISKIT_IBM_RUNTIME_LOG_LEVEL"] = "ERROR"
    from qiskit_ibm_runtime import QiskitRuntimeService, SamplerV2  # noqa: PLC0415

    service = QiskitRuntimeService(
        channel="ibm_quantum_platform",
        token=token,
        instance=INSTANCE,
        url=origin,
        url_resolver=lambda *_: url,
    )
    backend = service.backend("aer_local")
    held: list[Any] = []
    everything: list[Any] = []
    return {
        "jobs": lambda: [job.status() for job in service.jobs(limit=JOBS, pending=False)],
        "hold": lambda: held.extend(service.jobs(limit=PENDING, pending=True)),
        "refresh": lambda: [job.status() for job in held],
        "hold all": lambda: everything.extend(service.jobs(limit=JOBS, pending=True)),
        "pending": lambda: [job.status() for job in service.jobs(limit=JOBS, pending=True)],
        "statuses": lambda: [job.status() for job in everything],
        "bell": lambda: SamplerV2(backend).run([bell()]).result(timeout=60),
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
    """Do what the input says."""
    which, url, token = sys.argv[1:]
    parts = {"plain": plain, "ours": ours, "official": official}[which](url, token)
    for line in sys.stdin:
        begin, computed = time.perf_counter(), time.process_time()
        parts[line.strip()]()
        cost = {"cpu": time.process_time() - computed, "elapsed": time.perf_counter() - begin}
        print(json.dumps(cost), flush=True)


if __name__ == "__main__":
    main()
