"""Compare what IBM Quantum answers with what the client expects of it; `make live-check`.

For whoever sets ``QISKIT_IBM_TOKEN`` and ``QISKIT_IBM_INSTANCE`` (or has a saved account). It only
reads: backends, usage, the newest jobs, and of a job that is not private its description, metrics
and session. It fetches no result, and prints names and types of fields, never their values.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from qjobwidgets import RuntimeService
from qjobwidgets.client.accounts import IBM
from qjobwidgets.errors import QJobError

TEXT, NUMBER, FLAG = (str,), (int, float), (bool,)
KINDS = {bool: "flag", int: "number", float: "number", str: "text", list: "list", dict: "object"}

# Field: what it is, in the contract; a name with "?" may be missing, a list holds such things.
STATUS = {"status": TEXT, "reason?": TEXT, "reason_code?": NUMBER, "reason_solution?": TEXT}
USAGE = {"qpu_charge_time_seconds": NUMBER, "status": TEXT}
JOB = {
    "id": TEXT,
    "backend": TEXT,
    "created": TEXT,
    "state": STATUS,
    "program": {"id": TEXT},
    "cost": NUMBER,
    "tags?": [TEXT],
    "session_id?": TEXT,
    "private?": FLAG,
    "runtime?": TEXT,
    "usage?": USAGE,
    "estimated_running_time_seconds?": NUMBER,
}
BACKEND = {
    "name": TEXT,
    "status": {"name": TEXT},
    "is_simulator": FLAG,
    "qubits": NUMBER,
    "queue_length": NUMBER,
}
SHAPES: dict[str, Any] = {
    "/backends": {"devices": [BACKEND]},
    "/backends/{backend}/status": {"state": FLAG, "status": TEXT, "length_queue": NUMBER},
    "/instances/usage": {"usage_consumed_seconds": NUMBER, "usage_limit_seconds?": NUMBER},
    "/jobs": {"jobs": [JOB], "count": NUMBER, "limit": NUMBER, "offset": NUMBER},
    "/jobs/{job}": JOB,
    "/jobs/{job}/metrics": {
        "timestamps": {"created": TEXT, "running?": TEXT, "finished?": TEXT},
        "usage": USAGE,
    },
    "/sessions/{session}": {
        "id": TEXT,
        "backend_name": TEXT,
        "mode": TEXT,
        "state": TEXT,
        "accepting_jobs": FLAG,
    },
}


def differences(found: Any, expected: Any, where: str = "") -> Iterator[str]:
    """Return what is missing in an answer, or is of another kind."""
    if isinstance(expected, tuple):
        if not isinstance(found, expected) or (isinstance(found, bool) and bool not in expected):
            yield f"{where} is {_kind(found)}, not {KINDS[expected[0]]}"
    elif isinstance(expected, list):
        if isinstance(found, list):
            each = [list(differences(one, expected[0], f"{where}[]")) for one in found]
            yield from dict.fromkeys(line for lines in each for line in lines)
        else:
            yield f"{where} is {_kind(found)}, not a list"
    elif not isinstance(found, Mapping):
        yield f"{where or 'the answer'} is {_kind(found)}, not an object"
    else:
        for name, kind in expected.items():
            key, place = name.removesuffix("?"), f"{where}.{name}".strip(".?")
            if found.get(key) is not None:
                yield from differences(found[key], kind, place)
            elif name == key:
                yield f"{place} is missing"


def check(service: RuntimeService, names: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """Ask each question and return it with what differs."""
    for path, expected in SHAPES.items():
        try:
            asked = path.format(**{name: value or _Absent() for name, value in names.items()})
            query = {"exclude_params": "true", "limit": 20} if path == "/jobs" else None
            answer = service.api.ask("GET", asked, params=query)
            for line in differences(answer.json(), expected):
                yield path, line
        except LookupError:
            print(f"{path}: nothing to ask for in this account")
        except QJobError as error:
            yield path, str(error)
        else:
            print(f"{path}: read")


class _Absent:
    def __format__(self, _: str) -> str:
        raise LookupError


def _kind(value: object) -> str:
    return "null" if value is None else KINDS.get(type(value), "unknown")


def _names(service: RuntimeService) -> dict[str, str | None]:
    """Return a backend, a job and a session that can be asked about."""
    jobs = [job for job in service.fetch_records(limit=20).records if not job.private]
    final = [job for job in jobs if job.final] or jobs
    sessions = [job.session_id for job in jobs if job.session_id]
    backends = [job.backend for job in final if job.backend]
    return {
        "backend": next(iter(backends), None),
        "job": next((job.id for job in final), None),
        "session": next(iter(sessions), None),
    }


def main() -> int:
    """Print what differs; return how many differences there are, at most 1."""
    try:
        service = RuntimeService(IBM)
        found = list(check(service, _names(service)))
    except QJobError as error:
        print(f"Nothing could be compared: {error}")
        return 1
    for path, line in found:
        print(f"{path}: {line}")
    service.close()
    print(f"{len(found)} differences" if found else "all as in the contract")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
