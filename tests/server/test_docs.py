"""``docs/server.md`` names only what there is, and all that a user can choose from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qjobwidgets.server.__main__ import main
from qjobwidgets.server.api.bodies import _VALUES_CAP, JOB_CAP, SMALL_CAP
from qjobwidgets.server.api.budget import BODIES_CAP
from qjobwidgets.server.api.programs import _SOURCE_CAP
from qjobwidgets.server.api.submission import MAX_LIMIT
from qjobwidgets.server.backends.catalogue import MAX_SHOTS
from qjobwidgets.server.config import MAX_PENDING
from qjobwidgets.server.connections import _MOST_CONNECTIONS
from qjobwidgets.server.jobs.quotas import MAX_SESSIONS
from qjobwidgets.server.jobs.session_rules import MAX_TTL
from qjobwidgets.server.placing.intake import _MESSAGE_BYTES_CAP, _MESSAGES_CAP, LOG_CAP
from qjobwidgets.server.programs.limits import _FILE_SIZE, _FILES
from qjobwidgets.server.programs.options import MAX_ESTIMATOR_SHOTS
from qjobwidgets.server.run.limits import Limits
from qjobwidgets.server.run.wire import FRAME_CAP, MESSAGE_CAP
from tests.server.conftest import DEADLINE, Service

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "server.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
MIB = 1024 * 1024


def _first_cells(section: str) -> set[str]:
    """Return what stands as code in the first column of a section's tables."""
    rows = re.findall(r"^\|([^|]*)\|", SECTIONS[section], re.MULTILINE)
    return {name for cell in rows for name in re.findall(r"`([^`]+)`", cell)}


def test_the_options_are_those_of_the_help(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["--help"])
    offered = set(re.findall(r"--[a-z][a-z-]*", capsys.readouterr().out)) - {"--help"}
    assert _first_cells("Limits and options") == offered
    assert set(re.findall(r"--[a-z][a-z-]*", PAGE)) <= offered


def test_the_endpoints_are_those_of_the_openapi_document(service: Service):
    document = service.http.get(service.origin + "/openapi.json", timeout=DEADLINE).json()
    served = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, operations in document["paths"].items()
        for method in operations
    }
    assert _first_cells("Endpoints") == served


def test_backends_and_programs_are_those_of_the_service(service: Service):
    backends = service.get("/backends").json()["devices"]
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", SECTIONS["Backends"], re.MULTILINE)
    assert rows == [(backend["name"], str(backend["qubits"])) for backend in backends]
    programs = service.get("/programs").json()["programs"]
    built_in = {program["id"] for program in programs if program["id"] == program["name"]}
    assert _first_cells("Programs") == built_in


def test_the_files_are_those_of_the_folder(service: Service):
    found = {file.name for file in service.data.iterdir()}
    beside_the_ledger = {"ledger.db-wal", "ledger.db-shm"}
    assert _first_cells("The data folder") == found - beside_the_ledger


def test_the_limits_are_those_of_the_code():
    said = re.findall(r"^\|[^|]*\| ([^|]*) \|$", SECTIONS["Limits and options"], re.MULTILINE)
    messages = f"{_MESSAGES_CAP}; {_MESSAGE_BYTES_CAP // MIB} MiB; {MESSAGE_CAP // MIB} MiB"
    assert {
        f"{JOB_CAP // MIB} MiB; {SMALL_CAP // 1024} KiB; {BODIES_CAP // MIB} MiB",
        f"{_VALUES_CAP}",
        f"{MAX_SESSIONS}",
        f"{MAX_LIMIT} s",
        f"{MAX_TTL} s",
        f"{MAX_SHOTS}; {MAX_ESTIMATOR_SHOTS}",
        messages,
        f"{LOG_CAP // MIB} MiB; {FRAME_CAP // MIB} MiB",
        f"{Limits(memory=0).processes}; {_FILES}; {_FILE_SIZE // 1024**3} GiB",
        f"{_SOURCE_CAP // MIB} MiB",
        f"{_MOST_CONNECTIONS}; one with nothing to do gives way to the newest",
    } <= set(said)
    assert f"| `--max-pending` | {MAX_PENDING} |" in PAGE


def test_each_promise_names_tests_that_there_are():
    promises = re.findall(r"^\| (\d) \|.*", SECTIONS["What it promises"], re.MULTILINE)
    assert promises == list("12345678")
    named = re.findall(r"`(?:tests/)?([\w/]+\.py)(?:::(\w+))?`", PAGE)
    assert named
    for file, test in named:
        path = ROOT / "tests" / file
        path = path if path.exists() else ROOT / "tests" / "server" / file
        assert f"def {test}" in path.read_text(encoding="utf-8") if test else path.exists(), file


def test_each_fault_of_the_server_has_a_test():
    """That the tests exist is checked above; here, that no fault is left out."""
    rows = re.findall(r"^\| (\d+) \|.*\| ([^|]*) \|$", SECTIONS["What may go wrong"], re.MULTILINE)
    elsewhere = {10, 11, *range(28, 36)}  # later versions; the client
    assert [int(number) for number, _ in rows] == sorted(set(range(1, 48)) - elsewhere)
    assert all(".py" in tests for _, tests in rows)


def test_its_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert target.startswith("https://") or (ROOT / "docs" / target).exists(), target
