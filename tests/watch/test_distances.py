"""Distances between distributions, and the counting below them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qjobwidgets.errors import QJobError
from qjobwidgets.watch.distances import (
    Distribution,
    align,
    distance,
    distribution,
    fidelity_noise,
    hellinger_fidelity,
    shot_noise,
    total_variation,
)
from qjobwidgets.watch.outcomes import Register

COUNTS = st.dictionaries(st.integers(0, 31), st.integers(1, 10**6), min_size=1)


def measured(counts, num_bits=5):
    return Register.of_counts(0, "meas", num_bits, counts).outcomes()


@settings(deadline=None)  # the first call loads Qiskit
@given(COUNTS, COUNTS)
def test_they_are_those_of_qiskit_and_of_the_definition(one, other):
    from qiskit.quantum_info import hellinger_fidelity as of_qiskit

    found, second = measured(one), Distribution.of(measured(other))
    aligned = align(found, [second])
    far = distance(aligned.counts, found.shots, aligned.others[0], second.shots)
    keys = [{f"{n:05b}": c for n, c in counts.items()} for counts in (one, other)]
    assert far.fidelity == pytest.approx(of_qiskit(*keys), abs=1e-9)
    p, q = ({n: c / sum(d.values()) for n, c in d.items()} for d in (one, other))
    outcomes = p.keys() | q.keys()
    variation = sum(abs(p.get(n, 0) - q.get(n, 0)) for n in outcomes) / 2
    assert far.variation == pytest.approx(variation)
    assert 0 <= far.fidelity_error <= 1


def test_equal_and_disjoint_distributions():
    half = np.array([0.5, 0.5, 0.0, 0.0])
    assert (hellinger_fidelity(half, half), total_variation(half, half)) == (pytest.approx(1), 0)
    other = half[::-1]
    assert (hellinger_fidelity(half, other), total_variation(half, other)) == (0, 1)


def test_shot_noise_is_that_of_a_binomial_share():
    assert shot_noise(0.5, 100) == 0.05
    assert shot_noise(0.0, 100) == shot_noise(1.0, 100) == shot_noise(0.5, 0) == 0.0


@pytest.mark.parametrize("other_shots", [None, 3000])
def test_the_noise_of_the_fidelity_is_its_spread_from_run_to_run(other_shots):
    rng = np.random.default_rng(7)
    p, q = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.1, 0.2, 0.3, 0.4])
    runs = rng.multinomial(2000, p, size=4000) / 2000
    others = [q] * 4000 if other_shots is None else rng.multinomial(3000, q, size=4000) / 3000
    spread = np.std([hellinger_fidelity(a, b) for a, b in zip(runs, others, strict=True)])
    assert fidelity_noise(p, 2000, q, other_shots) == pytest.approx(spread, rel=0.05)


def test_what_was_expected_but_not_measured_stands_beside_the_counts():
    aligned = align(measured({3: 4}), [None, distribution({"00000": 0.5, "00011": 0.5})])
    assert aligned.outcomes.ravel().tolist() == [0, 3]
    assert aligned.counts.tolist() == [0, 4]
    assert aligned.others[0] is None
    assert aligned.others[1].tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("given_as", "shots"),
    [
        ({"00": 0.5, "11": 0.5}, None),
        ({"0 0": 50, "1 1": 50}, 100),
        ({0: 0.5, 3: 0.5}, None),
        ({np.int64(0): np.float64(2.5), 3: 2.5}, None),
        ({"00": np.int64(7), "11": np.uint8(7)}, 14),
    ],
)
def test_ways_to_write_a_distribution(given_as, shots):
    found = distribution(given_as)
    assert (found.num_bits, found.shots) == (2, shots)
    assert found.outcomes.ravel().tolist() == [0, 3]
    assert found.shares.tolist() == [0.5, 0.5]


def test_a_certain_outcome_is_no_count():
    assert distribution({"00": 1}).shots is None


@pytest.mark.parametrize(
    "given_as",
    [{}, {"00": 0}, {"": 1}, {"0x3": 1}, {1.5: 1}, {-1: 1}, {"0": "x"}, {"0": math.nan},
     {"0": math.inf}, {"0": -0.5, "1": 1.5}],
)  # fmt: skip
def test_what_is_no_distribution_is_refused(given_as):
    with pytest.raises(QJobError, match="Pass outcomes with their share"):
        distribution(given_as)


@pytest.mark.parametrize("value", [-math.inf, 1e308, 10**400])
def test_nor_are_shares_that_have_no_sum(value):
    """They ended in an error of Python's own that says nothing of what to pass."""
    with pytest.raises(QJobError, match="Pass outcomes with their share"):
        distribution({"0": value, "1": abs(value)})


def test_an_outcome_wider_than_the_register():
    with pytest.raises(QJobError, match="more than the 2 bits"):
        distribution({"111": 1}, 2)


@pytest.mark.parametrize("num_bits", [1, 7, 8, 14, 20, 21, 24, 32, 33, 64, 65, 100])
def test_shots_of_any_width_are_counted_in_order(num_bits):
    rng = np.random.default_rng(num_bits)
    width = -(-num_bits // 8)
    # bits beyond the register, zeros at either end, and outcomes that come again
    rows = rng.integers(0, 256, (600, width), dtype=np.uint8)
    rows[:200], rows[200:250], rows[250:300, -1] = rows[400:], 0, 0
    found = Register.of_shots(0, "meas", num_bits, rows).outcomes()
    rows[:, 0] &= 255 >> (-num_bits % 8)
    expected, counts = np.unique(rows, axis=0, return_counts=True)
    assert (found.outcomes == expected).all()
    assert (found.counts == counts).all()
    assert found.counts.dtype == np.dtype("<u4")


@pytest.mark.parametrize("num_bits", [5, 20, 21, 64, 65])
def test_without_a_single_shot_nothing_was_measured(num_bits):
    """Of a sweep of no points with more than 20 bits a view said that it can't be read."""
    rows = np.zeros((0, 100, -(-num_bits // 8)), np.uint8)
    found = Register.of_shots(0, "meas", num_bits, rows).slimmed().outcomes()
    assert (found.shots, found.bitstrings()) == (0, {})


def test_parameter_sets_of_several_axes():
    rows = np.arange(12, dtype=np.uint8).reshape(2, 3, 2, 1)
    register = Register.of_shots(0, "meas", 4, rows)
    assert (register.sets, register.shots) == (6, 12)
    assert register.outcomes(4).bitstrings() == {"1000": 1, "1001": 1}
    assert register.slimmed() is register
    assert Register.of_shots(0, "meas", 4, rows[0, 0]).slimmed().rows.tolist() == [[0], [1]]
