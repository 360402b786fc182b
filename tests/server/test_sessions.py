"""Sessions and batches over HTTP: their documents, their jobs in order, how they end."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.server.conftest import Service, until
from tests.server.uploading import SLEEPING, uploaded

DEVICE = "noisy_local"  # one job at a time
OTHER_DEVICE = "bowtie_local"
SLOW = "slow_local"  # one job at a time, which takes some seconds
QUICK = {"iterations": 1}


class Client:
    """Sessions of one server, as the official client speaks of them."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def create(self, **body: Any) -> requests.Response:
        body = {"mode": "dedicated", "backend": DEVICE, "instance": "crn:v1:x"} | body
        return self.service.call("POST", "/sessions", json=body)

    def open(self, **body: Any) -> str:
        response = self.create(**body)
        assert response.status_code == 200, response.text
        session: str = response.json()["id"]
        return session

    def get(self, session: str) -> dict[str, Any]:
        document: dict[str, Any] = self.service.get(f"/sessions/{session}").json()
        return document

    def close(self, session: str) -> int:
        body = {"accepting_jobs": False}
        return self.service.call("PATCH", f"/sessions/{session}", json=body).status_code

    def cancel(self, session: str) -> int:
        return self.service.call("DELETE", f"/sessions/{session}/close").status_code

    def wait(self, session: str, state: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            document = self.get(session)
            return document if document["state"] == state else None

        document: dict[str, Any] = until(look, f"{state} of session {session}")
        return document

    def submit(self, session: str | None, params: dict[str, Any], *, backend: str = DEVICE) -> str:
        given = {} if session is None else {"session_id": session}
        return self.service.submit("sample-program", backend, params, **given)

    def hold(self, session: str | None, *, backend: str = DEVICE) -> str:
        """Submit a job that runs until it is ended, and takes no time of the machine."""
        given = {} if session is None else {"session_id": session}
        return self.service.submit(self._sleeper, backend, {}, **given)

    @cached_property
    def _sleeper(self) -> str:
        return uploaded(self.service, SLEEPING)

    def end(self, job: str) -> None:
        """End a job that runs for long."""
        assert self.service.call("POST", f"/jobs/{job}/cancel").status_code == 204


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    service = Service(tmp_path_factory.mktemp("sessions"))
    yield Client(service)
    service.reap()


def _refused(response: requests.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["errors"][0]
    return error


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
def test_what_no_session_can_be_is_refused(shared: Client, body: dict[str, Any], status: int):
    assert _refused(shared.create(**body), status)["message"]


def test_unknown_sessions_are_404_on_every_route(shared: Client):
    http = shared.service
    answers = [
        http.get("/sessions/unknown"),
        http.call("PATCH", "/sessions/unknown", json={"accepting_jobs": False}),
        http.call("DELETE", "/sessions/unknown/close"),
        http.post({"program_id": "sample-program", "params": {}, "session_id": "unknown"}),
    ]
    for answer in answers:
        assert _refused(answer, 404)["code"] == 1217


def test_a_session_without_jobs_closes_at_once_and_takes_none(shared: Client):
    session = shared.open()
    assert shared.close(session) == 204
    document = shared.get(session)
    assert (document["state"], document["accepting_jobs"]) == ("closed", False)
    assert document["closed_at"] == document["timestamps"][-1]["timestamp"]
    assert document["state_reason"] == "Closed by its owner."
    assert "started_at" not in document

    body = {"program_id": "sample-program", "backend": DEVICE, "params": QUICK}
    refused = _refused(shared.service.post(body | {"session_id": session}), 400)
    assert refused["code"] == 1217
    assert refused["solution"] == "Open a new session."
    assert shared.service.get(f"/jobs?session_id={session}").json()["count"] == 0

    assert shared.close(session) == 204
    assert shared.cancel(session) == 204
    patched = shared.service.call("PATCH", f"/sessions/{session}", json={"accepting_jobs": True})
    assert _refused(patched, 409)


@pytest.mark.parametrize("body", [{}, {"accepting_jobs": None}, {"accepting_jobs": "no"}, []])
def test_an_update_that_says_nothing_is_refused(shared: Client, body: Any):
    session = shared.open()
    assert shared.service.call("PATCH", f"/sessions/{session}", json=body).status_code == 400
    assert shared.get(session)["accepting_jobs"] is True


def test_a_job_of_another_backend_is_refused_and_leaves_nothing(shared: Client):
    session = shared.open()
    body = {"program_id": "sample-program", "params": QUICK, "session_id": session}
    refused = _refused(shared.service.post(body | {"backend": "aer_local"}), 400)
    assert DEVICE in refused["message"]
    assert shared.service.get(f"/jobs?session_id={session}").json()["count"] == 0

    answer = shared.service.post(body).json()
    assert (answer["backend"], answer["session_id"]) == (DEVICE, session)
    assert shared.cancel(session) == 204


def test_the_life_of_a_session(shared: Client):
    session = shared.open(interactive_ttl=1)
    first, second = (shared.submit(session, QUICK) for _ in range(2))
    assert shared.service.job(first)["session_id"] == session
    listed = shared.service.get(f"/jobs?session_id={session}").json()
    assert [job["id"] for job in listed["jobs"]] == [second, first]

    ends = [shared.service.wait(job) for job in (first, second)]
    resting = shared.wait(session, "inactive")
    assert resting["started_at"] == ends[0]["timestamps"]["running"]
    assert resting["last_job_started"] == ends[1]["timestamps"]["running"]
    assert resting["last_job_completed"] == ends[1]["timestamps"]["finished"]
    usage = [job["usage"]["qpu_charge_time_seconds"] for job in ends]
    assert resting["elapsed_time"] == pytest.approx(sum(usage))

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


def test_a_closed_session_still_runs_what_it_has(shared: Client):
    session = shared.open()
    jobs = [shared.submit(session, QUICK) for _ in range(3)]
    assert shared.close(session) == 204
    for job in jobs:
        assert shared.service.wait(job)["state"]["status"] == "Completed"
    closed = shared.get(session)
    assert closed["state"] == "closed"
    assert closed["closed_at"] == closed["last_job_completed"]


def test_cancel_ends_queued_jobs_with_a_reason_and_lets_the_running_one_finish(shared: Client):
    session = shared.open(backend=SLOW)
    running = shared.submit(session, QUICK, backend=SLOW)
    shared.service.wait(running, "Running")
    queued = [shared.submit(session, QUICK, backend=SLOW) for _ in range(3)]
    assert shared.cancel(session) == 204

    for job in queued:
        document = shared.service.job(job)
        assert document["state"]["status"] == "Cancelled"
        assert document["state"]["reason"] == "The session was cancelled before the job started."
        assert document["state"]["reason_code"] == 1217
        assert "running" not in document["timestamps"]
    assert shared.service.wait(running)["state"]["status"] == "Completed"
    document = shared.get(session)
    assert (document["state"], document["state_reason"]) == ("closed", "Cancelled by its owner.")


def test_a_dedicated_session_keeps_a_device_and_its_places_say_so(shared: Client):
    service = shared.service

    def submit(session: str | None, params: dict[str, Any]) -> str:
        return shared.submit(session, params, backend=OTHER_DEVICE)

    session = shared.open(backend=OTHER_DEVICE, interactive_ttl=5)
    first = shared.hold(session, backend=OTHER_DEVICE)
    service.wait(first, "Running")
    other = submit(None, QUICK)
    batch = shared.open(mode="batch", backend=OTHER_DEVICE)
    of_batch = submit(batch, QUICK)
    assert [service.job(job)["position_in_queue"] for job in (other, of_batch)] == [1, 2]
    second, third = (submit(session, QUICK) for _ in range(2))
    waiting = {second: 1, third: 2, other: 3, of_batch: 4}
    assert {job: service.job(job)["position_in_queue"] for job in waiting} == waiting
    listed = service.get(f"/jobs?pending=true&backend={OTHER_DEVICE}").json()["jobs"]
    assert {job["id"]: job.get("position_in_queue") for job in listed} == waiting | {first: None}

    # It waits for the session's next job, too, but not for longer than it may.
    shared.end(first)
    service.wait(third)
    assert shared.get(session)["state"] == "active"
    assert service.status(other) == "Queued"
    fourth = submit(session, QUICK)
    service.wait(fourth)
    assert service.status(other) == "Queued"
    ends = [
        service.wait(job)["timestamps"] for job in (first, second, third, fourth, other, of_batch)
    ]
    for before, after in pairwise(ends):
        assert before["finished"] <= after["running"]
    idle = datetime.fromisoformat(ends[4]["running"]) - datetime.fromisoformat(ends[3]["finished"])
    assert idle.total_seconds() >= 5
    assert shared.get(session)["state"] == "inactive"


def test_a_session_that_waits_its_turn_brings_its_jobs_along(shared: Client):
    """The places of a session's jobs are true before it is active, too."""
    service = shared.service
    running = shared.hold(None)
    service.wait(running, "Running")
    session = shared.open(interactive_ttl=1)
    of_session = [shared.submit(session, QUICK)]
    other = shared.submit(None, QUICK)
    of_session.append(shared.submit(session, QUICK))
    order = [*of_session, other]
    assert [service.job(job)["position_in_queue"] for job in order] == [1, 2, 3]

    shared.end(running)
    ends = [service.wait(job)["timestamps"] for job in order]
    for before, after in pairwise(ends):
        assert before["finished"] <= after["running"]


def test_a_place_kept_by_a_cancelled_job_is_given_up(shared: Client):
    """A session with nothing queued stands in no queue: its next job comes after the others."""
    service = shared.service
    running = shared.hold(None)
    service.wait(running, "Running")
    session = shared.open()
    shared.end(shared.submit(session, QUICK))
    other = shared.submit(None, QUICK)
    late = shared.submit(session, QUICK)
    assert [service.job(job)["position_in_queue"] for job in (other, late)] == [1, 2]
    shared.end(running)
    assert shared.cancel(session) == 204


def test_jobs_run_one_by_one_in_a_session_and_side_by_side_in_a_batch(shared: Client):
    service = shared.service

    def submit(mode: str) -> list[str]:
        session = shared.open(mode=mode, backend="aer_local")
        return [shared.hold(session, backend="aer_local") for _ in range(2)]

    dedicated, batch = submit("dedicated"), submit("batch")
    for job in (dedicated[0], *batch):
        service.wait(job, "Running")
    assert service.status(dedicated[1]) == "Queued"
    shared.end(dedicated[0])
    service.wait(dedicated[1], "Running")
    for job in (dedicated[1], *batch):
        shared.end(job)


@pytest.mark.parametrize("limit", ["max_ttl", "active_ttl"])
def test_a_session_whose_time_is_over_cancels_what_is_queued(shared: Client, limit: str):
    session = shared.open(**{"max_ttl": 100, limit: 1, "interactive_ttl": 1})
    running = shared.hold(session)
    queued = shared.submit(session, QUICK)
    state = shared.service.wait(queued)["state"]
    assert state["status"] == "Cancelled"
    assert state["reason"] == "The session's time was over before the job started."
    assert state["reason_code"] == 1217
    document = shared.get(session)
    assert document["accepting_jobs"] is False
    assert document["state_reason"] == "Its time was over."
    assert shared.service.status(running) == "Running"
    shared.end(running)
    closed = shared.get(session)
    assert closed["state"] == "closed"
    assert closed["active_ttl"] == 0 or limit == "max_ttl"


def test_time_goes_on_for_sessions_while_the_server_is_down(
    start: Callable[..., Service], tmp_path: Path
):
    client = Client(start())
    session = client.open(max_ttl=2)
    running = client.hold(session)
    queued = client.submit(session, QUICK)
    client.service.wait(running, "Running")
    before = client.get(session)
    client.service.kill()

    again = Client(start())
    # Both were queued when the time was over: the running one was interrupted with the server.
    for job in (queued, running):
        assert again.service.wait(job)["state"]["status"] == "Cancelled"
    document = again.wait(session, "closed")
    assert document["started_at"] == before["started_at"]


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
    session = shared.open()
    job = shared.submit(session, QUICK)
    shared.service.wait(job)
    used = shared.get(session)["elapsed_time"]
    assert shared.service.call("DELETE", f"/jobs/{job}").status_code == 204
    assert shared.get(session)["elapsed_time"] == used > 0
    assert shared.close(session) == 204
    assert shared.get(session)["state"] == "closed"


def test_time_used_until_a_job_is_cancelled_counts(shared: Client):
    """A job that was cancelled while it ran was said to have used no time at all."""
    session = shared.open()
    job = shared.hold(session)
    shared.service.wait(job, "Running")
    shared.end(job)
    used = shared.service.job(job)["usage"]["qpu_charge_time_seconds"]
    assert used > 0
    assert shared.get(session)["elapsed_time"] == used
    assert shared.cancel(session) == 204


def test_no_job_slips_into_a_session_while_it_is_cancelled(shared: Client):
    session = shared.open(mode="batch")
    body = {"program_id": "sample-program", "params": QUICK, "session_id": session}

    def submit_until_refused(_: int) -> int:
        accepted = 0
        while (answer := shared.service.post(body)).status_code == 200:
            accepted += 1
        _refused(answer, 400)
        return accepted

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        accepted = pool.map(submit_until_refused, range(4))
        until(lambda: _count(shared, session) >= 5, "some jobs")
        assert shared.cancel(session) == 204
        # Nothing that is queued now ever will be.
        assert _count(shared, session, pending="true") <= 1
        assert _count(shared, session) == sum(accepted)
    shared.wait(session, "closed")


def _count(client: Client, session: str, **query: str) -> int:
    count: int = client.service.get("/jobs", params={"session_id": session, **query}).json()[
        "count"
    ]
    return count
