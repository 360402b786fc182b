"""The stream as a job's handle offers it: decoders by kind, and errors told once."""

from __future__ import annotations

import json
import threading
import warnings

import pytest

from qjobwidgets import ResultDecoder
from qjobwidgets.errors import RuntimeInvalidStateError, StreamWarning
from tests.client.faults import Reply


class Iteration(ResultDecoder):
    """Reads the number of an interim result of the sample program; fails on anything else."""

    @classmethod
    def decode(cls, data):
        return super().decode(data)["iteration"]


def run(local, callback, iterations=3, **options):
    job = local.run("sample-program", {"iterations": iterations}, callback=callback, **options)
    assert job.stream.wait(60)
    return job


def test_a_pair_of_decoders_reads_each_kind_of_message_by_its_own(local):
    seen = []
    job = run(local, lambda _, data: seen.append(data), result_decoder=[Iteration, str.upper])
    assert seen == [0, 1, 2, '"HELLO, WORLD!"']
    assert job.result(60) == '"HELLO, WORLD!"'
    assert job.stream.errors == []


def test_a_pair_of_chains(local):
    chains = ([Iteration, lambda number: number + 10], [json.loads, str.lower])
    seen = []
    job = run(local, lambda _, data: seen.append(data), result_decoder=chains)
    assert seen == [10, 11, 12, "hello, world!"]
    assert job.result() == "hello, world!"


def test_a_decoder_for_this_stream_reads_all_messages(local):
    job = local.run("sample-program", {"iterations": 1}, result_decoder=Iteration)
    seen = []
    handle = job.stream_results(lambda _, data: seen.append(data), decoder=len)
    assert handle.wait(60)
    assert all(isinstance(length, int) for length in seen)
    assert job.interim_results(decoder=[json.loads, len]) == 1


def test_what_a_callback_raises_is_told_once_and_does_not_end_the_stream(local):
    seen = []

    def fail_twice(_job_id, data):
        seen.append(data)
        if len(seen) <= 2:
            raise ZeroDivisionError(len(seen))

    job = run(local, fail_twice)
    assert len(seen) == 4
    with pytest.warns(StreamWarning, match=r"2 messages .* ZeroDivisionError\(1\)") as told:
        assert job.result(60) == "Hello, World!"
    assert len(told) == 1
    assert [type(error) for error in job.stream.errors] == [ZeroDivisionError] * 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        job.status()
        job.result()
        job.cancel_result_streaming()


def test_what_a_decoder_raises_is_told_as_well(local):
    seen = []
    job = run(local, lambda _, data: seen.append(data), result_decoder=Iteration)
    assert seen == [0, 1, 2], "the result has no iteration"
    with pytest.warns(StreamWarning, match=r"A message .* TypeError") as told:
        job.status()
    assert told[0].filename == __file__


def test_another_thread_is_told_nothing(local):
    """A warning of a background thread would be printed into whichever cell runs."""
    job = run(local, lambda *_: 1 / 0, iterations=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        thread = threading.Thread(target=job.status)
        thread.start()
        thread.join()
    with pytest.warns(StreamWarning, match="2 messages"):
        job.status()


def test_a_stream_that_ends_before_its_job_says_why(faults, remote):
    faults.on("/jobs/j1", Reply(document={"id": "j1", "state": {"status": "Running"}}))
    faults.on("/stream/jobs/j1", Reply(403))
    job = remote.job("j1")
    assert job.stream_results(lambda *_: None).wait(30)
    job.stream.errors.append(ZeroDivisionError())  # as if a message before the end had failed
    with pytest.warns(StreamWarning) as told:
        job.status()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        job.status()
        job.status()
    first, second = (str(warning.message) for warning in told)
    assert "ZeroDivisionError" in first
    assert "has ended: The service refused the stream" in second


def test_a_refused_cancel_leaves_the_stream_open(local):
    """The stream was closed before the service had agreed to cancel the job."""
    job = local.run("sample-program", {"iterations": 1})
    job.wait_for_final_state(60)
    gate, seen = threading.Event(), []

    def slowly(_job_id, data):
        gate.wait(30)
        seen.append(data)

    handle = job.stream_results(slowly)
    with pytest.raises(RuntimeInvalidStateError):
        job.cancel()
    gate.set()
    assert handle.wait(60)
    assert seen[-1] == "Hello, World!"
