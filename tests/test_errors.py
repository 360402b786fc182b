"""The exceptions: one tree, the names other clients have, and what to do about each."""

from __future__ import annotations

import inspect
import pickle

import pytest

from qjobwidgets import errors
from qjobwidgets.errors import (
    IBMApiError,
    IBMError,
    IBMInputValueError,
    IBMQJobInvalidStateError,
    IBMQJobTimeoutError,
    IBMRuntimeError,
    JobError,
    JobTimeoutError,
    QiskitRuntimeError,
    QJobError,
    RuntimeInvalidStateError,
    RuntimeJobFailureError,
    RuntimeJobMaxTimeoutError,
    RuntimeJobNotFound,
    RuntimeJobTimeoutError,
    RuntimeProgramNotFound,
    ServiceError,
)

CLASSES = [
    value
    for value in vars(errors).values()
    if inspect.isclass(value) and issubclass(value, Exception) and not issubclass(value, Warning)
]


def test_every_name_is_public_and_there():
    named = {name for name, value in vars(errors).items() if inspect.isclass(value)}
    assert named == set(errors.__all__)


@pytest.mark.parametrize("kind", CLASSES)
def test_one_tree_whose_errors_say_what_is_wrong_and_what_to_do(kind):
    assert issubclass(kind, QJobError)
    error = kind("It is broken.", fix="Mend it.")
    assert str(error) == "It is broken. Mend it."
    assert (error.message, error.fix) == ("It is broken.", "Mend it.")
    assert str(kind("It is broken.")).startswith("It is broken.")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (kind, str(error))


@pytest.mark.parametrize(
    ("kind", "bases"),
    [
        (RuntimeJobTimeoutError, (JobTimeoutError, JobError, TimeoutError, IBMQJobTimeoutError)),
        (RuntimeJobMaxTimeoutError, (RuntimeJobFailureError, JobError, IBMRuntimeError)),
        (RuntimeJobNotFound, (IBMRuntimeError, QiskitRuntimeError, IBMError, ServiceError)),
        (RuntimeProgramNotFound, (IBMRuntimeError, QiskitRuntimeError)),
        (RuntimeInvalidStateError, (IBMRuntimeError, IBMQJobInvalidStateError, IBMApiError)),
        (IBMInputValueError, (IBMError, ValueError)),
    ],
)
def test_it_is_caught_by_the_names_that_other_clients_have(kind, bases):
    for base in bases:
        assert issubclass(kind, base)


@pytest.mark.parametrize(
    "kind", [RuntimeJobNotFound, RuntimeProgramNotFound, RuntimeInvalidStateError, JobTimeoutError]
)
def test_what_a_user_can_do_about_goes_without_saying(kind):
    assert str(kind("So.")) == f"So. {kind.advice}"
    assert str(kind("So.", fix="Wait.")) == "So. Wait."
