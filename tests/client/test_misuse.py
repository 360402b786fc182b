"""What a user gets wrong is said at once, in words, and before anything is submitted."""

from __future__ import annotations

from datetime import date, datetime, timezone

import pytest

from qjobwidgets import RuntimeService, Session
from qjobwidgets.errors import (
    IBMInputValueError,
    RuntimeInvalidStateError,
    RuntimeJobNotFound,
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
