"""What comes from outside is refused before it costs anything, and never runs."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import pickle
import random
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit, qpy

from qjobwidgets.codec import Limits, dumps, loads
from qjobwidgets.codec.arrays import write_array
from qjobwidgets.errors import CodecError


def typed(name: str, value, **more) -> str:
    return json.dumps({"__type__": name, "__value__": value, **more})


def packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data)).decode()


def npy(shape, dtype: str, body: bytes = b"") -> bytes:
    header = f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape!r}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + body


def peak(action) -> int:
    """Return the most memory an action holds, in bytes."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


NOISE = {"__module__": "qiskit_ibm_runtime.utils.noise_learner_result"}
WHEN = {"__type__": "datetime", "__value__": "2026-11-20T12:00:00+00:00"}


@pytest.mark.parametrize(
    "document",
    [
        "",
        "{",
        '{"a": "unfinished',
        "[1, 2",
        "1" * 5000,
        b"\xff\xfe",
        typed("Detector", 1),
        typed("_json", {}, __module__="os", __class__="system"),
        typed("settings", {}, __module__="os", __class__="system"),
        typed("settings", {}, __module__="qiskit.quantum_info.operators.x", __class__="system"),
        typed("settings", {"data": "XX"}, __module__="subprocess", __class__="Pauli"),
        typed(
            "settings", {"no": 1}, __module__="qiskit.quantum_info.operators.p", __class__="Pauli"
        ),
        typed("ndarray", "not base64!"),
        typed("ndarray", packed(b"not npy")),
        typed("ndarray", [[1, 2], [3]]),
        typed("complex", "one"),
        typed("datetime", "yesterday"),
        typed("set", [[1]]),
        typed("QuantumCircuit", packed(b"QISKIT")),
        typed("QuantumCircuit", 7),
        typed("Parameter", base64.b64encode(b"\x00").decode()),
        typed("BitArray", {"array": 1, "num_bits": 2}),
        typed("DataBin", {"shape": [], "fields": {"shape": 1}}),
        typed("DataBin", None),
        typed("ExecutionSpans", None),
        typed("DoubleSliceSpan", {"start": 1}),
        typed("DoubleSliceSpan", {"start": WHEN, "stop": WHEN, "data_slices": {"0": [[1], 0]}}),
        typed("BindingsArray", {"shape": [], "data": {"1": 2}}),
        typed("PauliLindbladMap", {"paulis": [["X", [9], 0.5]], "num_qubits": 2}),
        typed("NoiseLearnerResult", None),
        typed("_json", {"generators": [], "rates": []}, **NOISE, __class__="PauliLindbladError"),
        typed(
            "_json", {"circuit": 1, "qubits": [], "error": None}, **NOISE, __class__="LayerError"
        ),
        typed("_json", {}, **NOISE, __class__="NoiseLearnerResult"),
        typed("_json", {}, __module__=["os"], __class__="system"),
        typed("spmatrix", base64.b64encode(b"PK").decode()),
        json.dumps({"__type__": ["list"], "__value__": 1}),
    ],
)
def test_one_typed_error_for_everything_malformed(document):
    with pytest.raises(CodecError):
        loads(document)


def test_depth_is_counted_outside_strings_only():
    loads(json.dumps("[" * 5000))
    loads(json.dumps({'quote " and \\': "{" * 500}))
    loads("[" * 100 + "]" * 100)
    with pytest.raises(CodecError, match="levels deep"):
        loads("[" * 101 + "]" * 101)
    with pytest.raises(CodecError, match="levels deep"):
        loads('{"a":' * 100_000)


def test_text_over_the_limit():
    with pytest.raises(CodecError, match="characters"):
        loads("[" + "1," * 100 + "1]", Limits(text=100))


def test_a_compressed_gigabyte_is_refused_before_it_is_unpacked():
    bomb = zlib.compressobj(9)
    head = bomb.compress(b"") + bomb.flush(zlib.Z_FULL_FLUSH)
    # after a full flush a block stands for itself, so one megabyte can be repeated
    megabyte = bomb.compress(b"\0" * 2**20) + bomb.flush(zlib.Z_FULL_FLUSH)
    document = typed("ndarray", base64.b64encode(head + megabyte * 1024).decode())

    def attempt() -> None:
        with pytest.raises(CodecError, match="more bytes"):
            loads(document, Limits(unpacked=2**20))

    assert peak(attempt) < 32 * 2**20


def test_the_budget_is_one_for_the_whole_document():
    array = json.loads(dumps(np.zeros(1000)))
    loads(json.dumps([array] * 3), Limits(unpacked=30_000))
    with pytest.raises(CodecError, match="more bytes"):
        loads(json.dumps([array] * 4), Limits(unpacked=30_000))


def test_a_header_that_claims_terabytes_costs_nothing():
    document = typed("ndarray", packed(npy((2**40,), "<f8", b"\0" * 64)))

    def attempt() -> None:
        with pytest.raises(CodecError, match="shape"):
            loads(document)

    assert peak(attempt) < 2**20


@pytest.mark.parametrize(
    "data",
    [
        npy((1,), "|O", b"\0" * 8),
        npy((-1,), "<f8"),
        npy((2,), "<f8", b"\0" * 8),
        npy((1,) * 40, "<f8", b"\0" * 8),
        npy((0, 2**62, 2**62), "<f8"),
        npy(("a",), "<f8"),
        npy((1,), "V8", b"\0" * 8),
    ],
)
def test_arrays_of_objects_and_impossible_shapes(data):
    with pytest.raises(CodecError):
        loads(typed("ndarray", packed(data)))


def test_pickled_arrays_are_not_arrays():
    file = io.BytesIO()
    np.save(file, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    for data in (file.getvalue(), pickle.dumps([1])):
        with pytest.raises(CodecError):
            loads(typed("ndarray", packed(data)))


def archive(**members: bytes) -> str:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in members.items():
            opened.writestr(f"{name}.npy", data)
    return typed("spmatrix", base64.b64encode(file.getvalue()).decode())


def zipped(depth: int, members: int = 1) -> bytes:
    """Return an archive in an archive, and so on, each with so many members."""
    data = b"\0" * 1000
    for _ in range(depth):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
            for number in range(members):
                opened.writestr(f"data{number or ''}.npy", data)
        data = file.getvalue()
    return data


def matrix(**changed: object) -> str:
    """Return the archive of a matrix, with some of its arrays replaced."""
    parts = {"format": b"csr", "shape": [2, 2], "data": [1.0, 2.0], "indices": [0, 1]}
    arrays = {"indptr": [0, 1, 2], **parts, **changed}
    return archive(**{name: write_array(np.array(value)) for name, value in arrays.items()})


@pytest.mark.parametrize(
    "document",
    [
        matrix(indices=[0, 2**40]),
        matrix(indices=[0, -5]),
        matrix(indptr=[0, 1, 9]),
        matrix(indptr=[0.0, 1.0, 2.0]),
        matrix(shape=[2**40, 2]),
        matrix(shape=[-1, 2]),
        matrix(shape=[2, 2, 2]),
        matrix(data=["a", "b"]),
        matrix(format=b"lil"),
        matrix(format=b"csr_array; import os"),
        matrix(row=[0]),
        archive(format=write_array(np.array(b"csr"))),
        archive(data=pickle.dumps([1])),
        archive(**{f"member{index}": b"" for index in range(1000)}),
        archive(**{"../data": b""}),
        matrix(data=["PK\x03\x04"]),
        archive(**{name: zipped(depth=50) for name in ("data", "indices", "indptr")}),
        typed("spmatrix", base64.b64encode(zipped(depth=50)).decode()),
        typed("spmatrix", base64.b64encode(zipped(depth=1, members=1000)).decode()),
        typed("ndarray", packed(zlib.compress(npy((1,), "<f8", b"\0" * 8)))),
        typed("ndarray", packed(zipped(depth=3))),
        typed("QuantumCircuit", packed(zlib.compress(b"QISKIT"))),
    ],
)
def test_sparse_matrices_that_are_none(document):
    """Indices out of range would have SciPy's compiled loops read and write anywhere."""
    with pytest.raises(CodecError):
        loads(document)


def test_an_archive_unpacks_under_the_budget_of_the_document():
    loads(matrix())
    bomb = archive(data=b"\0" * 2**26)

    def attempt() -> None:
        with pytest.raises(CodecError, match="more bytes"):
            loads(bomb, Limits(unpacked=2**20))

    assert peak(attempt) < 2**23


def test_old_qpy_and_several_programs_are_refused():
    file = io.BytesIO()
    qpy.dump([QuantumCircuit(1), QuantumCircuit(1)], file, version=17)
    with pytest.raises(CodecError, match="2 programs instead of 1"):
        loads(typed("QuantumCircuit", packed(file.getvalue())))
    old = bytearray(file.getvalue())
    old[6] = 9
    with pytest.raises(CodecError, match="version 9"):
        loads(typed("QuantumCircuit", packed(bytes(old))))


def test_damaged_circuits_are_an_error_like_any_other():
    """Some damaged files make the reader panic, which is not even an ``Exception``."""
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.cx(0, 1)
    file = io.BytesIO()
    qpy.dump(circuit, file, version=17)
    good, dice = file.getvalue(), random.Random(1)
    for _ in range(200):
        # the middle of the file: counts in the header may ask for more memory than there is
        damaged = bytearray(good)
        damaged[dice.randrange(len(good) * 2 // 3, len(good))] = dice.randrange(256)
        with contextlib.suppress(CodecError):
            loads(typed("QuantumCircuit", packed(bytes(damaged))))


def test_truncated_compressed_data():
    data = base64.b64decode(json.loads(dumps(np.arange(50.0)))["__value__"])
    with pytest.raises(CodecError, match="damaged"):
        loads(typed("ndarray", base64.b64encode(data[:-8]).decode()))
    with pytest.raises(CodecError, match="damaged"):
        loads(typed("ndarray", base64.b64encode(data + b"more").decode()))


@given(st.text() | st.binary())
def test_any_text_gives_a_value_or_a_codec_error(document):
    with contextlib.suppress(CodecError):
        loads(document)


NAMES_A_MODULE = """
import sys
from qjobwidgets.codec import dumps, loads
from qjobwidgets.errors import CodecError
assert loads(dumps([1j, {2}])) == [1j, {2}]
for module in ("antigravity", "this", "turtle", "os", "../this", "this\\0"):
    for name in ("x", "_json", "settings", "Result", "to_json", "module", "NoiseModel"):
        if name in ("settings", "Result") and "settings" not in sys.argv:
            continue  # words of Qiskit, which is loaded to read them
        for value in ({}, {"__module__": module, "__class__": "x"}):
            names = {"__type__": name, "__module__": module, "__class__": "system"}
            try:
                loads(dumps({**names, "__value__": value}))
            except CodecError:
                pass
print(sorted({"antigravity", "this", "turtle"} & sys.modules.keys()))
print("qiskit" in sys.modules)
"""


@pytest.mark.parametrize("words", [[], ["settings"]], ids=["", "of Qiskit"])
def test_no_module_is_loaded_because_a_document_names_it(words):
    command = [sys.executable, "-c", NAMES_A_MODULE, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", str(bool(words))]
