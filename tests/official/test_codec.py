"""The official clients read what our codec writes, and our codec what they write of it.

A value goes through all four: our writer, the client's reader, its writer, our reader.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qjobwidgets.codec import dumps, loads
from tests.codec.values import CIRCUITS, MODERN, OTHERS, same
from tests.official.conftest import Client

TODAY = {**CIRCUITS, **OTHERS, **MODERN}
# An example waits for another process, which may have much else to do.
patient = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("name", TODAY)
@patient
@given(data=st.data())
def test_current_client(current: Client, name: str, data: st.DataObject):
    value = data.draw(TODAY[name])
    assert same(value, loads(current.pass_through("codec", "again", dumps(value))))


@pytest.mark.parametrize("name", OTHERS)
@patient
@given(data=st.data())
def test_client_that_streams(streaming: Client, name: str, data: st.DataObject):
    value = data.draw(OTHERS[name])
    assert same(value, loads(streaming.pass_through("codec", "again", dumps(value))))
