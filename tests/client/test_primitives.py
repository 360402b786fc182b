"""Whatever takes Qiskit's primitives can run on a service."""

from __future__ import annotations

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.primitives import BaseEstimatorV2, BasePrimitiveJob, BaseSamplerV2
from qiskit.quantum_info import SparsePauliOp

from qjobwidgets import Estimator, Sampler
from qjobwidgets.client import submissions


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


def test_submissions_through_primitives_are_heard_of(local):
    heard = []
    stop = submissions.subscribe(heard.append)
    job = Sampler(service=local).run([(rotated(measured=True), [0.0])])
    stop()
    assert heard == [job]
    job.wait_for_final_state(60)
