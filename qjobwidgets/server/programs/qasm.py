"""OpenQASM text as circuits, read in a process of its own.

A short program can ask its reader for gigabytes or for hours, and some end the process it runs in:
registers of billions of qubits, definitions that double one another, thousands of parentheses. So a
child of the attempt reads the text, within limits of time and memory, and hands the circuit back as
QPY; whatever happens to the child is an error with a reason. Nothing but the libraries that come
with the languages can be included, and no file is ever opened.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import re
import resource
import signal
from typing import NoReturn

from qiskit import QuantumCircuit, qasm2, qpy

from qjobwidgets.codec.circuits import check_qpy, read_circuits
from qjobwidgets.server.programs.context import ProgramInputError
from qjobwidgets.server.programs.limits import restrict

__all__ = ["read_qasm"]

_LEAST_SECONDS = 5  # of processor time
_CHARACTERS_PER_SECOND = 4_000  # a machine that is slow may take eight times as long as usual
_MEMORY = 1024**3
_REASON_CAP = 1000
_CIRCUIT, _REASON = b"C", b"R"
_VERSION_2 = re.compile(r"\s*(?://[^\n]*\n\s*)*OPENQASM\s+2")


def read_qasm(text: str) -> QuantumCircuit:
    """Return the circuit of an OpenQASM 2 or 3 program.

    Raises:
        ProgramInputError: It is not one, uses what can't be had, or is too much to read.
    """
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiving)
        _read_and_end(text, sending)
    os.close(sending)
    with open(receiving, "rb") as pipe:  # noqa: PTH123 - not a path
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    kind, body = answer[:1], answer[1:]
    if kind == _CIRCUIT and status == 0:
        check_qpy(body)
        return read_circuits(body)[0]
    code = os.waitstatus_to_exitcode(status)
    if kind == _REASON:
        reason = body.decode(errors="replace")
    elif code in {-signal.SIGXCPU, -signal.SIGKILL}:
        reason = f"that takes more than {_seconds(text)} seconds"
    else:
        reason = f"that takes more than {_MEMORY >> 20} MiB, or its reader failed"
    raise ProgramInputError(
        f"An OpenQASM program can't be read: {reason}.",
        fix="Check it with qiskit.qasm3.loads or qiskit.qasm2.loads, or send the circuit as QPY.",
    )


def _seconds(text: str) -> int:
    """Return how long it may take to read a program."""
    return _LEAST_SECONDS + len(text) // _CHARACTERS_PER_SECOND


def _read_and_end(text: str, sending: int) -> NoReturn:
    """Read the program, write what came of it, and end this process without any clean-up."""
    try:
        _limit(_seconds(text))
        answer = _CIRCUIT + _qpy(text)
    except BaseException as error:  # noqa: BLE001 - a panic in Rust code is no Exception
        answer = _REASON + _words(error).encode(errors="replace")
    with contextlib.suppress(BaseException), open(sending, "wb") as pipe:
        pipe.write(answer)
    os._exit(0)


def _limit(seconds: int) -> None:
    restrict(_MEMORY)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    end = math.ceil(usage.ru_utime + usage.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (end, end))


def _qpy(text: str) -> bytes:
    buffer = io.BytesIO()
    qpy.dump(_parsed(text), buffer)
    return buffer.getvalue()


def _parsed(text: str) -> QuantumCircuit:
    if _VERSION_2.match(text):
        return qasm2.loads(
            text,
            include_path=(),  # without it, any file could be included and quoted in the message
            custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS,
        )
    from qiskit import qasm3  # noqa: PLC0415 - only few jobs need its parser

    return qasm3.loads(text)


def _words(error: BaseException) -> str:
    match error:
        case MemoryError():
            return f"that takes more than {_MEMORY >> 20} MiB"
        case _ if not isinstance(error, Exception):  # Rust code that got no memory panics
            return f"its reader failed, or needs more than {_MEMORY >> 20} MiB"
        case RecursionError():
            return "it is nested too deeply"
        case _:
            words = str(getattr(error, "message", error)).strip(" .")[:_REASON_CAP]
            return words or "its grammar is wrong; the log of the job says where"
