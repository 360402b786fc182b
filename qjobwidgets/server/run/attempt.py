"""What happens in an attempt's process: read the instructions, run the program, report.

This process has no token and no database handle. Nothing it does can harm more than its own job.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import socket
import sys
import tempfile
import traceback
from typing import Any

import orjson

from qjobwidgets.codec import dumps, loads
from qjobwidgets.errors import CodecError
from qjobwidgets.server.backends.devices import Device, UnsupportedCircuitError
from qjobwidgets.server.jobs.states import ReasonCode
from qjobwidgets.server.programs.catalogue import PROGRAMS
from qjobwidgets.server.programs.context import Context, ProgramInputError
from qjobwidgets.server.programs.limits import reading, restrict
from qjobwidgets.server.programs.runners import RUNNERS
from qjobwidgets.server.programs.uploaded import UploadedProgramError
from qjobwidgets.server.programs.uploaded import run as run_uploaded
from qjobwidgets.server.run.rehearsal import rehearse
from qjobwidgets.server.run.wire import (
    MESSAGE_CAP,
    REHEARSE,
    FrameError,
    receive_frames,
    send_frame,
)

__all__ = ["main"]


def main(channel: socket.socket) -> None:
    """Run the job that the supervisor describes, and get ready for it before if there is time."""
    told = receive_frames(channel)
    instructions = next(told)
    if instructions == REHEARSE:
        rehearse()
        instructions = next(told)
    _settle(instructions["folder"])
    restrict(instructions["memory"])
    _open_log()
    logging.basicConfig(level=instructions["log_level"], stream=sys.stderr, force=True)
    figures: dict[str, Any] = {}
    try:
        text = _run(channel, instructions, figures)
        report = {"type": "result", "data": text, "figures": figures}
    except BaseException as error:  # noqa: BLE001 - a panic in Rust code is no Exception
        report = {"type": "failed", "figures": figures, **_explained(error)}
    for name in ("stdout", "stderr"):
        with contextlib.suppress(Exception):  # a program may have closed or replaced them
            getattr(sys, name).flush()
    _send_last(channel, report)


def _open_log() -> None:
    """Have each line be in the log when it is written: a process that is killed flushes nothing."""
    sys.stdout, sys.stderr = (
        os.fdopen(number, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
        for number in (1, 2)
    )


def _settle(folder: str) -> None:
    """Have what is written without a place go to the folder that is removed with this process."""
    os.chdir(folder)
    os.environ["TMPDIR"] = folder
    tempfile.tempdir = None


def _run(channel: socket.socket, instructions: dict[str, Any], figures: dict[str, Any]) -> str:
    def publish(message: Any) -> None:
        text = _written(message)
        if len(text) > MESSAGE_CAP:
            send_frame(channel, {"type": "dropped"})
        else:
            send_frame(channel, {"type": "interim", "data": text})

    seed = int.from_bytes(hashlib.sha256(instructions["job"].encode()).digest()[:4]) >> 1
    device = Device(instructions["backend"], instructions["memory"])
    context = Context(device=device, seed=seed, publish=publish, figures=figures)
    device.warm_up()
    program, text, source = (instructions[name] for name in ("program", "params", "source"))
    # What was uploaded takes typed JSON.
    typed = program not in PROGRAMS or PROGRAMS[program].typed
    with reading(len(text)):
        params = loads(text) if typed else orjson.loads(text)
    if source is not None:
        return _written(run_uploaded(context, params, source))
    return _written(RUNNERS[program](context, params))


def _written(value: Any) -> str:
    """Return typed JSON; what can't be written is the program's error, not one of its inputs."""
    try:
        return dumps(value)
    except CodecError as error:
        raise TypeError(str(error)) from None


def _send_last(channel: socket.socket, report: dict[str, Any]) -> None:
    try:
        send_frame(channel, report)
    except (FrameError, MemoryError) as error:
        reason = f"The result is too large: {error or 'there is no memory to send it'}."
        send_frame(
            channel, {"type": "failed", "reason": reason, "code": ReasonCode.RESULT_TOO_LARGE}
        )


def _explained(error: BaseException) -> dict[str, Any]:
    """Return reason, code and solution of a failure, also of one that can't tell its own."""
    try:
        with contextlib.suppress(Exception):  # it may have closed the log
            traceback.print_exception(error)
        return _explain(error)
    except BaseException:  # noqa: BLE001 - its class is of the program, and does what it likes
        return {"reason": type(error).__name__, "code": int(ReasonCode.PROGRAM_ERROR)}


def _explain(error: BaseException) -> dict[str, Any]:
    """Return reason, code and solution of a failure."""
    text, solution = str(error).strip(), None
    match error:
        case UnsupportedCircuitError():
            text, code, solution = error.message, ReasonCode.UNSUPPORTED_CIRCUIT, error.fix
        case CodecError() | ProgramInputError():
            text, code, solution = error.message, ReasonCode.INPUT_REFUSED, error.fix
        case UploadedProgramError():
            text, code, solution = error.message, ReasonCode.PROGRAM_ERROR, error.fix
        case MemoryError():
            text = "The job needs more memory than a job may use."
            code, solution = ReasonCode.OUT_OF_MEMORY, "Use fewer qubits."
        case _:
            text = f"{type(error).__name__}: {text}" if text else type(error).__name__
            code = ReasonCode.PROGRAM_ERROR
    return {
        "reason": _sendable(text),
        "code": int(code),
        "solution": None if solution is None else _sendable(solution),
    }


def _sendable(text: object) -> str:
    """Return a message as text that can be sent: it may quote what is no valid Unicode."""
    return str(text).encode(errors="replace").decode()
