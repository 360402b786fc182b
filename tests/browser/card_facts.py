"""What a kernel would send of one job: the traits of a card."""

from __future__ import annotations

from typing import Any

from tests.browser.facts import LIVE, ago, row

ID = "d4qk1c7s9v8g008n2m60"
SESSION = "b91f0c7s9v8g008n7c2e"
RUNNING = row(
    ID, "RUNNING", program="estimator", backend="ibm_kingston", created=ago(1252), started=ago(192),
    usage=41.2, estimate=270.0, tags=["vqe", "h2", "sweep-7"], session=SESSION,
)  # fmt: skip
DONE = row(
    ID, "DONE", program="sampler", backend="ibm_torino", created=ago(1320), started=ago(510),
    finished=ago(204), usage=58.9, tags=["smoke"],
)  # fmt: skip
FAILED = row(
    ID, "ERROR", program="estimator", backend="ibm_kingston", created=ago(1380), started=ago(963),
    finished=ago(960), usage=0.0, code=1517, session=SESSION,
    reason="Instruction cx on qubits (0, 1) is not supported by ibm_kingston.",
    advice="Transpile with `generate_preset_pass_manager(backend=backend)`, then run again.",
)  # fmt: skip
QUEUED = row(ID, "QUEUED", program="sampler", created=ago(1200), position=4)
FACTS = [
    ["Usage", "41.2\u202fs", "of about 60.0\u202fs"],
    ["PUBs", "12", "precision 0.005"],
    ["Circuit", "4 qubits", "depth 38"],
    ["Backend", "ibm_kingston", ""],
    ["Batch", "b91f…7c2e", "active"],
    ["Instance", "open-instance", ""],
]
BELL_FACTS = {
    "words": {"name": "bell", "note": None},
    "facts": [
        ["Usage", "58.9\u202fs", ""],
        ["PUBs", "1", "1\u202f024 shots"],
        ["Circuit", "2 qubits", "depth 3"],
        ["Backend", "ibm_torino", ""],
        ["Instance", "open-instance", ""],
    ],
}
"""Of the job that is done, a Bell state."""


def ready(content: Any) -> dict[str, Any]:
    """Return a detail that is there."""
    return {"state": "ready", "message": None, "content": content}


NONE = {"state": "none", "message": None, "content": None}
LOADING = {"state": "loading", "message": None, "content": None}


def failed(message: str) -> dict[str, Any]:
    """Return a detail that could not be fetched."""
    return {"state": "failed", "message": message, "content": None}


def gate(layer: int, name: str, *wires: int, controls: int = 0, parameters: str = "") -> Any:
    """Return a gate of a drawing."""
    return {
        "layer": layer, "name": name, "wires": list(wires), "controls": controls,
        "parameters": parameters, "partial": False,
    }  # fmt: skip


CIRCUIT = {
    "name": "EfficientSU2", "num_qubits": 127, "size": 152, "num_parameters": 32, "depth": 38,
    "wires": [18, 19, 20, 39], "layers": 9, "left_out": 120, "idle": 123,
    "gates": [
        *(gate(0, "ry", w, parameters=f"θ[{w}]") for w in range(4)),
        *(gate(1, "rz", w, parameters=f"θ[{w + 4}]") for w in range(4)),
        *(gate(2 + w, "cx", w, w + 1, controls=1) for w in range(3)),
        gate(5, "barrier", 0, 1, 2, 3),
        gate(6, "swap", 0, 2),
        gate(6, "unitary", 3),
        gate(7, "rzz", 1, 2, parameters="−3π/4"),
        gate(7, "cz", 0, 3, controls=1),
        *(gate(8, "measure", w) for w in range(4)),
    ],
}  # fmt: skip
INPUTS = ready(
    {
        "total": 12, "known": 12, "at": 3,
        "pub": {
            "label": "PUB 3", "circuit": CIRCUIT, "observables": "ZZII + 14 terms",
            "values": [32], "shots": None, "precision": 0.005,
        },
        "options": [["options.resilience_level", "1"], ["version", "2"]],
    }
)  # fmt: skip
LOGS = ready(
    {
        "text": "2026-11-20 13:46:31 INFO: Job started, attempt 1\n"
        "2026-11-20 13:46:32 WARNING: layout: none given, trivial layout used\n"
        "2026-11-20 13:46:34 ERROR: The instruction cx on qubits (0, 1) is not supported",
        "lines": 3, "cut": False,
    }
)  # fmt: skip


def place(pub: Any, total: int = 1, at: int = 0, **facts: Any) -> dict[str, Any]:
    """Return a result of so many PUBs, of which one is shown."""
    return ready({"total": total, "known": total, "at": at, "pub": pub, "fields": [], **facts})


BELL = place(
    {
        "registers": [
            {"name": "meas", "num_bits": 2, "shots": 1024, "kinds": 2,
             "top": [["00", 507], ["11", 517]]}
        ],
        "values": [], "total": 0,
    }
)  # fmt: skip
VALUES = place(
    {
        "registers": [],
        "values": [[f"[{i}]", -1.13731 + i / 10, 0.0042] for i in range(3)],
        "total": 40,
    },
    total=12, at=3,
)  # fmt: skip
NEIGHBOURS = ready(
    {
        "jobs": [
            {"id": f"d4qk1c7s9v8g008n2m{i}0", "status": status, "program": "estimator"}
            for i, status in enumerate(["DONE", "ERROR", "RUNNING", "QUEUED", "QUEUED", "DONE"], 4)
        ],
        "at": 2, "total": 50,
    }
)  # fmt: skip
OTHER = {
    "job": row("d4qk1c7s9v8g008n2m50", "DONE", program="estimator"),
    "rows": [["Backend", "ibm_kingston", "ibm_torino"], ["Shots", "1024", "4096"],
             ["Program", "estimator", "estimator"], ["resilience_level", "1", "2"]],
    "distances": [["PUB 0 · meas", 0.98121, 0.0031, 0.0244], ["PUB 1 · c", 1.0, 0.0, 0.0]],
    "loading": False,
}  # fmt: skip


def card(job: dict[str, Any] = RUNNING, **traits: Any) -> dict[str, Any]:
    """Return the traits of a card."""
    return {
        "view_id": "qjw-k1",
        "freshness": LIVE,
        "job": job,
        "tab": "result",
        "facts": FACTS,
        "words": {"name": "h2 r=0.735", "note": None},
        "edits": {},
        "private": False,
        "inputs": NONE,
        "logs": NONE,
        "result": NONE,
        "neighbours": NONE,
        "other": None,
        **traits,
    }
