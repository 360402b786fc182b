"""Circuits of Qiskit 1: what the last client that streamed posts, and what could hide in it.

``qiskit_1_circuits.json`` was written by qiskit-ibm-runtime 0.31.0 with Qiskit 1.4.6, as values of
typed JSON. They are QPY version 11, all but one in the encoding of SymEngine.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qjobwidgets.codec import loads
from qjobwidgets.errors import CodecError

CIRCUITS: dict[str, str] = json.loads(
    Path(__file__).with_name("qiskit_1_circuits.json").read_text(encoding="utf-8")
)
ENCODING = 18  # where the header names the encoding of expressions


def qpy_of(name: str) -> bytearray:
    return bytearray(zlib.decompress(base64.b64decode(CIRCUITS[name])))


def read(data: bytes | bytearray) -> Any:
    text = base64.b64encode(zlib.compress(data)).decode()
    return loads(json.dumps({"__type__": "QuantumCircuit", "__value__": text}))


def with_expression(text: bytes) -> bytearray:
    """Return a circuit whose one expression is another text; the length is that of the old one."""
    data = qpy_of("portable_expression")
    start = data.index(b"Add(")
    old = data[start : data.index(b"))", data.index(b"Symbol", start)) + 2]
    assert len(text) <= len(old)
    return data.replace(old, text.ljust(len(old)))


def test_circuits_without_expressions_are_read():
    """Version 11 was refused, so the last client that streamed could run no circuit at all."""
    assert read(qpy_of("bell")).count_ops() == {"h": 1, "cx": 1, "measure": 2, "barrier": 1}
    assert [p.name for p in read(qpy_of("parameters")).parameters] == ["a", "v[0]", "v[1]"]
    custom = read(qpy_of("custom"))
    assert custom.global_phase == 0.5
    assert custom.metadata == {"a": 1}
    assert custom.count_ops()["sub"] == 2
    assert read(qpy_of("layout")).layout.final_index_layout() == [1, 0]


def test_control_flow_and_conditions_are_read():
    dynamic = read(qpy_of("dynamic"))
    assert {"if_else", "switch_case", "while_loop", "for_loop"} <= dynamic.count_ops().keys()
    with pytest.warns(UserWarning, match="IfElseOp"):
        conditions = read(qpy_of("conditions"))
    assert conditions.count_ops()["if_else"] == 2


def test_expressions_for_symengine_are_computed():
    """They were refused: the client that streams could not run what it transpiles for a device."""
    circuit = read(qpy_of("expressions"))
    values = {"a": 0.7, "b ü'": 1.9, "v[0]": 0.3, "v[1]": -1.2}
    assert {parameter.name for parameter in circuit.parameters} == values.keys()
    bound = circuit.assign_parameters({one: values[one.name] for one in circuit.parameters})
    a, b, first, second = values.values()
    assert np.isclose(bound.global_phase, (a + second) % (2 * np.pi))
    assert np.allclose(
        [complex(item.operation.params[0]) for item in bound.data],
        [
            a + 1,
            a + b,
            2 * a,
            -a / 2 + np.pi,
            a * b - 0.1,
            (a + b) ** 2 * np.sin(a),
            a**2,
            1 / a,
            a**0.5,
            2 * np.cos(2 * a + b),
            np.tan(a),
            np.exp(a),
            np.log(b),
            a,
            np.arcsin(a / 4),
            np.arccos(a / 4),
            np.arctan(a),
            a,
            first * second - a,
            -a,
            a * 10**15,
        ],
    )
    (block,) = read(qpy_of("expression_in_a_block")).data[0].operation.blocks
    assert np.isclose(block.assign_parameters([0.5]).data[0].operation.params[0], 2.0)


@pytest.mark.parametrize(
    ("nodes", "changed"),
    [
        # The name of a symbol is followed by a pickle.
        (b"\x0d\0\0\0\0\x01", b"\x0d\0\0\0\x01\x01"),
        # Nodes that stand for earlier ones, for nothing, and of types that no expression has.
        (b"\x03\0\0\x80", b"\x01\0\0\0"),
        (b"\x03\0\0\x80", b"\0\0\0\0"),
        (b"\x80\x10\0\0\0", b"\x80\x60\0\0\0"),
        # A number that is code, a sum of more terms than there are, a name without an end.
        (b"\x01\0\0\0\0\0\0\x001", b"\x01\0\0\0\0\0\0\0x"),
        (b"1\x01\0\0\0\0\0\0\0\x03", b"1\xff\xff\xff\xff\xff\xff\xff\xff\x03"),
        (b"\x0d\0\0\0\0\x01", b"\x0d\0\0\0\0\xff"),
    ],
)
def test_nodes_that_are_no_expression_are_refused(nodes: bytes, changed: bytes):
    data = qpy_of("expressions")
    start = data.index(b"\x01\0\0\x0d\0\x01\0\0\x80")
    at = data.index(nodes, start)
    data[at : at + len(nodes)] = changed
    with pytest.raises(CodecError, match="an expression of parameters"):
        read(data)


def test_expressions_for_symengine_that_can_not_be_read_are_refused_with_a_fix():
    for name in ("sign", "bell"):
        data = qpy_of(name)
        assert data[ENCODING : ENCODING + 1] == b"e"
        if name == "bell":
            del data[-40:]
        with pytest.raises(CodecError, match="an expression of parameters") as refused:
            read(data)
        assert "Bind the parameters" in str(refused.value)


def test_a_portable_expression_is_computed():
    (parameter,) = (circuit := read(qpy_of("portable_expression"))).parameters
    bound = circuit.assign_parameters({parameter: 0.5})
    assert np.isclose(float(bound.data[0].operation.params[0]), 2.0)


@pytest.mark.parametrize(
    "text",
    [
        b"__import__('os')",
        b"open('/etc/passwd')",
        b"(lambda: 1)()",
        b"Symbol('a').__class__",
        b'sin(\'open("x", "w")\')',
        b"Symbol('nothing')",
        b"[][0]",
        b"((((((((((",
        b"\xff\xfe",
    ],
)
def test_text_in_place_of_an_expression_never_runs(text: bytes, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CodecError, match="damaged"):
        read(with_expression(text))
    assert not list(tmp_path.iterdir())


def test_no_evaluator_is_loaded_for_any_of_them():
    """SymEngine unpickles and SymPy evaluates what it reads, so neither may even be asked."""
    code = (
        "import json, sys, warnings\n"
        "from pathlib import Path\n"
        "from qjobwidgets.codec import loads\n"
        "from qjobwidgets.errors import CodecError\n"
        "warnings.simplefilter('ignore')\n"
        "sys.modules['symengine'] = sys.modules['sympy'] = None\n"
        "refused = []\n"
        "for name, text in json.loads(Path(sys.argv[1]).read_text()).items():\n"
        "    try: loads(json.dumps({'__type__': 'QuantumCircuit', '__value__': text}))\n"
        "    except CodecError: refused.append(name)\n"
        "print(refused)\n"
    )
    path = Path(__file__).with_name("qiskit_1_circuits.json")
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "['sign']"


def test_versions_before_10_stay_refused():
    data = qpy_of("bell")
    data[6] = 9
    with pytest.raises(CodecError, match="10 to"):
        read(data)
