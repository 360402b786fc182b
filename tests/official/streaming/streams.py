"""Interim results, streamed and read."""

import threading
from typing import Any

from door import Door, eventually, raises
from qiskit_ibm_runtime.exceptions import RuntimeInvalidStateError
from qiskit_ibm_runtime.utils.result_decoder import ResultDecoder
from world import program, service


class Listener:
    """A callback that keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.told = threading.Event()

    def __call__(self, job: str, message: Any) -> None:
        self.heard.append((job, message))
        self.told.set()

    @property
    def iterations(self) -> list[int]:
        return [message["iteration"] for _, message in self.heard if isinstance(message, dict)]


def case_interim_results_are_streamed_to_a_callback(door: Door) -> None:
    listener = Listener()
    job = program(door, "sample-program", "slow_local", iterations=4)
    job.stream_results(listener)
    final = job.result()
    eventually(lambda: len(listener.heard) == 5)
    assert listener.iterations == [0, 1, 2, 3]
    assert listener.heard[-1] == (job.job_id(), final)
    counts = listener.heard[0][1]["counts"]
    assert all(set(key) <= {"0", "1"} for key in counts)
    # The connection ended cleanly, so nothing is told twice.
    eventually(lambda: not job._is_streaming())
    assert len(listener.heard) == 5


def case_a_late_listener_is_told_everything(door: Door) -> None:
    job = program(door, "hello-world", iterations=2)
    first = Listener()
    eventually(lambda: job.metrics()["timestamps"].get("finished"))
    job.stream_results(first)
    eventually(lambda: len(first.heard) == 3)
    assert first.iterations == [0, 1]
    assert first.heard[-1][1] == job.result() == "Hello, World!"


def case_interim_results_are_read_at_once(door: Door) -> None:
    job = program(door, "sample-program", iterations=3)
    job.wait_for_final_state()
    interim = job.interim_results()
    assert [message["iteration"] for message in interim] == [0, 1, 2]
    assert {"iteration", "counts"} == interim[0].keys()


def case_decoders_of_ones_own(door: Door) -> None:
    class Length(ResultDecoder):
        @classmethod
        def decode(cls, data: str) -> int:
            return len(super().decode(data))

    job = program(door, "sample-program", iterations=6)
    job.wait_for_final_state()
    assert job.interim_results(decoder=Length) == 6
    assert job.result(decoder=Length) == len(job.result())
    listener = Listener()
    again = service(door).job(job.job_id())
    again.stream_results(listener, decoder=Length)
    eventually(lambda: len(listener.heard) == 7)
    assert listener.heard[0][1] == 2


def case_listening_ends_without_ending_the_job(door: Door) -> None:
    listener = Listener()
    job = program(door, "sample-program", "slow_local", iterations=1000)
    job.stream_results(listener)
    with raises(RuntimeInvalidStateError, "already streaming"):
        job.stream_results(listener)
    assert listener.told.wait(60)
    job.cancel_result_streaming()
    # The job goes on, and nobody is told.
    eventually(lambda: len(job.interim_results()) > len(listener.heard) + 2)
    assert str(job.status()).endswith("RUNNING")
    job.cancel()
    with raises(RuntimeInvalidStateError, "already finished"):
        job.stream_results(listener)


def case_a_cancelled_job_ends_its_stream(door: Door) -> None:
    listener = Listener()
    job = program(door, "sample-program", "slow_local", iterations=100)
    job.stream_results(listener)
    assert listener.told.wait(60)
    # Another one cancels it: the listener's own cancel() would close the stream from its side.
    service(door).job(job.job_id()).cancel()
    eventually(lambda: not job._is_streaming())
    with raises(RuntimeInvalidStateError, "cancelled"):
        job.result()
