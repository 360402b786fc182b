"""Every question to a service that answers with rubbish: one typed error, bounded, no raw page."""

from __future__ import annotations

import pytest

from qjobwidgets import JobRecord, JobStatus, RuntimeJob, RuntimeService, Session
from qjobwidgets.errors import CodecError, QJobError, ServiceUnreachableError
from tests.client.faults import CANARY, Reply

PAGE = b"<!DOCTYPE html><html><h1>Corporate proxy</h1></html>"
HTML = {"Content-Type": "text/html; charset=utf-8"}
CUT = b'{"id": "j1", "state": {"status": "Completed"}, "jobs": [{"id"'
ODD = {
    "id": 5, "state": {"status": 3}, "jobs": [1, None, {"id": 1}, []], "count": "x",
    "devices": [None, 1, {"name": None, "status": 3, "qubits": "x"}, "b"],
    "programs": [1, {"id": 3}], "params": 5, "mode": [], "caller": 3, "usage": [1],
    "items": [{"crn": "crn:v1:a:b:c:d", "service_plan_unique_id": "p", "tags": 3}],
    "timestamps": 3, "n_qubits": "x", "qubits": [1], "gates": 3, "overview_ui": [1],
}  # fmt: skip
ODDER = {
    "id": "j1", "state": {"status": "Running"}, "count": -5, "devices": {"a": 1},
    "jobs": [{"id": "j", "state": {"status": "Queued"}}], "programs": {"a": 2},
    "items": {"x": 1}, "timestamps": {"running": 3, "created": [], "finished": {}},
    "usage": {"qpu_charge_time_seconds": "x", "status": 5}, "params": [{}], "mode": {},
    "n_qubits": None, "qubits": [[{"name": 1, "value": "x"}], 3], "elapsed_time": "x",
    "gates": [{"gate": "x", "qubits": [0]}, {"qubits": "x"}, 4], "usage_limit_seconds": "3",
    "position_in_queue": "7", "estimated_start_time": 5,
}  # fmt: skip


def job(service: RuntimeService, status: JobStatus = JobStatus.RUNNING) -> RuntimeJob:
    record = JobRecord("j1", status, session_id="s1", backend="b1", program="p")
    return RuntimeJob(service, record)


def session(service: RuntimeService) -> Session:
    """A session that was opened while all was well."""
    made = Session.__new__(Session)
    made._bind(service, "s1", "b1", taking_jobs=True)
    return made


QUESTIONS = {
    "service.job": lambda s: s.job("j1"),
    "service.jobs": lambda s: s.jobs(limit=None),
    "service.fetch_record": lambda s: s.fetch_record("j1"),
    "service.fetch_records": lambda s: s.fetch_records(),
    "service.run": lambda s: s.run("p"),
    "service.backend": lambda s: s.backend("b1").target,
    "service.backends": lambda s: [(b.num_qubits, b.status()) for b in s.backends()],
    "service.least_busy": lambda s: s.least_busy(),
    "service.programs": lambda s: s.programs(limit=None),
    "service.program": lambda s: s.program("p").to_dict(),
    "service.upload_program": lambda s: s.upload_program("x = 1\n", name="x", max_execution_time=3),
    "service.instances": lambda s: s.instances(),
    "service.active_instance": lambda s: s.active_instance(),
    "service.usage": lambda s: s.usage(),
    "Session": lambda s: Session("b1", service=s),
    "Session.from_id": lambda s: Session.from_id("s1", s),
    "session.status": lambda s: session(s).status(),
    "session.details": lambda s: session(s).details(),
    "session.usage": lambda s: session(s).usage(),
    "job.result": lambda s: job(s, JobStatus.DONE).result(),
    "job.error_message": lambda s: job(s).error_message(),
    "job.update_tags": lambda s: job(s).update_tags(additional_tags=["a"]),
    "job.queue_position": lambda s: job(s).queue_position(refresh=True),
    "job.usage": lambda s: job(s, JobStatus.DONE).usage(),
    "job.time_per_step": lambda s: job(s, JobStatus.DONE).time_per_step(),
    "job.inputs": lambda s: job(s).inputs,
    "job.circuits": lambda s: job(s).circuits(),
    "job.client_version": lambda s: job(s).client_version,
    "job.usage_estimation": lambda s: job(s).usage_estimation,
    "job.status": lambda s: job(s).status(),
    "job.metrics": lambda s: job(s).metrics(),
    "job.properties": lambda s: job(s).properties(),
    "job.interim_results": lambda s: job(s).interim_results(),
    "job.scheduling_mode": lambda s: job(s).scheduling_mode(),
    "job.backend": lambda s: job(s).backend(),
}
ACTS = {
    "service.delete_job": lambda s: s.delete_job("j1"),
    "service.update_program": lambda s: s.update_program("p", name="y"),
    "service.delete_program": lambda s: s.delete_program("p"),
    "session.close": lambda s: session(s).close(),
    "session.cancel": lambda s: session(s).cancel(),
    "job.logs": lambda s: job(s).logs(),
    "job.cancel": lambda s: job(s).cancel(),
}


@pytest.fixture
def local_faults(faults, monkeypatch):
    """Returns what asks a service that answers each question like this."""
    monkeypatch.setattr("qjobwidgets.client.transport._LONGEST_PAUSE", 0.005)

    def ask(question, reply: Reply):
        faults.otherwise = reply
        service = RuntimeService("local", token=CANARY, url=faults.url)
        try:
            return question(service)
        finally:
            service.close()

    return ask


TROUBLE = {
    "500": Reply(500),
    "502": Reply(502, body=PAGE, headers=HTML),
    "503": Reply(503, body=PAGE),
    "504": Reply(504),
    "reset": Reply(fault="reset"),
    "truncated": Reply(document={"a": [1] * 50}, fault="truncate"),
    "page": Reply(body=PAGE, headers=HTML),
    "page called json": Reply(body=b"  " + PAGE, headers={"Content-Type": "application/json"}),
}
NO_ANSWERS = {"cut": Reply(body=CUT), "empty": Reply(body=b"")}
ODDITIES = {
    "list": Reply(document=[]),
    "null": Reply(),
    "text": Reply(document="x"),
    "number": Reply(document=5),
    "object": Reply(document={}),
    "types": Reply(document=ODD),
    "other types": Reply(document=ODDER),
    "deep": Reply(body=b"[" * 99_999),
    "bytes": Reply(body=b"\xff\xfe\x00"),
    "nothing": Reply(204, body=b""),
    "refusal": Reply(400, body=PAGE),
    "errors": Reply(418, {"errors": [None], "error": 1}),
    "missing": Reply(404, body=PAGE),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_trouble_is_one_typed_error_for_every_question(faults, local_faults, trouble):
    """Results, logs and interim results were the page of a proxy; acts had succeeded by it."""
    for name, question in {**QUESTIONS, **ACTS}.items():
        before = len(faults.seen)
        with pytest.raises(QJobError) as caught:
            local_faults(question, TROUBLE[trouble])
        assert "Corporate" not in f"{caught.value} {caught.value!r}", name
        assert len(faults.seen) - before <= 6, name


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_an_answer_that_breaks_off_is_no_answer(local_faults, answer):
    """The beginning of a result was taken for a result that is text; an empty one for no result."""
    for name, question in QUESTIONS.items():
        try:
            told = local_faults(question, NO_ANSWERS[answer])
        except (ServiceUnreachableError, CodecError):
            continue
        pytest.fail(f"{name} is {told!r}")


@pytest.mark.parametrize("oddity", ODDITIES)
def test_what_is_odd_is_left_out_or_a_typed_error(local_faults, oddity):
    """Lists and numbers in odd places were errors of many kinds, and one list never ended."""
    for name, question in {**QUESTIONS, **ACTS}.items():
        try:
            told = local_faults(question, ODDITIES[oddity])
        except QJobError as error:
            told = str(error)
        assert "Corporate" not in repr(told), name
