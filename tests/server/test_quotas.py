"""How much each user may submit, and what they are told beyond that."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.quotas import MAX_SESSIONS
from qjobwidgets.server.jobs.session_rules import NewSession
from qjobwidgets.server.jobs.session_steps import open_session
from tests.server.conftest import Service

JOB: dict[str, Any] = {
    "program_id": "sample-program",
    "backend": "slow_local",
    "params": {"iterations": 10_000},
}


def _count(service: Service) -> int:
    count: int = service.get("/jobs").json()["count"]
    return count


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server that takes two pending jobs of each user."""
    service = Service(tmp_path_factory.mktemp("quotas"), "--max-pending", "2")
    yield service
    service.reap()


def _cancel(service: Service) -> None:
    for job in service.get("/jobs?pending=true").json()["jobs"]:
        assert service.call("POST", f"/jobs/{job['id']}/cancel").status_code == 204


def test_jobs_beyond_the_pending_limit_are_refused_and_leave_nothing(narrow: Service):
    first = narrow.post(JOB, **{"Idempotency-Key": "first"}).json()["id"]
    narrow.wait(first, "Running")
    second = narrow.post(JOB).json()["id"]
    count = _count(narrow)

    refused = narrow.post(JOB)
    assert refused.status_code == 409
    (error,) = refused.json()["errors"]
    assert error["code"] == 3458
    assert "2 pending jobs" in error["message"]
    assert "cancel" in error["solution"]
    assert _count(narrow) == count

    # What is there already is no new job.
    again = narrow.post(JOB, **{"Idempotency-Key": "first"})
    assert (again.status_code, again.json()["id"]) == (200, first)

    assert narrow.call("POST", f"/jobs/{second}/cancel").status_code == 204
    assert narrow.post(JOB).status_code == 200
    _cancel(narrow)


def test_the_pending_limit_holds_against_many_at_once(narrow: Service):
    count = _count(narrow)
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: narrow.post(JOB).status_code, range(20)))
    assert sorted(answers) == [200] * 2 + [409] * 18
    assert _count(narrow) == count + 2
    _cancel(narrow)


def test_a_usage_limit_that_is_reached_is_said_and_holds(start: Callable[..., Service]):
    service = start("--usage-limit", "0.5")
    before = service.get("/instances/usage").json()
    assert before["usage_limit_seconds"] == 0.5
    assert before["usage_remaining_seconds"] == 0.5
    assert before["usage_limit_reached"] is False

    job = service.submit("sample-program", "slow_local", {"iterations": 1})
    used = service.wait(job)["usage"]["qpu_charge_time_seconds"]
    # Usage is not given back with the job.
    assert service.call("DELETE", f"/jobs/{job}").status_code == 204

    after = service.get("/instances/usage").json()
    assert after["usage_consumed_seconds"] == pytest.approx(used)
    assert after["usage_remaining_seconds"] == 0
    assert after["usage_limit_reached"] is True
    refused = service.post(JOB)
    assert refused.status_code == 409
    (error,) = refused.json()["errors"]
    assert error["code"] == 4317
    assert "0.5 s" in error["message"]
    assert _count(service) == 0


def test_without_a_usage_limit_none_is_named(service: Service):
    usage = service.get("/instances/usage").json()
    assert usage["usage_limit_reached"] is False
    assert "usage_limit_seconds" not in usage


@pytest.fixture
def folder_of_sessions(tmp_path: Path) -> Path:
    """A data folder with one session less than a user may have open."""
    folder = tmp_path / "data"
    folder.mkdir()
    with closing(Database(folder / "ledger.db")) as database, database.write() as connection:
        for _ in range(MAX_SESSIONS - 1):
            open_session(connection, NewSession("local", "aer_local"))
    return folder


def test_open_sessions_have_a_limit_and_closed_ones_do_not_count(
    start: Callable[..., Service], folder_of_sessions: Path
):
    """There could be any number, and all that are active are looked at each second."""
    service = start(data=folder_of_sessions)
    body = {"mode": "batch", "backend": "aer_local"}
    last = service.call("POST", "/sessions", json=body).json()["id"]
    opening = {"program_id": "sample-program", "params": {"iterations": 1}, "start_session": True}
    for refused in (service.call("POST", "/sessions", json=body), service.post(opening)):
        assert refused.status_code == 409
        (error,) = refused.json()["errors"]
        assert error["code"] == 1219
        assert "1000 open sessions" in error["message"]
        assert "Close" in error["solution"]
    assert _count(service) == 0
    assert service.submit("sample-program", "aer_local", {"iterations": 1}, session_id=last)
    assert service.call("DELETE", f"/sessions/{last}/close").status_code == 204
    service.wait(service.get("/jobs").json()["jobs"][0]["id"])
    assert service.post(opening).status_code == 200
