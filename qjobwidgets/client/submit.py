"""Submitting a job exactly once, also when the answer gets lost, at the pace the service allows."""

from __future__ import annotations

import logging
import threading
import time
import uuid
import warnings
from collections.abc import Callable
from typing import Any

from qjobwidgets.client.api import Api
from qjobwidgets.client.inputs import Submission
from qjobwidgets.client.questions import list_query
from qjobwidgets.client.submissions import Outbox
from qjobwidgets.errors import (
    BackendNotFoundError,
    QiskitRuntimeError,
    QuotaWarning,
    RateLimitedError,
    RuntimeInvalidStateError,
    RuntimeProgramNotFound,
    ServiceError,
    ServiceUnreachableError,
    SubmissionUnknownError,
)
from qjobwidgets.records import JobRecord

__all__ = ["submit"]

logger = logging.getLogger(__name__)

_LOOKS = (0.5, 1.0, 2.0, 3.0, 4.0)  # seconds before each look for the tag
_REFUSED_FOR = 12.0  # seconds to wait when the service refuses without saying for how long
_WORTH_SAYING = 1.0  # seconds of waiting that a user should know of
_PATIENCE = 1800.0  # seconds of refusals after which it is not the pace that is wrong


def submit(api: Api, submission: Submission, outbox: Outbox, *, keyed: bool) -> dict[str, Any]:
    """Submit a job and return the service's answer, with the time at which it came.

    Args:
        api: The service.
        submission: The job.
        outbox: Where the account's submissions wait for their turn.
        keyed: Whether the service knows ``Idempotency-Key``.

    Raises:
        RateLimitedError: The service takes no more jobs for longer than one can wait.
        SubmissionUnknownError: Whether the job exists can't be found out now.
    """
    return (_submit_by_key if keyed else _submit_by_tag)(api, submission, outbox)


def _submit_by_key(api: Api, submission: Submission, outbox: Outbox) -> dict[str, Any]:
    """Submit with a key: sent again with the same one, a submission makes no second job."""
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    body = submission.body(submission.tags)

    def send() -> dict[str, Any]:
        try:
            return _post_once(api, body, headers=headers, repeatable=True)
        except QiskitRuntimeError as error:
            if _certain(error):
                raise
            reason = error.message
        raise SubmissionUnknownError(
            f"Whether the job was accepted is not known: {reason}",
            fix="If it was, jobs() lists it: look there before you submit again.",
        )

    return _in_turn(outbox, send)


def _submit_by_tag(api: Api, submission: Submission, outbox: Outbox) -> dict[str, Any]:
    """Submit to a service without such keys: a tag of its own tells whether the job exists.

    It is sent once. No look for the tag proves that there is no job, as lists may lag behind by any
    time; so what was sent and is not found stays unknown, and the user decides.
    """
    tag = f"qjw-{uuid.uuid4().hex[:16]}"
    body = submission.body([*submission.tags, tag])

    def send() -> dict[str, Any]:
        try:
            return _post_once(api, body, repeatable=False)
        except QiskitRuntimeError as error:
            if _certain(error):
                raise
            reason = error.message
        except BaseException:  # the user has interrupted us
            outbox.doubt(tag)
            raise
        logger.info("no clear answer to a submission: %s", reason)
        outbox.doubt(tag)
        found = _look_up(api, tag, reason)
        outbox.settle(tag)
        return {"id": found.id, "backend": found.backend, "created": found.created}

    return _in_turn(outbox, send)


def _certain(error: QiskitRuntimeError) -> bool:
    """Whether an error leaves no doubt that there is no job."""
    return not error.sent or (isinstance(error, ServiceError) and (error.status or 500) < 500)


def _look_up(api: Api, tag: str, reason: str) -> JobRecord:
    """Return the job with a tag, which may take the service some seconds to list.

    Args:
        api: The service.
        tag: The tag.
        reason: Why it is not known whether the job exists.

    Raises:
        SubmissionUnknownError: It has not been found.
    """
    query = list_query(limit=1, skip=0, descending=True, job_tags=[tag])
    for pause in _LOOKS:
        time.sleep(pause)
        try:
            records = api.records(query, reviving=False).records
        except QiskitRuntimeError as error:
            logger.info("a submission could not be looked for: %s", error.message)
        else:
            if records:
                return records[0]
    raise SubmissionUnknownError(
        f"Whether the job was accepted is not known: {reason}",
        fix=f"If it was, it has a tag: look whether jobs(job_tags=[{tag!r}]) lists it, which may "
        "take some minutes, before you submit again.",
        tag=tag,
    )


def _in_turn(outbox: Outbox, send: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Send a submission when it is its turn, and again after a refusal that passes."""
    _turn(outbox)
    began = time.monotonic()
    while True:
        try:
            return send()
        except RateLimitedError as error:
            wait = error.retry_after or _REFUSED_FOR
            if time.monotonic() - began + wait > _PATIENCE:
                raise
        outbox.pacer.hold(wait)
        _turn(outbox, again=True)


def _turn(outbox: Outbox, *, again: bool = False) -> None:
    wait = outbox.pacer.first_wait
    # only on the main thread: what others write ends up in a cell that has nothing to do with it
    if wait > _WORTH_SAYING and threading.current_thread() is threading.main_thread():
        warnings.warn(
            "The service takes no more jobs for a moment: waiting for quota.",
            QuotaWarning,
            stacklevel=2,
        )
    outbox.pacer.turn(again=again)


def _post_once(api: Api, body: str, **request: Any) -> dict[str, Any]:
    send = api.call if request["repeatable"] else api.ask
    try:
        answer = send("POST", "/jobs", {404: RuntimeProgramNotFound}, document=body, **request)
        document = answer.document()
    except RuntimeProgramNotFound as error:
        refusal = error
    else:
        if isinstance(document.get("id"), str):
            return {**document, "created": answer.time}
        raise ServiceUnreachableError("The service accepted the job without telling its id.")
    raise _missing(refusal)


def _missing(error: ServiceError) -> ServiceError:
    """Tell what is missing, backend, session or program: of a 404 only the message differs."""
    words = error.message.lower()
    kind: type[ServiceError] = RuntimeProgramNotFound
    if "backend" in words:
        kind = BackendNotFoundError
    elif "session" in words:
        kind = RuntimeInvalidStateError
    return kind(error.message, fix=error.fix, status=error.status, code=error.code)
