"""Supervision of an attempt, with the test at the attempt's end of the channel."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import Any

import orjson
import pytest

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.ledger import Ledger
from qjobwidgets.server.jobs.queries import Queries
from qjobwidgets.server.jobs.states import Job, NewJob, State
from qjobwidgets.server.placing import intake
from qjobwidgets.server.placing.supervise import supervise
from qjobwidgets.server.run.attempt_process import AttemptProcess
from qjobwidgets.server.run.limits import Limits
from qjobwidgets.server.run.wire import MESSAGE_CAP, receive_frames, send_frame

Play = Callable[[socket.socket, int], None]


class Stage:
    """Launches attempts that are played by a function in a thread instead of a process."""

    def __init__(
        self, play: Play, folder: Path, kind: type[AttemptProcess] = AttemptProcess
    ) -> None:
        self._play = play
        self._folder = folder
        self._kind = kind

    def launch(self) -> AttemptProcess:
        process = self._kind(1, self._folder, limits=Limits(memory=1 << 30), kill=self._kill)
        # It has no process id: under that of the tests all they have started would be the job's.
        self.thread = threading.Thread(target=self._perform, args=(process,), name="actor")
        self.thread.start()
        return process

    def _kill(self, process: AttemptProcess) -> None:
        with suppress(OSError):  # its end is closed when it has ended by itself
            process.remote_frames.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        process.ended.set()

    def _perform(self, process: AttemptProcess) -> None:
        next(receive_frames(process.remote_frames))
        with suppress(BrokenPipeError, ConnectionResetError):
            self._play(process.remote_frames, process.remote_log_fd)
        process.exit_code = 0
        process.close_remote()


@pytest.fixture
def attempt(tmp_path: Path) -> Iterator[Callable[..., tuple[Job, Queries]]]:
    """Supervise one attempt played by a function; return the job as it is afterwards."""
    database = Database(tmp_path / "ledger.db")
    ledger = Ledger(database, on_change=lambda _job: None, on_message=lambda _job: None)
    queries = Queries(database)

    def run(
        play: Play, kind: type[AttemptProcess] = AttemptProcess, **job: Any
    ) -> tuple[Job, Queries]:
        new = ledger.submit(NewJob("sampler", "aer_local", "{}", **job)).job
        ticket = ledger.start(new)
        assert ticket is not None
        supervise(
            ticket,
            ledger=ledger,
            queries=queries,
            launcher=Stage(play, tmp_path / new, kind),  # type: ignore[arg-type]
            stopping=threading.Event(),
        )
        after = queries.job(new)
        assert after is not None
        return after, queries

    yield run
    database.close()


def _messages(queries: Queries, job: Job) -> list[tuple[str, str]]:
    page = queries.stream(job.id, 0, 1000)
    assert page is not None
    return [(message.kind, message.data) for message in page.messages]


def test_a_flood_of_messages_is_capped_the_job_goes_on_and_a_mark_counts_the_rest(
    attempt: Callable[..., tuple[Job, Queries]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(intake, "_MESSAGES_CAP", 20)

    def flood(frames: socket.socket, _log: int) -> None:
        for number in range(5000):
            send_frame(frames, {"type": "interim", "data": str(number)})
        send_frame(frames, {"type": "result", "data": '"done"'})

    job, queries = attempt(flood)
    assert job.state is State.COMPLETED
    expected = [("interim", str(number)) for number in range(20)]
    assert _messages(queries, job) == [*expected, ("dropped", '{"count":4980}')]


def test_a_million_messages_are_capped_and_the_job_goes_on(
    attempt: Callable[..., tuple[Job, Queries]], monkeypatch: pytest.MonkeyPatch
):
    assert intake._MESSAGES_CAP == 100_000
    monkeypatch.setattr(intake, "_MESSAGES_CAP", 1000)  # each that is kept takes time to write

    frame = orjson.dumps({"type": "interim", "data": "1"})
    thousand = (struct.pack(">I", len(frame)) + frame) * 1000

    def flood(frames: socket.socket, _log: int) -> None:
        for _ in range(1000):
            frames.sendall(thousand)
        send_frame(frames, {"type": "result", "data": '"done"'})

    job, queries = attempt(flood)
    assert job.state is State.COMPLETED
    assert job.last_seq == 1001
    page = queries.stream(job.id, 999, 10)
    assert page is not None
    assert [(message.kind, message.data) for message in page.messages] == [
        ("interim", "1"),
        ("dropped", '{"count":999000}'),
    ]


def test_a_message_that_is_too_large_is_dropped_and_counted(
    attempt: Callable[..., tuple[Job, Queries]],
):
    def shout(frames: socket.socket, _log: int) -> None:
        send_frame(frames, {"type": "interim", "data": "1"})
        send_frame(frames, {"type": "interim", "data": "9" * (MESSAGE_CAP + 1)})
        send_frame(frames, {"type": "dropped"})
        send_frame(frames, {"type": "interim", "data": "2"})
        send_frame(frames, {"type": "result", "data": "3"})

    job, queries = attempt(shout)
    assert job.state is State.COMPLETED
    assert _messages(queries, job) == [
        ("interim", "1"),
        ("interim", "2"),
        ("dropped", '{"count":2}'),
    ]


def test_logs_are_kept_up_to_a_cap_and_whole_up_to_the_last_word(
    attempt: Callable[..., tuple[Job, Queries]], monkeypatch: pytest.MonkeyPatch
):
    def speak(frames: socket.socket, log: int) -> None:
        os.write(log, "first é\n".encode())
        os.write(log, b"last\0word\xff")
        send_frame(frames, {"type": "failed", "reason": "no"})

    job, queries = attempt(speak)
    assert queries.logs(job.id) == "first é\nlast\ufffdword\ufffd"

    monkeypatch.setattr(intake, "LOG_CAP", 10)
    job, queries = attempt(speak)
    assert queries.logs(job.id).endswith("[the rest of the log was dropped]\n")


def test_a_log_that_reached_its_cap_exactly_says_when_more_comes(
    monkeypatch: pytest.MonkeyPatch,
):
    """The rest was dropped without a word."""
    monkeypatch.setattr(intake, "LOG_CAP", 4)
    taken = intake.Intake()
    texts = [taken.log_text(raw) for raw in (b"1234", b"", b"5", b"6")]
    assert texts == ["1234", "", "\n[the rest of the log was dropped]\n", ""]


def test_characters_of_a_log_are_whole_wherever_it_is_cut(
    attempt: Callable[..., tuple[Job, Queries]],
):
    """Each read was decoded by itself, and broke the character its end had cut in two."""
    text = "a" + "é" * 200_000

    def speak(frames: socket.socket, log: int) -> None:
        with open(log, "wb", closefd=False) as file:
            file.write(text.encode())
        send_frame(frames, {"type": "failed", "reason": "no"})

    job, queries = attempt(speak)
    assert queries.logs(job.id) == text


def test_only_known_figures_enter_the_metrics(attempt: Callable[..., tuple[Job, Queries]]):
    def boast(frames: socket.socket, _log: int) -> None:
        figures = {"executions": 3, "timestamps": "mine", "usage": 0}
        send_frame(frames, {"type": "result", "data": "1", "figures": figures})

    job, _ = attempt(boast)
    assert job.figures == {"executions": 3}


@pytest.mark.parametrize(
    "raw",
    [
        struct.pack(">I", 2**32 - 1),
        struct.pack(">I", 4) + b"nope",
        struct.pack(">I", 2) + b"[]",
        struct.pack(">I", 18) + orjson.dumps({"type": "interim"}),
    ],
)
def test_whoever_breaks_the_protocol_fails_and_is_killed(
    attempt: Callable[..., tuple[Job, Queries]], raw: bytes
):
    job, _ = attempt(lambda frames, _log: frames.sendall(raw))
    assert job.state is State.FAILED
    assert job.reason is not None
    assert "protocol" in job.reason


def test_a_limit_is_kept_by_an_attempt_that_never_reads_nor_ends(
    attempt: Callable[..., tuple[Job, Queries]],
):
    """It is promised within a second; a minute late was good enough for every test."""

    def babble(frames: socket.socket, _log: int) -> None:
        while True:  # until the supervisor closes the channel
            send_frame(frames, {"type": "interim", "data": "1"})

    times = []
    while len(times) < 5 and min(times, default=inf) >= 2.0:  # a busy machine has its moments
        job, _ = attempt(babble, limit=1)
        assert job.state is State.CANCELLED
        assert job.reason_code == 1305
        times.append(job.usage_seconds)
    assert 1.0 <= min(times) < 2.0


class Abrupt(AttemptProcess):
    """A process that sends the rest of its result and ends, right after half of it was read."""

    def read(self, timeout: float) -> tuple[list[dict[str, Any]], bytes, bool]:
        outcome = super().read(timeout)
        if not self.ended.is_set():
            self.remote_frames.sendall(FRAME[10:])
            self.ended.set()
        return outcome


FRAME = struct.pack(">I", 28) + b'{"type":"result","data":"1"}'


def test_a_result_whose_end_comes_with_that_of_the_process_counts(
    attempt: Callable[..., tuple[Job, Queries]],
):
    """It was taken for a crash, as its end was seen before it was whole."""

    def send_half(frames: socket.socket, _log: int) -> None:
        frames.sendall(FRAME[:10])
        frames.recv(1)  # until the supervisor closes the channel

    job, _ = attempt(send_half, Abrupt)
    assert (job.state, job.attempt) == (State.COMPLETED, 1)


def test_a_process_that_ends_without_a_word_crashed(attempt: Callable[..., tuple[Job, Queries]]):
    job, queries = attempt(lambda _frames, _log: None)
    assert job.state is State.QUEUED
    assert _messages(queries, job) == [("restarted", '{"reason":"exit status 0"}')]
