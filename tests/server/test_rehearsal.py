"""What attempts share, because the zygote has it before it forks."""

from __future__ import annotations

import subprocess
import sys

from tests.server.conftest import DEADLINE

COMPILING = """
import sys
from qiskit.circuit.random import random_circuit
from qjobwidgets.server.backends.devices import Device
from qjobwidgets.server.run.zygote import _preload

_preload()
before = set(sys.modules)
for name in ("aer_local", "noisy_local"):
    Device(name, 1 << 30).compile(random_circuit(4, 4, measure=True, seed=1))
print(len([name for name in set(sys.modules) - before if "plugin" in name or "runtime" in name]))
"""


def test_an_attempt_that_compiles_circuits_loads_no_plugins():
    """Each one loaded all plugins of the transpiler anew: 1.4 s where the official client is."""
    done = subprocess.run(
        [sys.executable, "-c", COMPILING],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=True,
    )
    assert done.stdout.split() == ["0"]
