"""What every attempt would otherwise do for the first time: done once, before any is forked.

Python and Qiskit remember what they have looked up: which classes belong together, which gates
there are, how a circuit is read. An attempt inherits that memory from the zygote. A job that
samples nothing goes all the way without a simulation, which would start threads, and those do not
survive a fork.
"""

from __future__ import annotations

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.transpiler import generate_preset_pass_manager

from qjobwidgets.codec import dumps, loads
from qjobwidgets.server.programs.context import Context
from qjobwidgets.server.programs.runners import RUNNERS
from qjobwidgets.server.run.backends import BACKENDS
from qjobwidgets.server.run.devices import Device

__all__ = ["rehearse"]

_MEMORY = 1 << 30


def rehearse() -> None:
    """Run the sampler on no parameter values at all, from typed JSON to typed JSON."""
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.rz(Parameter("angle"), 1)
    circuit.measure_all()
    pub = [circuit, np.zeros((0, 1)), 1]
    params = dumps({"pubs": [pub], "version": 2, "support_qiskit": True})
    device = Device(next(iter(BACKENDS)), _MEMORY)
    context = Context(device=device, seed=0, publish=lambda _message: None, figures={})
    dumps(RUNNERS["sampler"](context, loads(params)))
    # Made and not used. All plugins of the transpiler that are installed are loaded by this; the
    # official client is one, and takes longer than a small job.
    generate_preset_pass_manager(optimization_level=0, target=device.target)
