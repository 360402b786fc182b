"""Jobs on a real runtime, from submission to result."""

from __future__ import annotations

import json
import signal
import threading
from datetime import UTC, datetime, timedelta

import pytest

from qjobwidgets import JobRecord, JobStatus, RuntimeService
from qjobwidgets.errors import (
    BackendNotFoundError,
    RuntimeInvalidStateError,
    RuntimeJobFailureError,
    RuntimeJobMaxTimeoutError,
    RuntimeJobNotFound,
    RuntimeJobTimeoutError,
    RuntimeProgramNotFound,
    ServiceUnreachableError,
)
from tests.circuits import bell
from tests.client.faults import Reply
from tests.conftest import eventually


@pytest.fixture
def slow_job(local):
    """A job that runs for about a minute, unless it is cancelled."""
    job = local.run("sample-program", {"iterations": 100}, {"backend": "slow_local"})
    yield job
    if not job.in_final_state():
        job.cancel()
    job.wait_for_final_state(60)


def test_from_submission_to_result(local):
    before = datetime.now(UTC)
    job = local.run("sampler", {"pubs": [bell()]}, {"shots": 200, "tags": ["bell"]})
    assert job.record.status == "INITIALIZING"
    result = job.result(timeout=60)
    counts = result[0].data.meas.get_counts()
    assert counts.keys() <= {"00", "11"}
    assert sum(counts.values()) == 200
    assert job.done()
    assert job.in_final_state()
    assert [job.running(), job.cancelled(), job.errored()] == [False] * 3
    assert job.error_message() is None
    assert job.status() is JobStatus.DONE
    assert job.status() == "DONE"
    assert job.program_id == job.primitive_id == "sampler"
    assert job.tags == ["bell"]
    assert before - timedelta(seconds=5) < job.creation_date < datetime.now(UTC)
    assert f"{job.job_id()!r}, 'sampler', DONE" in repr(job)
    assert job.result() is result
    assert "created" in job.metrics()["timestamps"]
    assert isinstance(job.logs(), str)


def test_found_again_by_its_id(local, service):
    job = local.run("sample-program", {"iterations": 2})
    again = service.job(job.job_id())
    assert again.result(60) == "Hello, World!"
    assert again.inputs == {"iterations": 2}
    assert again.record.program == "sample-program"
    assert local.job(job.job_id()) == job
    assert len({local.job(job.job_id()), job}) == 1
    with pytest.raises(RuntimeJobNotFound):
        local.job("nosuchjob")


def test_interim_results_by_stream_and_afterwards(local):
    seen, done = [], threading.Event()

    def take(job_id, data):
        seen.append((job_id, data))
        if data == "Hello, World!":
            done.set()

    job = local.run("sample-program", {"iterations": 3}, callback=take)
    assert done.wait(60)
    interim = [data for _, data in seen[:-1]]
    assert [message["iteration"] for message in interim] == [0, 1, 2]
    assert {job_id for job_id, _ in seen} == {job.job_id()}
    assert job.interim_results() == interim
    again = []
    job.cancel_result_streaming()  # after its last message it ends in a moment
    handle = job.stream_results(lambda _, data: again.append(data))
    assert handle.wait(60)
    assert again == [data for _, data in seen]


def test_one_stream_per_handle(local, slow_job):
    handle = slow_job.stream_results(lambda *_: None)
    with pytest.raises(RuntimeInvalidStateError, match="streaming already"):
        slow_job.stream_results(lambda *_: None)
    slow_job.cancel_result_streaming()
    assert handle.wait(60)
    assert not slow_job.in_final_state()


def test_decoders_of_ones_own(local):
    class Upper:
        @staticmethod
        def decode(text: str) -> str:
            return text.upper()

    seen = []
    job = local.run("sample-program", {"iterations": 1}, result_decoder=Upper)
    handle = job.stream_results(lambda _, data: seen.append(data))
    assert job.result(60) == '"HELLO, WORLD!"'
    assert handle.wait(60)
    assert '"ITERATION": 0' in seen[0]


def test_a_job_that_fails_says_why(local):
    job = local.run("sampler", {"pubs": [bell()]}, {"backend": "noisy_local"})
    with pytest.raises(RuntimeJobFailureError, match="not supported by noisy_local") as caught:
        job.result(60)
    assert "generate_preset_pass_manager" in caught.value.fix
    assert job.errored()
    assert "not supported" in job.error_message()


def test_a_job_that_runs_too_long(local):
    options = {"backend": "slow_local", "max_execution_time": 1}
    job = local.run("sample-program", {"iterations": 100}, options)
    with pytest.raises(RuntimeJobMaxTimeoutError, match="longer than its maximum execution time"):
        job.result(60)
    assert job.status() == "ERROR"


def test_cancelling(slow_job):
    eventually(slow_job.running)
    slow_job.cancel()
    slow_job.wait_for_final_state(60)
    assert slow_job.cancelled()
    with pytest.raises(RuntimeInvalidStateError, match="cancelled"):
        slow_job.result()
    with pytest.raises(RuntimeInvalidStateError):
        slow_job.cancel()


def test_cancelling_says_that_the_service_agreed(slow_job):
    assert slow_job.cancel() is True


@pytest.mark.parametrize(
    ("arguments", "options", "expected"),
    [
        ((60,), {}, "Hello, World!"),
        ((60, 0.1), {}, "Hello, World!"),
        ((60, str.upper), {}, '"HELLO, WORLD!"'),
        ((60, 5, str.upper), {}, '"HELLO, WORLD!"'),
        ((60, str.upper, 0.1), {}, '"HELLO, WORLD!"'),
        ((), {"timeout": 60, "wait": 5, "partial": True, "refresh": True}, "Hello, World!"),
        ((), {"decoder": [json.loads, len], "poll_interval": 1}, 13),
    ],
)
def test_the_ways_to_ask_for_a_result(hello, arguments, options, expected):
    """``(timeout, wait, decoder)``, ``(timeout, decoder, poll_interval)`` and by name."""
    assert hello.result(*arguments, **options) == expected


@pytest.fixture(scope="module")
def hello(server):
    service = RuntimeService("local", token=server.token, url=server.url)
    job = service.run("sample-program", {"iterations": 1})
    yield job
    service.close()


def test_what_is_no_decoder_is_said_before_anything_is_waited_for(slow_job):
    with pytest.raises(TypeError, match="no decoder"):
        slow_job.result(decoder="json")


def test_a_callback_hears_of_each_change_until_the_end(local):
    first = local.run("sample-program", {"iterations": 1000}, {"backend": "slow_local"})
    job = local.run("sample-program", {"iterations": 3}, {"backend": "slow_local"})
    heard = []

    def listen(job_id, status, handle, queue_info=None):
        assert (job_id, handle) == (job.job_id(), job)
        heard.append((status, queue_info and queue_info.position))
        if heard[-1] == ("QUEUED", 1):
            first.cancel()

    job.wait_for_final_state(60, callback=listen)
    assert heard[-1] == ("DONE", None)
    assert ("QUEUED", 1) in heard
    assert len(set(heard)) == len(heard), "only of changes"
    first.wait_for_final_state(60)


def test_a_callback_with_an_interval_hears_of_each_look(slow_job):
    """Callbacks of ``JobV1`` take three arguments, and no place in the queue."""
    heard = []

    def listen(job_id, status, handle):
        heard.append(status)
        if len(heard) == 5:
            raise LookupError

    with pytest.raises(LookupError):
        slow_job.wait_for_final_state(60, wait=0.01, callback=listen)
    assert set(heard) <= {"QUEUED", "RUNNING"}


def test_a_callback_for_a_job_that_has_ended_hears_that(hello):
    hello.wait_for_final_state(60)
    heard = []
    hello.wait_for_final_state(callback=lambda *told: heard.append(told))
    assert heard == [(hello.job_id(), "DONE", hello)]


def test_waiting_has_an_end(slow_job):
    with pytest.raises(RuntimeJobTimeoutError, match="goes on"):
        slow_job.result(timeout=0.3)
    with pytest.raises(RuntimeJobTimeoutError):
        slow_job.wait_for_final_state(timeout=0, poll_interval=0.05)
    assert not slow_job.in_final_state()


def test_waiting_can_be_interrupted(slow_job):
    timer = threading.Timer(1.5, signal.pthread_kill, (threading.get_ident(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        slow_job.result(timeout=60, poll_interval=50)
    timer.join()
    assert not slow_job.in_final_state()


def test_news_from_elsewhere_end_the_waiting_at_once(slow_job):
    def hand_in() -> None:
        slow_job.update(JobRecord("another", JobStatus.DONE))
        slow_job.update(JobRecord(slow_job.job_id(), JobStatus.DONE, program="x"))
        slow_job.update(JobRecord(slow_job.job_id(), JobStatus.RUNNING))

    timer = threading.Timer(0.5, hand_in)
    timer.start()
    slow_job.wait_for_final_state(timeout=60, poll_interval=50)
    timer.join()
    assert slow_job.record == JobRecord(slow_job.job_id(), JobStatus.DONE, program="x")
    slow_job.service.cancel_job(slow_job.job_id())


def test_waiting_goes_on_through_trouble(faults, remote):
    def job(status: str) -> Reply:
        return Reply(document={"id": "j1", "state": {"status": status}, "program": {"id": "p"}})

    down, quota = Reply(503, {}, {"Retry-After": "99"}), Reply(429, {}, {"Retry-After": "0"})
    failure = Reply(500, {}, {"Retry-After": "99"})
    trouble = [Reply(fault="reset"), Reply(502), down, down, quota, failure]
    faults.on("/jobs/j1", job("Running"), *trouble, job("Completed"))
    faults.on("/jobs/j1/results", Reply(document={"a": 1}))
    handle = remote.job("j1")
    assert handle.result(timeout=60, poll_interval=0.01) == {"a": 1}


def test_but_not_for_ever(faults, remote, monkeypatch):
    monkeypatch.setattr("qjobwidgets.client.handle._PATIENCE", 0.0)
    queued = {"id": "j1", "state": {"status": "Queued"}}
    faults.on("/jobs/j1", Reply(document=queued), Reply(503, {}, {"Retry-After": "99"}))
    with pytest.raises(ServiceUnreachableError):
        remote.job("j1").wait_for_final_state(poll_interval=0.01)


def test_a_private_result_is_fetched_once(faults, remote):
    private = {"id": "j1", "state": {"status": "Completed"}, "private": True}
    faults.on("/jobs/j1", Reply(document=private))
    faults.on("/jobs/j1/results", Reply(document=[1]), Reply(204))
    job = remote.job("j1")
    assert job.record.private
    assert (job.result(), job.result()) == ([1], [1])
    assert len(faults.asked("/jobs/j1/results")) == 1
    with pytest.raises(RuntimeInvalidStateError, match="no result"):
        remote.job("j1").result()


def test_a_private_result_can_be_read_in_several_ways(faults, remote):
    """A second decoder asked the service again, for what it gives only once."""
    private = {"id": "j1", "state": {"status": "Completed"}, "private": True}
    faults.on("/jobs/j1", Reply(document=private))
    faults.on("/jobs/j1/results", Reply(document=[1]), Reply(204))
    job = remote.job("j1")
    assert job.result(decoder=len) == 3
    assert job.result(refresh=True) == [1]
    assert job.result(decoder=[json.loads, sum]) == 1


def test_a_result_is_fetched_again_when_told_to(faults, remote):
    faults.on("/jobs/j1", Reply(document={"id": "j1", "state": {"status": "Completed"}}))
    faults.on("/jobs/j1/results", Reply(document=[1]), Reply(document=[2]))
    job = remote.job("j1")
    assert [job.result(), job.result(), job.result(refresh=True), job.result()] == [
        *([1], [1], [2], [2])
    ]
    assert len(faults.asked("/jobs/j1/results")) == 2


def test_a_job_is_not_asked_for_what_is_known(faults, remote):
    """One request for the job, one for its result, and nothing for what its record tells."""
    faults.on("/jobs/j1", Reply(document={"id": "j1", "state": {"status": "Completed"}}))
    faults.on("/jobs/j1/results", Reply(document=[1]))
    job = remote.job("j1")
    assert (job.status(), job.done(), job.in_final_state(), job.error_message()) == (
        *("DONE", True, True, None),
    )
    assert (job.tags, job.session_id, job.image, job.private) == ([], None, "", False)
    job.result()
    job.result()
    asked = [(seen.method, seen.path.removeprefix("/api/v1")) for seen in faults.seen]
    assert [path for _, path in asked if path.startswith("/jobs")] == [
        "/jobs/j1",
        "/jobs/j1/results",
    ]


def test_interim_results_of_a_service_that_keeps_none(faults, remote):
    faults.on("/jobs/j1", Reply(document={"id": "j1", "state": {"status": "Running"}}))
    job = remote.job("j1")
    assert job.interim_results() is None
    faults.on("/jobs/j1", Reply(404, {"errors": [{"message": "Job not found."}]}))
    with pytest.raises(RuntimeJobNotFound):
        job.interim_results()


def test_interim_results_of_a_job_that_has_ended_are_asked_for_once(faults, remote):
    faults.on("/jobs/j1", Reply(document={"id": "j1", "state": {"status": "Completed"}}))
    faults.on("/jobs/j1/interim_results", Reply(document=[{"iteration": 0}]))
    job = remote.job("j1")
    assert job.interim_results() == [{"iteration": 0}]
    assert job.interim_results(decoder=[json.loads, len]) == 1
    assert len(faults.asked("/jobs/j1/interim_results")) == 1


def test_refreshing_asks_also_when_the_job_has_ended(faults, remote):
    ended = {"id": "j1", "state": {"status": "Completed"}}
    faults.on("/jobs/j1", Reply(document=ended), Reply(document={**ended, "tags": ["late"]}))
    job = remote.job("j1")
    assert (job.status(), job.tags) == ("DONE", [])
    job.refresh()
    assert job.tags == ["late"]


def test_a_result_that_is_no_json_comes_as_text(faults, remote):
    faults.on("/jobs/j1", Reply(document={"id": "j1", "state": {"status": "Completed"}}))
    faults.on("/jobs/j1/results", Reply(body=b"All done!"))
    assert remote.job("j1").result() == "All done!"


def test_an_unknown_status_is_shown_as_it_came(faults, remote):
    faults.on("/jobs/j1", Reply(document={"id": "j1", "state": {"status": "Pondering"}}))
    job = remote.job("j1")
    assert job.status() == "Pondering"
    assert not job.in_final_state()


@pytest.mark.parametrize(
    ("program", "options", "kind", "names"),
    [
        ("nosuch", {}, RuntimeProgramNotFound, "sampler"),
        ("sampler", {"backend": "nosuch"}, BackendNotFoundError, "aer_local"),
    ],
)
def test_a_wrong_name_is_told_with_the_right_ones(local, program, options, kind, names):
    with pytest.raises(kind, match=names):
        local.run(program, {"pubs": [bell()]}, options)
