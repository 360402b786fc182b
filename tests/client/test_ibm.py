"""IBM Quantum, as far as its documented answers go; see replay/README.md."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qjobwidgets import RuntimeService
from qjobwidgets.errors import RuntimeJobMaxTimeoutError
from tests.client.faults import CANARY, Reply

HERE = Path(__file__).parent
ANSWERS = json.loads((HERE / "replay" / "answers.json").read_text())
CHECK = HERE.parents[1] / "scripts" / "live_check.py"
CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/0:1::"
DONE = "d4f0000000000000000b"


@pytest.fixture
def replayed(faults):
    for path, document in ANSWERS.items():
        faults.on(path, Reply(document=document))
    return faults


@pytest.fixture
def ibm(replayed, monkeypatch):
    monkeypatch.setenv("IAM_URL", replayed.origin)
    service = RuntimeService("ibm_quantum_platform", CANARY, replayed.url, instance=CRN)
    yield service
    service.close()


def test_a_list_of_jobs_is_one_request(replayed, ibm):
    jobs = ibm.jobs(limit=None)
    assert [str(job.record.status) for job in jobs] == ["QUEUED", "DONE", "ERROR", "DONE"]
    queued, done, too_long, private = jobs
    assert (queued.tags, queued.usage_estimation) == (["bell"], {"quantum_seconds": 3.1})
    assert (done.session_id, done.record.usage_seconds) == ("s-1", 2)
    assert (too_long.record.reason, too_long.record.reason_code) == ("Ran too long", 1305)
    assert private.private
    assert len(replayed.asked("/jobs")) == 1
    with pytest.raises(RuntimeJobMaxTimeoutError, match="Raise max_execution_time"):
        too_long.result()


def test_what_each_request_says(replayed, ibm):
    ibm.job(DONE)
    [asked] = replayed.asked(f"/jobs/{DONE}")
    assert asked.headers["ibm-api-version"] == "2026-04-15"
    assert asked.headers["service-crn"] == CRN
    assert asked.headers["authorization"].startswith("Bearer ")
    assert asked.query == {"exclude_params": ["true"]}
    [exchange] = [seen for seen in replayed.seen if seen.path == "/identity/token"]
    assert b"grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey" in exchange.body
    assert b"response_type=cloud_iam" in exchange.body


def test_a_finished_job(ibm):
    job = ibm.job(DONE)
    assert job.result()[0].data.evs == -1.25
    assert job.usage() == 2
    assert job.queue_position() is None
    assert list(job.time_per_step()) == ["CREATED", "RUNNING", "COMPLETED"]
    assert job.interim_results() is None


def check(faults) -> subprocess.CompletedProcess[str]:
    """Run the comparison as `make live-check` does."""
    account = {
        "QISKIT_IBM_TOKEN": CANARY,
        "QISKIT_IBM_URL": faults.url,
        "QISKIT_IBM_INSTANCE": CRN,
        "IAM_URL": faults.origin,
    }
    return subprocess.run(
        [sys.executable, str(CHECK)],
        env={**os.environ, **account},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_live_check_agrees_with_the_contract(replayed):
    done = check(replayed)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "all as in the contract")
    assert {seen.method for seen in replayed.seen if "/api/" in seen.path} == {"GET"}
    assert not any(seen.path.endswith("/results") for seen in replayed.seen)
    assert CANARY not in done.stdout + done.stderr


def test_the_live_check_names_what_differs(replayed):
    changed = copy.deepcopy(ANSWERS)
    del changed["/jobs"]["count"]
    changed["/backends"]["devices"][1]["qubits"] = "many"
    changed[f"/jobs/{DONE}"]["state"] = None
    for path in ("/jobs", "/backends", f"/jobs/{DONE}"):
        replayed.on(path, Reply(document=changed[path]))
    replayed.on("/sessions/s-1", Reply(500))
    done = check(replayed)
    assert done.returncode == 1
    lines = [line for line in done.stdout.splitlines() if not line.endswith(": read")]
    assert lines == [
        "/backends: devices[].qubits is text, not number",
        "/jobs: count is missing",
        "/jobs/{job}: state is missing",
        "/sessions/{session}: The service answered with status 500.",
        "4 differences",
    ]
    assert CANARY not in done.stdout + done.stderr


def test_the_live_check_without_an_answer(faults):
    faults.on_iam(Reply(400, {"errorMessage": "Provided API key could not be found."}))
    done = check(faults)
    assert done.returncode == 1
    assert "Provided API key could not be found" in done.stdout
    assert CANARY not in done.stdout + done.stderr
