"""Job documents of any service, of today and of tomorrow, become records."""

from datetime import UTC, datetime
from enum import Enum

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qjobwidgets import JobRecord, JobStatus
from qjobwidgets.records import parse_status, parse_time

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        *("state", "status", "program", "backend", "created", "ended", "tags", "timestamps"),
        *("usage", "session_id", "position_in_queue", "private"),
        "estimated_running_time_seconds",
    ]
)


def record(status="Queued", **more):
    return JobRecord.from_wire({"id": "a", "state": {"status": status}, **more})


@pytest.mark.parametrize(
    ("word", "code", "status"),
    [
        ("Queued", None, JobStatus.QUEUED),
        ("RUNNING", None, JobStatus.RUNNING),
        ("Completed", None, JobStatus.DONE),
        ("Failed", None, JobStatus.ERROR),
        ("Cancelled", None, JobStatus.CANCELLED),
        ("Cancelled", 1305, JobStatus.ERROR),
        ("Cancelled - Ran too long", None, JobStatus.ERROR),
        ("Paused by operator", None, "Paused by operator"),
    ],
)
def test_wire_words_become_qiskit_s_statuses_and_others_stay(word, code, status):
    assert parse_status(word, code) == status


def test_a_status_equals_its_name():
    assert JobStatus.DONE == "DONE"
    assert f"{JobStatus.DONE}" == "DONE"
    assert [status.final for status in JobStatus] == [False, False, False, True, True, True]


def test_a_job_that_ran_too_long_is_an_error_with_its_code():
    told = record("Cancelled - Ran too long")
    assert told.status == "ERROR"
    assert told.reason_code == 1305


def test_times_without_an_offset_are_utc():
    moment = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert parse_time("2026-11-20T12:00:00") == moment
    assert parse_time("2026-11-20T13:00:00+01:00") == moment
    assert parse_time("yesterday") is None


def test_what_a_service_does_not_tell_is_none():
    told = record()
    assert (told.queue_position, told.started, told.usage_seconds, told.reason) == (None,) * 4


def test_usage_not_counted_yet_is_unknown_not_zero():
    """A running job's row said "0 s" of usage, as services answer 0 before they have counted."""
    assert record(usage={"qpu_charge_time_seconds": 0, "status": "pending"}).usage_seconds is None
    assert record(usage={"qpu_charge_time_seconds": 0, "status": "complete"}).usage_seconds == 0


# How long documents take to make says nothing about the reader.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(FIELDS, JSON, max_size=6))
def test_no_document_breaks_the_reader(fields):
    try:
        told = JobRecord.from_wire({"id": "a", **fields})
    except ValueError:
        return
    assert told.id == "a"
    assert all(isinstance(tag, str) for tag in told.tags)


@pytest.mark.parametrize("seconds", [10**400, float("nan"), float("inf")])
def test_a_number_that_is_none_is_not_told(seconds):
    """A NaN made a record differ from itself, so the job was news at every look, for ever."""
    usage = {"qpu_charge_time_seconds": seconds}
    assert record(usage=usage, estimated_running_time_seconds=seconds) == record()


def test_a_time_beyond_the_calendar_is_not_told():
    """It raised ``OverflowError``, and one such job stopped the watching of all."""
    assert record(created="0001-01-01T00:00:00+14:00").created is None


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59+00:00"])
def test_a_time_at_an_end_of_the_calendar_is_none(time):
    """West of Greenwich one job with it was a traceback in place of the whole list.

    Services write "no time" so, which no local clock there has; elsewhere the job had run for
    739 920 days.
    """
    assert record(created=time, timestamps={"running": time}) == record()


@pytest.mark.parametrize("status", list(JobStatus))
def test_a_status_equals_the_one_of_that_name_that_qiskit_has(status):
    """Older programs look it up in ``JOB_FINAL_STATES``, newer ones compare it with a string."""
    from qiskit.providers.jobstatus import JOB_FINAL_STATES
    from qiskit.providers.jobstatus import JobStatus as QiskitStatus

    same = QiskitStatus[status.name]
    assert status == same
    assert same == status
    assert not (status != same)  # noqa: SIM202 - this operator has code of its own
    assert not (same != status)  # noqa: SIM202
    assert hash(status) == hash(same) == hash(status.name)
    assert {same: "found"}[status] == {status: "found"}[same] == "found"
    assert (status in JOB_FINAL_STATES) == status.final
    assert [other for other in QiskitStatus if other == status] == [same]


def test_a_status_equals_nothing_else():
    class JobStatusOfAnother(Enum):
        DONE = 1

    others = [JobStatusOfAnother.DONE, None, 1, "done", b"DONE", JobStatus.ERROR]
    assert not any(other == JobStatus.DONE for other in others)
    assert all(other != JobStatus.DONE for other in others)
    assert not (JobStatus.DONE != "DONE")  # noqa: SIM202


def test_the_image_a_job_runs_in():
    assert record(runtime="image:1").image == "image:1"
    assert record().image is None
