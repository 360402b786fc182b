"""How a ``%qjob`` line is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.error import UsageError

from qjobwidgets.magics.words import key_value, split


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", []),
        ("run sampler bell", ["run", "sampler", "bell"]),
        (
            "run sampler (bell, None, 10) --shots 5",
            ["run", "sampler", "(bell, None, 10)", "--shots", "5"],
        ),
        ("pubs=[a, b] x='one two'", ["pubs=[a, b]", "x='one two'"]),
        ('x="it\\"s here" y', ['x="it\\"s here"', "y"]),
        # a comment was refused as unknown words
        ("counts job  # its counts", ["counts", "job"]),
        ("note job '# one' #3 a# b #", ["note", "job", "'# one'", "#3", "a#", "b"]),
        # the note was refused, as a quote was left open
        ("note job it's fine", ["note", "job", "it's", "fine"]),
        ("x=rb'one two' f(F'3 4')", ["x=rb'one two'", "f(F'3 4')"]),
    ],
)
def test_words_are_split_as_python_reads_them(line, expected):
    assert split(line) == expected


@pytest.mark.parametrize("line", ["run sampler [bell", "x='open", "f((1)"])
def test_an_open_bracket_or_quote_is_named(line):
    with pytest.raises(UsageError, match="left open"):
        split(line)


@given(st.lists(st.text("abc=.1-", min_size=1), max_size=6))
def test_plain_words_come_back_as_they_were(words):
    assert split("  ".join(words)) == words


def test_an_input_by_name_is_told_from_an_expression():
    assert key_value("shots=3") == ("shots", "3")
    assert key_value("a==b") is None
    assert key_value("f(x=1)") is None
