"""Interim results by asking, for a service, or a proxy on the way to it, that has no sockets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qjobwidgets.errors import CodecError, RuntimeJobNotFound
from qjobwidgets.records import JobStatus

if TYPE_CHECKING:
    from qjobwidgets.client.api import Api

__all__ = ["Seen", "look"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a job has published when it was asked for.

    Attributes:
        messages: The typed JSON of its interim results, from the first one on.
        result: That of its result; ``None`` as long as there is none, and for a private job, whose
            result can be read only once.
        ended: Whether nothing more will come.
    """

    messages: list[str]
    result: str | None = None
    ended: bool = False

    def after(self, taken: int) -> list[tuple[str, str]]:
        """Return what comes after the first ``taken`` messages: of each its kind and its text."""
        found = [("interim", text) for text in self.messages[taken:]]
        return found if self.result is None else [*found, ("final", self.result)]


def look(api: Api, job_id: str) -> Seen:
    """Ask for the interim results of a job, and when it has ended for its result.

    Raises:
        RuntimeJobNotFound: There is no such job, or the service keeps no interim results.
        CodecError: The service has them in another form.
    """
    # in this order: what is final has published everything
    record = api.record(job_id, reviving=False)
    messages = _messages(api, job_id)
    if not record.final:
        return Seen(messages)
    readable = record.status == JobStatus.DONE and not record.private
    return Seen(messages, (api.result(job_id) or None) if readable else None, ended=True)


def _messages(api: Api, job_id: str) -> list[str]:
    try:
        text = api.interim_results(job_id)
    except RuntimeJobNotFound as error:
        status = error.status
    else:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list):
            return [json.dumps(message) for message in found]
        raise CodecError("The service has interim results of an unknown form.")
    raise RuntimeJobNotFound(
        "The service has neither a stream nor interim results for this job.",
        fix="Wait for its result().",
        status=status,
    )
