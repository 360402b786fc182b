"""What a kernel would send: rows, freshness and numbers for the views, at one fixed moment."""

from __future__ import annotations

import math
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
OFFLINE = fresh("offline", as_of=ago(80), since=ago(75), retry_at=NOW_MS + 8500)
REFUSED = fresh("refused", as_of=ago(60), since=ago(60))

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


def columns(values: list[float | None], base: int = 0, **facts: Any) -> dict[str, Any]:
    """Return points as the kernel sends them: message numbers from 1, all of attempt 1."""
    n = len(values)
    seq = facts.pop("seq", [float(base + i + 1) for i in range(n)])
    attempt = facts.pop("attempt", [1.0] * n)
    return {
        "base": base,
        "rev": base + n,
        "seq": {"$f64": seq},
        "attempt": {"$f64": attempt},
        "value": {"$f64": values},
        **facts,
    }


def energies(n: int, start: float = -0.82) -> list[float]:
    """Return n values that approach -1.1373 from above, with bumps."""
    floor = -1.13731
    return [
        floor + (start - floor) * math.exp(-i / 22) * (1 + 0.12 * math.sin(i * 2.4)) + 0.002
        for i in range(n)
    ]


VQE_JOB = row("d4qk1c7s9v8g008n2m60", "RUNNING", program="vqe", started=ago(192))


def plot(points: dict[str, Any] | None = None, **traits: Any) -> dict[str, Any]:
    """Return the traits of a plot; by default one with two attempts and a gap."""
    if points is None:
        values = energies(37, -0.70) + energies(123)
        seq = [float(s) for s in [*range(1, 38), *range(39, 97), *range(109, 174)]]
        points = columns(values, seq=seq, attempt=[1.0] * 37 + [2.0] * 123)
    return {
        "view_id": "qjw-p1",
        "freshness": LIVE,
        "job": VQE_JOB,
        "field": "energy",
        "fields": ["energy", "std"],
        "reference": -1.13731,
        "reference_label": "exact",
        "x_label": "evaluation",
        "unit": "Ha",
        "goal": "min",
        "snapshot": points,
        "append": {},
        "dropped": 0,
        "stream": "open",
        **traits,
    }


def entry(counts: dict[str, int], *, pub: int = 0, register: str = "meas") -> dict[str, Any]:
    """Return counts as the kernel sends them."""
    bits = len(next(iter(counts)))
    width = -(-bits // 8)
    packed = b"".join(int(key, 2).to_bytes(width, "big") for key in counts)
    return {
        "label": f"PUB {pub} · {register}",
        "pub": pub,
        "register": register,
        "num_bits": bits,
        "shots": sum(counts.values()),
        "outcomes": {"$u8": list(packed)},
        "counts": {"$u32": list(counts.values())},
    }


BELL = {"00": 507, "11": 517}
MANY = {f"{(i * 389 + 137) % 1024:010b}": max(1, round(1036 * 0.88**i)) for i in range(1024)}
BELL_JOB = row("d4qj0a1s9v8g008p91tg", "DONE")


def counts(*entries: dict[str, Any], **traits: Any) -> dict[str, Any]:
    """Return the traits of a histogram."""
    return {
        "view_id": "qjw-c1",
        "freshness": LIVE,
        "job": BELL_JOB,
        "state": "ready" if entries else "waiting",
        "message": None,
        "entries": list(entries),
        **traits,
    }


def badge(job: dict[str, Any], **traits: Any) -> dict[str, Any]:
    """Return the traits of a badge."""
    return {"view_id": "qjw-b1", "freshness": LIVE, "job": job, **traits}
