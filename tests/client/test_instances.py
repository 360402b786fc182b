"""Instances: found by name or by preference, and asked by their CRN."""

from __future__ import annotations

import pytest
from qiskit import QuantumCircuit

from qjobwidgets import RuntimeService, Sampler
from qjobwidgets.client.instances import Instance, choose
from qjobwidgets.errors import AccountError, IBMInputValueError, IBMNotAuthorizedError
from tests.client.faults import CANARY, Reply

CRN = "crn:v1:bluemix:public:quantum-computing:{}:a/1:{}::"


def instance(name: str, *, plan="open", pricing="free", region="us-east", tags=()) -> Instance:
    return Instance(CRN.format(region, name), name, plan, pricing, tags)


PAID = instance("paid", plan="flex", pricing="paygo", tags=("a",))
FREE = instance("free", tags=("a", "b"))
EUROPE = instance("europe", region="eu-de")


@pytest.mark.parametrize(
    ("wishes", "chosen"),
    [
        ({}, FREE),
        ({"name": "paid"}, PAID),
        ({"region": "eu-de"}, EUROPE),
        ({"region": "moon"}, FREE),
        ({"plans": ["flex", "open"]}, PAID),
        ({"plans": ["open"], "region": "eu-de"}, EUROPE),
        ({"tags": ["a"]}, FREE),
        ({"tags": ["a"], "plans": ["flex"]}, PAID),
        ({"name": "paid", "plans": ["open"]}, PAID),
    ],
)
def test_which_instance_is_chosen(wishes, chosen):
    assert choose([PAID, FREE, EUROPE], **wishes) is chosen


@pytest.mark.parametrize("wishes", [{"name": "x"}, {"tags": ["x"]}, {"plans": ["x"]}])
def test_none_is_like_that(wishes):
    with pytest.raises(AccountError, match=r"no instance.*It has: paid \(flex\), free \(open\)"):
        choose([PAID, FREE], **wishes)


@pytest.fixture
def cloud(server, monkeypatch):
    """The addresses of the cloud's search and catalogue are those of a real runtime."""
    monkeypatch.setenv("IAM_URL", server.iam_url)
    monkeypatch.setenv("GLOBAL_SEARCH_URL", server.url)
    monkeypatch.setenv("GLOBAL_CATALOG_URL", server.url)
    return server


@pytest.mark.parametrize("name", ["local", None, "auto"])
def test_an_account_without_a_crn_finds_its_instance(cloud, name, monkeypatch):
    service = RuntimeService(token=cloud.token, instance=name)
    [found] = service.instances()
    assert service.account.instance == service.active_instance() == found["crn"]
    assert service.account.url == "https://quantum.cloud.ibm.com/api/v1"
    assert found["plan"] == "local"
    assert found["pricing_type"] == "free"
    service.close()


def test_an_instance_at_an_address_is_found_by_name(cloud):
    service = RuntimeService("ibm_quantum_platform", cloud.token, cloud.url, instance="local")
    assert service.account.instance.endswith("a/local:local::")
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    job = Sampler("aer_local", service=service).run([circuit], shots=5)
    assert job.result(60)[0].data.meas.get_counts() == {"0": 5}
    assert job.instance == service.active_instance()
    assert job in service.jobs(instance="local")
    service.close()


def test_there_is_no_instance_of_that_name(cloud):
    with pytest.raises(AccountError, match=r"named 'nosuch'.*It has: local \(local\)"):
        RuntimeService(token=cloud.token, instance="nosuch")


def test_a_wrong_key_is_said_at_once(cloud):
    with pytest.raises(IBMNotAuthorizedError) as caught:
        RuntimeService(token=CANARY)
    assert CANARY not in str(caught.value)


def test_an_embedded_runtime_tells_of_its_instance(local):
    [found] = local.instances()
    assert local.active_instance() == found["crn"]
    assert local.at(found["crn"]) is local
    assert local.at(found["name"]) is local.at(None) is local
    with pytest.raises(IBMInputValueError, match=r"no instance 'other'.*It has: local"):
        local.jobs(instance="other")
    assert local.usage()["usage_consumed_seconds"] >= 0


def test_usage_tells_what_is_left(faults, remote):
    faults.on(
        "/instances/usage",
        Reply(document={"usage_limit_seconds": 600, "usage_consumed_seconds": 100}),
    )
    assert remote.usage()["usage_remaining_seconds"] == 500


def test_another_instance_is_asked_by_its_crn(faults, remote):
    other = CRN.format("us-east", "other")
    faults.on("/jobs", Reply(document={"jobs": [], "count": 0}))
    assert remote.jobs(instance=other) == []
    assert remote.jobs(instance=remote.account.instance) == []
    crns = [seen.headers["service-crn"] for seen in faults.asked("/jobs")]
    assert crns == [other, remote.account.instance]
    assert remote.at(other) is remote.at(other)
    assert remote.at(other).key != remote.key


def test_many_pages_and_what_is_not_usable(faults, monkeypatch):
    crn = CRN.format("us-east", "{}")
    plan = {"service_plan_unique_id": "p", "doc": {"extensions": [1]}}
    pages = [
        {"items": [{"crn": crn.format(1), "name": "one", **plan}], "search_cursor": "2"},
        {
            "items": [
                {"crn": crn.format(2), "name": "two", "tags": ["t"], **plan},
                {"crn": crn.format(3), "name": "none", **plan, "doc": {"extensions": []}},
                {"crn": "odd", "name": "odd", **plan},
                "odd",
            ]
        },
    ]
    faults.on("/v3/resources/search", *(Reply(document=page) for page in pages))
    faults.on("/p", Reply(document={"metadata": None}))
    for name in ("GLOBAL_SEARCH_URL", "GLOBAL_CATALOG_URL"):
        monkeypatch.setenv(name, faults.url)
    monkeypatch.setenv("IAM_URL", faults.origin)
    service = RuntimeService(token=CANARY, tags=["t"])
    assert service.account.instance == crn.format(2)
    assert len(faults.asked("/v3/resources/search")) == 2
    assert len(faults.asked("/p")) == 1
    service.close()
