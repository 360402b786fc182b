"""What the cases of today's client share: the service, the backends, and circuits for them."""

import uuid
from functools import cache
from typing import Any

from door import INSTANCE, Door, environment
from qiskit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager
from qiskit_ibm_runtime import IBMBackend, QiskitRuntimeService, RuntimeJobV2, SamplerV2

CHANNEL = "ibm_quantum_platform"


@cache
def service(door: Door) -> QiskitRuntimeService:
    """Return the service, configured with a given instance."""
    with environment(IAM_URL=door.origin, QISKIT_FUNCTIONS_EXPERIMENTAL="1"):
        return QiskitRuntimeService(
            channel=CHANNEL,
            token=door.token,
            instance=INSTANCE,
            url=door.origin,
            url_resolver=lambda *_: door.url,
        )


@cache
def backend(door: Door, name: str) -> IBMBackend:
    return service(door).backend(name)


def ghz(qubits: int) -> QuantumCircuit:
    circuit = QuantumCircuit(qubits)
    circuit.h(0)
    for qubit in range(1, qubits):
        circuit.cx(qubit - 1, qubit)
    circuit.measure_all()
    return circuit


def isa(circuit: QuantumCircuit, device: IBMBackend) -> QuantumCircuit:
    passes = generate_preset_pass_manager(optimization_level=1, backend=device, seed_transpiler=1)
    return passes.run(circuit)


def sampler(mode: Any, *, limit: int | None = None, **environment: Any) -> SamplerV2:
    """Return a sampler whose jobs run for at most ``limit`` seconds."""
    primitive = SamplerV2(mode=mode)
    if limit is not None:
        primitive.options.max_execution_time = limit
    for name, value in environment.items():
        setattr(primitive.options.environment, name, value)
    return primitive


def bell_job(door: Door, name: str = "aer_local", **options: Any) -> RuntimeJobV2:
    device = backend(door, name)
    return sampler(device, **options).run([isa(ghz(2), device)], shots=100)


def patient_job(door: Door, **options: Any) -> RuntimeJobV2:
    """Submit a job that waits two seconds and then runs for nearly a minute."""
    return sampler(backend(door, "slow_local"), **options).run([ghz(2)] * 300, shots=1)


def result(job: RuntimeJobV2) -> Any:
    return job.result(timeout=300, poll_interval=0.1)


def fresh_tag() -> str:
    return f"case-{uuid.uuid4().hex}"
