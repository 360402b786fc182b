"""Times, numbers and ids read as the product's language guide says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjobwidgets.render import words
from tests.render.facts import NOW, before

N = "\u202f"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (-3, f"0{N}s"),
        (0, f"0{N}s"),
        (0.04, f"0{N}s"),
        (0.4, f"0.4{N}s"),
        (0.97, f"1{N}s"),
        (59.9, f"59{N}s"),
        (192, f"3{N}min 12{N}s"),
        (1200, f"20{N}min"),
        (3599, f"59{N}min 59{N}s"),
        (22_320, f"6{N}h 12{N}min"),
        (86_400 * 1234 + 7200, f"1{N}234{N}d 2{N}h"),
    ],
)
def test_durations_have_two_units_at_most(length, said):
    assert words.duration(length) == said


@pytest.mark.parametrize(
    ("length", "said"),
    [(None, "–"), (0, f"0{N}s"), (41.2, f"41.2{N}s"), (312.5, f"5{N}min 12{N}s")],
)
def test_usage_keeps_one_decimal_below_a_minute(length, said):
    assert words.seconds(length) == said


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(days=1, minutes=21), "19 Nov 13:41"),
        (timedelta(days=365), "2025-11-20 14:02"),
    ],
)
def test_a_time_of_another_day_or_year_says_so(age, said):
    assert words.moment(NOW - age, NOW, UTC) == said


def test_times_are_shown_in_the_zone_asked_for():
    tokyo = timezone(timedelta(hours=9))
    assert words.clock(NOW, UTC) == "14:02"
    assert words.clock(NOW, tokyo) == "23:02"
    assert words.stamp(NOW, tokyo) == "2026-11-20 23:02"
    assert words.day_time(NOW, tokyo) == "20 Nov 23:02"
    assert words.moment(before(hours=10), NOW, UTC) == "04:02"
    assert words.moment(before(hours=23), NOW, tokyo) == "00:02"


def test_without_a_zone_times_are_local():
    assert words.stamp(NOW) == NOW.astimezone().strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("value", "decimals", "said"),
    [
        (None, 2, "–"),
        (float("inf"), 2, "–"),
        (4096, None, f"4{N}096"),
        (1_048_576, None, f"1{N}048{N}576"),
        (999, None, "999"),
        (-1.13731, 5, f"−1.137{N}31"),
        (-0.001, 2, "0.00"),
        (12.4, 1, "12.4"),
        (4.1, None, "4.1"),
        (2.5e20, 3, "2.50e20"),
        (2.5e-15, 12, "2.50e−15"),
    ],
)
def test_numbers_are_grouped_on_both_sides_of_the_point(value, decimals, said):
    assert words.number(value, decimals) == said


@given(st.integers(-(10**30), 10**30))
def test_a_grouped_integer_is_still_that_integer(value):
    assert int(words.number(value).replace(N, "").replace("−", "-")) == value


@given(st.floats(-1e14, 1e14), st.integers(0, 5))
def test_a_grouped_float_is_still_that_float(value, decimals):
    said = words.number(value, decimals)
    assert float(said.replace(N, "").replace("−", "-")) == float(f"{value:.{decimals}f}")
    assert all(len(group) <= 3 for part in said.strip("−").split(".") for group in part.split(N))


@given(st.floats(0, 1e9))
def test_every_duration_is_short_and_has_no_line_break_inside_a_unit(length):
    said = words.duration(length)
    assert said.count(" ") <= 1
    assert said.count(N) >= 1


@pytest.mark.parametrize(
    ("values", "decimals"), [([], 0), ([0.0], 0), ([-0.7, -1.1], 5), ([1, 5000], 1), ([7.5], 4)]
)
def test_decimals_tell_values_apart(values, decimals):
    assert words.decimals_for(values) == decimals


def test_a_difference_is_scaled_as_the_live_view_scales_it():
    """The twin said "error 0.00 mHa" where the live view said "7.44 nHa"."""
    assert words.difference(0.0041, "Ha", 5) == f"4.10{N}mHa"
    assert words.difference(0.41, "Ha", 2) == f"410.00{N}mHa"
    assert words.difference(-7.44e-9, "Ha", 5) == f"−7.44{N}nHa"
    assert words.difference(2.5, "Ha", 5) == f"2.50{N}Ha"
    assert words.difference(0.0, "Ha", 5) == f"0.00{N}Ha"
    assert words.difference(0.0041, "", 4) == f"0.004{N}1"


def test_a_share_of_nothing_is_unknown():
    assert words.share(1016, 8192) == f"12.4{N}%"
    assert words.share(0, 0) == "–"


def test_ids_are_cut_in_the_middle():
    assert words.short_id("d4qk1c7s9v8g008n2m60") == "d4qk…2m60"
    assert words.short_id("job-12345") == "job-12345"


def test_text_from_outside_can_not_act_on_a_terminal():
    assert words.clean("\x1b[31mred\x07") == "\ufffd[31mred\ufffd"
    assert words.clean("a\r\nb\tc\x00") == "a b c\ufffd"
    assert words.clean("user\u202egnp.exe") == "user\ufffdgnp.exe"
    assert words.clean("half \ud83d of a pair").encode() == "half \ufffd of a pair".encode()
    assert words.clean("x" * 5000) == "x" * 999 + "…"


@given(st.text(), st.integers(1, 50))
def test_clean_text_is_one_short_line_that_can_be_written(text, limit):
    cleaned = words.clean(text, limit)
    assert len(cleaned) <= limit
    assert len(cleaned.splitlines()) <= 1
    assert cleaned.encode().decode() == cleaned


def test_our_own_no_break_spaces_stay():
    """Cleaning took U+202F for white space, so "12 s" could break before its unit."""
    assert words.clean(f"3{N}min 12{N}s") == f"3{N}min 12{N}s"


def test_months_do_not_follow_the_locale():
    every = [
        words.day_time(datetime(2026, month, 1, tzinfo=UTC), UTC)[2:5] for month in range(1, 13)
    ]
    assert every[0] == "Jan"
    assert every[4] == "May"
    assert len(set(every)) == 12
