"""Submitting a job exactly once, also when the answer gets lost."""

from __future__ import annotations

import logging
import time
import uuid
from typing import Any

from qjobwidgets.client.api import Api, list_query
from qjobwidgets.client.inputs import Submission
from qjobwidgets.errors import (
    BackendNotFoundError,
    QiskitRuntimeError,
    RuntimeProgramNotFound,
    ServiceError,
    ServiceUnreachableError,
)
from qjobwidgets.records import JobRecord

__all__ = ["submit_by_key", "submit_by_tag"]

logger = logging.getLogger(__name__)

_LOOKS = (0.5, 1.0, 2.0, 3.0, 4.0)  # seconds before each look for the tag


def submit_by_key(api: Api, submission: Submission) -> dict[str, Any]:
    """Submit to a service that knows ``Idempotency-Key``; return its answer.

    Sent again with the same key, the same submission makes no second job.
    """
    return _post(
        api,
        submission.body(submission.tags),
        headers={"Idempotency-Key": str(uuid.uuid4())},
        repeatable=True,
    )


def submit_by_tag(api: Api, submission: Submission) -> dict[str, Any]:
    """Submit to a service without such keys: a tag of its own tells whether the job exists.

    Raises:
        ServiceUnreachableError: Whether the job exists can't be found out now; the message names
            the tag.
    """
    tag = f"qjw-{uuid.uuid4().hex[:16]}"
    body = submission.body([*submission.tags, tag])
    for last in (False, True):
        try:
            return _post(api, body, repeatable=False)
        except QiskitRuntimeError as error:
            # a refusal is certain; everything else may have made the job
            certain = isinstance(error, ServiceError) and (error.status or 0) < 500
            if certain:
                raise
            logger.info("no clear answer to a submission: %s", error.message)
        found = _look_up(api, tag)
        if found is not None:
            return {"id": found.id, "backend": found.backend}
        if last:
            break
    raise ServiceUnreachableError(
        "The service did not take the job.", fix=f"Should it show up later, it has the tag {tag}."
    )


def _look_up(api: Api, tag: str) -> JobRecord | None:
    """Return the job with a tag, which may take the service some seconds to list."""
    query = list_query(limit=1, skip=0, descending=True, job_tags=[tag])
    for pause in _LOOKS:
        time.sleep(pause)
        try:
            records = api.records(query, reviving=False).records
        except QiskitRuntimeError as error:
            reason = error.message
        else:
            reason = ""
            if records:
                return records[0]
    if not reason:
        return None
    raise ServiceUnreachableError(
        f"Whether the job was accepted is not known: {reason}",
        fix=f"If it was, it has the tag {tag}; look for it before you submit again.",
    )


def _post(api: Api, body: str, **request: Any) -> dict[str, Any]:
    send = api.call if request["repeatable"] else api.ask
    try:
        document = send("POST", "/jobs", {404: RuntimeProgramNotFound}, document=body, **request)
        answer = document.document()
    except RuntimeProgramNotFound as error:
        refusal = error
    else:
        if isinstance(answer.get("id"), str):
            return answer
        raise ServiceUnreachableError("The service accepted the job without telling its id.")
    raise _missing(refusal)


def _missing(error: ServiceError) -> ServiceError:
    """Tell a missing backend from a missing program: both are 404, and only the message differs."""
    kind = BackendNotFoundError if "backend" in error.message.lower() else RuntimeProgramNotFound
    return kind(error.message, fix=error.fix, status=error.status, code=error.code)
