"""Every exception this package raises, and the fix each one names.

::

    QJobError                           (IBMError)
    ├── AccountError                    the account given or saved can't be used (IBMAccountError)
    ├── MissingExtraError               an optional part is not installed
    ├── CodecError                      data outside what the codec allows
    ├── LocalRuntimeError               the embedded runtime did not start
    ├── IBMInputValueError              an argument that no service could take; a ValueError too
    └── QiskitRuntimeError              a runtime service, or the way to it (IBMRuntimeError)
        ├── ServiceUnreachableError     nothing answered: a state to show, and to retry
        │   └── SubmissionUnknownError  and a job may have been made; ``tag`` finds it
        ├── ServiceError                it answered with an error of its own
        │   ├── IBMNotAuthorizedError   401: sign in again
        │   ├── RateLimitedError        429: wait ``retry_after`` seconds
        │   ├── RuntimeJobNotFound
        │   ├── RuntimeProgramNotFound
        │   ├── RuntimeDuplicateProgramError
        │   ├── BackendNotFoundError
        │   └── RuntimeInvalidStateError  not possible in the job's present status
        └── JobError                    the job has no result
            ├── ResultTooLargeError     none that fits the memory; ``path`` is the file it is in
            ├── RuntimeJobFailureError  it failed
            │   └── RuntimeJobMaxTimeoutError  it ran longer than it may (code 1305)
            └── JobTimeoutError         we waited as long as we were told to; a TimeoutError too
                └── RuntimeJobTimeoutError

The names follow those that users of ``qiskit-ibm-runtime``, of the old provider and of
``qiskit.providers`` catch; a name in brackets, and those at the end of the module, are other words
for the same class. Each message says what is wrong; :attr:`QJobError.fix` says what to do, and
``str()`` shows both.

Warnings, for what goes wrong beside the thing a user asked for::

    UserWarning
    └── QJobWarning
        ├── JournalWarning              names and notes can't be kept
        ├── QuotaWarning                a submission has to wait for its turn
        └── StreamWarning               a callback or decoder of a stream has raised
"""

from __future__ import annotations

import pathlib
from typing import ClassVar

__all__ = [
    "AccountError",
    "BackendNotFoundError",
    "CodecError",
    "IBMAccountError",
    "IBMApiError",
    "IBMBackendApiError",
    "IBMBackendApiProtocolError",
    "IBMBackendError",
    "IBMBackendValueError",
    "IBMError",
    "IBMInputValueError",
    "IBMNotAuthorizedError",
    "IBMQJobApiError",
    "IBMQJobError",
    "IBMQJobFailureError",
    "IBMQJobInvalidStateError",
    "IBMQJobTimeoutError",
    "IBMRuntimeError",
    "JobError",
    "JobTimeoutError",
    "JournalWarning",
    "LocalRuntimeError",
    "MissingExtraError",
    "QJobError",
    "QJobWarning",
    "QiskitBackendNotFoundError",
    "QiskitRuntimeError",
    "QuotaWarning",
    "RateLimitedError",
    "ResultTooLargeError",
    "RuntimeDuplicateProgramError",
    "RuntimeInvalidStateError",
    "RuntimeJobFailureError",
    "RuntimeJobMaxTimeoutError",
    "RuntimeJobNotFound",
    "RuntimeJobTimeoutError",
    "RuntimeProgramNotFound",
    "ServiceError",
    "ServiceUnreachableError",
    "StreamWarning",
    "SubmissionUnknownError",
]


class QJobError(Exception):
    """Root of all exceptions of qjobwidgets.

    Args:
        message: What is wrong, one sentence.
        fix: What to do about it, one sentence or a command; by default what helps most errors of
            the class.
    """

    advice: ClassVar[str | None] = None

    def __init__(self, message: str, *, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix or self.advice

    def __str__(self) -> str:
        return f"{self.message} {self.fix}" if self.fix else self.message


class AccountError(QJobError):
    """The account given, found in the environment, or saved can't be used."""

    advice = "See RuntimeService() for where accounts come from."


class MissingExtraError(QJobError):
    """An optional part of the package is needed and not installed."""

    advice = 'Run: pip install "qjobwidgets[local]"'


class CodecError(QJobError):
    """A value can't be written to, or must not be read from, typed JSON."""


class LocalRuntimeError(QJobError):
    """The embedded runtime could not be started or is not what it should be."""

    advice = "Try once more, and see server.log in its data folder."


class IBMInputValueError(QJobError, ValueError):
    """An argument that no service could take."""


class QiskitRuntimeError(QJobError):
    """A runtime service, or the way to it, failed.

    Attributes:
        sent: Whether the service may have received the request that failed.
        unanswered: Whether something left this machine and nobody answered.
    """

    sent: bool = True
    unanswered: bool = False


class ServiceUnreachableError(QiskitRuntimeError):
    """Nothing answered: network trouble, a service that is down, or an answer cut short.

    No advice of its own: whoever asks on a schedule tries again anyway.
    """


class SubmissionUnknownError(ServiceUnreachableError):
    """A job was submitted, and whether the service has taken it can't be found out now.

    Args:
        message: What stands in the way.
        fix: How to find the job.
        tag: The tag that the job has, if it exists.
    """

    def __init__(self, message: str, *, fix: str | None = None, tag: str | None = None) -> None:
        super().__init__(message, fix=fix)
        self.tag = tag


class ServiceError(QiskitRuntimeError):
    """The service answered with an error.

    Args:
        message: The service's own message.
        fix: The service's own advice ("solution"), or ours.
        status: HTTP status.
        code: The service's error code, if it gave one.
    """

    def __init__(
        self,
        message: str,
        *,
        fix: str | None = None,
        status: int | None = None,
        code: int | str | None = None,
    ) -> None:
        super().__init__(message, fix=fix)
        self.status = status
        self.code = code


class IBMNotAuthorizedError(ServiceError):
    """The service refuses our credentials."""

    advice = "Sign in again: check the token."


class RateLimitedError(ServiceError):
    """The service asks for patience, for :attr:`retry_after` seconds if it said so."""

    advice = "Wait a while before you try again."
    retry_after: float | None = None


class RuntimeJobNotFound(ServiceError):  # noqa: N818 - the name users of the official client catch
    """There is no such job for this account."""

    advice = "Check the id, and whether it is a job of this account; jobs() lists them."


class RuntimeProgramNotFound(ServiceError):  # noqa: N818 - the name users of the official client catch
    """There is no such program at this service."""

    advice = "programs() lists what the service runs."


class RuntimeDuplicateProgramError(ServiceError):
    """There is a program of this name already."""

    advice = "Choose another name, or update the program."


class BackendNotFoundError(ServiceError):
    """There is no such backend at this service."""

    advice = "backends() lists those of this account."


class RuntimeInvalidStateError(ServiceError):
    """The job's present status doesn't allow what was asked."""

    advice = "Ask for the job's status() first."


class JobError(QiskitRuntimeError):
    """A job has no result, or not yet."""


class ResultTooLargeError(JobError):
    """The result was too large for the memory and went to a file, or for what was asked for.

    Args:
        message: How large it is, and where.
        fix: How to read it.
        path: The file, whose text is the result as the service sent it; ``None`` if it was not
            fetched.
        size: Its bytes as the service sends them; ``None`` if the service does not tell.
    """

    def __init__(
        self,
        message: str,
        *,
        fix: str | None = None,
        path: pathlib.Path | None = None,
        size: int | None = None,
    ) -> None:
        super().__init__(message, fix=fix)
        self.path = path
        self.size = size


class RuntimeJobFailureError(JobError):
    """The job failed, so it has no result."""

    advice = "See logs() of the job for more."


class RuntimeJobMaxTimeoutError(RuntimeJobFailureError):
    """The job ran longer than its maximum execution time (reason code 1305)."""

    advice = "Set the option max_execution_time to more seconds."


class JobTimeoutError(JobError, TimeoutError):
    """We waited as long as we were told to."""

    advice = "The job goes on; wait longer, or cancel it."


class RuntimeJobTimeoutError(JobTimeoutError):
    """We waited for the job as long as we were told to; the job itself goes on."""


class QJobWarning(UserWarning):
    """Something went wrong beside what was asked for, which has succeeded."""


class JournalWarning(QJobWarning):
    """Names, notes and submissions can't be kept on disk."""


class QuotaWarning(QJobWarning):
    """The service takes no more jobs for a moment; a submission waits for its turn."""


class StreamWarning(QJobWarning):
    """A callback or a decoder of a stream has raised, or the stream has ended before its job."""


# The words that other clients have for these.
IBMError = QJobError
IBMAccountError = AccountError
IBMRuntimeError = QiskitRuntimeError
IBMApiError = QiskitRuntimeError
IBMBackendError = QiskitRuntimeError
IBMBackendApiError = QiskitRuntimeError
IBMBackendApiProtocolError = QiskitRuntimeError
IBMBackendValueError = IBMInputValueError
QiskitBackendNotFoundError = BackendNotFoundError
IBMQJobError = QiskitRuntimeError
IBMQJobApiError = QiskitRuntimeError
IBMQJobFailureError = RuntimeJobFailureError
IBMQJobInvalidStateError = RuntimeInvalidStateError
IBMQJobTimeoutError = JobTimeoutError
