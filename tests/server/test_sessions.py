"""Sessions and batches over HTTP: their documents, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.server.conftest import Service
from tests.server.session_client import DEVICE, QUICK, SLOW, Client, refused


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    service = Service(tmp_path_factory.mktemp("sessions"))
    yield Client(service)
    service.reap()


def test_a_new_session_is_open_and_has_the_times_of_the_service(shared: Client):
    document = shared.get(shared.open())
    created = document.pop("timestamps")
    assert [entry["status"] for entry in created] == ["open"]
    assert datetime.fromisoformat(created[0]["timestamp"]).utcoffset() is not None
    assert document.pop("id")
    assert document == {
        "backend_name": DEVICE,
        "mode": "dedicated",
        "state": "open",
        "accepting_jobs": True,
        "max_ttl": 28_800,
        "active_ttl": 28_800,
        "interactive_ttl": 60,
        "user_id": "local",
        "elapsed_time": 0.0,
    }


def test_what_a_session_may_be_told(shared: Client):
    document = shared.create(
        mode="batch", max_ttl=100, active_ttl=50, interactive_ttl=5, anything="else"
    ).json()
    assert document["mode"] == "batch"
    assert [document[f"{name}_ttl"] for name in ("max", "active", "interactive")] == [100, 50, 5]
    # Clients that knew no batches said no mode.
    answer = shared.service.call("POST", "/sessions", json={"backend": DEVICE})
    assert answer.json()["mode"] == "dedicated"
    # The older channel's word; what is shorter than a default shortens it.
    short = shared.create(max_session_ttl=30).json()
    assert [short[f"{name}_ttl"] for name in ("max", "active", "interactive")] == [30, 30, 30]
    # More than the longest time is the longest time, as for jobs.
    assert shared.create(max_ttl=100_000).json()["max_ttl"] == 28_800
    fallback = shared.create(backend=None, backend_name=SLOW).json()
    assert fallback["backend_name"] == SLOW


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"mode": None}, 400),
        ({"mode": "shared"}, 400),
        ({"max_ttl": 0}, 400),
        ({"max_ttl": "60"}, 400),
        ({"max_ttl": 2**31}, 400),
        ({"max_ttl": 10, "interactive_ttl": 20}, 400),
        ({"max_ttl": 10, "active_ttl": 20}, 400),
        ({"backend": 7}, 400),
        ({"backend": "nowhere"}, 404),
    ],
)
def test_what_no_session_can_be_isrefused(shared: Client, body: dict[str, Any], status: int):
    assert refused(shared.create(**body), status)["message"]


def test_unknown_sessions_are_404_on_every_route(shared: Client):
    http = shared.service
    answers = [
        http.get("/sessions/unknown"),
        http.call("PATCH", "/sessions/unknown", json={"accepting_jobs": False}),
        http.call("DELETE", "/sessions/unknown/close"),
        http.post({"program_id": "sample-program", "params": {}, "session_id": "unknown"}),
    ]
    for answer in answers:
        assert refused(answer, 404)["code"] == 1217


def test_a_session_without_jobs_closes_at_once_and_takes_none(shared: Client):
    session = shared.open()
    assert shared.close(session) == 204
    document = shared.get(session)
    assert (document["state"], document["accepting_jobs"]) == ("closed", False)
    assert document["closed_at"] == document["timestamps"][-1]["timestamp"]
    assert document["state_reason"] == "Closed by its owner."
    assert "started_at" not in document

    body = {"program_id": "sample-program", "backend": DEVICE, "params": QUICK}
    error = refused(shared.service.post(body | {"session_id": session}), 400)
    assert error["code"] == 1217
    assert error["solution"] == "Open a new session."
    assert shared.service.get(f"/jobs?session_id={session}").json()["count"] == 0

    assert shared.close(session) == 204
    assert shared.cancel(session) == 204
    patched = shared.service.call("PATCH", f"/sessions/{session}", json={"accepting_jobs": True})
    assert refused(patched, 409)


@pytest.mark.parametrize("body", [{}, {"accepting_jobs": None}, {"accepting_jobs": "no"}, []])
def test_an_update_that_says_nothing_isrefused(shared: Client, body: Any):
    session = shared.open()
    assert shared.service.call("PATCH", f"/sessions/{session}", json=body).status_code == 400
    assert shared.get(session)["accepting_jobs"] is True


def test_a_job_of_another_backend_is_refused_and_leaves_nothing(shared: Client):
    session = shared.open()
    body = {"program_id": "sample-program", "params": QUICK, "session_id": session}
    error = refused(shared.service.post(body | {"backend": "aer_local"}), 400)
    assert DEVICE in error["message"]
    assert shared.service.get(f"/jobs?session_id={session}").json()["count"] == 0

    answer = shared.service.post(body).json()
    assert (answer["backend"], answer["session_id"]) == (DEVICE, session)
    assert shared.cancel(session) == 204


def test_the_life_of_a_session(shared: Client):
    session = shared.open(interactive_ttl=1)
    first = shared.hold(session)
    second = shared.submit(session, QUICK)
    assert shared.service.job(first)["session_id"] == session
    listed = shared.service.get(f"/jobs?session_id={session}").json()
    assert [job["id"] for job in listed["jobs"]] == [second, first]

    shared.service.wait(first, "Running")
    shared.end(first)
    ends = [shared.service.wait(job) for job in (first, second)]
    resting = shared.wait(session, "inactive")
    assert resting["started_at"] == ends[0]["timestamps"]["running"]
    assert resting["last_job_started"] == ends[1]["timestamps"]["running"]
    assert resting["last_job_completed"] == ends[1]["timestamps"]["finished"]
    active, rest = (datetime.fromisoformat(t["timestamp"]) for t in resting["timestamps"][1:])
    assert resting["elapsed_time"] == pytest.approx((rest - active).total_seconds())

    third = shared.hold(session)
    woken = shared.wait(session, "active")
    assert woken["started_at"] == resting["started_at"] < woken["activated_at"]
    assert shared.close(session) == 204
    document = shared.get(session)
    assert (document["state"], document["accepting_jobs"]) == ("active", False)
    shared.end(third)
    closed = shared.get(session)
    states = [entry["status"] for entry in closed["timestamps"]]
    assert states == ["open", "active", "inactive", "active", "closed"]
    assert closed["active_ttl"] < closed["max_ttl"]


def test_a_first_job_can_open_its_session_the_older_way(shared: Client):
    body = {"program_id": "sample-program", "backend": DEVICE, "params": QUICK}
    opening = body | {"start_session": True, "session_time": 300, "session_id": None}
    answer = shared.service.post(opening, **{"Idempotency-Key": "opens"}).json()
    assert answer["session_id"] == answer["id"]
    document = shared.get(answer["id"])
    assert (document["mode"], document["max_ttl"]) == ("dedicated", 300)

    # Asked once more, there is still one session and one job.
    again = shared.service.post(opening, **{"Idempotency-Key": "opens"})
    assert again.json() == answer
    joining = body | {"start_session": False, "session_id": answer["id"]}
    second = shared.service.post(joining).json()
    assert second["session_id"] == answer["id"]
    assert shared.close(answer["id"]) == 204
    for job in (answer["id"], second["id"]):
        assert shared.service.wait(job)["state"]["status"] == "Completed"
    assert shared.wait(answer["id"], "closed")


def test_a_replayed_submission_is_answered_after_the_session_has_closed(shared: Client):
    session = shared.open()
    body = {"program_id": "sample-program", "params": QUICK, "session_id": session}
    first = shared.service.post(body, **{"Idempotency-Key": "replayed"}).json()
    assert shared.cancel(session) == 204
    again = shared.service.post(body, **{"Idempotency-Key": "replayed"})
    assert (again.status_code, again.json()) == (200, first)


def test_jobs_of_a_session_can_be_deleted_and_its_usage_stays(shared: Client):
    session = shared.open(mode="batch")
    job = shared.submit(session, QUICK)
    shared.service.wait(job)
    used = shared.get(session)["elapsed_time"]
    assert shared.service.call("DELETE", f"/jobs/{job}").status_code == 204
    assert shared.get(session)["elapsed_time"] == used > 0
    assert shared.close(session) == 204
    assert shared.get(session)["state"] == "closed"


def test_time_used_until_a_job_is_cancelled_counts(shared: Client):
    """A job that was cancelled while it ran was said to have used no time at all."""
    session = shared.open(mode="batch")
    job = shared.hold(session)
    shared.service.wait(job, "Running")
    shared.end(job)
    used = shared.service.job(job)["usage"]["qpu_charge_time_seconds"]
    assert used > 0
    assert shared.get(session)["elapsed_time"] == used
    assert shared.cancel(session) == 204
