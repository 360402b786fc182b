"""``%qjob run``: a job made of the words of a line."""

from __future__ import annotations

import argparse
from http import HTTPStatus
from typing import Any, Final

from IPython.core.error import UsageError

from qjobwidgets.arguments import positive
from qjobwidgets.client import RuntimeJob, RuntimeService
from qjobwidgets.client.accounts import LOCAL
from qjobwidgets.errors import BackendNotFoundError, RuntimeProgramNotFound, ServiceError
from qjobwidgets.magics import words
from qjobwidgets.magics.desk import Desk
from qjobwidgets.magics.grammar import Command, argument
from qjobwidgets.magics.showing import display
from qjobwidgets.widgets import JobsTable

__all__ = ["COMMANDS"]

_PRIMITIVES = frozenset({"sampler", "estimator"})


def run(desk: Desk, asked: argparse.Namespace) -> RuntimeJob:
    """Submit a job, show its row, and return it."""
    settings, service = desk.settings, desk.service
    tags = [*settings.tags, *asked.tag]
    options: dict[str, Any] = {"job_tags": tags} if tags else {}
    backend = asked.backend or settings.backend
    if backend:
        options["backend"] = backend
    session = asked.session and asked.session.removeprefix("session:")
    try:
        job = service.run(asked.program, _inputs(desk, asked), options, session_id=session)
    except RuntimeProgramNotFound:
        known = ", ".join(sorted(service.program_ids()))
        raise UsageError(f"There is no program {asked.program!r}. Programs: {known}") from None
    except BackendNotFoundError:
        known = ", ".join(sorted(service.backend_names()))
        raise UsageError(_no_backend(service, str(backend), known)) from None
    except (TypeError, ValueError) as error:
        raise UsageError(f"{asked.program} can't take these inputs: {error}") from None
    except ServiceError as error:
        if error.status != HTTPStatus.BAD_REQUEST or asked.inputs:
            raise
        needed = "a PUB, such as a circuit" if asked.program in _PRIMITIVES else "key=value"
        raise UsageError(f"{asked.program} needs inputs, {needed}. {error}") from None
    if asked.name:
        job.update_name(asked.name)
    display(JobsTable([job]))
    return job


def _no_backend(service: RuntimeService, backend: str, known: str) -> str:
    here = " It is of this machine's runtime: %qjob account local"
    hint = here if backend.endswith("_local") and service.channel != LOCAL else ""
    return f"There is no backend {backend!r}. Backends: {known}.{hint}"


def _inputs(desk: Desk, asked: argparse.Namespace) -> dict[str, Any]:
    """Return the inputs: PUBs of a primitive, and values by name."""
    inputs: dict[str, Any] = {}
    pubs = []
    for word in asked.inputs:
        pair = words.key_value(word)
        if pair is None:
            pubs.append(desk.value(word))
        else:
            inputs[pair[0]] = desk.value(pair[1])
    primitive = asked.program in _PRIMITIVES
    if pubs and not primitive:
        raise UsageError(f"{asked.program} takes its inputs by name: key=value")
    if pubs:
        inputs["pubs"] = [*inputs.get("pubs", []), *pubs]
    shots = asked.shots or (desk.settings.shots if asked.program == "sampler" else None)
    if shots and primitive:
        inputs["options"] = {"default_shots": shots, **inputs.get("options", {})}
        if asked.shots:
            inputs["options"]["default_shots"] = shots
    elif shots:
        inputs["shots"] = shots
    return inputs


COMMANDS: Final = (
    Command(
        "run",
        "submit a job and show its live row",
        run,
        (
            argument(
                "program", help="program, such as sampler, estimator or vqe", kind="program",
                metavar="PROGRAM",
            ),
            argument(
                "inputs",
                help="PUBs of a primitive, or inputs by name; expressions of the notebook",
                kind="expression",
                nargs="*",
                metavar="PUB | key=value",
            ),
            argument("--backend", help="backend", kind="backend", metavar="B"),
            argument("--shots", help="shots per circuit", type=positive, metavar="N"),
            argument(
                "--tag", help="tag; may be repeated", kind="tag", action="append", default=[],
                metavar="T",
            ),
            argument("--name", help="name of the job, kept on this machine", metavar="NAME"),
            argument("--session", help="session or batch it is of", kind="session", metavar="ID"),
        ),
        more="The job is returned: job = %qjob run ...",
        examples=(
            "%qjob run sampler bell --backend aer_local --shots 1024 --tag demo",
            "%qjob run sample-program iterations=3 --backend aer_local --name trial",
        ),
    ),
)  # fmt: skip
