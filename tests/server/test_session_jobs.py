"""Jobs of sessions and batches: in which order they run, and how they end with their session."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import Service, until
from tests.server.session_client import OTHER_DEVICE, QUICK, SLOW, Client, refused
from tests.server.uploading import uploaded

WAITING = """
    import os, time

    def main(backend, user_messenger):
        while not os.path.exists({file!r}):
            time.sleep(0.1)
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    service = Service(tmp_path_factory.mktemp("sessions"))
    yield Client(service)
    service.reap()


def test_a_closed_session_still_runs_what_it_has(shared: Client):
    session = shared.open()
    jobs = [shared.submit(session, QUICK) for _ in range(3)]
    assert shared.close(session) == 204
    for job in jobs:
        assert shared.service.wait(job)["state"]["status"] == "Completed"
    closed = shared.get(session)
    assert closed["state"] == "closed"
    assert closed["closed_at"] == closed["last_job_completed"]


def test_cancel_ends_queued_jobs_with_a_reason_and_lets_the_running_one_finish(
    shared: Client, tmp_path: Path
):
    go_on = tmp_path / "go-on"
    program = uploaded(shared.service, WAITING.format(file=str(go_on)))
    session = shared.open(backend=SLOW)
    running = shared.service.submit(program, SLOW, {}, session_id=session)
    shared.service.wait(running, "Running")
    queued = [shared.submit(session, QUICK, backend=SLOW) for _ in range(3)]
    assert shared.cancel(session) == 204

    for job in queued:
        document = shared.service.job(job)
        assert document["state"]["status"] == "Cancelled"
        assert document["state"]["reason"] == "The session was cancelled before the job started."
        assert document["state"]["reason_code"] == 1217
        assert "running" not in document["timestamps"]
    go_on.touch()
    assert shared.service.wait(running)["state"]["status"] == "Completed"
    document = shared.get(session)
    assert (document["state"], document["state_reason"]) == ("closed", "Cancelled by its owner.")


def test_a_dedicated_session_keeps_a_device_and_its_places_say_so(shared: Client):
    service = shared.service

    def submit(session: str | None, params: dict[str, Any]) -> str:
        return shared.submit(session, params, backend=OTHER_DEVICE)

    session = shared.open(backend=OTHER_DEVICE, interactive_ttl=8)
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
    assert idle.total_seconds() >= 8
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
    # Its time begins with its first job: until both are there, another one keeps the device.
    blocker = shared.hold(None)
    shared.service.wait(blocker, "Running")
    session = shared.open(**{"max_ttl": 100, limit: 1, "interactive_ttl": 1})
    running = shared.hold(session)
    queued = shared.submit(session, QUICK)
    shared.end(blocker)
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


def test_time_goes_on_for_sessions_while_the_server_is_down(start: Callable[..., Service]):
    """The server came again before that time was over, and could start what was to be cancelled."""
    client = Client(start())
    session = client.open(max_ttl=5)
    running = client.hold(session)
    queued = client.submit(session, QUICK)
    client.service.wait(running, "Running")
    before = client.get(session)
    client.service.kill()
    over = datetime.fromisoformat(before["started_at"]) + timedelta(seconds=5)
    until(lambda: datetime.now(UTC) > over, "the end of the session's time")

    again = Client(start())
    # Both were queued when the time was over: the running one was interrupted with the server.
    for job in (queued, running):
        assert again.service.wait(job)["state"]["status"] == "Cancelled"
    document = again.wait(session, "closed")
    assert document["started_at"] == before["started_at"]


def test_no_job_slips_into_a_session_while_it_is_cancelled(shared: Client):
    session = shared.open(mode="batch")
    body = {"program_id": "sample-program", "params": QUICK, "session_id": session}

    def submit_until_refused(_: int) -> int:
        accepted = 0
        while (answer := shared.service.post(body)).status_code == 200:
            accepted += 1
        refused(answer, 400)
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
