"""Options of the primitives: a tree of names, of which only what is set is sent."""

from __future__ import annotations

import copy

import pytest
from qiskit.transpiler import CouplingMap

from qjobwidgets.client.options import EstimatorOptions, SamplerOptions, TwirlingOptions, Unset
from qjobwidgets.errors import IBMInputValueError

DEFAULTS = [SamplerOptions, EstimatorOptions]


@pytest.mark.parametrize("kind", DEFAULTS)
def test_what_nobody_has_set_is_not_sent(kind):
    options = kind()
    assert options.to_dict() == {}
    assert options.inputs() == {"options": {}}
    assert options.fields() == {}
    assert options.default_shots is Unset
    assert not options.twirling.enable_gates
    assert repr(options) == f"{kind.__name__}()"


def test_a_tree_of_attributes():
    options = SamplerOptions()
    options.default_shots = 100
    options.dynamical_decoupling.enable = True
    options.dynamical_decoupling.sequence_type = "XY4"
    options.execution.meas_type = "classified"
    options.environment.job_tags = ["a"]
    options.environment.private = True
    options.max_execution_time = 60
    assert options.inputs() == {
        "options": {
            "default_shots": 100,
            "dynamical_decoupling": {"enable": True, "sequence_type": "XY4"},
            "execution": {"meas_type": "classified"},
        }
    }
    assert options.fields() == {"job_tags": ["a"], "private": True, "max_execution_time": 60}


def test_dictionaries_for_groups_and_for_all():
    options = EstimatorOptions(twirling={"enable_gates": True}, default_precision=0.1)
    assert options.twirling == TwirlingOptions(enable_gates=True)
    options.update(
        twirling={"enable_measure": False},
        resilience={"zne_mitigation": True, "zne": {"noise_factors": (1, 3)}},
    )
    assert options.to_dict() == {
        "default_precision": 0.1,
        "twirling": {"enable_gates": True, "enable_measure": False},
        "resilience": {"zne_mitigation": True, "zne": {"noise_factors": (1, 3)}},
    }
    options.twirling = {"strategy": "all"}
    assert options.twirling.to_dict() == {"strategy": "all"}
    options.twirling = None
    assert "twirling" not in options.to_dict()
    assert "zne=ZneOptions(noise_factors=(1, 3))" in repr(options)


def test_an_option_is_taken_back():
    options = EstimatorOptions(default_precision=0.1)
    options.default_precision = Unset
    assert options.to_dict() == {}


def test_none_is_a_value_and_is_sent():
    options = EstimatorOptions()
    options.resilience.pec.max_overhead = None
    assert options.inputs()["options"] == {"resilience": {"pec": {"max_overhead": None}}}


def test_the_level_of_resilience_stands_beside_the_options():
    options = EstimatorOptions(resilience_level=0, seed_estimator=7)
    assert options.inputs() == {"options": {"seed_estimator": 7}, "resilience_level": 0}


def test_the_image_is_one_of_the_submission():
    options = SamplerOptions(experimental={"image": "a:b", "x": 1})
    assert options.inputs()["options"] == {"experimental": {"x": 1}}
    assert options.fields() == {"image": "a:b"}
    options.environment.image = "c:d"
    assert options.fields() == {"image": "c:d"}


def test_a_coupling_map_of_qiskit_becomes_pairs():
    options = SamplerOptions(simulator={"coupling_map": CouplingMap([(0, 1), (1, 2)])})
    sent = options.inputs()["options"]["simulator"]["coupling_map"]
    assert sorted(sent) == [[0, 1], [1, 2]]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("default_shot", "no option 'default_shot'.*mean 'default_shots'"),
        ("dynamic_decoupling", "mean 'dynamical_decoupling'"),
        ("xyz", "There are: .*default_shots.*twirling"),
        ("update", "no option 'update'"),
    ],
)
def test_an_unknown_name_is_refused_with_one_that_is_near(name, words):
    options = SamplerOptions()
    with pytest.raises(IBMInputValueError, match=words):
        setattr(options, name, 1)
    with pytest.raises(ValueError, match=words):
        options.update(**{name: 1})


def test_an_unknown_name_within_a_group_is_refused():
    options = SamplerOptions()
    with pytest.raises(IBMInputValueError, match=r"TwirlingOptions.*mean 'enable_gates'"):
        options.twirling = {"enable_gate": True}
    with pytest.raises(IBMInputValueError, match="mean 'enable'"):
        options.update(dynamical_decoupling={"enabled": True})
    with pytest.raises(IBMInputValueError, match="group of options"):
        options.twirling = True
    assert options.to_dict() == {}


def test_a_copy_is_one_of_its_own():
    options = SamplerOptions(twirling={"enable_gates": True})
    other = copy.deepcopy(options)
    assert other == options
    other.twirling.enable_gates = Unset
    assert options.twirling.enable_gates is True
