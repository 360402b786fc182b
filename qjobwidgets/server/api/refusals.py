"""What the ledger refuses, as errors of the API."""

from __future__ import annotations

from qjobwidgets.server.api.errors import (
    KEY_REUSED,
    SESSION_UNFIT,
    TOO_MANY_PENDING,
    TOO_MANY_SESSIONS,
    USAGE_EXCEEDED,
    ApiError,
    invalid,
)
from qjobwidgets.server.jobs.ledger import KeyReusedError
from qjobwidgets.server.jobs.quotas import Quota, QuotaError
from qjobwidgets.server.jobs.session_steps import (
    BackendDiffersError,
    SessionClosedError,
    SessionError,
)

__all__ = ["REFUSALS", "refusal", "session_not_found"]

REFUSALS = (KeyReusedError, QuotaError, SessionError)
"""What the ledger raises when it takes no job or session."""


def refusal(error: KeyReusedError | QuotaError | SessionError) -> ApiError:
    """Return what is answered when the ledger takes no job or session."""
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
    match error.quota:
        case Quota.USAGE:
            code = USAGE_EXCEEDED
            message = f"The usage limit of {error.limit:g} s is reached."
            solution = "Raise the limit of the instance, or that of the server (--usage-limit)."
        case Quota.PENDING:
            code = TOO_MANY_PENDING
            message = f"There are {error.limit:g} pending jobs already, which is the limit."
            solution = "Wait until some have ended, or cancel some."
        case Quota.SESSIONS:
            code = TOO_MANY_SESSIONS
            message = f"There are {error.limit:g} open sessions already, which is the limit."
            solution = "Close those that are not needed any more."
    return ApiError(409, code, message, solution)
