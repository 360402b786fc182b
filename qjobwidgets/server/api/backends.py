"""Routes of the backends: which there are, what they are like, how they do.

Answering takes neither Qiskit nor a process: everything follows from the figures of the chips and
from what the ledger says of the queues.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, quantiles
from typing import Annotated, Literal, NotRequired

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response
from typing_extensions import TypedDict

from qjobwidgets.server.api.bodies import answer
from qjobwidgets.server.api.errors import backend_not_found
from qjobwidgets.server.api.filters import read_time
from qjobwidgets.server.api.openapi import gives
from qjobwidgets.server.backends import documents
from qjobwidgets.server.backends.catalogue import BACKENDS, VERSION, BackendSpec
from qjobwidgets.server.runtime import Runtime

__all__ = ["router"]

_FIRST_OBJECTS = "2025-05-01"
_WAITS = "wait_time_seconds"


class DeviceStatus(TypedDict):
    """Whether a backend works off its queue."""

    name: Literal["online", "paused", "offline"]
    reason: NotRequired[str]


class ProcessorType(TypedDict):
    """What a backend is built of."""

    family: str
    revision: int


class Metric(TypedDict):
    """A figure and its unit."""

    value: float
    unit: str


class WaitTimes(TypedDict):
    """How long the last jobs waited before they started, in seconds."""

    average: float
    p50: float
    p95: float


class BackendSummary(TypedDict):
    """A backend in the list."""

    name: str
    status: DeviceStatus
    is_simulator: bool
    qubits: int
    queue_length: int
    processor_type: ProcessorType
    performance_metrics: NotRequired[dict[str, Metric]]
    wait_time_seconds: NotRequired[WaitTimes]


class BackendList(TypedDict):
    """All backends; clients of API versions before 2025-05-01 get their names only."""

    devices: list[BackendSummary] | list[str]


class Gate(TypedDict):
    """A gate, and between which qubits it acts; without a coupling map, between any."""

    name: str
    parameters: list[str]
    qasm_def: str
    coupling_map: NotRequired[list[list[int]]]


class Configuration(TypedDict):
    """What a backend is: fields that Qiskit's configuration models know."""

    backend_name: str
    backend_version: str
    description: str
    sample_name: str
    online_date: str
    n_qubits: int
    basis_gates: list[str]
    gates: list[Gate]
    supported_instructions: list[str]
    supported_features: list[str]
    coupling_map: list[list[int]] | None
    local: bool
    simulator: bool
    conditional: bool
    open_pulse: bool
    memory: bool
    max_shots: int
    max_experiments: int
    n_registers: int
    meas_levels: list[int]
    meas_map: list[list[int]]
    credits_required: bool
    processor_type: ProcessorType
    dynamic_reprate_enabled: bool
    dt: NotRequired[float]
    dtm: NotRequired[float]
    timing_constraints: NotRequired[dict[str, int]]
    rep_delay_range: NotRequired[list[float]]
    default_rep_delay: NotRequired[float]


class Figure(TypedDict):
    """A figure, its unit, and when it was taken."""

    date: str
    name: str
    unit: str
    value: float


class GateProperties(TypedDict):
    """The figures of a gate between certain qubits."""

    gate: str
    name: str
    qubits: list[int]
    parameters: list[Figure]


class Properties(TypedDict, total=False):
    """How good a device is; empty for an ideal simulator, and for times before its calibration."""

    backend_name: str
    backend_version: str
    last_update_date: str
    qubits: list[list[Figure]]
    gates: list[GateProperties]
    general: list[Figure]


class BackendStatus(TypedDict):
    """How a backend does."""

    state: bool
    status: str
    message: str
    length_queue: int
    backend_version: str


class Defaults(TypedDict):
    """Pulses: there are none."""


def router(runtime: Runtime) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["backends"])

    @routes.get("/backends", **gives(BackendList))
    def backends(
        fields: Annotated[str | None, Query(description="what to add: wait_time_seconds")] = None,
        ibm_api_version: Annotated[str | None, Header()] = None,
        x_qx_client_application: Annotated[str | None, Header()] = None,
    ) -> Response:
        """List the backends; the queue of each is that of all users."""
        # Official clients told their own version before they told that of the API.
        oldest = "" if x_qx_client_application else _FIRST_OBJECTS
        if (ibm_api_version or oldest) < _FIRST_OBJECTS:
            return answer({"devices": list(BACKENDS)})
        pending, status = runtime.queries.pending(), _status(runtime)
        summaries = [
            _summary(spec, status, pending.get(spec.name, 0)) for spec in BACKENDS.values()
        ]
        if _WAITS in (fields or "").split(","):
            for summary in summaries:
                _add_waits(summary, runtime.queries.recent_waits(summary["name"]))
        return answer({"devices": summaries})

    @routes.get("/backends/{name}/configuration", **gives(Configuration, 404))
    def configuration(name: str) -> Response:
        """Return the configuration of a backend."""
        return answer(documents.configuration(_require(name).name))

    @routes.get("/backends/{name}/defaults", **gives(Defaults, 404))
    def defaults(name: str) -> Response:
        """Return the pulse defaults of a backend, which clients up to 0.40 ask for: none."""
        _require(name)
        return answer({})

    @routes.get("/backends/{name}/properties", **gives(Properties, 404))
    def properties(name: str, updated_before: str | None = None) -> Response:
        """Return the properties of a backend, as they were at a time."""
        known = documents.properties(_require(name).name)
        time = read_time(updated_before, "updated_before")
        return answer({} if time is not None and time < documents.CALIBRATED else known)

    @routes.get("/backends/{name}/status", **gives(BackendStatus, 404))
    def status(name: str) -> Response:
        """Return whether a backend works, and how many jobs it has to do."""
        spec, now = _require(name), _status(runtime)
        online = now["name"] == "online"
        return answer(
            {
                "state": online,
                "status": "active" if online else now["name"],
                "message": now.get("reason", ""),
                "length_queue": runtime.queries.pending().get(spec.name, 0),
                "backend_version": VERSION,
            }
        )

    return routes


def _require(name: str) -> BackendSpec:
    if name not in BACKENDS:
        raise backend_not_found(name, BACKENDS)
    return BACKENDS[name]


def _status(runtime: Runtime) -> DeviceStatus:
    """Return how all backends do: what keeps the server from working keeps them all."""
    problems = runtime.health.problems()
    return {"name": "offline", "reason": " ".join(problems)} if problems else {"name": "online"}


def _summary(spec: BackendSpec, status: DeviceStatus, pending: int) -> BackendSummary:
    summary: BackendSummary = {
        "name": spec.name,
        "status": status,
        "is_simulator": spec.simulator,
        "qubits": spec.qubits,
        "queue_length": pending,
        "processor_type": {"family": "Local", "revision": 1},
    }
    metrics = documents.performance(spec.name)
    if metrics is not None:
        summary["performance_metrics"] = metrics
    return summary


def _add_waits(summary: BackendSummary, waits: Sequence[float]) -> None:
    """Add the waiting times, if any job has started yet."""
    if waits:
        several = waits if len(waits) > 1 else [*waits, *waits]
        points = quantiles(several, n=20, method="inclusive")
        # To the microsecond, which is how exact they are: of equal waits the median would come out
        # above the rest by the last bit of a number.
        average, p50, p95 = (round(wait, 6) for wait in (fmean(waits), points[9], points[18]))
        summary["wait_time_seconds"] = {"average": average, "p50": p50, "p95": p95}
