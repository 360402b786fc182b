"""Live quantum jobs inside a notebook.

``%load_ext qjobwidgets`` brings the ``%qjob`` magics; ``RuntimeService()`` the thin client of a
Qiskit Runtime service, or of the embedded runtime when there is no account. Everything is
loaded when it is first used, so that importing this package costs next to nothing.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qjobwidgets import watch
    from qjobwidgets.client import ResultDecoder, RuntimeJob, RuntimeService
    from qjobwidgets.client.primitives import Estimator, Sampler
    from qjobwidgets.client.session import Batch, Session
    from qjobwidgets.records import InterimResult, JobRecord, JobStatus
    from qjobwidgets.widgets import (
        CountsHistogram,
        InterimPlot,
        JobCard,
        JobsDashboard,
        JobsTable,
        StatusBadge,
    )

__version__ = "0.1.0"

__all__ = [
    "Batch",
    "CountsHistogram",
    "Estimator",
    "InterimPlot",
    "InterimResult",
    "JobCard",
    "JobRecord",
    "JobStatus",
    "JobsDashboard",
    "JobsTable",
    "ResultDecoder",
    "RuntimeJob",
    "RuntimeService",
    "Sampler",
    "Session",
    "StatusBadge",
    "load_ipython_extension",
    "unload_ipython_extension",
    "watch",
]

_HOMES = {
    "Batch": "client.session",
    "CountsHistogram": "widgets",
    "Estimator": "client.primitives",
    "InterimPlot": "widgets",
    "InterimResult": "records",
    "JobCard": "widgets",
    "JobRecord": "records",
    "JobStatus": "records",
    "JobsDashboard": "widgets",
    "JobsTable": "widgets",
    "ResultDecoder": "client",
    "RuntimeJob": "client",
    "RuntimeService": "client",
    "Sampler": "client.primitives",
    "Session": "client.session",
    "StatusBadge": "widgets",
    "load_ipython_extension": "magics",
    "unload_ipython_extension": "magics",
    "watch": "watch",
}

# Without a handler of its own, a warning logged in a thread would be printed into some cell.
logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    return home if name == _HOMES[name] else getattr(home, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
