"""Circuits as OpenQASM text: what is read, and what a text can try."""

from __future__ import annotations

import numpy as np
import pytest

from tests.circuits import bell
from tests.server.conftest import Service
from tests.server.running import failed, result_of

BELL_3 = """OPENQASM 3.0;
include "stdgates.inc";
bit[2] meas;
qubit[2] q;
h q[0];
cx q[0], q[1];
meas = measure q;
"""
BELL_2 = """// a comment
OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
creg meas[2];
h q[0];
cx q[0], q[1];
measure q -> meas;
"""
OLDER_3 = """OPENQASM 3;
include "stdgates.inc";
qreg q[2];
creg meas[2];
h q[0];
cx q[0], q[1];
meas[0] = measure q[0];
meas[1] = measure q[1];
"""
SWEPT = """OPENQASM 3.0;
include "stdgates.inc";
input float[64] theta;
input float[64] alpha;
qubit[2] q;
bit[1] c;
bit[1] d;
gate twice(a) p { rx(a) p; rx(a) p; }
twice(theta) q[0];
c[0] = measure q[0];
if (c[0]) { rx(alpha) q[1]; }
d[0] = measure q[1];
"""
HEAD_3 = 'OPENQASM 3.0; include "stdgates.inc";\n'
HEAD_2 = 'OPENQASM 2.0; include "qelib1.inc";\n'


def doubling(head: str, register: str) -> str:
    """Return a program of forty gates, each of which is the one before, twice."""
    gates = "".join(f"gate g{i} a {{ g{i - 1} a; g{i - 1} a; }}\n" for i in range(1, 41))
    return f"{head}gate g0 a {{ h a; }}\n{gates}{register} g40 q[0];"


@pytest.mark.parametrize("text", [BELL_3, OLDER_3, BELL_2])
def test_a_text_is_the_circuit_it_describes(service: Service, text: str):
    options = {"simulator": {"seed_simulator": 7}}
    pubs = [[text, None, 200], text]
    result = result_of(service, "sampler", pubs=pubs, options=options)
    expected = result_of(service, "sampler", pubs=[[bell(), None, 200], bell()], options=options)
    assert [one.data.meas for one in result] == [one.data.meas for one in expected]
    assert result[1].data.meas.num_shots == 4096


def test_inputs_gates_and_control_flow(service: Service):
    values = {"theta": [0, np.pi / 2], "alpha": [0, np.pi]}
    rows = np.array([[0, 0], [np.pi, np.pi / 2]])  # in the order of the alphabet
    result = result_of(service, "sampler", pubs=[[SWEPT, values, 20], [SWEPT, rows, 20]])
    for one in result:
        assert [one.data.c.get_counts(i) for i in range(2)] == [{"0": 20}, {"1": 20}]
        assert [one.data.d.get_counts(i) for i in range(2)] == [{"0": 20}, {"1": 20}]


def test_the_estimator_reads_text_too(service: Service):
    plus = HEAD_3 + "qubit[1] q; input float[64] a; h q[0]; rz(a) q[0];"
    pubs = [[plus, [{"X": 1}, {"Y": 1}], {"a": [0, np.pi / 2]}, 0]]
    assert result_of(service, "estimator", pubs=pubs)[0].data.evs == pytest.approx([1, 1])


@pytest.mark.parametrize("head", ["OPENQASM 3.0;", "OPENQASM 2.0;"])
def test_no_file_can_be_included(service: Service, head: str):
    """Qiskit's own reader of OpenQASM 2 opens any file and quotes what it finds in its message."""
    state = failed(service, "sampler", pubs=[f'{head} include "/etc/passwd";'])
    assert "root:" not in str(state)
    assert state["reason"].startswith("An OpenQASM program can't be read: ")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hello", "its grammar is wrong"),
        ("OPENQASM 2.0; hello", "hello"),
        (HEAD_3 + "qubit q; nothing q;", "nothing"),
        (HEAD_3 + "extern f(int) -> int;", "not supported"),
        (HEAD_3 + "qubit q; bit c;" + "if (c) {" * 2000 + "}" * 2000, "nested too deeply"),
        (HEAD_2 + "qreg q[2000000000];", "MiB"),
        (doubling(HEAD_2, "qreg q[1];"), "seconds"),
    ],
    ids=["words", "words-2", "gate", "extern", "nested", "register", "doubling"],
)
def test_what_can_not_be_read_is_said(service: Service, text: str, reason: str):
    """Registers of billions of qubits end their reader by something that is no exception."""
    state = failed(service, "sampler", pubs=[text])
    assert state["reason"].startswith("An OpenQASM program can't be read: ")
    assert reason in state["reason"]
    assert state["reason_code"] == 1210


def test_thousands_of_parentheses_are_read_or_refused(service: Service):
    angle = "(" * 20_000 + "0" + ")" * 20_000
    text = f"{HEAD_2}qreg q[1]; creg c[1]; rx({angle}) q[0]; measure q -> c;"
    assert result_of(service, "sampler", pubs=[text])[0].data.c.get_counts() == {"0": 4096}


def test_a_loop_that_never_ends_is_refused_before_it_is_unrolled(service: Service):
    """It took all the memory that a job may use, and minutes."""
    loop = f"{HEAD_3}qubit[1] q; bit[1] c; for int i in [0:2000000000] {{ h q[0]; }} c = measure q;"
    state = failed(service, "sampler", pubs=[loop])
    assert "once its definitions and loops are unrolled" in state["reason"]
