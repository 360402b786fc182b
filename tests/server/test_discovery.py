"""What clients find out before they work: instances, plans, usage, versions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.server.conftest import DEADLINE, Service, until

SEARCH = {
    "query": "service_name:quantum-computing",
    "fields": ["crn", "service_plan_unique_id", "name", "doc", "tags"],
}


def _search(service: Service, **body: Any) -> list[dict[str, Any]]:
    """Ask as the official client does, with an access token."""
    grant = "urn:ibm:params:oauth:grant-type:apikey"
    token = requests.post(
        service.origin + "/identity/token",
        data={"grant_type": grant, "apikey": service.api_key},
        timeout=DEADLINE,
    ).json()["access_token"]
    found = requests.post(
        service.origin + "/v3/resources/search?limit=100",
        json=body or SEARCH,
        headers={"Authorization": f"Bearer {token}"},
        timeout=DEADLINE,
    )
    items: list[dict[str, Any]] = found.json()["items"]
    assert "search_cursor" not in found.json()
    return items


def test_the_instance_is_found_with_its_plan(service: Service):
    (instance,) = _search(service)
    assert instance["crn"] == service.facts["instance"]
    assert instance["name"] == "local"
    assert instance["doc"]["extensions"]
    for base in (service.origin, service.url):
        plan = service.http.get(
            f"{base}/{instance['service_plan_unique_id']}", timeout=DEADLINE
        ).json()
        assert plan["overview_ui"]["en"]["display_name"] == "Local"
        assert plan["metadata"]["pricing"]["type"] == "free"


def test_there_is_one_page_and_one_service(service: Service):
    assert _search(service, search_cursor="next") == []
    assert _search(service, query="service_name:other") == []


def test_nothing_is_found_without_a_token(service: Service):
    answer = requests.post(service.origin + "/v3/resources/search", json=SEARCH, timeout=DEADLINE)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "crn",
    [
        "crn:v1:bluemix:public:quantum-computing:us-east:a/local:local::",
        "crn:v1:bluemix:public:quantum-computing:us-east:a/x:local::",
        "crn:v1:bluemix:public:quantum-computing:eu-de:a/1234:5678-90::",
    ],
)
def test_any_instance_of_the_service_means_the_one_of_the_user(service: Service, crn: str):
    answer = service.get("/instances/usage", headers={"Service-CRN": crn})
    assert answer.json()["instance_id"] == service.facts["instance"]


@pytest.mark.parametrize(
    "crn",
    [
        "",
        "local",
        "crn:v1:bluemix:public:cloud-object-storage:us-east:a/x:local::",
        "crn:v1:bluemix:public:quantum-computing",
        "x:v1:bluemix:public:quantum-computing:us-east:a/x:local::",
        "crn:v1:bluemix:public:quantum-computing:us-east:a/x:local:::",
    ],
)
def test_another_service_is_not_here(service: Service, crn: str):
    answer = service.get("/jobs", headers={"Service-CRN": crn})
    assert answer.status_code == 403
    assert "instance_id" in answer.json()["errors"][0]["solution"]


def test_usage_of_the_instance_in_both_forms(service: Service):
    job = service.submit("sample-program", "slow_local", {"iterations": 1})
    used = service.wait(job)["usage"]["qpu_charge_time_seconds"]
    usage = service.get("/instances/usage").json()
    assert usage["usage_consumed_seconds"] >= used > 0
    assert usage["usage_limit_reached"] is False
    assert "usage_limit_seconds" not in usage
    (old,) = service.get("/usage").json()["byInstance"]
    assert old["usage"] >= usage["usage_consumed_seconds"]
    assert (old["quota"], old["maxPendingJobs"]) == (-1, 10_000)


def test_a_limit_of_the_instance_is_kept_and_holds(start: Callable[..., Service]):
    service = start()
    assert service.get("/instances/configuration").json() == {}
    service.wait(service.submit("sample-program", "slow_local", {"iterations": 1}))

    def limit(seconds: int | None) -> int:
        body = {"instance_limit": seconds}
        return service.call("PUT", "/instances/configuration", json=body).status_code

    assert limit(1) == 409  # more than that has been used
    assert limit(1000) == 204
    service.stop()
    service = start()
    assert service.get("/instances/configuration").json() == {"instance_limit": 1000}
    assert service.get("/instance").json()["instance_limit_seconds"] == "1000"
    usage = service.get("/instances/usage").json()
    assert usage["usage_limit_seconds"] == 1000
    assert 0 < usage["usage_remaining_seconds"] < 1000
    assert limit(None) == 204
    assert service.get("/instances/configuration").json() == {}


def test_a_limit_that_is_reached_refuses_jobs(start: Callable[..., Service]):
    service = start()
    service.call("PUT", "/instances/configuration", json={"instance_limit": 2})
    service.wait(service.submit("sample-program", "slow_local", {"iterations": 1}))
    until(lambda: service.get("/instances/usage").json()["usage_limit_reached"], "the limit")
    answer = service.post({"program_id": "sample-program", "params": {"iterations": 1}})
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == 4317


@pytest.mark.parametrize(
    "body", [{}, {"instance_limit": 0}, {"instance_limit": "9"}, {"instance_limit": 1.5}]
)
def test_a_limit_that_is_none_is_400(service: Service, body: dict[str, Any]):
    assert service.call("PUT", "/instances/configuration", json=body).status_code == 400


def test_the_instance_and_its_account(service: Service):
    instance = service.get("/instance").json()
    names = [device["name"] for device in service.get("/backends").json()["devices"]]
    assert instance["backends"] == names
    assert instance["qctrl_enabled"] is False
    (plan,) = service.get("/accounts/local").json()["plans"]
    assert plan["plan_id"] == instance["plan_id"]
    assert service.get("/accounts/local", params={"plan_id": "other"}).json() == {"plans": []}
    assert service.get("/accounts/other").status_code == 404


def test_versions(service: Service):
    versions = service.get("/versions").json()["versions"]
    assert {"2024-01-01", "2026-04-15"} <= {version["version"] for version in versions}
    assert service.get("/version").json()["api-auth"] == service.facts["version"]
    assert service.call("POST", "/logout").status_code == 204


def test_each_user_finds_their_own_instance(start: Callable[..., Service], tmp_path: Path):
    users = tmp_path / "users.json"
    users.touch(mode=0o600)
    users.write_text(json.dumps({"ada": "the-key-of-ada-lady-l"}))
    service = start("--users", str(users))
    service.api_key = "the-key-of-ada-lady-l"
    (instance,) = _search(service)
    assert instance["name"] == "ada"
    assert instance["crn"].endswith(":ada::")
