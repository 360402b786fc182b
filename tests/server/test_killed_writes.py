"""A process that dies in the middle of writing leaves all of what it wrote, or nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import DEADLINE

BEFORE = {"state": "Running", "finished": False, "seqs": [1], "last_seq": 1, "result": None}
AFTER: dict[str, dict[str, Any]] = {
    "complete": {**BEFORE, "state": "Completed", "finished": True, "result": '"result"'},
    "fail": {**BEFORE, "state": "Failed", "finished": True},
    "crash": {**BEFORE, "state": "Queued", "seqs": [1, 2], "last_seq": 2},
    "interrupt": {**BEFORE, "state": "Queued", "seqs": [1, 2], "last_seq": 2},
    "publish": {**BEFORE, "seqs": [1, 2, 3, 4], "last_seq": 4},
    "cancel": {**BEFORE, "state": "Cancelled", "finished": True},
    "submit": BEFORE,
}


@pytest.fixture(scope="module")
def deaths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """What was found after each death, by the kind of write, in the order of statements."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.server.killed_writer"),
            str(tmp_path_factory.mktemp("ledgers")),
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {kind: list(group) for kind, group in groupby(found, lambda death: death["kind"])}


@pytest.mark.parametrize("kind", AFTER)
def test_killed_before_any_statement_a_write_is_whole_or_has_not_been(
    deaths: dict[str, list[dict[str, Any]]], kind: str
):
    *killed, last = deaths[kind]
    assert len(killed) >= 3  # the beginning, a change, the end of the transaction
    assert all(death["killed"] for death in killed)
    assert not last["killed"]
    for death in deaths[kind]:
        expected = BEFORE if death["killed"] else AFTER[kind]
        assert expected.items() <= death.items()
        jobs = 2 if kind == "submit" and not death["killed"] else 1
        assert (death["jobs"], death["inputs"], death["tags"]) == (jobs, jobs, 2 * jobs)
        assert death["sound"]
