"""The jobs of a service: to submit, find, follow, cancel and delete them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from qjobwidgets.client import polling, submissions
from qjobwidgets.client.accounts import LOCAL
from qjobwidgets.client.api import LARGEST_PAGE, RecordPage
from qjobwidgets.client.decoders import DecoderPair, decoder_pair
from qjobwidgets.client.inputs import Submission, submission
from qjobwidgets.client.instances import ServiceInstances
from qjobwidgets.client.job import RuntimeJob
from qjobwidgets.client.job_stream import check_callback
from qjobwidgets.client.journal import Entry, journal, notebook
from qjobwidgets.client.questions import job_path, list_query, whole_number
from qjobwidgets.client.streams import StreamHandle, open_stream
from qjobwidgets.client.submit import submit
from qjobwidgets.records import InterimResult, JobRecord, JobStatus

if TYPE_CHECKING:
    from qjobwidgets.client.service import RuntimeService

__all__ = ["ServiceJobs"]


class ServiceJobs(ServiceInstances):
    """What a service does with jobs, and answers about them."""

    _key: str

    def run(  # noqa: PLR0913, PLR0917 - the arguments users of other clients know
        self,
        program_id: str,
        inputs: Mapping[str, Any] | None = None,
        options: Any = None,
        callback: Callable[[str, Any], None] | None = None,
        result_decoder: Any = None,
        session_id: str | None = None,
        start_session: bool | None = False,
        *,
        instance: str | None = None,
    ) -> RuntimeJob:
        """Submit a job, exactly once.

        Args:
            program_id: The program.
            inputs: Its inputs. PUBs of ``sampler`` and ``estimator`` may have any form Qiskit
                takes; other inputs are sent as they are.
            options: A dict or an object with ``backend``, ``job_tags``, ``shots``, ``log_level``,
                ``max_execution_time`` (seconds), ``private``, ``image``, ``session_time``,
                ``instance``.
            callback: Takes the job's id and each interim result, then the result (that of a
                private job is left to be read once).
            result_decoder: Reads results in place of the codec: a :class:`ResultDecoder`, or a
                pair of them for interim results and for the result; each may be a chain.
            session_id: The session or batch the job belongs to.
            start_session: Whether to open a session for the job, where a service knows no other
                way; otherwise use :class:`Session`.
            instance: CRN or name of another instance of the account.

        Raises:
            RuntimeProgramNotFound, BackendNotFoundError: There is none of that name.
            TypeError, ValueError: An option, a PUB or the callback is not valid.
            ServiceError: The service refuses the job.
        """
        prepared = submission(
            program_id, inputs, options, session_id, start_session=bool(start_session)
        )
        place = self.at(instance or prepared.instance)
        return place.submit(prepared, callback, decoder_pair(result_decoder))

    def submit(
        self,
        prepared: Submission,
        callback: Callable[[str, Any], None] | None = None,
        decoders: DecoderPair | None = None,
    ) -> RuntimeJob:
        """Submit a job that is ready to be sent; see :meth:`run`."""
        if callback is not None:
            check_callback(callback)
        outbox = submissions.outbox(self._key, self._account.url)
        answer = submit(self._api, prepared, outbox, keyed=self._account.channel == LOCAL)
        record = JobRecord(
            id=answer["id"],
            status=JobStatus.INITIALIZING,
            program=prepared.program,
            backend=answer.get("backend") or prepared.fields.get("backend"),
            created=answer.get("created") or datetime.now(UTC),
            tags=tuple(prepared.tags),
            session_id=answer.get("session_id") or prepared.fields.get("session_id"),
            private=bool(prepared.fields.get("private")),
            image=prepared.fields.get("runtime"),
        )
        journal().record(
            Entry(self._key, record.id, record.program, record.backend, record.created, notebook())
        )
        job = RuntimeJob(cast("RuntimeService", self), record, decoders=decoders)
        if callback is not None:
            job.stream_results(callback)
        submissions.announce(job)
        return job

    def job(self, job_id: str) -> RuntimeJob:
        """Return the handle of a job.

        Raises:
            RuntimeJobNotFound: The account has no such job.
        """
        record = self._api.record(job_id, reviving=True)
        return RuntimeJob(cast("RuntimeService", self), record)

    def jobs(  # noqa: PLR0913, PLR0917 - the filters of the service
        self,
        limit: int | None = 10,
        skip: int = 0,
        backend_name: str | None = None,
        pending: bool | None = None,
        program_id: str | None = None,
        instance: str | None = None,
        job_tags: Sequence[str] | None = None,
        session_id: str | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        descending: bool = True,
    ) -> list[RuntimeJob]:
        """Return jobs of the account, newest first.

        Args:
            limit: How many at most; ``None`` for all.
            skip: How many to leave out at the beginning.
            backend_name: Only jobs on this backend.
            pending: Only jobs that have not ended (true), or that have (false).
            program_id: Only jobs of this program.
            instance: CRN or name of another instance of the account.
            job_tags: Only jobs with all these tags.
            session_id: Only jobs of this session or batch.
            created_after: Only jobs created then or later; without a zone it is local time.
            created_before: Only jobs created then or earlier.
            descending: Newest first; otherwise oldest first.

        Raises:
            IBMInputValueError: A filter is of a form that no service could take.
        """
        whole_number(skip, "skip")
        if limit is not None:
            whole_number(limit, "limit")
        filters = {
            "descending": descending,
            "pending": pending,
            "program_id": program_id,
            "backend_name": backend_name,
            "job_tags": job_tags or (),
            "session_id": session_id,
            "created_after": created_after,
            "created_before": created_before,
        }
        return _listed(self.at(instance), limit, skip, filters)

    def delete_job(self, job_id: str) -> None:
        """Delete a job that has ended, for good, and what this machine has noted of it.

        Raises:
            RuntimeJobNotFound: The account has no such job.
            RuntimeInvalidStateError: It has not ended.
        """
        self._api.delete(job_id)
        journal().forget(self._key, job_id)

    def fetch_record(self, job_id: str) -> JobRecord:
        """Ask once for what the service knows of a job; an embedded runtime that ended stays so.

        Raises:
            ServiceUnreachableError: Nothing answered.
            RuntimeJobNotFound: The account has no such job.
        """
        return self._api.record(job_id, reviving=False)

    def fetch_records(  # noqa: PLR0913 - the filters of the service
        self,
        *,
        limit: int = LARGEST_PAGE,
        skip: int = 0,
        pending: bool | None = None,
        program_id: str | None = None,
        backend_name: str | None = None,
        job_tags: Sequence[str] = (),
        session_id: str | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        descending: bool = True,
    ) -> RecordPage:
        """Ask once for one page of jobs; see :meth:`jobs` for the filters.

        An embedded runtime that has ended stays so, see :meth:`RuntimeService.revive`. A page that
        has not changed costs an empty answer.

        Raises:
            ServiceUnreachableError: Nothing answered.
        """
        query = list_query(
            limit=limit,
            skip=skip,
            descending=descending,
            pending=pending,
            program_id=program_id,
            backend_name=backend_name,
            job_tags=job_tags,
            session_id=session_id,
            created_after=created_after,
            created_before=created_before,
        )
        page = self._api.records(query, reviving=False)
        submissions.recognise(self._key, page.records)
        return page

    def cancel_job(self, job_id: str) -> None:
        """Ask the service to end a job.

        Raises:
            RuntimeInvalidStateError: It has ended already.
            RuntimeJobNotFound: The account has no such job.
        """
        self._api.cancel(job_id)

    def stream(
        self,
        job_id: str,
        on_result: Callable[[InterimResult], None],
        on_state: Callable[[str], None] | None = None,
        *,
        after: int = 0,
        decode: Callable[[str], Any] | None = None,
    ) -> StreamHandle:
        """Follow the interim results of a job in the background, through any interruption.

        Where the service has no stream, they are asked for every few seconds.

        Args:
            job_id: The job.
            on_result: Takes each message, on a background thread; it should be quick.
            on_state: Takes ``"connecting"``, ``"open"``, ``"reconnecting"``, ``"ended"``.
            after: Number of the last message already known.
            decode: Reads a message's typed JSON, in place of the codec.
        """
        path = f"/stream{job_path(job_id)}"
        transport = self._api.transport
        return open_stream(
            lambda last, renew: transport.stream_address(f"{path}?after={last}", renew=renew),
            on_result,
            on_state,
            after=after,
            decode=decode,
            look=lambda: polling.look(self._api, job_id),
        )


def _listed(
    place: RuntimeService, limit: int | None, skip: int, filters: dict[str, Any]
) -> list[RuntimeJob]:
    """Return jobs of as many pages of the service's list as it takes."""
    found: dict[str, RuntimeJob] = {}  # a job that comes meanwhile moves others a page on
    seen = 0
    while limit is None or len(found) < limit:
        size = LARGEST_PAGE if limit is None else min(LARGEST_PAGE, limit - len(found))
        query = list_query(limit=size, skip=skip + seen, **filters)
        page = place.api.records(query, reviving=True)
        submissions.recognise(place.key, page.records)
        seen += len(page.records)
        known = len(found)
        found |= {record.id: RuntimeJob(place, record) for record in page.records}
        # a service that does not turn the pages, whatever it counts, shows nothing new
        if len(found) == known or skip + seen >= page.count:
            break
    return list(found.values())
