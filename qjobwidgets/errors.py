"""Every exception this package raises, and the fix each one names.

::

    QJobError
    ├── AccountError                    the account given or saved can't be used
    ├── MissingExtraError               an optional part is not installed
    ├── CodecError                      data outside what the codec allows
    ├── LocalRuntimeError               the embedded runtime did not start
    └── QiskitRuntimeError              a runtime service, or the way to it
        ├── ServiceUnreachableError     nothing answered: a state to show, and to retry
        ├── ServiceError                it answered with an error of its own
        │   ├── IBMNotAuthorizedError   401: sign in again
        │   ├── RateLimitedError        429: wait ``retry_after`` seconds
        │   ├── RuntimeJobNotFound
        │   ├── RuntimeProgramNotFound
        │   ├── BackendNotFoundError
        │   └── RuntimeInvalidStateError  not possible in the job's present status
        ├── RuntimeJobFailureError      the job failed, or was cancelled
        │   └── RuntimeJobMaxTimeoutError  it ran longer than it may (code 1305)
        └── RuntimeJobTimeoutError      we waited as long as we were told to

The names follow those that users of ``qiskit-ibm-runtime`` and of the old provider catch.
Each message says what is wrong; :attr:`QJobError.fix` says what to do, and ``str()`` shows both.
"""

from __future__ import annotations

__all__ = [
    "AccountError",
    "BackendNotFoundError",
    "CodecError",
    "IBMNotAuthorizedError",
    "LocalRuntimeError",
    "MissingExtraError",
    "QJobError",
    "QiskitRuntimeError",
    "RateLimitedError",
    "RuntimeInvalidStateError",
    "RuntimeJobFailureError",
    "RuntimeJobMaxTimeoutError",
    "RuntimeJobNotFound",
    "RuntimeJobTimeoutError",
    "RuntimeProgramNotFound",
    "ServiceError",
    "ServiceUnreachableError",
]


class QJobError(Exception):
    """Root of all exceptions of qjobwidgets.

    Args:
        message: What is wrong, one sentence.
        fix: What to do about it, one sentence or a command.
    """

    def __init__(self, message: str, *, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message} {self.fix}" if self.fix else self.message


class AccountError(QJobError):
    """The account given, found in the environment, or saved can't be used."""


class MissingExtraError(QJobError):
    """An optional part of the package is needed and not installed."""


class CodecError(QJobError):
    """A value can't be written to, or must not be read from, typed JSON."""


class LocalRuntimeError(QJobError):
    """The embedded local runtime could not be started or is not what it should be."""


class QiskitRuntimeError(QJobError):
    """A runtime service, or the way to it, failed."""


class ServiceUnreachableError(QiskitRuntimeError):
    """Nothing answered: network trouble, a service that is down, or an answer cut short."""


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


class RateLimitedError(ServiceError):
    """The service asks for patience, for :attr:`retry_after` seconds if it said so."""

    retry_after: float | None = None


class RuntimeJobNotFound(ServiceError):  # noqa: N818 - the name users of the official client catch
    """There is no such job for this account."""


class RuntimeProgramNotFound(ServiceError):  # noqa: N818 - the name users of the official client catch
    """There is no such program at this service."""


class BackendNotFoundError(ServiceError):
    """There is no such backend at this service."""


class RuntimeInvalidStateError(ServiceError):
    """The job's present status doesn't allow what was asked."""


class RuntimeJobFailureError(QiskitRuntimeError):
    """The job failed or was cancelled, so it has no result."""


class RuntimeJobMaxTimeoutError(RuntimeJobFailureError):
    """The job ran longer than its maximum execution time (reason code 1305)."""


class RuntimeJobTimeoutError(QiskitRuntimeError):
    """We waited for the job as long as we were told to; the job itself goes on."""
