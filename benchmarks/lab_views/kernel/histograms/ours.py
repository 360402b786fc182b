"""Our own histogram, of a job whose result the service has.

Each is of another job of one account, which is watched for as long as the notebook is open: so all
but the first are drawn as in a notebook that has shown a job before.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from qiskit.primitives import BitArray, DataBin, PrimitiveResult, SamplerPubResult

from lab_views.kernel.jobs import PENDING, AccountInMemory, account, some_jobs
from qjobwidgets import CountsHistogram, RuntimeJob
from qjobwidgets.codec import dumps
from qjobwidgets.watch.results import read_result
from qjobwidgets.widgets.counts_columns import entry_at, entry_json

__all__ = ["make"]

_PATIENCE = 30.0
_JOBS = iter(some_jobs(1000)[PENDING:])
_WIRE = AccountInMemory([])
_ACCOUNT = account(_WIRE)


class _Histogram:
    def prepare(self, counts: Mapping[str, int]) -> None:
        bits = BitArray.from_counts(counts, num_bits=len(next(iter(counts))))
        self._text = dumps(PrimitiveResult([SamplerPubResult(DataBin(meas=bits))]))
        job = next(_JOBS)
        _WIRE.put(job, self._text.encode())
        self._job = RuntimeJob(_ACCOUNT, job)

    def draw(self) -> CountsHistogram:
        self._view = CountsHistogram(self._job)
        ready = threading.Event()
        self._view.observe(lambda change: change["new"] == "ready" and ready.set(), "state")
        if self._view.state != "ready":
            ready.wait(_PATIENCE)
        return self._view

    def parts(self) -> dict[str, float]:
        """Return what reading the result takes, and what is done with the counts in it."""
        begin = time.process_time()
        reading = read_result(self._text)
        registers = tuple(found.slimmed() for found in reading.registers)
        read = time.process_time()
        entry_json(entry_at(registers, (0, -1), ()))
        end = time.process_time()
        return {"read": 1000 * (read - begin), "columns": 1000 * (end - read)}

    def close(self) -> None:
        self._view.close()


make = _Histogram
