"""What users call of the official client's classes can be called of ours, with the same arguments.

The classes of today are asked themselves, in their own environment, so a new release tells by
itself what it has that ours lacks.
"""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest

from qjobwidgets import Batch, Estimator, RuntimeJob, RuntimeService, Sampler, Session, errors
from tests.official.conftest import Client

OURS = {
    "QiskitRuntimeService": RuntimeService,
    "RuntimeJob": RuntimeJob,
    "RuntimeJobV2": RuntimeJob,
    "Session": Session,
    "Batch": Batch,
    "SamplerV2": Sampler,
    "EstimatorV2": Estimator,
}
CLASSES = {
    "current": [name for name in OURS if name != "RuntimeJob"],
    "streaming": ["QiskitRuntimeService", "RuntimeJob", "Session"],
}
# What theirs has and ours has not, and why.
LEFT_OUT = {
    "calibration_id": "for the service's operators",
    "channel_strategy": "another company's, which their platform has dropped",
    "check_pending_jobs": "a submission waits for its turn by itself",
    "dry_run": "mock devices, which only their service has",
    "global_service": "where theirs keeps its default account",
    "include_mocks": "mock devices, which only their service has",
    "is_local": "their local mode is another class; ours is a channel",
    "private_endpoint": "their network's private addresses: give the url",
    "proxies": "HTTPS_PROXY of the environment is used",
    "verify": "certificates are always verified; REQUESTS_CA_BUNDLE names more of them",
    "use_fractional_gates in from_id": "a session knows its backend by name only",
}


@pytest.fixture(scope="module")
def theirs(current: Client, streaming: Client) -> dict[str, Any]:
    clients = {"current": current, "streaming": streaming}
    return {
        name: json.loads(client.pass_through("signatures", "described", json.dumps(CLASSES[name])))
        for name, client in clients.items()
    }


@pytest.mark.parametrize(
    ("client", "name"), [(client, name) for client, names in CLASSES.items() for name in names]
)
def test_each_name_of_theirs_takes_the_same_arguments(theirs, client, name):
    ours, missing = OURS[name], {}
    for member, arguments in theirs[client]["classes"][name].items():
        if member in LEFT_OUT:
            continue
        mine = inspect.getattr_static(ours, member, None)
        if mine is None:
            missing[member] = "missing"
        elif arguments is not None and not isinstance(mine, property):
            taken = inspect.signature(getattr(ours, member)).parameters
            lacks = [
                argument
                for argument in arguments
                if argument not in taken
                and not {argument, f"{argument} in {member}"} & LEFT_OUT.keys()
            ]
            missing |= {member: lacks} if lacks else {}
    assert missing == {}


@pytest.mark.parametrize("client", CLASSES)
def test_the_exceptions_users_catch_are_there(theirs, client):
    missing = {name for name in theirs[client]["exceptions"] if not hasattr(errors, name)}
    assert missing == {"QiskitError"}  # of Qiskit itself
