"""One submission makes one job, whatever happens to the answer."""

from __future__ import annotations

import json

import pytest

from qjobwidgets import RuntimeService
from qjobwidgets.client import submissions
from qjobwidgets.errors import (
    BackendNotFoundError,
    RateLimitedError,
    RuntimeProgramNotFound,
    ServiceError,
    ServiceUnreachableError,
)
from tests.client.faults import CANARY, Reply

TAKEN = Reply(document={"id": "j1", "backend": "b1"})
NONE = Reply(document={"jobs": [], "count": 0})


def listed(job_id: str = "j1") -> Reply:
    job = {"id": job_id, "backend": "b1", "state": {"status": "Queued"}}
    return Reply(document={"jobs": [job], "count": 1})


@pytest.fixture
def keyed(faults):
    service = RuntimeService("local", token=CANARY, url=faults.url)
    yield service
    service.close()


@pytest.fixture
def quick_looks(monkeypatch):
    monkeypatch.setattr("qjobwidgets.client.submit._LOOKS", (0.0, 0.05, 0.1))


def bodies(faults) -> list[dict]:
    return [json.loads(seen.body) for seen in faults.asked("/jobs") if seen.method == "POST"]


def test_the_body(faults, keyed):
    faults.on("/jobs", TAKEN)
    options = {
        "backend": "b1",
        "job_tags": ["a", "b"],
        "log_level": "debug",
        "max_execution_time": 7,
        "private": True,
        "image": "r:1",
    }
    job = keyed.run("vqe", {"x": 1j}, options, session_id="s1")
    assert bodies(faults) == [
        {
            "program_id": "vqe",
            "backend": "b1",
            "tags": ["a", "b"],
            "log_level": "DEBUG",
            "cost": 7,
            "private": True,
            "runtime": "r:1",
            "session_id": "s1",
            "params": {"x": {"__type__": "complex", "__value__": [0.0, 1.0]}},
        }
    ]
    assert job.job_id() == "j1"
    assert repr(job) == "<RuntimeJob('j1', 'vqe', INITIALIZING)>"
    assert (job.tags, job.session_id, job.record.private) == (["a", "b"], "s1", True)


def test_options_may_be_an_object(faults, keyed):
    class Options:
        backend = "b1"
        job_tags = "one"
        log_level = None

    faults.on("/jobs", TAKEN)
    keyed.run("vqe", {}, Options())
    assert bodies(faults)[0] == {
        "program_id": "vqe",
        "backend": "b1",
        "tags": ["one"],
        "params": {},
    }


def test_an_unknown_option_names_the_valid_ones(keyed):
    with pytest.raises(TypeError, match=r"'bakend'.*backend.*max_execution_time"):
        keyed.run("vqe", {}, {"bakend": "b1"})


@pytest.mark.parametrize("fault", [Reply(502), Reply(fault="reset"), Reply(504)])
def test_with_a_key_it_is_sent_again_as_it_was(faults, keyed, fault):
    faults.on("/jobs", fault, TAKEN)
    assert keyed.run("vqe").job_id() == "j1"
    keys = {seen.headers["idempotency-key"] for seen in faults.asked("/jobs")}
    assert len(faults.asked("/jobs")) == 2
    assert len(keys) == 1


def test_each_submission_has_a_key_of_its_own(faults, keyed):
    faults.on("/jobs", TAKEN)
    keyed.run("vqe")
    keyed.run("vqe")
    assert len({seen.headers["idempotency-key"] for seen in faults.asked("/jobs")}) == 2


@pytest.mark.parametrize("fault", [Reply(504), Reply(500), Reply(fault="reset")])
def test_without_keys_the_job_is_found_by_its_tag(faults, remote, quick_looks, fault):
    faults.on("/jobs", fault, NONE, listed())
    assert remote.run("vqe", {}, {"tags": ["mine"]}).job_id() == "j1"
    [body] = bodies(faults)
    assert body["tags"][0] == "mine"
    [tag] = body["tags"][1:]
    looks = [seen for seen in faults.asked("/jobs") if seen.method == "GET"]
    assert [seen.query["tags"] for seen in looks] == [[tag], [tag]]


def test_a_job_that_was_not_made_is_submitted_again_with_the_same_tag(faults, remote, quick_looks):
    faults.on("/jobs", Reply(504), NONE, NONE, NONE, TAKEN)
    assert remote.run("vqe").job_id() == "j1"
    first, second = bodies(faults)
    assert first == second


def test_when_nothing_can_be_found_out_the_tag_is_named(faults, remote, quick_looks):
    faults.on("/jobs", Reply(504), Reply(504, {}, {"Retry-After": "99"}))
    with pytest.raises(ServiceUnreachableError, match="not known") as caught:
        remote.run("vqe")
    [body] = bodies(faults)
    assert body["tags"][0] in str(caught.value)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(400, {"errors": [{"message": "Bad input."}]}), ServiceError),
        (Reply(404, {"errors": [{"message": "Backend b9 not found."}]}), BackendNotFoundError),
        (Reply(404, {"errors": [{"message": "Program p not found."}]}), RuntimeProgramNotFound),
        (Reply(429, {}), RateLimitedError),
    ],
)
def test_a_refusal_is_final(faults, remote, reply, kind):
    faults.on("/jobs", reply)
    with pytest.raises(kind):
        remote.run("vqe")
    assert len(faults.asked("/jobs")) == 1


def test_an_answer_without_an_id(faults, keyed):
    faults.on("/jobs", Reply(document={"backend": "b1"}))
    with pytest.raises(ServiceUnreachableError, match="without telling its id"):
        keyed.run("vqe")


def test_subscribers_hear_of_each_submission(faults, keyed):
    heard = []

    def broken(_job):
        raise ZeroDivisionError

    faults.on("/jobs", TAKEN)
    stop_broken, stop = submissions.subscribe(broken), submissions.subscribe(heard.append)
    try:
        job = keyed.run("vqe")
        assert heard == [job]
    finally:
        stop()
        stop_broken()
    keyed.run("vqe")
    assert len(heard) == 1


def test_nobody_hears_of_a_submission_that_was_refused(faults, keyed):
    heard = []
    faults.on("/jobs", Reply(400, {}))
    stop = submissions.subscribe(heard.append)
    with pytest.raises(ServiceError):
        keyed.run("vqe")
    stop()
    assert heard == []
