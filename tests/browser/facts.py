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
        "refused": False,
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


def frame(rows: list[dict[str, Any]], first: int = 0) -> dict[str, Any]:
    """Return rows by columns, as the kernel sends them, numbered from ``first`` on."""
    columns = {field: [row[field] for row in rows] for field in (rows[0] if rows else ())}
    return {"n": list(range(first, first + len(rows))), **columns}


def snapshot(rows: list[dict[str, Any]], **facts: Any) -> dict[str, Any]:
    """Return what a page begins with."""
    return {"rev": 7, "total": len(rows), "rows": frame(rows), **facts}


def table(rows: list[dict[str, Any]] | None = None, **traits: Any) -> dict[str, Any]:
    """Return the traits of a table."""
    return {
        "view_id": "qjw-t1",
        "freshness": LIVE,
        "title": "Jobs",
        "filter": {},
        "sort": "status",
        "group": None,
        "columns": [],
        "current": None,
        "modes": {},
        "snapshot": snapshot(ROWS if rows is None else rows),
        "total": 64 if rows is None else len(rows),
        "patch": {},
        "requests_per_minute": 32,
        "hint": "%qjob run sampler bell --backend aer_local",
        **traits,
    }


def part(*values: list[float | None], base: int = 0, **facts: Any) -> dict[str, Any]:
    """Return points of one source as the kernel sends them: a column for each field."""
    n = len(values[0])
    seq = facts.pop("seq", [float(base + i + 1) for i in range(n)])
    begin = {"attempts": [[0, 1]]} if base == 0 and n else {}
    return {
        "source": 0,
        "base": base,
        "rev": base + n,
        "seq": {"$f64": seq},
        "values": [{"$f64": column} for column in values],
        **begin,
        **facts,
    }


def columns(*values: list[float | None], **facts: Any) -> dict[str, Any]:
    """Return a snapshot of one source; by default of the energy alone."""
    shown = facts.pop("shown", ["energy"])
    return {"shown": shown, "parts": [part(*values, **facts)]}


def more(values: list[float | None], base: int, **facts: Any) -> dict[str, Any]:
    """Return points that come after others."""
    return {"parts": [part(values, base=base, **facts)]}


def energies(n: int, start: float = -0.82) -> list[float]:
    """Return n values that approach -1.1373 from above, with bumps."""
    floor = -1.13731
    return [
        floor + (start - floor) * math.exp(-i / 22) * (1 + 0.12 * math.sin(i * 2.4)) + 0.002
        for i in range(n)
    ]


VQE_JOB = row("d4qk1c7s9v8g008n2m60", "RUNNING", program="vqe", started=ago(192))


def field(name: str, **facts: Any) -> dict[str, Any]:
    """Return what the kernel says of a field."""
    return {"name": name, "panel": name, "unit": "", "reference": None, "goal": None, **facts}


ENERGY = field("energy", panel="Ha", unit="Ha", reference=-1.13731, goal="min")


def source(**facts: Any) -> dict[str, Any]:
    """Return what the kernel says of a job's stream."""
    return {
        "label": "d4qk…2m60",
        "job": VQE_JOB,
        "group": None,
        "deleted": False,
        "stream": "open",
        "reconnects": 0,
        "reconnected": None,
        "missed": 0,
        "message": None,
        **facts,
    }


def group(**facts: Any) -> dict[str, Any]:
    """Return what the kernel says of the jobs of a session."""
    known = {"kind": "session", "name": "s04a-19d0", "jobs": 50, "done": 37, "failed": 1}
    known |= {"cancelled": 0, "private": 0, "unread": 0}
    return source(label="session s04a-19d0", job=None, group=known | facts)


def plot_facts(*sources: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """Return what the kernel says of a plot beside its points."""
    return {
        "fields": [ENERGY, field("std")],
        "sources": list(sources) or [source()],
        "x_label": "evaluation",
        **facts,
    }


def plot(
    points: dict[str, Any] | None = None, facts: dict[str, Any] | None = None, **traits: Any
) -> dict[str, Any]:
    """Return the traits of a plot; by default one with two attempts and a gap."""
    if points is None:
        values = energies(37, -0.70) + energies(123)
        seq = [float(s) for s in [*range(1, 38), *range(39, 97), *range(109, 174)]]
        points = columns(values, seq=seq, attempts=[[0, 1], [37, 2]], lost=[[95, 12]])
        facts = facts or plot_facts(source(missed=12))
    return {
        "view_id": "qjw-p1",
        "freshness": LIVE,
        "facts": facts or plot_facts(),
        "shown": points["shown"],
        "scale": "linear",
        "snapshot": points,
        "append": {},
        **traits,
    }


def entry(
    counts: dict[str, int],
    *ideals: dict[str, float],
    pub: int = 0,
    register: str = "meas",
) -> dict[str, Any]:
    """Return counts as the kernel sends them, beside what they are compared with."""
    keys = sorted(dict.fromkeys([*counts, *(key for ideal in ideals for key in ideal)]))
    bits = len(keys[0])
    packed = b"".join(int(key, 2).to_bytes(-(-bits // 8), "big") for key in keys)
    shots = sum(counts.values())
    return {
        "label": f"PUB {pub} · {register}",
        "place": [0, -1],
        "pub": pub,
        "register": register,
        "num_bits": bits,
        "shots": shots,
        "kinds": len(keys),
        "outcomes": {"$u8": list(packed)},
        "counts": {"$u32": [counts.get(key, 0) for key in keys]},
        "others": [_beside(counts, ideal, keys) for ideal in ideals],
    }


def _beside(counts: dict[str, int], ideal: dict[str, float], keys: list[str]) -> dict[str, Any]:
    shots = sum(counts.values())
    pairs = [(counts.get(key, 0) / shots, ideal.get(key, 0.0)) for key in keys]
    overlap = sum(math.sqrt(p * q) for p, q in pairs)
    return {
        "shares": {"$f64": [q for _, q in pairs]},
        "fidelity": overlap**2,
        "error": 0.003,
        "variation": sum(abs(p - q) for p, q in pairs) / 2,
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
        "action": None,
        "retry_at": None,
        "registers": [_register(found) for found in entries],
        "entries": [{**found, "place": [at, -1]} for at, found in enumerate(entries)],
        "more": {},
        "comparisons": [],
        "top": 16,
        "sort": None,
        "toward": None,
        "unit": "share",
        "place": [0, -1],
        "compared": 0,
        **traits,
    }


def _register(found: dict[str, Any]) -> dict[str, Any]:
    facts = {name: found[name] for name in ("label", "pub", "register", "num_bits")}
    return {**facts, "sets": 1}


def versus(state: str = "ready", label: str = "ideal", **facts: Any) -> dict[str, Any]:
    """Return a comparison as the kernel sends it."""
    absent = {"message": None, "action": None, "retry_at": None}
    return {"label": label, "state": state, **absent, **facts}


def badge(job: dict[str, Any], **traits: Any) -> dict[str, Any]:
    """Return the traits of a badge."""
    return {"view_id": "qjw-b1", "freshness": LIVE, "job": job, **traits}
