"""Views that are closed: what they took is free again."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from qjobwidgets import (
    CountsHistogram,
    InterimPlot,
    JobCard,
    JobsDashboard,
    JobsTable,
    StatusBadge,
)
from tests.circuits import bell
from tests.conftest import eventually

VIEWS: dict[str, Callable[[Any, Any], Any]] = {
    "badge": lambda _service, job: StatusBadge(job),
    "card": lambda _service, job: JobCard(job),
    "counts": lambda _service, job: CountsHistogram(job),
    "dashboard": lambda service, _job: JobsDashboard(service=service),
    "plot": lambda _service, job: InterimPlot(job),
    "table": lambda _service, job: JobsTable([job]),
}


@pytest.mark.parametrize("view", list(VIEWS))
def test_a_closed_view_is_let_go_of(service, view: str):
    """Each view, with the rows of its table, stayed in memory until the kernel ended."""
    params = {"pubs": [[bell(), None, 16]], "version": 2}
    job = service.run("sampler", params, {"backend": "aer_local"})
    shown = VIEWS[view](service, job)
    job.wait_for_final_state()
    eventually(shown.settled)
    shown.close()
    alive = weakref.ref(shown)
    del shown

    def gone() -> bool:
        gc.collect()
        return alive() is None

    eventually(gone)
