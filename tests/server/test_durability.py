"""What is left when the server, an attempt or the zygote is killed."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

from tests.server.conftest import DEADLINE, FINAL, Service, until, until_gone
from tests.server.uploading import uploaded

# It publishes the counts of a circuit again and again, until it is told to go on.
PUBLISHING = """
    import os, time
    from qiskit import QuantumCircuit

    def main(backend, user_messenger, go_on):
        circuit = QuantumCircuit(3)
        circuit.sx([0, 1, 2])
        circuit.measure_all()
        while True:
            user_messenger.publish(backend.run(circuit).result().get_counts())
            if os.path.exists(go_on):
                return "done"
            time.sleep(0.1)
"""
DEVICE = "noisy_local"  # one job at a time


def _publishing(service: Service, go_on: Path) -> str:
    """Submit a job that runs until there is a file."""
    return service.submit(uploaded(service, PUBLISHING), DEVICE, {"go_on": str(go_on)})


def _rows(service: Service, job: str) -> dict[str, Any]:
    """Read the counters of a job from the ledger of a server that has ended."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(service.data / "ledger.db")) as connection:
        connection.row_factory = sqlite3.Row
        return dict(connection.execute("select * from jobs where id = ?", (job,)).fetchone())


def test_a_running_job_runs_again_after_the_server_was_killed(
    start: Callable[..., Service], tmp_path: Path
):
    service = start()
    done = service.submit("sample-program", "aer_local", {"iterations": 1})
    service.wait(done)
    running = _publishing(service, tmp_path / "go-on")
    queued = service.submit("sample-program", DEVICE, {"iterations": 1})
    with service.stream(running) as socket:
        first = json.loads(socket.recv())
    service.kill()

    (tmp_path / "go-on").touch()
    again = start()
    frames = again.frames(running)
    assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
    kinds = [frame["type"] for frame in frames]
    mark = kinds.index("restarted")
    assert kinds.count("restarted") == 1
    assert {frame["attempt"] for frame in frames[:mark]} == {1}
    assert {frame["attempt"] for frame in frames[mark:]} == {2}
    # The same seed in the second attempt: it publishes the same counts.
    assert frames[0] == first
    assert first["data"] == frames[mark + 1]["data"]
    assert frames[-1]["type"] == "final"
    assert again.wait(queued)["state"]["status"] == "Completed"
    assert again.get(f"/jobs/{done}/results").json() == "Hello, World!"
    assert again.get("/jobs").json()["count"] == 3
    assert again.stop() == 0
    row = _rows(again, running)
    assert (row["attempt"], row["crashes"], row["interruptions"]) == (2, 0, 1)


def test_a_running_job_is_queued_again_when_the_server_is_stopped(start: Callable[..., Service]):
    service = start()
    job = service.submit("sample-program", "slow_local", {"iterations": 1000})
    service.wait(job, "Running")
    attempts = until(service.attempts, "the attempt's process")
    assert service.stop() == 0
    until_gone(attempts)
    row = _rows(service, job)
    assert (row["state"], row["crashes"], row["interruptions"]) == ("Queued", 0, 1)
    assert not (service.data / "server.json").exists()


def test_access_tokens_survive_a_restart(start: Callable[..., Service]):
    service = start()
    grant = {
        "grant_type": "urn:ibm:params:oauth:grant-type:apikey",
        "apikey": service.api_key,
    }
    token = service.http.post(service.origin + "/identity/token", data=grant).json()["access_token"]
    service.kill()
    again = start()
    assert again.api_key == service.api_key
    answer = again.get("/jobs", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_a_killed_attempt_runs_again_and_its_neighbour_does_not_notice(
    start: Callable[..., Service], tmp_path: Path
):
    service = start()
    job = _publishing(service, tmp_path / "go-on")
    (victim,) = until(service.attempts, "the attempt's process")
    neighbour = service.submit("sample-program", "aer_local", {"iterations": 300})
    service.wait(neighbour, "Running", *FINAL)
    os.kill(victim.pid, signal.SIGKILL)
    until_gone([victim])
    (tmp_path / "go-on").touch()

    frames = service.frames(job)
    assert [frame["type"] for frame in frames].count("restarted") == 1
    mark = next(frame for frame in frames if frame["type"] == "restarted")
    assert "SIGKILL" in mark["data"]["reason"]
    assert frames[-1]["type"] == "final"
    assert {frame["attempt"] for frame in service.frames(neighbour)} == {1}
    service.stop()
    row = _rows(service, job)
    assert (row["attempt"], row["crashes"], row["interruptions"]) == (2, 1, 0)


def test_the_third_crash_fails_a_job(start: Callable[..., Service]):
    service = start()
    job = service.submit("sample-program", "slow_local", {"iterations": 1000})
    killed: set[int] = set()
    while len(killed) < 3:
        (victim,) = until(
            lambda: [a for a in service.attempts() if a.pid not in killed], "a new attempt"
        )
        killed.add(victim.pid)
        os.kill(victim.pid, signal.SIGKILL)
    state = service.wait(job)["state"]
    assert state["status"] == "Failed"
    assert "3 times" in state["reason"]
    assert state["reason_code"] == 1308


def test_a_killed_zygote_is_replaced_and_its_jobs_were_only_interrupted(
    start: Callable[..., Service], tmp_path: Path
):
    service = start()
    job = _publishing(service, tmp_path / "go-on")
    (attempt,) = until(service.attempts, "the attempt's process")
    (zygote,) = psutil.Process(service.process.pid).children()
    zygote.kill()
    until_gone([attempt])
    (tmp_path / "go-on").touch()
    assert service.wait(job)["state"]["status"] == "Completed"
    service.stop()
    row = _rows(service, job)
    assert (row["attempt"], row["crashes"], row["interruptions"]) == (2, 0, 1)


def test_a_zygote_whose_server_dies_while_it_loads_ends_in_silence(tmp_path: Path):
    """It wrote a traceback into the terminal, because its first word found no listener."""
    command = [sys.executable, "-m", "qjobwidgets.server", "--port", "0", "--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        server.stdout.readline()
        server.kill()
        assert server.stderr.read() == b""  # end of file: the zygote, which has it too, is gone


def test_nothing_outlives_a_server_and_zygote_killed_together(start: Callable[..., Service]):
    service = start()
    job = service.submit("sample-program", "slow_local", {"iterations": 1000})
    service.wait(job, "Running")
    (attempt,) = until(service.attempts, "the attempt's process")
    (zygote,) = psutil.Process(service.process.pid).children()
    service.process.send_signal(signal.SIGSTOP)
    zygote.kill()
    service.process.kill()
    service.process.wait()
    until_gone([attempt])


def test_what_is_left_is_known_by_its_mark_and_not_by_its_number(
    start: Callable[..., Service], tmp_path: Path
):
    """A process that got the number of one that has ended is nobody's business."""
    first = start()
    job = first.submit("sample-program", "slow_local", {"iterations": 1000})
    first.wait(job, "Running")
    scratch = first.data.resolve() / "scratch"
    marks = {"ours": f"{scratch}:0", "another server's": f"{tmp_path}/other/scratch:0", "none": ""}
    with ExitStack() as stack:
        sleepers = {
            name: stack.enter_context(
                subprocess.Popen(["sleep", "1000"], env={"QJOB_ZYGOTE": mark, **os.environ})
            )
            for name, mark in marks.items()
        }
        for sleeper in sleepers.values():
            stack.callback(sleeper.kill)
        first.kill()
        # As if the number of the server, which it has left behind, had been given anew.
        facts = first.facts | {"pid": sleepers["none"].pid}
        (first.data / "server.json").write_text(json.dumps(facts))

        second = start()
        second.wait(job, "Running")
        assert sleepers.pop("ours").wait(DEADLINE) == -signal.SIGKILL
        assert second.stop() == 0
        assert [sleeper.poll() for sleeper in sleepers.values()] == [None, None]


def test_a_job_survives_a_full_disk(start: Callable[..., Service], tmp_path: Path):
    """The attempt failed to write, and then its job could not be queued again either.

    It was called running for ever, without a process. The file size limit is our full disk.
    """
    service = start()
    server = psutil.Process(service.process.pid)
    soft, hard = server.rlimit(resource.RLIMIT_FSIZE)
    job = _publishing(service, tmp_path / "go-on")
    with service.stream(job) as socket:
        socket.recv()
        server.rlimit(resource.RLIMIT_FSIZE, (1, hard))
        until(lambda: not service.attempts(), "the end of an attempt that can't report")
        refused = service.post({"program_id": "sample-program", "params": {}})
        server.rlimit(resource.RLIMIT_FSIZE, (soft, hard))
        (tmp_path / "go-on").touch()
        frames = [json.loads(text) for text in socket]
    assert refused.status_code == 503
    assert service.get("/jobs").json()["count"] == 1
    assert "restarted" in {frame["type"] for frame in frames}
    assert frames[-1]["type"] == "final"
