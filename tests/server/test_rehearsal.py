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
FOREIGN = """
import sys
from qiskit import QuantumCircuit
from qiskit.transpiler.preset_passmanagers.plugin import list_stage_plugins
from qjobwidgets.server.backends.devices import Device
from qjobwidgets.server.run.zygote import _preload

_preload()
loaded = lambda: "qiskit_ibm_runtime" in sys.modules
circuit = QuantumCircuit(2, 2)
circuit.append(QuantumCircuit(2, name="block"), [0, 1])
print("ibm_dynamic_circuits" in list_stage_plugins("translation"), loaded())
Device("aer_local", 1 << 30).compile(circuit, translation_method="ibm_dynamic_circuits")
print(loaded())
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


def test_a_plugin_of_another_package_is_known_and_loaded_by_whoever_names_it():
    """Each server loaded the official client, and took twice the time and memory for it."""
    done = subprocess.run(
        [sys.executable, "-c", FOREIGN],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=True,
    )
    assert done.stdout.split() == ["True", "False", "True"]
