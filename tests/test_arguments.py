"""Numbers as they are typed after a command, in a notebook, in a terminal and for the server."""

from argparse import ArgumentTypeError

import pytest

from qjobwidgets.arguments import positive, seconds


def test_numbers_are_read():
    assert (positive("1"), positive("020"), positive("999999999")) == (1, 20, 999_999_999)
    assert (seconds("0"), seconds("2.5"), seconds(".5"), seconds("1e3")) == (0.0, 2.5, 0.5, 1000.0)


@pytest.mark.parametrize(
    "word", ["", "0", "-1", "1.0", "1e3", "٣", "1" * 5000, f"{0:05000}1", "many"]
)
def test_what_is_no_whole_number_from_one_up(word):
    """Digits of other scripts were taken; five thousand digits were called an invalid value.

    With zeros before the first of them, they were so for longer.
    """
    with pytest.raises(ArgumentTypeError, match="is not a whole number from 1 up"):
        positive(word)


@pytest.mark.parametrize("word", ["", ".", "-1", "nan", "inf", "1e999", "٣", "1_0", " 1", "soon"])
def test_what_is_no_number_of_seconds(word):
    """For ever is no timeout: who wants none leaves it out.

    Digits of other scripts were taken here still, and underscores between them.
    """
    with pytest.raises(ArgumentTypeError, match="is not a number of seconds"):
        seconds(word)
