"""Interim results as columns of numbers."""

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjobwidgets.records import InterimResult
from qjobwidgets.watch import Series
from qjobwidgets.watch.series import numeric_fields

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


def floats(data):
    return list(array("d", data))


def test_the_fields_of_a_vqe_have_their_names():
    assert numeric_fields([3, [0.1, 0.2], -1.85, 0.01], "vqe") == {
        "evaluation": 3.0,
        "energy": -1.85,
        "std": 0.01,
    }


def test_objects_give_fields_by_key_and_nested_ones_by_path():
    message = {"iteration": 2, "counts": {"00": 7, "11": 9}, "note": "fine", "done": True}
    assert numeric_fields(message) == {"iteration": 2.0, "counts.00": 7.0, "counts.11": 9.0}


@given(JSON)
def test_any_message_gives_only_numbers(message):
    assert all(isinstance(value, float) for value in numeric_fields(message).values())


def test_a_field_that_appears_late_has_gaps_before():
    series = Series()
    series.take(InterimResult(1, 1, "interim", {"cost": 1.0}))
    series.take(InterimResult(2, 1, "interim", {"cost": 0.5, "norm": 3.0}))
    chunk = series.chunk(["norm", "cost"])
    norm, cost = map(floats, chunk.values)
    assert floats(chunk.seq) == [1.0, 2.0]
    assert cost == [1.0, 0.5]
    assert math.isnan(norm[0])
    assert norm[1] == 3.0
    assert series.fields == ["cost", "norm"]


def test_only_interim_results_with_numbers_become_points():
    series = Series()
    for message in (
        InterimResult(1, 1, "interim", {"note": "hello"}),
        InterimResult(2, 2, "restarted", None),
        InterimResult(3, 2, "dropped", {"count": 12}),
        InterimResult(4, 2, "final", {"value": 1.0}),
    ):
        assert not series.take(message)
    assert len(series) == 0
    assert series.missed == 12


def test_what_is_missing_is_told_where_it_is_missing():
    series = Series()
    for seq, kind, data in (
        (1, "interim", 1.0),
        (4, "interim", 2.0),
        (5, "dropped", {"count": 250}),
        (6, "interim", 3.0),
    ):
        series.take(InterimResult(seq, 1, kind, data))
    assert series.chunk([]).lost == [(1, 2), (2, 250)]
    assert series.chunk([], 2).lost == [(2, 250)]
    assert series.missed == 252


def test_messages_without_numbers_and_restarts_are_not_missing():
    """A message that held no number was taken for one that had not arrived."""
    series = Series()
    for seq, attempt, kind, data in (
        (1, 1, "interim", 1.0),
        (2, 1, "interim", {"note": "still going"}),
        (3, 2, "restarted", None),
        (4, 2, "interim", 2.0),
    ):
        series.take(InterimResult(seq, attempt, kind, data))
    chunk = series.chunk(["value"])
    assert (chunk.lost, chunk.attempts) == ([], [(0, 1), (1, 2)])
    assert series.missed == 0


def test_the_most_telling_field_comes_first_and_counters_last():
    series = Series("vqe")
    series.take(InterimResult(1, 1, "interim", [1, [0.0], -1.0, 0.1]))
    assert series.fields == ["energy", "std", "evaluation"]


def test_a_job_that_invents_fields_does_not_fill_the_memory():
    """Counts as interim results made one column for every bit string ever seen."""
    series = Series()
    for n in range(1000):
        series.take(InterimResult(n + 1, 1, "interim", {f"{n:010b}": 1}))
    assert len(series) == 1000
    assert len(series.fields) <= 32


def test_the_field_drawn_first_does_not_depend_on_chance():
    """Fields of equal rank came in the order of a set, another in every kernel."""
    names = [f"quantity {n}" for n in range(12)]
    series = Series()
    series.take(InterimResult(1, 1, "interim", dict.fromkeys(names, 1.0)))
    assert series.fields == names


def test_an_integer_too_large_for_a_float_is_infinite():
    assert numeric_fields([10**400, -(10**400)]) == {"[0]": math.inf, "[1]": -math.inf}


def test_outcomes_come_in_the_order_of_how_often_they_were_measured():
    """The first one that a job had ever named was drawn, however rare it was."""
    series = Series()
    for seq, counts in enumerate([{"00": 5, "01": 3}, {"01": 9, "11": 1}, {"11": 40}], 1):
        series.take(InterimResult(seq, 1, "interim", {"iteration": seq, "counts": counts}))
    assert series.fields == ["counts.01", "counts.00", "counts.11", "iteration"]
    series.take(InterimResult(4, 1, "interim", {"counts": {"11": 2}, "loss": 0.5}))
    assert series.fields == ["loss", "counts.11", "counts.01", "counts.00", "iteration"]


def test_an_outcome_that_is_not_named_was_not_measured():
    """Its curve had gaps, as if nothing were known: a job tells only of what it has measured."""
    series = Series()
    for seq, data in enumerate([{"00": 4}, {"cost": 1}, {"01": 3}, {"00": 1, "11": 2}], 1):
        series.take(InterimResult(seq, 1, "interim", data))
    columns = map(floats, series.chunk(["00", "01", "11"]).values)
    assert [[None if math.isnan(x) else x for x in column] for column in columns] == [
        [4, None, 0, 1],
        [0, None, 3, 0],
        [0, None, 0, 2],
    ]


def test_of_many_outcomes_the_most_frequent_become_fields():
    """Of those given as floats the first ones did."""
    counts = {f"{number:010b}": number for number in range(1000)}
    found = numeric_fields({"iteration": 1, "counts": counts})
    assert len(found) == 32
    assert min(value for name, value in found.items() if name != "iteration") == 969
    shares = numeric_fields({outcome: number / 1000 for outcome, number in counts.items()})
    assert (len(shares), min(shares.values())) == (32, 0.968)


@pytest.mark.parametrize(
    "messages",
    [
        [{"0": -1.1, "1": -0.5, "2": -0.2}, {"1": -0.6, "2": -0.3}],
        [{"0": 1.1, "1": 1.5, "10": 1.8}, {"1": 1.4, "10": 1.9}],
        [{"0": 1.5, "1": 1.1}, {"0": -0.5, "1": 1.0}, {"1": 1.0}],
    ],
    ids=["states", "binary", "negative later"],
)
@pytest.mark.parametrize("whole", ["", "energies."])
def test_numbers_by_index_are_no_counts(messages, whole):
    """The fields "0" and "1" of anything came last, and were zero where nobody had told of them."""
    series = Series()
    for seq, message in enumerate(messages, 1):
        data = {whole[:-1]: message} if whole else message
        series.take(InterimResult(seq, 1, "interim", data))
    names = [whole + name for name in messages[0]]
    assert (series.fields, series.outcomes) == (names, frozenset())
    first, *_ = map(floats, series.chunk(names).values)
    assert math.isnan(first[-1])


def test_counts_may_have_outcomes_in_hexadecimal_or_of_several_registers():
    for counts in ({"0x0": 3, "0x1f": 9}, {"00 1": 3, "11 0": 9}):
        series = Series()
        series.take(InterimResult(1, 1, "interim", counts))
        assert series.outcomes == {*counts}
