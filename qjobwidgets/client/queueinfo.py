"""What a service tells of a job's place in the queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from qjobwidgets.client.shapes import local_time
from qjobwidgets.records import JobRecord, parse_time

__all__ = ["QueueInfo", "queue_info"]


@dataclass(frozen=True, slots=True)
class QueueInfo:
    """Place of a job in the queue; what the service does not tell is ``None``.

    Attributes:
        job_id: The job.
        position: Place in the backend's queue, from 1.
        status: The job's status.
        estimated_start_time, estimated_complete_time: The service's estimates, in local time.
        hub_priority, group_priority, project_priority: Shares of the queue under the accounts of
            ``qiskit-ibmq-provider``; today's services have none.
    """

    job_id: str
    position: int | None = None
    status: str | None = None
    estimated_start_time: datetime | None = None
    estimated_complete_time: datetime | None = None
    hub_priority: float | None = None
    group_priority: float | None = None
    project_priority: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the facts by name."""
        return asdict(self)

    def format(self) -> str:
        """Return the facts as lines of text."""
        lines = [f"Job {self.job_id} in the queue:"]
        for name, value in self.to_dict().items():
            if name != "job_id":
                shown = _from_now(value) if isinstance(value, datetime) else value
                lines.append(
                    f"    {name.replace('_', ' ')}: {'unknown' if shown is None else shown}"
                )
        return "\n".join(lines)


def queue_info(record: JobRecord, metrics: Mapping[str, Any] | None = None) -> QueueInfo | None:
    """Return what is known of a waiting job's place; ``None`` if nothing is, or it does not wait.

    Args:
        record: The job.
        metrics: The service's metrics of it, where they have been asked for.
    """
    metrics = metrics or {}
    position = metrics.get("position_in_queue")
    info = QueueInfo(
        record.id,
        position if isinstance(position, int) and position > 0 else record.queue_position,
        str(record.status),
        local_time(parse_time(metrics.get("estimated_start_time"))),
        local_time(parse_time(metrics.get("estimated_completion_time"))),
    )
    known = (info.position, info.estimated_start_time, info.estimated_complete_time)
    return info if record.status == "QUEUED" and any(known) else None


def _from_now(time: datetime) -> str:
    minutes = round((time - datetime.now(UTC)).total_seconds() / 60)
    return f"in {minutes} min" if minutes > 0 else "now"
