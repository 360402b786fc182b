"""What every attempt would otherwise do for the first time: done once, before any is forked.

Python and Qiskit remember what they have looked up: which classes belong together, which gates
there are, how a circuit is read. Python also rewrites the code it has run a few times into a faster
form, in place: each page so written to would be copied in each attempt. An attempt inherits all of
that from the zygote, and copies a third fewer pages.

A process that waits for a job rehearses once more: then the pages are copied that a job writes to
all the same, and nobody waits for it.

The job rehearsed is simulated for real, on so few qubits that Aer starts no threads for it. It has
a thread of Python's to wait in; the zygote ends it, because threads do not survive a fork.
"""

from __future__ import annotations

from functools import cache

from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.transpiler import generate_preset_pass_manager
from qiskit_aer.jobs import utils

from qjobwidgets.codec import dumps, loads
from qjobwidgets.server.backends.catalogue import BACKENDS
from qjobwidgets.server.backends.devices import Device
from qjobwidgets.server.programs.context import Context
from qjobwidgets.server.programs.runners import RUNNERS

__all__ = ["rehearse", "rehearse_for_all"]

_MEMORY = 1 << 30
_TIMES = 8  # from the eighth call on a function of Python's runs in its faster form


def rehearse_for_all() -> None:
    """Rehearse until nothing is done for the first time any more; for a process that is forked."""
    # Made and not used: Qiskit's plugins of the transpiler are loaded by this. It comes first:
    # classes that are loaded later would have Python look up anew what it remembers.
    generate_preset_pass_manager(optimization_level=0, target=_device().target)
    for _ in range(_TIMES):
        rehearse()
    # In each fork Aer makes another.
    utils.DEFAULT_EXECUTOR.shutdown()


def rehearse() -> None:
    """Run the sampler once, from typed JSON to typed JSON.

    Not the estimator: Qiskit's own has a pool of threads that a fork would find without threads.
    """
    context = Context(device=_device(), seed=0, publish=lambda _message: None, figures={})
    dumps(RUNNERS["sampler"](context, loads(_params())))


def _device() -> Device:
    return Device(next(iter(BACKENDS)), _MEMORY)


@cache
def _params() -> str:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.rz(Parameter("angle"), 1)
    circuit.measure_all()
    return dumps({"pubs": [[circuit, [[0.5]], 1]], "version": 2, "support_qiskit": True})
