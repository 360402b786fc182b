"""Circuits with one byte changed: whatever they do, they do it to their own job only."""

from __future__ import annotations

import base64
import io
import json
import random
import subprocess
import sys
import zlib
from pathlib import Path

import psutil
from qiskit import QuantumCircuit, qpy
from qiskit.circuit import Parameter

from tests.circuits import bell
from tests.server.conftest import DEADLINE, FINAL, Service
from tests.server.running import result_of

HEADER = 19  # of the file; a circuit with another header is refused before it is read
MEGABYTES = 1200


def circuit() -> QuantumCircuit:
    circuit = QuantumCircuit(3, 3, metadata={"a": 1})
    circuit.h(0)
    circuit.rx(2 * Parameter("a") + 1, 0)
    circuit.measure([0, 1], [0, 1])
    with circuit.if_test((0, 1)):
        circuit.x(1)
    inner = QuantumCircuit(2, name="inner")
    inner.cx(0, 1)
    circuit.append(inner.to_gate(), [0, 1])
    circuit.initialize([1, 0], 2)
    return circuit


def mutants(version: int, count: int) -> list[str]:
    """Return typed JSON of files that differ from a good one in one byte."""
    buffer = io.BytesIO()
    qpy.dump(circuit(), buffer, version=version)
    good, dice = buffer.getvalue(), random.Random(version)
    texts = []
    for _ in range(count):
        data = bytearray(good)
        data[dice.randrange(HEADER, len(good))] = dice.randrange(256)
        value = base64.b64encode(zlib.compress(bytes(data))).decode()
        texts.append(json.dumps({"__type__": "QuantumCircuit", "__value__": value}))
    return texts


def read_all(texts: list[str], path: Path) -> tuple[list[str], list[int]]:
    """Return what came of each text (``ended``: of its reader too), and peaks of memory."""
    path.write_text(json.dumps(texts), encoding="utf-8")
    outcomes: list[str] = []
    peaks = []
    while len(outcomes) < len(texts):
        reader = subprocess.run(
            [sys.executable, "-m", "tests.server.mutant_reader", str(path), str(len(outcomes))],
            stdout=subprocess.PIPE,
            check=False,
            text=True,
            timeout=DEADLINE * 2,
        )
        lines = [line.split() for line in reader.stdout.splitlines()]
        outcomes += [outcome for outcome, _ in lines]
        peaks += [int(peak) for _, peak in lines]
        if reader.returncode:
            outcomes.append("ended")
    return outcomes, peaks


def test_mutants_are_read_or_refused_within_bounds_of_memory(tmp_path: Path):
    """One of 796 bytes made its reader take 3.7 GB: it claimed to have millions of qubits."""
    texts = mutants(17, 350)
    outcomes, peaks = read_all(texts, tmp_path / "mutants.json")
    assert outcomes.count("refused") > 100
    assert outcomes.count("read") > 50
    # Where memory ends, the reader may end as well: rarely, and only a process of its own.
    assert outcomes.count("ended") <= 10
    assert max(peaks) < MEGABYTES
    (tmp_path / "mutants.json").unlink()


def test_mutants_harm_their_own_jobs_only(service: Service):
    texts = mutants(17, 30) + mutants(13, 10)
    server = psutil.Process(service.process.pid)
    before = server.memory_info().rss
    jobs = []
    for text in texts:
        pub = json.loads(text)
        jobs.append(service.submit("sampler", "aer_local", {"pubs": [[pub, [0.5], 10]]}))
    states = [service.wait(job)["state"] for job in jobs]
    assert {state["status"] for state in states} <= FINAL - {"Cancelled"}
    for state in states:
        assert state["status"] == "Completed" or (state["reason"] and state["reason_code"])
    assert server.memory_info().rss - before < 200 * 1024**2
    assert result_of(service, "sampler", pubs=[[bell(), None, 10]])[0].data.meas.num_shots == 10


def test_a_circuit_that_claims_billions_of_qubits_fails_with_a_reason(service: Service):
    """The widest field of the circuit's header is tried, whichever place it has."""
    buffer = io.BytesIO()
    qpy.dump(bell(), buffer, version=13)
    data = bytearray(buffer.getvalue())
    # name size (2), type and size of the phase (1 + 2), then the number of qubits (4)
    place = HEADER + 1 + 2 + 1 + 2
    assert data[place : place + 4] == (2).to_bytes(4, "big")
    data[place] = 0x7F
    value = base64.b64encode(zlib.compress(bytes(data))).decode()
    pub = {"__type__": "QuantumCircuit", "__value__": value}
    job = service.submit("sampler", "aer_local", {"pubs": [pub]})
    state = service.wait(job)["state"]
    assert state["status"] == "Failed"
    assert state["reason"]
    assert state["reason_code"]
