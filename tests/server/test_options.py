"""Options of the primitives: obeyed, reported as not applied, or refused; never half."""

from __future__ import annotations

from typing import Any

import pytest
from qiskit import QuantumCircuit
from qiskit_aer.noise import (
    NoiseModel,
    ReadoutError,
    amplitude_damping_error,
    depolarizing_error,
    thermal_relaxation_error,
)

from tests.circuits import bell
from tests.server.conftest import Service
from tests.server.running import failed, refused, result_of

PUBS: dict[str, list[Any]] = {
    "sampler": [[bell(), None, 20]],
    "estimator": [[bell(), {"ZZ": 1}, None, 0.1]],
}
SHARED = {
    "dynamical_decoupling": {
        "enable": True,
        "sequence_type": "XY4",
        "extra_slack_distribution": "edges",
        "scheduling_method": "asap",
        "skip_reset_qubits": True,
    },
    "execution": {"init_qubits": False, "rep_delay": 0.0005},
    "twirling": {
        "enable_gates": True,
        "enable_measure": True,
        "num_randomizations": 4,
        "shots_per_randomization": "auto",
        "strategy": "all",
    },
    "simulator": {"coupling_map": [[0, 1], [1, 0]], "basis_gates": ["cx", "rz"]},
    "experimental": {"image": "a:b", "execution": {"fast": True}},
    "environment": {"log_level": "INFO", "job_tags": ["x"], "private": False},
    "max_execution_time": 100,
    "not_known": {"at": {"all": 1}},
}
NAMES = [
    *(f"dynamical_decoupling.{name}" for name in SHARED["dynamical_decoupling"]),
    "execution.init_qubits",
    "execution.rep_delay",
    *(f"twirling.{name}" for name in SHARED["twirling"]),
    "simulator.coupling_map",
    "simulator.basis_gates",
    "experimental.image",
    "experimental.execution.fast",
    *(f"environment.{name}" for name in SHARED["environment"]),
    "max_execution_time",
    "not_known.at.all",
]


@pytest.mark.parametrize("program", ["sampler", "estimator"])
def test_what_a_simulator_has_not_is_accepted_and_reported(service: Service, program: str):
    job = service.submit(program, "aer_local", {"pubs": PUBS[program], "options": SHARED})
    assert service.wait(job)["state"]["status"] == "Completed"
    result = result_of(service, program, pubs=PUBS[program], options=SHARED)
    assert result.metadata["options_not_applied"] == sorted(NAMES)
    assert "Option twirling.enable_gates has no meaning" in service.get(f"/jobs/{job}/logs").text


@pytest.mark.parametrize("program", ["sampler", "estimator"])
def test_what_is_the_case_on_a_simulator_is_not_reported(service: Service, program: str):
    options = {
        "dynamical_decoupling": {"enable": False},
        "execution": {"init_qubits": True, "rep_delay": None},
        "twirling": {"enable_gates": False, "enable_measure": False},
        "simulator": None,
        "experimental": {},
    }
    result = result_of(service, program, pubs=PUBS[program], options=options)
    assert "options_not_applied" not in result.metadata
    assert "options_not_applied" not in result_of(service, program, pubs=PUBS[program]).metadata


def test_mitigation_is_reported_as_not_applied(service: Service):
    resilience = {
        "measure_mitigation": True,
        "zne_mitigation": True,
        "zne": {"noise_factors": [1, 3], "extrapolator": "linear"},
        "pec_mitigation": False,
        "layer_noise_model": None,
    }
    result = result_of(
        service,
        "estimator",
        pubs=PUBS["estimator"],
        options={"resilience": resilience},
        resilience_level=2,
        something_else=1,
    )
    assert result.metadata["options_not_applied"] == [
        "resilience.measure_mitigation",
        "resilience.zne.extrapolator",
        "resilience.zne.noise_factors",
        "resilience.zne_mitigation",
        "resilience_level",
        "something_else",
    ]
    level_0 = result_of(service, "estimator", pubs=PUBS["estimator"], resilience_level=0)
    assert "options_not_applied" not in level_0.metadata


@pytest.mark.parametrize(
    ("program", "options", "name"),
    [
        ("sampler", {"default_shots": 0}, "default_shots"),
        ("sampler", {"default_shots": -5}, "default_shots"),
        ("sampler", {"default_shots": "many"}, "default_shots"),
        ("sampler", {"default_shots": True}, "default_shots"),
        ("sampler", {"execution": {"meas_type": "kerneled"}}, "execution.meas_type"),
        ("sampler", {"execution": {"meas_type": "avg_kerneled"}}, "execution.meas_type"),
        ("sampler", {"execution": {"rep_delay": "long"}}, "execution.rep_delay"),
        ("sampler", {"simulator": {"seed_simulator": 1.5}}, "simulator.seed_simulator"),
        ("sampler", {"simulator": {"seed_simulator": 2**63}}, "simulator.seed_simulator"),
        ("sampler", {"simulator": {"noise_model": "loud"}}, "simulator.noise_model"),
        ("sampler", {"simulator": {"coupling_map": [[0, 1, 2]]}}, "simulator.coupling_map"),
        ("sampler", {"twirling": {"strategy": "none"}}, "twirling.strategy"),
        ("sampler", {"twirling": []}, "twirling"),
        ("sampler", {"dynamical_decoupling": {"enable": 1}}, "dynamical_decoupling.enable"),
        ("estimator", {"default_shots": 0}, "default_shots"),
        ("estimator", {"default_precision": -0.1}, "default_precision"),
        ("estimator", {"default_precision": 1e-9}, "default_precision"),
        ("estimator", {"seed_estimator": -1}, "seed_estimator"),
        ("estimator", {"resilience": {"zne_mitigation": "yes"}}, "resilience.zne_mitigation"),
    ],
)
def test_what_can_not_be_is_refused_by_name(
    service: Service, program: str, options: dict[str, Any], name: str
):
    """0 was taken for "not given"; a negative number failed with "math domain error"."""
    message = refused(service, program, pubs=PUBS[program], options=options)
    assert message.startswith(f"params.options.{name}")


def noise() -> NoiseModel:
    model = NoiseModel()
    model.add_all_qubit_quantum_error(depolarizing_error(0.05, 2), ["cx"])
    model.add_all_qubit_quantum_error(amplitude_damping_error(0.1), ["h"])
    model.add_quantum_error(thermal_relaxation_error(50, 70, 10), ["x"], [0])
    return model


def test_a_noise_model_is_obeyed_in_any_form_it_is_sent_in(service: Service):
    flipped = ReadoutError([[0, 1], [1, 0]])
    counts = []
    for form in (lambda model: model, NoiseModel.to_dict, lambda m: m.to_dict(serializable=True)):
        model = noise()
        model.add_all_qubit_readout_error(flipped)
        simulator = {"noise_model": form(model), "seed_simulator": 7}
        pubs = [[bell(), None, 1000]]
        result = result_of(service, "sampler", pubs=pubs, options={"simulator": simulator})
        assert "options_not_applied" not in result.metadata
        counts.append(result[0].data.meas.get_counts())
    assert counts[0] == counts[1] == counts[2]
    assert set(counts[0]) == {"00", "01", "10", "11"}
    one = QuantumCircuit(1)
    one.measure_all()
    only = NoiseModel()
    only.add_all_qubit_readout_error(flipped)
    options = {"simulator": {"noise_model": only}}
    for backend in ("aer_local", "noisy_local"):  # in place of the noise of the device
        result = result_of(service, "sampler", backend, pubs=[[one, None, 100]], options=options)
        assert result[0].data.meas.get_counts() == {"1": 100}


@pytest.mark.parametrize(
    "model",
    [
        {"errors": [{"type": "qerror"}]},
        {"errors": 7},
        {
            "errors": [
                {
                    "type": "qerror",
                    "operations": ["x"],
                    "probabilities": [1.0],
                    "instructions": [[{"name": "x", "qubits": [2_000_000_000]}]],
                }
            ]
        },
    ],
)
def test_what_is_no_noise_model_fails_with_a_reason(service: Service, model: dict[str, Any]):
    options = {"simulator": {"noise_model": model}}
    state = failed(service, "sampler", pubs=PUBS["sampler"], options=options)
    assert state["reason"].startswith("simulator.noise_model ")
    assert state["reason_code"] == 1210
