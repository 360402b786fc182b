"""One submission makes one job, whatever happens to the answer."""

from __future__ import annotations

import functools
import json
import signal
import threading
import time
from datetime import UTC, datetime

import pytest

from qjobwidgets import RuntimeService
from qjobwidgets.client import submissions, submit
from qjobwidgets.errors import (
    BackendNotFoundError,
    RateLimitedError,
    RuntimeProgramNotFound,
    ServiceError,
    ServiceUnreachableError,
    SubmissionUnknownError,
)
from tests.client.faults import CANARY, Reply, Seen

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


@pytest.mark.parametrize("fault", [Reply(504), Reply(503), Reply(fault="reset")])
def test_what_is_not_found_is_never_sent_again(faults, remote, quick_looks, fault):
    """It was, after looks of ten seconds: a list that lagged behind for longer made two jobs."""
    faults.on("/jobs", fault, NONE)
    with pytest.raises(SubmissionUnknownError, match="not known") as caught:
        remote.run("vqe")
    [body] = bodies(faults)
    assert body["tags"] == [caught.value.tag]
    assert submissions.state(remote.key).unknown == (caught.value.tag,)


def test_when_nothing_can_be_found_out_the_tag_is_named(faults, remote, quick_looks):
    words = {"errors": [{"message": "The gateway gave up."}]}
    faults.on("/jobs", Reply(504, words), Reply(504, {}, {"Retry-After": "99"}))
    with pytest.raises(SubmissionUnknownError, match=r"not known: The gateway gave up\.") as caught:
        remote.run("vqe")
    [body] = bodies(faults)
    [tag] = body["tags"]
    assert caught.value.tag == tag
    assert f"jobs(job_tags=['{tag}'])" in str(caught.value)
    state = submissions.state(remote.key)
    assert state.unknown == (tag,)
    assert tag in state.message


@pytest.mark.parametrize("look", [RuntimeService.jobs, RuntimeService.fetch_records])
def test_a_doubt_ends_when_the_job_is_listed_at_last(faults, remote, quick_looks, look):
    """Views went on for ever to say that it was not known."""
    faults.on("/jobs", Reply(504), NONE)
    with pytest.raises(SubmissionUnknownError) as caught:
        remote.run("vqe")
    other = {"id": "j0", "state": {"status": "Queued"}, "tags": ["other"]}
    faults.on("/jobs", Reply(document={"jobs": [other], "count": 1}))
    look(remote)
    assert submissions.state(remote.key).unknown == (caught.value.tag,)
    mine = {"id": "j1", "state": {"status": "Queued"}, "tags": ["mine", caught.value.tag]}
    faults.on("/jobs", Reply(document={"jobs": [other, mine], "count": 2}))
    said = []
    stop = submissions.on_state(said.append)
    look(remote)
    stop()
    assert submissions.state(remote.key).unknown == ()
    assert said == [remote.key]


@pytest.mark.parametrize("fault", [Reply(fault="reset"), Reply(500)])
def test_with_a_key_too_it_is_said_when_nothing_is_known(faults, keyed, fault):
    """It looked like any failure, after which one submits again: then there were two jobs."""
    faults.on("/jobs", fault)
    with pytest.raises(SubmissionUnknownError, match="look there before you submit again"):
        keyed.run("vqe")
    assert len({seen.headers["idempotency-key"] for seen in faults.asked("/jobs")}) == 1


@pytest.mark.parametrize("fault", [Reply(fault="reset"), Reply(504, {}, {"Connection": "close"})])
def test_what_was_sent_once_is_in_doubt_also_when_it_could_not_be_sent_again(faults, keyed, fault):
    """Only the last attempt counted: the service was called out of reach, and had the job."""

    def taken(_: Seen) -> Reply:
        faults.close()
        return fault

    faults.on("/jobs", taken)
    with pytest.raises(SubmissionUnknownError, match="look there before you submit again"):
        keyed.run("vqe")
    assert len(faults.asked("/jobs")) == 1


def test_what_was_sent_elsewhere_leaves_no_doubt(faults, remote):
    """A wrong address that redirects cost ten seconds of looking for a job nobody had made."""
    faults.on("/jobs", Reply(307, headers={"Location": "http://127.0.0.1:9/"}))
    with pytest.raises(ServiceUnreachableError, match="another address"):
        remote.run("vqe")
    assert len(faults.asked("/jobs")) == 1
    assert submissions.state(remote.key).unknown == ()


def test_a_tag_that_shows_up_late(faults, remote, monkeypatch):
    """Five gateways in a row give up on a submission that was taken, and lists lag behind."""
    lag = 0.6
    monkeypatch.setattr("qjobwidgets.client.submit._LOOKS", (0.1, 0.2, 0.3, 0.4, 0.5))
    made = []

    def jobs(seen: Seen) -> Reply:
        if seen.method == "POST":
            made.append(time.monotonic())
            return Reply(504)
        shown = [one for one in made if time.monotonic() - one > lag]
        return listed() if shown else NONE

    faults.on("/jobs", jobs)
    assert remote.run("vqe").job_id() == "j1"
    assert len(made) == 1
    assert submissions.state(remote.key).unknown == ()


def test_the_looks_for_a_tag_last_longer_than_lists_lag():
    assert sum(submit._LOOKS) > 2 * 5


def test_who_interrupts_a_submission_still_has_its_tag(faults, remote):
    """The user lost patience with a silent service: the job may exist, and only the tag tells."""
    interrupt = functools.partial(signal.pthread_kill, threading.get_ident(), signal.SIGINT)

    def taken(_: Seen) -> Reply:
        threading.Timer(0.1, interrupt).start()
        return Reply(fault="hang")

    faults.on("/jobs", taken)
    with pytest.raises(KeyboardInterrupt):
        remote.run("vqe")
    [body] = bodies(faults)
    assert submissions.state(remote.key).unknown == tuple(body["tags"])


def test_what_was_never_sent_leaves_no_doubt(faults, remote, monkeypatch):
    """A service out of reach cost ten seconds of looking for a job that could not exist."""
    faults.close()
    api, looked = remote.api, []
    monkeypatch.setattr(api, "records", lambda *_, **__: looked.append("for the job"))
    with pytest.raises(ServiceUnreachableError, match="can't be reached"):
        remote.run("vqe")
    assert looked == []
    assert submissions.state(remote.key).unknown == ()


def test_the_time_of_creation_is_the_services(faults, remote):
    """It was ours until the first look, so a clock that is wrong misplaced new jobs."""
    faults.on(
        "/jobs", Reply(document={"id": "j1"}, headers={"Date": "Wed, 21 Oct 2015 07:28:00 GMT"})
    )
    assert remote.run("vqe").record.created == datetime(2015, 10, 21, 7, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(400, {"errors": [{"message": "Bad input."}]}), ServiceError),
        (Reply(404, {"errors": [{"message": "Backend b9 not found."}]}), BackendNotFoundError),
        (Reply(404, {"errors": [{"message": "Program p not found."}]}), RuntimeProgramNotFound),
        (Reply(429, {}, {"Retry-After": "3600"}), RateLimitedError),
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
