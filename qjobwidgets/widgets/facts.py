"""A job's details as the page shows them: plain JSON, capped; read by ``js/src/card``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from qjobwidgets.records import JobRecord
from qjobwidgets.render import words
from qjobwidgets.watch import Outcomes
from qjobwidgets.watch.contents import Inputs, PubInput, PubResult, Result
from qjobwidgets.watch.details import About, Detail, Logs, Neighbours
from qjobwidgets.watch.sketch import sketch

__all__ = [
    "Fact",
    "facts_of",
    "inputs_json",
    "logs_json",
    "neighbours_json",
    "result_json",
]

Fact = tuple[str, str, str]
"""Label, text, and what is said beside it in quieter ink."""

_TOP: Final = 16
"""Outcomes of a register that a card shows; a histogram shows all."""
_FEW: Final = 4
"""As many outcomes are in the order of their bits."""
_MEASURING: Final = frozenset({"sampler", "estimator", "executor"})


def _detail_json(detail: Detail, content: Any = None) -> dict[str, Any]:
    """Return a detail with its content as JSON."""
    return {"state": detail.state, "message": detail.message, "content": content}


def facts_of(record: JobRecord, instance: str | None, about: Detail, inputs: Detail) -> list[Fact]:
    """Return the facts of a job; which there are depends on what never changes, so none moves."""
    told: About = about.value or About()
    asked: Inputs | None = inputs.value
    shots = asked.shots if asked else None
    facts = [_usage(record)]
    if record.program in _MEASURING:
        facts.append(("PUBs", _count(told.circuits), _beside(shots, "shots")))
    else:
        facts.append(("Circuits", _count(told.circuits), _beside(shots, "shots")))
    facts += [
        ("Circuit", _span(told.num_qubits, "qubits"), _beside(_bounds(told.depths), "depth", 0)),
        ("Backend", record.backend or words.UNKNOWN, ""),
    ]
    if record.session_id:
        kind = "Batch" if told.mode == "batch" else "Session"
        facts.append((kind, words.short_id(record.session_id), told.session_state or ""))
    facts.append(("Instance", _instance(instance), ""))
    if record.image:
        facts.append(("Image", record.image, ""))
    if record.private:
        facts.append(("Private", "yes", "result can be read once"))
    return facts


def _usage(record: JobRecord) -> Fact:
    about = record.estimated_seconds
    estimate = "" if about is None else f"of about {words.seconds(about)}"
    return ("Usage", words.seconds(record.usage_seconds), estimate)


def _count(number: int | None) -> str:
    return words.UNKNOWN if number is None else words.number(number)


def _beside(text: str | None, word: str, place: int = 1) -> str:
    if not text:
        return ""
    return f"{text} {word}" if place else f"{word} {text}"


def _bounds(told: tuple[int, int] | None) -> str | None:
    if told is None:
        return None
    least, most = told
    return words.number(least) if least == most else f"{words.number(least)}–{words.number(most)}"


def _span(told: tuple[int, int] | None, word: str) -> str:
    text = _bounds(told)
    return words.UNKNOWN if text is None else f"{text} {word if text != '1' else word[:-1]}"


def _instance(crn: str | None) -> str:
    """Return an instance's own part of its CRN, which says more than the CRN's beginning."""
    if not crn:
        return "embedded runtime"
    parts = [part for part in crn.split(":") if part]
    return words.short_id(parts[7]) if len(parts) > 7 else words.short_id(crn)


def inputs_json(detail: Detail, pub: int) -> dict[str, Any]:
    """Return the inputs with the drawing of one of their circuits."""
    found: Inputs | None = detail.value
    if found is None:
        return _detail_json(detail)
    options = [list(option) for option in found.options]
    return _detail_json(detail, _one_pub(found, pub, _pub_input_json) | {"options": options})


def _one_pub(
    found: Inputs | Result, pub: int, as_json: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """Return one of the PUBs known, and how many there are; out of range, the nearest."""
    shown = min(max(pub, 0), max(len(found.pubs) - 1, 0))
    return {
        "total": found.total,
        "known": len(found.pubs),
        "at": shown,
        "pub": as_json(found.pubs[shown]) if found.pubs else None,
    }


def _pub_input_json(pub: PubInput) -> dict[str, Any]:
    return {
        "label": pub.label,
        "circuit": None if pub.circuit is None else asdict(sketch(pub.circuit)),
        "observables": pub.observables,
        "values": pub.values,
        "shots": pub.shots,
        "precision": pub.precision,
    }


def logs_json(detail: Detail) -> dict[str, Any]:
    """Return the end of the log."""
    found: Logs | None = detail.value
    told = found and {"text": found.text, "lines": found.lines, "cut": found.cut}
    return _detail_json(detail, told)


def result_json(detail: Detail, pub: int) -> dict[str, Any]:
    """Return the result of one PUB, or of a program that has none."""
    found: Result | None = detail.value
    if found is None:
        return _detail_json(detail)
    fields = [list(field) for field in found.fields]
    return _detail_json(detail, _one_pub(found, pub, _pub_result_json) | {"fields": fields})


def _pub_result_json(pub: PubResult) -> dict[str, Any]:
    return {
        "registers": [_register_json(found) for found in pub.outcomes],
        "values": [[one.label, _finite(one.value), _finite(one.error)] for one in pub.values],
        "total": pub.total,
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and np.isfinite(value) else None


def _register_json(found: Outcomes) -> dict[str, Any]:
    """Return the most frequent outcomes of a register, in the order a reader looks for them."""
    top = found.largest(_TOP)
    return {
        "name": found.register,
        "num_bits": found.num_bits,
        "shots": found.shots,
        "kinds": len(found.counts),
        "top": [list(pair) for pair in (sorted(top) if len(top) <= _FEW else top)],
    }


def neighbours_json(detail: Detail, job_id: str, present: Iterable[JobRecord]) -> dict[str, Any]:
    """Return the jobs of a session, with the place of the job shown among them."""
    found: Neighbours | None = detail.value
    if found is None:
        return _detail_json(detail)
    jobs = [{"id": one.id, "status": str(one.status), "program": one.program} for one in present]
    at = next((i for i, job in enumerate(jobs) if job["id"] == job_id), 0)
    return _detail_json(detail, {"jobs": jobs, "at": at, "total": found.total})
