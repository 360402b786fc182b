"""Workloads by cursor, the search of tags, and the filters of the list of jobs."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.server.conftest import Service
from tests.server.uploading import SLEEPING, uploaded

DEVICE = "noisy_local"  # one job at a time
QUICK = {"iterations": 1}
LONG = {"iterations": 10_000}


class Fleet:
    """One of each kind of workload, in the order of their creation."""

    def __init__(self, service: Service) -> None:
        self.service = service
        # It takes no time of the machine, as a simulation that fills a device would.
        self.sleeper = uploaded(service, SLEEPING)
        self.done = self.submit("aer_local", QUICK, tags=["alpha-one", "shared"])
        self.session = self.open("dedicated")
        self.batch = self.open("batch")
        self.failed = service.submit("vqe", "aer_local", {"ansatz": 1, "operator": 2})
        self.cancelled = self.submit("slow_local", LONG, tags=["beta-two", "shared"])
        self.running = self.submit("slow_local", LONG)
        in_session = self.sleep(session_id=self.session, tags=["shared", "gamma"])
        self.sleep(session_id=self.batch, tags=["alpha-two"])
        service.wait(self.done)
        service.wait(self.failed)
        service.wait(in_session, "Running")
        service.call("POST", f"/jobs/{self.cancelled}/cancel")
        service.wait(self.running, "Running")
        self.queued = self.submit("slow_local", LONG)
        self.all = [
            *(self.done, self.session, self.batch, self.failed),
            *(self.cancelled, self.running, self.queued),
        ]

    def submit(self, backend: str, params: dict[str, Any], **more: Any) -> str:
        return self.service.submit("sample-program", backend, params, **more)

    def sleep(self, **more: Any) -> str:
        return self.service.submit(self.sleeper, DEVICE, {}, **more)

    def open(self, mode: str) -> str:
        body = {"mode": mode, "backend": DEVICE}
        session: str = self.service.call("POST", "/sessions", json=body).json()["id"]
        return session

    def page(self, **query: Any) -> dict[str, Any]:
        response = self.service.get("/workloads", params=query)
        assert response.status_code == 200, response.text
        page: dict[str, Any] = response.json()
        return page

    def ids(self, **query: Any) -> list[str]:
        page = self.page(**query)
        found = [workload["id"] for workload in page["workloads"]]
        assert page["total_count"] == len(found)
        return found

    def follow(self, page: dict[str, Any], way: str) -> dict[str, Any]:
        """Return the page that a link leads to."""
        response = self.service.http.get(page[way]["href"], timeout=60)
        assert response.status_code == 200, response.text
        there: dict[str, Any] = response.json()
        return there


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    service = Service(tmp_path_factory.mktemp("workloads"))
    try:
        yield Fleet(service)
    finally:
        service.reap()


def _ids(page: dict[str, Any]) -> list[str]:
    return [workload["id"] for workload in page["workloads"]]


def test_jobs_of_a_session_are_one_workload_with_it(fleet: Fleet):
    assert fleet.ids() == fleet.all
    assert fleet.ids(sort="createdAt", user="me", include_mocks="True") == fleet.all
    assert fleet.ids(sort="-createdAt") == fleet.all[::-1]
    assert fleet.ids(order="desc") == fleet.all[::-1]


def test_documents_of_workloads(fleet: Fleet):
    documents = {workload["id"]: workload for workload in fleet.page()["workloads"]}
    done = documents[fleet.done]
    job = fleet.service.job(fleet.done)
    assert done == {
        "id": fleet.done,
        "created": job["created"],
        "ended": job["timestamps"]["finished"],
        "backend": "aer_local",
        "instance": "crn:v1:bluemix:public:quantum-computing:us-east:a/local:local::",
        "user_id": "local",
        "mode": "job",
        "status": "completed",
        "tags": ["alpha-one", "shared"],
        "usage": job["usage"],
        "usage_seconds": job["usage"]["qpu_charge_time_seconds"],
    }
    words = {job: documents[job]["status"] for job in fleet.all}
    assert words == {
        fleet.done: "completed",
        fleet.session: "in_progress",
        fleet.batch: "pending",
        fleet.failed: "failed",
        fleet.cancelled: "canceled",
        fleet.running: "in_progress",
        fleet.queued: "pending",
    }
    assert documents[fleet.failed]["status_reason"].startswith("The ansatz")
    session = documents[fleet.session]
    assert (session["mode"], session["accepting_jobs"]) == ("session", True)
    assert session["tags"] == ["shared", "gamma"]
    assert session["usage"] == {"qpu_charge_time_seconds": 0.0}
    assert documents[fleet.batch]["mode"] == "batch"


def test_filters(fleet: Fleet):
    created = fleet.service.job(fleet.failed)["created"]
    place = fleet.all.index(fleet.failed)
    for query, wanted in (
        ({"mode": "job"}, [job for job in fleet.all if job not in {fleet.session, fleet.batch}]),
        ({"mode": "session"}, [fleet.session]),
        ({"mode": "batch"}, [fleet.batch]),
        ({"status": "failed"}, [fleet.failed]),
        ({"status": ["pending", "canceled"]}, [fleet.batch, fleet.cancelled, fleet.queued]),
        ({"status": "in_progress"}, [fleet.session, fleet.running]),
        ({"backend": DEVICE}, [fleet.session, fleet.batch]),
        ({"backend": "none"}, []),
        ({"tags": "shared"}, [fleet.done, fleet.session, fleet.cancelled]),
        ({"tags": ["shared", "beta-two"]}, [fleet.cancelled]),
        ({"search": "ALPHA"}, [fleet.done, fleet.batch]),
        ({"search": fleet.session[3:]}, [fleet.session]),
        ({"search": "%"}, []),
        ({"created_after": created}, fleet.all[place:]),
        ({"createdBefore": created}, fleet.all[: place + 1]),
    ):
        assert fleet.ids(**query) == wanted, query


def test_pages_lead_to_each_other_and_back(fleet: Fleet):
    first = fleet.page(limit=3, sort="-createdAt")
    assert first["total_count"] == 7
    assert first["limit"] == 3
    assert "previous" not in first
    second = fleet.follow(first, "next")
    third = fleet.follow(second, "next")
    assert [*_ids(first), *_ids(second), *_ids(third)] == fleet.all[::-1]
    assert "next" not in third
    assert _ids(fleet.follow(third, "previous")) == _ids(second)
    back = fleet.follow(fleet.follow(third, "previous"), "previous")
    assert _ids(back) == _ids(first)
    assert "previous" not in back
    filtered = fleet.page(limit=1, tags="shared")
    assert _ids(fleet.follow(filtered, "next")) == [fleet.session]


def test_a_cursor_stays_where_it_is_when_workloads_come_and_go(fleet: Fleet):
    service = fleet.service
    jobs = [fleet.submit("aer_local", QUICK, tags=["passing"]) for _ in range(4)]
    for job in jobs:
        service.wait(job)
    first = fleet.page(limit=2, sort="-createdAt", tags="passing")
    assert _ids(first) == [jobs[3], jobs[2]]
    late = fleet.submit("aer_local", QUICK, tags=["passing"])
    service.wait(late)
    # Even when the very job is gone that the cursor was made from.
    assert service.call("DELETE", f"/jobs/{jobs[2]}").status_code == 204
    second = fleet.follow(first, "next")
    assert _ids(second) == [jobs[1], jobs[0]]
    assert _ids(fleet.follow(second, "previous")) == [late, jobs[3]]
    for job in (*jobs[:2], jobs[3], late):
        assert service.call("DELETE", f"/jobs/{job}").status_code == 204


def _cursor(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode()


@pytest.mark.parametrize(
    "query",
    [
        {"next": "x"},
        {"next": ""},
        {"previous": "AAAA"},
        {"next": "é"},
        {"next": "A" * 5000},
        {"next": _cursor(b"[]")},
        {"next": _cursor(b'["2026-01-01T00:00:00.000000Z"]')},
        {"next": _cursor(b'["2026-01-01","x"]')},
        {"next": _cursor(b'["2026-01-01T00:00:00.000000Z",1]')},
        {"next": _cursor(b'[1,"x"]')},
        {"next": _cursor(b'{"a":1,"b":2}')},
        {"limit": "0"},
        {"limit": "51"},
        {"limit": "many"},
        {"sort": "name"},
        {"order": "up"},
        {"mode": "jobs"},
        {"status": "done"},
        {"user": "you"},
        {"search": "a" * 60_000},
        {"created_after": "yesterday"},
    ],
)
def test_what_is_no_query_is_refused(fleet: Fleet, query: dict[str, str]):
    response = fleet.service.get("/workloads", params=query)
    assert response.status_code == 400, response.text
    assert response.json()["errors"][0]["message"]


def test_both_directions_at_once_are_refused(fleet: Fleet):
    cursor = fleet.page(limit=1)["next"]["href"].partition("next=")[2]
    query = {"next": cursor, "previous": cursor}
    assert fleet.service.get("/workloads", params=query).status_code == 400


def _tags(service: Service, **query: str) -> requests.Response:
    return service.get("/tags", params=query)


def test_tags_are_found_by_a_part_of_them(fleet: Fleet):
    for search, found in (
        ("two", ["alpha-two", "beta-two"]),
        ("SHARED", ["shared"]),
        ("none of them", []),
        ("%%%", []),
    ):
        assert _tags(fleet.service, type="job", search=search).json() == {"tags": found}


@pytest.mark.parametrize(
    "query",
    [
        {"type": "job"},
        {"search": "ab"},
        {"search": "a" * 101},
        {"type": "program", "search": "abc"},
    ],
)
def test_too_little_to_search_tags_by_is_refused(fleet: Fleet, query: dict[str, str]):
    assert _tags(fleet.service, **query).status_code == 400


def test_the_list_of_jobs_knows_sessions_and_ignores_what_it_need_not_know(fleet: Fleet):
    service = fleet.service

    def listed(**query: Any) -> list[str]:
        page = service.get("/jobs", params=query).json()
        assert page["count"] == len(page["jobs"])
        return [job["id"] for job in page["jobs"]]

    (in_session,) = listed(session_id=fleet.session)
    assert service.job(in_session)["session_id"] == fleet.session
    assert listed(session_id=fleet.session, pending="false") == []
    assert len(listed(include_mocks="True", provider="hub/group/project")) == 7
    assert listed(tags=["shared", "gamma"], backend=DEVICE, program=fleet.sleeper) == [in_session]
    beyond = service.get("/jobs?offset=1000&limit=5").json()
    assert (beyond["jobs"], beyond["count"], beyond["offset"]) == ([], 7, 1000)


def test_the_list_of_jobs_changes_its_etag_when_places_in_the_queue_change(fleet: Fleet):
    """A 304 says that nothing changed, and a job that moved up is shown at another place."""
    service = fleet.service
    fleet.submit("slow_local", LONG, tags=["last"])
    before = service.get("/jobs?tags=last")
    known = {"If-None-Match": before.headers["ETag"]}
    assert before.json()["jobs"][0]["position_in_queue"] == 2
    assert service.get("/jobs?tags=last", headers=known).status_code == 304
    assert service.call("POST", f"/jobs/{fleet.queued}/cancel").status_code == 204
    after = service.get("/jobs?tags=last", headers=known)
    assert after.json()["jobs"][0]["position_in_queue"] == 1
