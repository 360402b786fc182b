"""The commands about an account and its service: backends, programs, sessions, usage, budget."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any, Final

from IPython.core.error import UsageError

from qjobwidgets.arguments import positive
from qjobwidgets.client import RuntimeService
from qjobwidgets.client.program_facts import Program
from qjobwidgets.errors import ServiceError
from qjobwidgets.magics.desk import Desk
from qjobwidgets.magics.grammar import Command, argument
from qjobwidgets.magics.showing import Facts, Listing
from qjobwidgets.records import JobRecord
from qjobwidgets.render import words
from qjobwidgets.watch import budget as watch_budget

__all__ = ["COMMANDS", "SessionFacts"]

_RECENT = 200


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What is known of a session or batch.

    Attributes:
        id: The service's id of it.
        kind: ``"session"`` or ``"batch"``.
        backend: Its backend.
        state: The service's word for its state; ``None`` if it has it no more.
        jobs: Its jobs among the account's newest.
        ended: How many of these have ended.
        seconds: What it has used.
    """

    id: str
    kind: str
    backend: str | None
    state: str | None
    jobs: int
    ended: int
    seconds: float | None


def backends(desk: Desk, asked: argparse.Namespace) -> Listing[Any]:
    """Return the account's backends."""
    required = {} if asked.simulator is None else {"simulator": asked.simulator}
    found = desk.service.backends(asked.backend, min_num_qubits=asked.qubits, **required)
    if asked.backend is None and asked.qubits is None and not required:
        desk.backend_names = [backend.name for backend in found]
    return Listing(
        found,
        {
            "Backend": lambda backend: backend.name,
            "Status": lambda backend: backend.info.status,
            "Qubits": lambda backend: backend.info.num_qubits,
            "Simulator": lambda backend: backend.info.simulator,
            "Jobs waiting": lambda backend: backend.info.queue_length,
        },
        "No backend is like that. Without options: all of the account.",
    )


def programs(desk: Desk, asked: argparse.Namespace) -> Listing[Program]:  # noqa: ARG001 - as all
    """Return the programs that the service runs."""
    found = desk.service.programs(limit=None)
    desk.program_names = [program.id for program in found]
    return Listing(
        found,
        {
            "Program": lambda program: program.id,
            "Description": lambda program: program.description or program.name,
            "Longest run, s": lambda program: program.max_execution_time,
        },
        "The service runs no programs.",
    )


def sessions(desk: Desk, asked: argparse.Namespace) -> Listing[SessionFacts]:
    """Return the sessions and batches of the account's newest jobs."""
    records = [job.record for job in desk.service.jobs(limit=_RECENT)]
    ids = list(dict.fromkeys(record.session_id for record in records if record.session_id))
    found = [_session(desk.service, one, records) for one in ids[: asked.limit]]
    return Listing(
        found,
        {
            "Id": lambda session: session.id,
            "Kind": lambda session: session.kind,
            "State": lambda session: session.state,
            "Backend": lambda session: session.backend,
            "Jobs": lambda session: session.jobs,
            "Ended": lambda session: session.ended,
            "Used, s": lambda session: session.seconds,
        },
        f"None of the newest {_RECENT} jobs is of a session or batch.",
    )


def _session(service: RuntimeService, session_id: str, records: list[JobRecord]) -> SessionFacts:
    document = service.api.session(session_id) or {}
    own = [record for record in records if record.session_id == session_id]
    state, used = document.get("state"), document.get("elapsed_time")
    return SessionFacts(
        id=session_id,
        kind=words.kind_of_session(str(document.get("mode"))),
        backend=next((record.backend for record in own if record.backend), None),
        state=state if isinstance(state, str) else None,
        jobs=len(own),
        ended=sum(record.final for record in own),
        seconds=used if isinstance(used, int | float) else None,
    )


def usage(desk: Desk, asked: argparse.Namespace) -> Facts:  # noqa: ARG001 - as all commands
    """Return what the account's instance has used, and what is left."""
    try:
        return Facts(desk.service.usage())
    except ServiceError as error:
        if error.status != 404:
            raise
    raise UsageError("This service does not tell its usage. Usage of a job: %qjob show JOB")


def account(desk: Desk, asked: argparse.Namespace) -> Facts:
    """Return the account in use, without its token; change to another one if one is named."""
    if asked.which is not None:
        desk.use(asked.which)
    service = desk.service
    known = service.account
    saved = ", ".join(service.saved_accounts()) or "none"
    return Facts(
        {
            "channel": known.channel,
            "url": known.url or "the embedded runtime of this machine",
            "instance": known.instance,
            "token": "given, not shown" if known.token else "none needed",
            "saved accounts": saved,
        }
    )


def budget(desk: Desk, asked: argparse.Namespace) -> int:
    """Set how many requests a minute watching may cost, if a number is given, and return it."""
    if asked.requests is not None:
        desk.settings.budget = watch_budget(asked.requests)
    return watch_budget()


COMMANDS: Final = (
    Command(
        "backends",
        "the account's backends",
        backends,
        (
            argument("backend", help="only this one", kind="backend", nargs="?", metavar="B"),
            argument("--qubits", help="with so many qubits at least", type=positive, metavar="N"),
            argument(
                "--simulators", help="only simulators", action="store_true", default=None,
                dest="simulator",
            ),
            argument(
                "--devices", help="only devices", action="store_false", default=None,
                dest="simulator",
            ),
        ),
        examples=("%qjob backends", "%qjob backends --qubits 5 --simulators"),
    ),
    Command(
        "programs", "the programs that the service runs", programs,
        examples=("%qjob programs",),
    ),
    Command(
        "sessions",
        "the sessions and batches of the newest jobs",
        sessions,
        (argument("--limit", help="how many at most", type=positive, default=20, metavar="N"),),
        examples=("%qjob sessions", "%qjob sessions --limit 5"),
    ),
    Command(
        "usage", "what the account has used, and what is left", usage,
        examples=("%qjob usage",),
    ),
    Command(
        "account",
        "the account in use, or change to another one",
        account,
        (
            argument(
                "which", help="name of a saved account, local, or a variable with a service",
                kind="account", nargs="?", metavar="ACCOUNT",
            ),
        ),
        more="Its token is never shown.",
        examples=("%qjob account", "%qjob account local"),
    ),
    Command(
        "budget",
        "how many requests a minute watching may cost",
        budget,
        (argument("requests", help="the budget from now on", type=positive, nargs="?"),),
        more="It holds for an account in all kernels of this machine together.",
        examples=("%qjob budget", "%qjob budget 60"),
    ),
)  # fmt: skip
