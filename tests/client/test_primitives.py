"""Whatever takes Qiskit's primitives can run on a service."""

from __future__ import annotations

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.primitives import BaseEstimatorV2, BasePrimitiveJob, BaseSamplerV2
from qiskit.quantum_info import SparsePauliOp

from qjobwidgets import Estimator, Sampler, Session
from qjobwidgets.client import submissions
from qjobwidgets.client.options import EstimatorOptions, SamplerOptions
from qjobwidgets.errors import IBMInputValueError
from tests.conftest import eventually


def rotated(*, measured: bool) -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.ry(Parameter("t"), 0)
    if measured:
        circuit.measure_all()
    return circuit


def test_sampler(local):
    sampler = Sampler("aer_local", service=local, options={"default_shots": 64})
    assert isinstance(sampler, BaseSamplerV2)
    job = sampler.run(
        [(rotated(measured=True), [[0.0], [np.pi]]), (rotated(measured=True), [0.0], 8)]
    )
    assert isinstance(job, BasePrimitiveJob)
    first, second = job.result(60)
    assert first.data.meas.shape == (2,)
    assert [bits.get_counts() for bits in first.data.meas] == [{"0": 64}, {"1": 64}]
    assert second.data.meas.get_counts() == {"0": 8}


def test_shots_of_a_run(local):
    sampler = Sampler(local.backend("aer_local"))
    assert sampler.run([(rotated(measured=True), [0.0])], shots=16).result(60)[
        0
    ].data.meas.get_counts() == {"0": 16}


def test_estimator(local):
    estimator = Estimator("aer_local", service=local)
    assert isinstance(estimator, BaseEstimatorV2)
    angles = [[0.0], [np.pi]]
    pub = (rotated(measured=False), SparsePauliOp(["Z", "I"], [1, 2]), angles)
    [result] = estimator.run([pub], precision=0.01).result(60)
    assert result.data.evs == pytest.approx([3.0, 1.0], abs=0.1)


def test_options_of_the_program_and_of_the_job(local):
    heard = []
    sampler = Sampler("aer_local", {"environment": {"job_tags": ["mine"]}}, service=local)
    sampler.options.default_shots = 32
    sampler.options.simulator.seed_simulator = 1
    sampler.options.max_execution_time = 100
    sampler.options.environment.callback = lambda job_id, result: heard.append((job_id, result))
    job = sampler.run([(rotated(measured=True), [1.0])])
    counts = job.result(60)[0].data.meas.get_counts()
    assert sum(counts.values()) == 32
    assert job.tags == ["mine"]
    assert job.inputs["options"] == {"default_shots": 32, "simulator": {"seed_simulator": 1}}
    eventually(lambda: heard)
    assert heard[0][0] == job.job_id()
    again = sampler.run([(rotated(measured=True), [1.0])]).result(60)
    assert again[0].data.meas.get_counts() == counts


def test_options_are_replaced_as_a_whole(local):
    estimator = Estimator("aer_local", {"default_precision": 0.1}, service=local)
    estimator.options = {"resilience_level": 0}
    assert estimator.options == EstimatorOptions(resilience_level=0)
    mine = EstimatorOptions(default_precision=0.2)
    estimator.options = mine
    assert estimator.options is mine
    estimator.options = SamplerOptions(default_shots=50)
    assert estimator.options == EstimatorOptions(default_shots=50)
    with pytest.raises(IBMInputValueError, match="'default_precision'"):
        estimator.options = {"default_precison": 0.1}
    assert estimator.options.default_shots == 50
    with pytest.raises(IBMInputValueError, match="int has no options"):
        estimator.options = 5


def test_the_level_of_resilience_is_an_input_of_its_own(local):
    estimator = Estimator("aer_local", {"resilience_level": 0}, service=local)
    job = estimator.run([(rotated(measured=False), "Z", [0.0])])
    assert job.result(60)[0].data.evs == pytest.approx(1.0)
    assert job.inputs["resilience_level"] == 0
    assert job.inputs["options"] == {}


def test_the_backend_of_a_primitive(local):
    assert Sampler("aer_local", service=local).backend().name == "aer_local"
    assert Sampler(service=local).backend() is None
    backend = local.backend("noisy_local")
    estimator = Estimator(backend)
    assert estimator.backend() is backend
    assert estimator.mode is None


def test_a_session_is_a_mode(local):
    with Session("aer_local", service=local) as session:
        sampler = Sampler(session)
        assert sampler.mode is session
        assert sampler.backend().name == "aer_local"


def test_submissions_through_primitives_are_heard_of(local):
    heard = []
    stop = submissions.subscribe(heard.append)
    job = Sampler(service=local).run([(rotated(measured=True), [0.0])])
    stop()
    assert heard == [job]
    job.wait_for_final_state(60)
