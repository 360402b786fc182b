"""What a kernel would send: rows, freshness and numbers for the views, at one fixed moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 11, 20, 14, 2, 0, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)
HOSTILE = "<img src=x onerror=alert(1)>"


def ago(seconds: float) -> int:
    """Return the time so many seconds before now, in milliseconds since the epoch."""
    return NOW_MS - round(seconds * 1000)


def row(job_id: str, status: str, **facts: Any) -> dict[str, Any]:
    """Return a job as the kernel sends it."""
    return {
        "id": job_id,
        "status": status,
        "program": "sampler",
        "backend": "aer_local",
        "created": ago(1260),
        "started": None,
        "finished": None,
        "reason": None,
        "advice": None,
        "code": None,
        "tags": [],
        "session": None,
        "position": None,
        "usage": None,
        "estimate": None,
        "cancelling": False,
        "note": None,
        **facts,
    }


def fresh(state: str = "live", **facts: Any) -> dict[str, Any]:
    """Return a freshness as the kernel sends it."""
    return {
        "state": state,
        "as_of": NOW_MS,
        "since": None,
        "retry_at": None,
        "interval": 5.0,
        "message": None,
        **facts,
    }


LIVE = fresh(interval=600.0)
OFFLINE = fresh("offline", as_of=ago(7140), since=ago(7140), retry_at=NOW_MS + 8500)
REFUSED = fresh("refused", as_of=ago(660), since=ago(660))

ROWS = [
    row("d4qk1c7s9v8g008n2m50", "DONE", program="estimator", backend="ibm_kingston",
        created=ago(1320), started=ago(510), finished=ago(204), usage=58.9, tags=["vqe", "h2"]),
    row("d4qk1c7s9v8g008n2m60", "RUNNING", program="estimator", backend="ibm_kingston",
        started=ago(192), usage=41.2, estimate=270.0, tags=["vqe", "h2"]),
    row("d4qk1c7s9v8g008n2m7g", "RUNNING", program="estimator", backend="ibm_kingston",
        started=ago(55), usage=9.8, estimate=300.0, tags=["vqe", "h2"]),
    row("d4qk1c7s9v8g008n2m3g", "ERROR", program="estimator", backend="ibm_kingston",
        created=ago(1380), started=ago(963), finished=ago(960), usage=0.0, tags=["vqe", "h2"],
        reason="Instruction cx on qubits (0, 1) is not supported by ibm_kingston.", code=1517,
        advice="Transpile with `generate_preset_pass_manager(backend=backend)`, then run again."),
    row("d4qk1c7s9v8g008n2m8g", "QUEUED", program="estimator", backend="ibm_kingston",
        created=ago(1200), position=4, tags=["vqe", "h2"]),
    row("d4qk1c7s9v8g008n2m90", "QUEUED", program="estimator", backend="ibm_kingston",
        created=ago(1200), position=5, cancelling=True, tags=["vqe", "h2"]),
    row("d4ql7b2s9v8g008q04kg", "INITIALIZING", created=ago(8), tags=["smoke"]),
    row("d4qj0a1s9v8g008p91tg", "DONE", created=ago(2460), started=ago(2459), finished=ago(2458.6),
        usage=0.4, tags=["smoke"]),
    row("d4qj3f8s9v8g008p7c2g", "CANCELLED", program="kernel-align", backend="ibm_torino",
        created=ago(3700), finished=ago(1900), usage=0.0, tags=["iris", "a", "b"]),
    row("d4qj2e5s9v8g008p5n80", "DONE", backend="ibm_torino", created=ago(5400),
        started=ago(5300), finished=ago(5280), usage=12.6, tags=["qaoa", "p=3"]),
]  # fmt: skip


def table(rows: list[dict[str, Any]] | None = None, **traits: Any) -> dict[str, Any]:
    """Return the traits of a table."""
    return {
        "view_id": "qjw-t1",
        "freshness": LIVE,
        "title": "Jobs",
        "snapshot": {"rev": 7, "rows": ROWS if rows is None else rows},
        "total": 64 if rows is None else len(rows),
        "patch": {},
        "requests_per_minute": 32,
        "hint": "%qjob run sampler bell --backend aer_local",
        **traits,
    }
