"""What a user gets wrong is said at once, in words, and before anything is submitted."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

import numpy as np
import pytest

from qjobwidgets import JobRecord, JobStatus, RuntimeJob, RuntimeService, Session
from qjobwidgets.codec import loads
from qjobwidgets.errors import (
    AccountError,
    BackendNotFoundError,
    CodecError,
    IBMInputValueError,
    RuntimeInvalidStateError,
    RuntimeJobNotFound,
    RuntimeJobTimeoutError,
    RuntimeProgramNotFound,
    ServiceUnreachableError,
)
from tests.client.faults import Reply


@pytest.mark.parametrize("inputs", [[1, 2], "iterations", 5, [("a", 1)]])
def test_inputs_that_are_no_dictionary(faults, remote, inputs):
    """The error was that of ``dict()``, about sequence elements."""
    with pytest.raises(IBMInputValueError, match="dictionary"):
        remote.run("vqe", inputs)
    assert faults.seen == []


@pytest.mark.parametrize("options", ["slow_local", 5, object()])
def test_options_that_are_none(faults, remote, options):
    """They were ignored, and the job ran somewhere else than was meant."""
    with pytest.raises(IBMInputValueError, match="options of a submission"):
        remote.run("vqe", {}, options)
    assert faults.seen == []


@pytest.mark.parametrize("tags", [5, [1], ["a", None], "\ud800", {"a": 1}.items()])
def test_tags_that_are_none(faults, remote, tags):
    """Numbers became text, and what no text can be sent as raised while it was being sent."""
    with pytest.raises(IBMInputValueError, match="list of strings"):
        remote.run("vqe", {}, {"job_tags": tags})
    with pytest.raises(IBMInputValueError, match="list of strings"):
        remote.jobs(job_tags=tags)
    assert faults.seen == []


def test_a_callback_that_can_not_be_called(faults, remote):
    """The job was submitted, and each of its messages an error."""
    with pytest.raises(TypeError, match="no callback"):
        remote.run("vqe", {}, callback=5)
    assert faults.seen == []
    faults.on("/jobs/j1", Reply(document={"id": "j1", "state": {"status": "Running"}}))
    with pytest.raises(TypeError, match="no callback"):
        remote.job("j1").stream_results(None)


NO_TIMES = [math.nan, "5", [], timedelta(seconds=5), 1j]


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize(
    "times",
    [
        *({"timeout": time} for time in NO_TIMES),
        *({"poll_interval": time} for time in [*NO_TIMES, -1, math.inf, 10**400]),
        *({"wait": time} for time in [*NO_TIMES, -0.5]),
    ],
    ids=str,
)
def test_times_that_nobody_can_wait(faults, remote, times, ended):
    """A timeout of NaN seconds was never over, and negative pauses were no pauses at all."""
    job = RuntimeJob(remote, JobRecord("j1", JobStatus.DONE if ended else JobStatus.RUNNING))
    for wait in (job.wait_for_final_state, job.result):
        with pytest.raises(IBMInputValueError, match=f"{next(iter(times))} can't be"):
            wait(**times)
    assert faults.seen == []


def test_times_of_other_kinds(faults, remote):
    """Numbers of NumPy, the rest of a time that has run out, and as long as it takes."""
    running = {"id": "j1", "state": {"status": "Running"}}
    faults.on("/jobs/j1", Reply(document=running))
    job = remote.job("j1")
    for timeout in (-3, 0, np.float32(0.01), Fraction(1, 100)):
        with pytest.raises(RuntimeJobTimeoutError, match="still RUNNING"):
            job.wait_for_final_state(timeout, np.int64(1))
    faults.on("/jobs/j1", Reply(document={**running, "state": {"status": "Completed"}}))
    job.wait_for_final_state(math.inf, 0)
    assert job.record.final


@pytest.mark.parametrize(
    ("inputs", "name"),
    [
        ({"a": 1, "theta": math.nan}, "theta"),
        ({"deep": [{"x": (1, -math.inf)}]}, "deep"),
        ({"z": complex(math.nan, 0)}, "z"),
        ({"n": np.float32("nan")}, "n"),
        ({"thing": object()}, "thing"),
    ],
)
def test_an_input_that_can_not_be_sent_is_named(faults, remote, inputs, name):
    """NaN was sent as a word that is no JSON, and the service could only say: bad request."""
    with pytest.raises(CodecError, match=f"The input '{name}' can't be sent"):
        remote.run("vqe", inputs)
    with pytest.raises(CodecError, match="The option 'max_execution_time' can't be sent"):
        remote.run("vqe", {}, {"max_execution_time": math.nan})
    assert faults.seen == []


def test_arrays_may_hold_what_json_has_no_word_for(faults, remote):
    faults.on("/jobs", Reply(document={"id": "j1"}))
    remote.run("vqe", {"start": np.array([math.nan, math.inf])})
    params = json.loads(faults.asked("/jobs")[0].body)["params"]
    assert np.isnan(loads(json.dumps(params))["start"][0])


@pytest.mark.parametrize("tags", ["abc", 5, [1], ["\ud800"]])
@pytest.mark.parametrize("kind", ["new_tags", "additional_tags", "removal_tags"])
def test_tags_of_a_job_that_are_none(faults, remote, tags, kind):
    """A number was a bare TypeError, and some were found out only after a question."""
    job = RuntimeJob(remote, JobRecord("j1", JobStatus.RUNNING, tags=("a",)))
    with pytest.raises(IBMInputValueError, match="list of strings"):
        job.update_tags(**{kind: tags})
    assert faults.seen == []


@pytest.mark.parametrize("name", ["channel", "token", "url", "instance", "name", "region"])
def test_accounts_of_something_else_than_text(name):
    """They raised whatever the code happened to run into, ``AttributeError`` mostly."""
    with pytest.raises(AccountError, match=f"The {name} of an account can't be a int"):
        RuntimeService(**{"token": "t", "instance": "crn:v1:x:y:z:us-east:a", name: 5})


@pytest.mark.parametrize("token", ["a b", "a\nb", "ä", "\ud800", "a\0b"])
def test_tokens_that_are_none(token):
    """They failed when they were sent, in the words of an encoder."""
    with pytest.raises(AccountError, match="Copy the API key once more"):
        RuntimeService("local", token, "http://127.0.0.1:9")


@pytest.mark.parametrize(
    "url",
    ["http://a\0b/", "http://[::1/", "http://h:99999/", "http://a b/", "h:1", "", "http://ä/"],
)
def test_addresses_that_are_none(url):
    """Some were a bare ValueError, others failed when the first request was sent."""
    with pytest.raises(AccountError, match="is not a service's address"):
        RuntimeService("local", "t", url)


@pytest.mark.parametrize("instance", ["crn:a\nX: y", "crn:ä", "a b"])
def test_instances_that_no_header_can_hold(instance):
    """The library below raised, with the headers in its frames."""
    with pytest.raises(AccountError, match="no instance"):
        RuntimeService("local", "t", "http://127.0.0.1:9", instance=instance)


@pytest.mark.parametrize("token", ["a\nb", "ä€", 5, ""])
def test_access_tokens_that_no_header_can_hold(faults, remote, token):
    faults.on_iam(Reply(document={"access_token": token}))
    with pytest.raises(ServiceUnreachableError, match="without an access token"):
        remote.job("j1")


@pytest.mark.parametrize("name", [5, None, b"x", "", ".", ".."])
def test_names_that_lead_elsewhere(faults, remote, name):
    """Sessions and backends of these names were other addresses of the service."""
    for ask, kind in (
        (lambda: remote.backend(name), BackendNotFoundError),
        (lambda: remote.program(name), RuntimeProgramNotFound),
        (lambda: remote.delete_program(name), RuntimeProgramNotFound),
        (lambda: Session.from_id(name, remote), IBMInputValueError),
        (lambda: remote.delete_job(name), RuntimeJobNotFound),
    ):
        with pytest.raises(kind):
            ask()
    assert faults.seen == []


@pytest.mark.parametrize("program_id", [5, None, "", ["vqe"]])
def test_programs_without_a_name(faults, remote, program_id):
    with pytest.raises(IBMInputValueError, match="not the id of a program"):
        remote.run(program_id)
    assert faults.seen == []


@pytest.mark.parametrize(
    "metadata",
    [5, {"name": "x", "max_execution_time": math.nan}, {"name": object(), "max_execution_time": 1}],
    ids=["number", "time", "name"],
)
def test_metadata_that_are_none(faults, remote, metadata):
    with pytest.raises(IBMInputValueError, match="The metadata"):
        remote.upload_program("x = 1\n", metadata)
    assert faults.seen == []


def test_who_is_told_and_who_is_asked(remote):
    """A callback that can't be called was found out when the first look was over."""
    with pytest.raises(TypeError, match="no callback"):
        RuntimeJob(remote, JobRecord("j1", JobStatus.DONE)).wait_for_final_state(callback=5)
    with pytest.raises(TypeError, match="pass a RuntimeService"):
        Session("b1", service="mine")


def test_blanks_around_a_token_are_no_part_of_it():
    service = RuntimeService("local", " abc\n", "http://127.0.0.1:9")
    assert service.account.token == "abc"


def test_a_session_that_does_not_exist_is_no_missing_program(local):
    """The error was that there is no such program, with the advice to list programs."""
    with pytest.raises(RuntimeInvalidStateError, match="Session not found"):
        local.run("sample-program", {"iterations": 1}, session_id="nosuch")


@pytest.mark.parametrize("job_id", [5, b"j1", None, ["j1"]])
def test_ids_that_are_no_text(remote, job_id):
    with pytest.raises(RuntimeJobNotFound, match="not a job id"):
        remote.job(job_id)


@pytest.mark.parametrize(
    "filters",
    [
        {"limit": -1},
        {"limit": "5"},
        {"limit": 1.5},
        {"skip": -1},
        {"skip": "1"},
        {"pending": "yes"},
        {"created_after": "2026-01-01"},
        {"created_after": date(2026, 1, 1)},
        {"created_before": 5},
        {"created_after": datetime.min.replace(tzinfo=timezone.max)},
    ],
)
def test_filters_that_no_service_could_take(faults, remote, filters):
    """They raised what the code happened to run into; a negative limit was an empty list."""
    with pytest.raises(IBMInputValueError):
        remote.jobs(**filters)
    assert faults.seen == []


def test_filters_in_the_forms_in_which_submissions_have_them(faults, remote):
    """A single tag was taken for a list of letters, a backend could not be written as JSON."""

    class Backend:
        name = "b1"

    faults.on("/jobs", Reply(document={"jobs": [], "count": 0}))
    remote.jobs(job_tags="mine", backend_name=Backend())
    [seen] = faults.asked("/jobs")
    assert (seen.query["tags"], seen.query["backend"]) == (["mine"], ["b1"])


@pytest.mark.parametrize(("descending", "sort"), [(True, None), (None, None), (False, ["ASC"])])
def test_newest_first_unless_told_otherwise(faults, remote, descending, sort):
    """``None`` was oldest first."""
    faults.on("/jobs", Reply(document={"jobs": [], "count": 0}))
    remote.jobs(descending=descending)
    assert faults.asked("/jobs")[0].query.get("sort") == sort


def test_what_a_block_raises_is_not_hidden_by_a_session_that_can_not_be_closed(faults, remote):
    """The way to the service broke in the block: the user saw the failure of the closing only."""
    faults.on("/sessions", Reply(document={"id": "s1"}))
    faults.on("/sessions/s1", Reply(503, {}, {"Retry-After": "99"}))
    with pytest.raises(ZeroDivisionError) as caught, Session("b1", service=remote):
        raise ZeroDivisionError
    assert "could not be closed" in caught.value.__notes__[0]
    with pytest.raises(ServiceUnreachableError), Session("b1", service=remote):
        pass


@pytest.mark.parametrize("name", ["", " ", "ä/../x", "a\0b", "\ud800", "x" * 5000])
def test_accounts_with_odd_names(tmp_path, name):
    file = tmp_path / "accounts.json"
    RuntimeService.save_account("t", filename=file, name=name)
    [saved] = RuntimeService.saved_accounts(filename=file)
    assert saved == (name or "default-ibm-quantum-platform")
    assert RuntimeService.delete_account(filename=file, name=name)
    assert [path.name for path in tmp_path.iterdir() if ".lock" not in path.name] == [file.name]
