"""What the ledger refuses, as errors of the API."""

from __future__ import annotations

from qjobwidgets.server.api.errors import (
    KEY_REUSED,
    SESSION_UNFIT,
    TOO_MANY_PENDING,
    USAGE_EXCEEDED,
    ApiError,
    invalid,
)
from qjobwidgets.server.jobs.ledger import KeyReusedError
from qjobwidgets.server.jobs.quotas import QuotaError
from qjobwidgets.server.jobs.session_steps import (
    BackendDiffersError,
    SessionClosedError,
    SessionError,
)

__all__ = ["REFUSALS", "refusal", "session_not_found"]

REFUSALS = (KeyReusedError, QuotaError, SessionError)
"""What the ledger raises when it does not take a job."""


def refusal(error: KeyReusedError | QuotaError | SessionError) -> ApiError:
    """Return what is answered when the ledger does not take a job."""
    if isinstance(error, KeyReusedError):
        return ApiError(
            422,
            KEY_REUSED,
            "This idempotency key was used for another submission.",
            "Take a new key for a new submission.",
        )
    if isinstance(error, QuotaError):
        return _quota_exceeded(error)
    if isinstance(error, BackendDiffersError):
        return invalid(
            f"The session is on backend {error.backend}.",
            "Submit the job for that backend, or open a session on the other one.",
        )
    if isinstance(error, SessionClosedError):
        return ApiError(
            400, SESSION_UNFIT, "The session is closed to new jobs.", "Open a new session."
        )
    return session_not_found()


def session_not_found() -> ApiError:
    """Return the error for an unknown session."""
    return ApiError(404, SESSION_UNFIT, "Session not found.", "Check the session ID.")


def _quota_exceeded(error: QuotaError) -> ApiError:
    if error.usage:
        return ApiError(
            409,
            USAGE_EXCEEDED,
            f"The usage limit of {error.limit:g} s is reached.",
            "Raise the limit of the instance, or that of the server (--usage-limit).",
        )
    return ApiError(
        409,
        TOO_MANY_PENDING,
        f"There are {error.limit:g} pending jobs already, which is the limit.",
        "Wait until some have ended, or cancel some.",
    )
