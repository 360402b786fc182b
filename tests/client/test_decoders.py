"""Decoders: single, in a chain, as a pair, of ours, of others, and plain functions."""

from __future__ import annotations

import json

import numpy as np
import pytest

from qjobwidgets import ResultDecoder
from qjobwidgets.client.decoders import DecoderPair, decoder_pair, decoding
from qjobwidgets.codec import dumps
from qjobwidgets.errors import CodecError


class Doubled(ResultDecoder):
    @classmethod
    def decode(cls, data):
        return super().decode(data) * 2


class Total(ResultDecoder):
    @classmethod
    def decode(cls, data):
        return sum(data)


class OnlyText(ResultDecoder):
    @classmethod
    def is_applicable(cls, data):
        return isinstance(data, str)

    @classmethod
    def decode(cls, data):
        return json.loads(data)


class OfAnotherPackage:
    """What other packages' decoders have in common with ours: a method, and no base class."""

    @staticmethod
    def decode(data):
        return json.loads(data)["x"]


def test_the_base_class_reads_typed_json_and_passes_other_text_on():
    read = ResultDecoder.decode(dumps({"a": np.arange(3)}))
    assert read["a"].tolist() == [0, 1, 2]
    assert ResultDecoder.decode("All done!") == "All done!"
    with pytest.raises(CodecError):
        ResultDecoder.decode('{"__type__": "os", "__value__": 1}')


@pytest.mark.parametrize(
    ("given", "text", "value"),
    [
        (ResultDecoder, "[1]", [1]),
        (Doubled, "[1]", [1, 1]),
        (Doubled(), "[1]", [1, 1]),
        ([Doubled, Total], "[1, 2]", 6),
        ((json.loads, Total, str), "[1, 2]", "3"),
        ([json.loads, OnlyText, Total], "[1, 2]", 3),
        (OfAnotherPackage, '{"x": 5}', 5),
        ([OfAnotherPackage, abs], '{"x": -5}', 5),
        (str.upper, "a", "A"),
    ],
)
def test_a_decoder_or_a_chain(given, text, value):
    assert decoding(given)(text) == value


def test_one_decoder_reads_both_kinds_of_messages():
    pair = decoder_pair(Doubled)
    assert pair.interim("[1]") == pair.final("[1]") == [1, 1]
    assert decoder_pair(None) == decoder_pair([]) == DecoderPair()


@pytest.mark.parametrize("kind", [list, tuple])
def test_two_are_for_interim_results_and_for_the_result(kind):
    pair = decoder_pair(kind([json.loads, Doubled]))
    assert pair.interim("[1]") == [1]
    assert pair.final("[1]") == [1, 1]
    assert decoder_pair(kind([None, Doubled])).interim is None


def test_each_of_the_two_may_be_a_chain():
    pair = decoder_pair(([Doubled, Total], [json.loads, Total]))
    assert (pair.interim("[1, 2]"), pair.final("[1, 2]")) == (6, 3)


def test_one_or_three_in_a_row_are_a_chain_for_both():
    assert decoder_pair([Doubled]).final("[1]") == [1, 1]
    pair = decoder_pair([json.loads, Total, str])
    assert pair.interim("[1, 2]") == pair.final("[1, 2]") == "3"


@pytest.mark.parametrize("wrong", [5, "json", object(), [json.loads, 5]])
def test_what_is_no_decoder_is_said(wrong):
    with pytest.raises(TypeError, match="no decoder"):
        decoding(wrong)
