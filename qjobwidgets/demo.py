"""A demonstration in a terminal: a Bell pair counted, and random circuits watched as they run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final

from qjobwidgets import render
from qjobwidgets.client import RuntimeService
from qjobwidgets.client.accounts import LOCAL
from qjobwidgets.progress import ProgressLine, wait_for
from qjobwidgets.records import JobStatus

__all__ = ["run"]

_SHOTS: Final = 1024
_PATIENCE: Final = 300.0
_NEXT: Final = """
In a notebook the same is live:

    %load_ext qjobwidgets
    %qjob                # all jobs of the account
    %qjob help           # what there is"""


def run(tell: Callable[[str], None]) -> bool:
    """Run the demonstration, and return whether its jobs have ended well.

    It runs on the embedded runtime, whatever account there is: there it costs nothing.

    Args:
        tell: Takes what there is to read.
    """
    with closing(RuntimeService(LOCAL)) as service:
        return _run(service, tell)


def _run(service: RuntimeService, tell: Callable[[str], None]) -> bool:
    jobs = []
    with ProgressLine() as line:
        line.tell("Starting the embedded runtime; no account is used")
        for program, backend, inputs in (
            ("sample-program", "slow_local", {"iterations": 3}),
            ("sampler", "aer_local", {"pubs": [_bell()], "options": {"default_shots": _SHOTS}}),
        ):
            options = {"backend": backend, "job_tags": ["demo"]}
            jobs.append(service.run(program, inputs, options))
        unfinished = wait_for(jobs, _PATIENCE, line)
    records = [job.record for job in jobs]
    tell(render.table_text(records, as_of=datetime.now(UTC)))
    if unfinished or any(record.status != JobStatus.DONE for record in records):
        return False
    counts = jobs[1].result()[0].data.meas.get_counts()
    view = render.CountsView("meas", 2, _SHOTS, counts)
    tell(f"\n{render.counts_text(records[1], [view], as_of=datetime.now(UTC))}")
    tell(_NEXT)
    return True


def _bell() -> Any:
    from qiskit import QuantumCircuit  # noqa: PLC0415 - slow to load

    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    return circuit
