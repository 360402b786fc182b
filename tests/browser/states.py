"""Each view in each state it can be in: what the kernel sends then, and what has to be read.

The words of a state say what is so or what to do next; a state that leaves its reader with neither
is a fault of the view.
"""

from __future__ import annotations

from typing import Any

from tests.browser import card_facts as card
from tests.browser.facts import (
    BELL,
    BELL_JOB,
    MANY,
    NOW_MS,
    OFFLINE,
    REFUSED,
    ROWS,
    VQE_JOB,
    ago,
    badge,
    columns,
    counts,
    energies,
    entry,
    field,
    fresh,
    group,
    part,
    plot,
    plot_facts,
    row,
    source,
    table,
    versus,
)

__all__ = [
    "ACCOUNT", "AWAY", "BADGES", "HALVES", "LARGE", "PAIR", "PRIVATE", "WIDE", "State", "dashboard",
    "of_part", "states",
]  # fmt: skip

State = tuple[str, dict[str, Any]]
"""Words that must be there, and the traits."""

ID = "d4qk1c7s9v8g008n2m60"
GONE = fresh("gone")
AGED = fresh(as_of=ago(12))
CONNECTING = fresh("connecting", as_of=None)

BADGES: dict[str, tuple[str, dict[str, Any]]] = {
    "initializing": ("INITIALIZING", row(ID, "INITIALIZING")),
    "queued": ("QUEUED12 ahead", row(ID, "QUEUED", position=13)),
    "next": ("QUEUEDnext", row(ID, "QUEUED", position=1)),
    "running": ("RUNNING3\u202fmin 12\u202fs", row(ID, "RUNNING", started=ago(192))),
    "cancelling": ("cancelling…", row(ID, "RUNNING", started=ago(192), cancelling=True)),
    "done": ("DONE", row(ID, "DONE")),
    "cancelled": ("CANCELLED", row(ID, "CANCELLED")),
    "error": (
        "ERROR1517",
        row(ID, "ERROR", code=1517, reason="The circuit has 200 qubits.", advice="Use fewer."),
    ),
    "unknown": ("PAUSED", row(ID, "PAUSED")),
}
"""Jobs, and what their badges say."""


def _badges() -> dict[str, State]:
    running = BADGES["running"][1]
    shown = {name: (words, badge(job)) for name, (words, job) in BADGES.items()}
    return shown | {
        "error": ("Use fewer.", badge(BADGES["error"][1])),
        "refused-cancel": ("It has ended.", badge({**running, "note": "It has ended."})),
        "aged": ("12\u202fs ago", badge(running, freshness=AGED)),
        "offline": ("offline since 14:00", badge(running, freshness=OFFLINE)),
        "refused": ("stopped 14:01", badge(running, freshness=REFUSED)),
        "gone": ("as of 14:02", badge(running, freshness=GONE)),
        "inline": ("ERROR1517", badge(BADGES["error"][1], inline=True)),
    }


def _tables() -> dict[str, State]:
    hint = "No jobs yet. Try:"
    far = row("d4qk1c7s9v8g008n2m9z", "QUEUED", position=138, tags=["vqe", "h2"])
    return {
        "rows": ("d4qk…2m60", table()),
        "aged": ("12\u202fs ago", table(freshness=AGED)),
        "empty": (hint, table([])),
        "loading": ("Loading jobs…", table([], freshness=CONNECTING)),
        "offline": ("Cancel needs the service to answer.", table(freshness=OFFLINE)),
        "refused": ("The service refused the token.", table(freshness=REFUSED)),
        "gone": ("Run the cell again to go live.", table(freshness=GONE)),
        "no-match": ("No jobs match the filter.", table(filter={"text": "nothing"})),
        "open": ("Copy code", table(current=ROWS[4]["id"])),
        "grouped": ("1/7 done, 1 failed", table([*ROWS, far], group="tag")),
    }


def _cards() -> dict[str, State]:
    shown, done = card.card, card.DONE
    large = card.failed("The inputs are large: 32 MB.")
    return {
        "inputs": (
            "instructions · 123 qubits not drawn",
            shown(tab="inputs", inputs=card.INPUTS),
        ),
        "failed-logs": ("Transpile with", shown(card.FAILED, tab="logs", logs=card.LOGS)),
        "queued": (
            "The result appears here when the job is done.",
            shown(card.QUEUED, words={}),
        ),
        "bell": ("2 outcomes, 1\u202f024 shots", shown(done, result=card.BELL, **card.BELL_FACTS)),
        "values": ("± 0.004\u202f2", shown(done, result=card.VALUES)),
        "session": ("50 jobs", shown(tab="session", neighbours=card.NEIGHBOURS)),
        "compare": ("3 differences", shown(tab="compare", other=card.OTHER)),
        "private": ("can be read once", shown(done, private=True)),
        "loading": ("Fetching the result…", shown(done, result=card.LOADING)),
        "broken": ("Try again", shown(tab="inputs", inputs=large)),
        "aged": ("12\u202fs ago", shown(freshness=AGED)),
        "offline": ("Retry now", shown(freshness=OFFLINE)),
        "refused": ("Retry now", shown(freshness=REFUSED)),
        "gone": ("Run the cell again", shown(freshness=GONE, tab="logs")),
        "empty": ("Loading the job…", shown({})),
    }


def _plots() -> dict[str, State]:
    queued = row("d4ql7b2s9v8g008q03v0", "QUEUED", program="vqe", position=2)
    failed = {**VQE_JOB, "status": "ERROR", "reason": "The optimizer diverged."}
    done = {**VQE_JOB, "status": "DONE", "finished": NOW_MS}
    ended = plot_facts(source(job=done, stream="ended"))
    silent = row("d4qk", "DONE", program="estimator", session="s04a")
    none, forty = columns([]), columns(energies(40))
    again = source(reconnects=1, reconnected=NOW_MS - 40_000)
    two = [part(energies(150)), part(energies(111, -0.2), source=1)]
    jobs = plot_facts(source(label="COBYLA"), source(label="SPSA"))
    stds = [0.02 + 0.01 * (n % 7) for n in range(80)]
    return {
        "curve": ("160 of 172 values", plot()),
        "waiting": (
            "The plot starts when the job runs.",
            plot(none, plot_facts(source(job=queued, stream="connecting"))),
        ),
        "connecting": (
            "Connecting to the stream.",
            plot(none, plot_facts(source(stream="connecting"))),
        ),
        "none": ("This job published no interim values.", plot(none, ended)),
        "silent": (
            'One point per finished job: InterimPlot(session="s04a")',
            plot(none, plot_facts(source(job=silent))),
        ),
        "ended": ("60 values", plot(columns(energies(60)), ended)),
        "no-goal": ("12 values", plot(columns(energies(12)), plot_facts(fields=[field("energy")]))),
        "one": ("1 value", plot(columns(energies(1)))),
        "reconnecting": ("reconnecting", plot(forty, plot_facts(source(stream="reconnecting")))),
        "reconnected": ("reconnected 14:01:20", plot(forty, plot_facts(again))),
        "aged": ("12\u202fs ago", plot(forty, freshness=AGED)),
        "offline": ("offline since", plot(forty, freshness=OFFLINE)),
        "refused": ("Retry now", plot(forty, freshness=REFUSED)),
        "gone": ("Run the cell again", plot(forty, freshness=GONE)),
        "failed": (
            "The optimizer diverged.",
            plot(forty, plot_facts(source(job=failed, stream="ended"))),
        ),
        "no-jobs": ("No job in session s04a-19d0 yet.", plot(none, plot_facts(group(jobs=0)))),
        "several": ("2 jobs", plot({"shown": ["energy"], "parts": two}, jobs, scale="error")),
        "stacked": ("80 values", plot(columns(energies(80), stds, shown=["energy", "std"]))),
    }


PAIR = {"00": 2071, "01": 41, "10": 35, "11": 1949}
HALVES = {"00": 0.5, "11": 0.5}
WIDE = {"01" * 60 + "1": 600, "10" * 60 + "0": 400}
NOTHING: dict[str, Any] = {"shots": 0, "kinds": 0, "outcomes": {"$u8": []}, "counts": {"$u32": []}}
PRIVATE = {"state": "private", "message": "This job is private.", "action": "Read it once"}
LARGE = {"state": "large", "message": "The result is large: 27 MB.", "action": "Load 27 MB"}
AWAY = {
    "state": "away",
    "message": "The service can't be reached.",
    "action": "Try again",
    "retry_at": NOW_MS + 8000,
}


def _histograms() -> dict[str, State]:
    running = row("d4qj0a1s9v8g008p91tg", "RUNNING", started=ago(3))
    queued = row("d4qj0a1s9v8g008p91tg", "QUEUED", position=4)
    failed = {
        **BELL_JOB,
        "status": "ERROR",
        "reason": "The circuit has no measurements.",
        "advice": "Add `circuit.measure_all()`.",
    }
    cancelled = {**BELL_JOB, "status": "CANCELLED"}
    shots = sum(MANY.values())
    ideal = {key: round(count / shots, 2) for key, count in MANY.items() if count > 50}
    many = counts(entry(MANY, ideal), entry(PAIR, {}, pub=1), comparisons=[versus()])
    private = versus(label="hardware", **PRIVATE)
    return {
        "many": ("other", many),
        "bell": ("2 outcomes, 1\u202f024 shots", counts(entry(BELL))),
        "four": ("0.98", counts(entry(PAIR, HALVES), comparisons=[versus()])),
        "wide": ("2 outcomes", counts(entry(WIDE))),
        "empty": ("Nothing was measured.", counts({**entry({"0": 1}), **NOTHING})),
        "queued": ("The job is queued (3 ahead).", counts(job=queued)),
        "waiting": ("The job is running.", counts(job=running)),
        "fetching": ("Fetching the counts…", counts(state="loading")),
        "failed": (
            "no measurements. Add circuit.measure_all().",
            counts(job=failed, state="failed"),
        ),
        "cancelled": (
            "It was cancelled.",
            counts(job=cancelled, state="failed", message="It was cancelled."),
        ),
        "none": ("It has evs.", counts(state="none", message="No counts. It has evs.")),
        "private": ("Read it once", counts(**PRIVATE)),
        "large": ("Load 27 MB", counts(**LARGE)),
        "away": ("Trying again in 8\u202fs.", counts(**AWAY)),
        "offline": ("Retry now", counts(job=running, freshness=OFFLINE)),
        "refused": ("Retry now", counts(job=running, freshness=REFUSED)),
        "gone": ("Run the cell again", counts(job=running, freshness=GONE)),
        "comparison": (
            "This job is private.",
            counts(entry(BELL, HALVES, {}), comparisons=[versus(), private]),
        ),
    }


ACCOUNT = {
    "channel": "ibm_quantum_platform", "instance": None, "requests": 12, "budget": 120,
    "backends": [{"name": "ibm_kingston", "status": "online", "queue": 41},
                 {"name": "ibm_marrakesh", "status": "paused", "queue": 3},
                 {"name": "aer_local", "status": "online", "queue": 0}],
}  # fmt: skip


def of_part(name: str, traits: dict[str, Any]) -> dict[str, Any]:
    """Return the traits of a part, named as its owner does."""
    common = ("view_id", "freshness")
    return {f"{name}_{trait}": value for trait, value in traits.items() if trait not in common}


def dashboard(job: dict[str, Any] | None = card.RUNNING, **traits: Any) -> dict[str, Any]:
    """Return the traits of a dashboard."""
    own = {"account": ACCOUNT, "current": None if job is None else job["id"]}
    shown = {} if job is None else of_part("card", card.card(job))
    return {**table(), **own, **shown, **traits}


def _dashboards() -> dict[str, State]:
    inputs = of_part("card", {"inputs": card.INPUTS, "tab": "inputs"})
    curve = of_part("card", {"tab": "convergence"}) | of_part("plot", plot())
    measured = of_part("counts", counts(entry(BELL, HALVES), comparisons=[versus()]))
    measured |= of_part("card", card.card(card.DONE, tab="counts"))
    return {
        "card": ("instructions · 123 qubits not drawn", dashboard(**inputs)),
        "convergence": ("160 of 172 values", dashboard(**curve)),
        "counts": ("Hellinger fidelity", dashboard(card.DONE, **measured)),
        "none": ("Open a job to see its card here", dashboard(None)),
        "loading": ("Loading the job…", dashboard(None, current=ROWS[0]["id"])),
        "connecting": ("Loading jobs…", {**dashboard(None), **table([], freshness=CONNECTING)}),
        "offline": ("Retry now", dashboard(freshness=OFFLINE)),
        "refused": ("Retry now", dashboard(freshness=REFUSED)),
        "gone": ("Run the cell again", dashboard(freshness=GONE)),
        "empty": ("No jobs yet", {**dashboard(None), **table([])}),
    }


def states() -> dict[str, dict[str, State]]:
    """Return the states by view and name."""
    return {
        "badge": _badges(),
        "card": _cards(),
        "counts": _histograms(),
        "dashboard": _dashboards(),
        "plot": _plots(),
        "table": _tables(),
    }
