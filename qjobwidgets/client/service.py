"""The thin client of one runtime service."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from qjobwidgets.client import local, submissions
from qjobwidgets.client.accounts import LOCAL, Account, resolve_account
from qjobwidgets.client.api import (
    LARGEST_PAGE,
    Api,
    BackendInfo,
    Program,
    RecordPage,
    job_path,
    list_query,
)
from qjobwidgets.client.decoders import DecoderPair, decoder_pair
from qjobwidgets.client.inputs import Submission, submission
from qjobwidgets.client.job import RuntimeJob
from qjobwidgets.client.journal import Entry, journal, notebook
from qjobwidgets.client.streams import StreamHandle, open_stream
from qjobwidgets.client.submit import submit
from qjobwidgets.client.transport import HttpTransport, Transport
from qjobwidgets.errors import ServiceError
from qjobwidgets.records import InterimResult, JobRecord, JobStatus

__all__ = ["RuntimeService"]

# What services without a list of programs run.
_COMMON_PROGRAMS = ("estimator", "sampler")


class RuntimeService:
    """A Qiskit Runtime service, as one account sees it.

    The account comes from the arguments, else from the ``QISKIT_IBM_*`` variables, else from the
    saved accounts; with none of these it is the embedded local runtime, started when needed.

    Args:
        channel: ``"ibm_quantum_platform"`` or ``"local"``.
        token: API key.
        url: REST base of the service, used as it is. The key is exchanged at ``IAM_URL`` from the
            environment, or at the channel's own address.
        instance: CRN of the instance.
        name: Name of a saved account.
        transport: The way to the service, in place of HTTP.

    Raises:
        AccountError: The account is incomplete or unknown.
    """

    def __init__(  # noqa: PLR0913 - what makes an account
        self,
        channel: str | None = None,
        token: str | None = None,
        url: str | None = None,
        instance: str | None = None,
        *,
        name: str | None = None,
        transport: Transport | None = None,
    ) -> None:
        self._account = resolve_account(
            channel=channel, token=token, url=url, instance=instance, name=name
        )
        embedded = self._account.url is None
        if transport is None:
            resolve = local.find_or_start if embedded else self._account.endpoint
            transport = HttpTransport(resolve)
        self._key = _embedded_key() if embedded else self._account.key
        self._api = Api(transport, revivable=embedded)

    def __repr__(self) -> str:
        return f"<RuntimeService({self._account.channel!r}, {self._account.url or 'embedded'!r})>"

    @property
    def account(self) -> Account:
        """The account."""
        return self._account

    @property
    def channel(self) -> str:
        """The account's channel."""
        return self._account.channel

    @property
    def key(self) -> str:
        """Identity of the account, the same for all clients of it; holds nothing secret."""
        return self._key

    @property
    def api(self) -> Api:
        """The service's REST interface."""
        return self._api

    # -- jobs -------------------------------------------------------------------------------------

    def run(  # noqa: PLR0913, PLR0917 - the arguments users of other clients know
        self,
        program_id: str,
        inputs: Mapping[str, Any] | None = None,
        options: Any = None,
        callback: Callable[[str, Any], None] | None = None,
        result_decoder: Any = None,
        session_id: str | None = None,
    ) -> RuntimeJob:
        """Submit a job, exactly once.

        Args:
            program_id: The program.
            inputs: Its inputs. PUBs of ``sampler`` and ``estimator`` may have any form Qiskit
                takes; other inputs are sent as they are.
            options: A dict or an object with ``backend``, ``job_tags``, ``shots``, ``log_level``,
                ``max_execution_time`` (seconds), ``private``, ``image``.
            callback: Takes the job's id and each interim result, then the result (that of a
                private job is left to be read once).
            result_decoder: Reads results in place of the codec: a :class:`ResultDecoder`, or a
                pair of them for interim results and for the result; each may be a chain.
            session_id: The session or batch the job belongs to.

        Raises:
            RuntimeProgramNotFound, BackendNotFoundError: There is none of that name.
            TypeError, ValueError: An option or a PUB is not valid.
            ServiceError: The service refuses the job.
        """
        prepared = submission(program_id, inputs, options, session_id)
        return self.submit(prepared, callback, decoder_pair(result_decoder))

    def submit(
        self,
        prepared: Submission,
        callback: Callable[[str, Any], None] | None = None,
        decoders: DecoderPair | None = None,
    ) -> RuntimeJob:
        """Submit a job that is ready to be sent; see :meth:`run`."""
        desk = submissions.desk(self.key, self._account.url)
        answer = submit(self._api, prepared, desk, keyed=self.channel == LOCAL)
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
            Entry(self.key, record.id, record.program, record.backend, record.created, notebook())
        )
        job = RuntimeJob(self, record, decoders=decoders)
        if callback is not None:
            job.stream_results(callback)
        submissions.announce(job)
        return job

    def job(self, job_id: str) -> RuntimeJob:
        """Return the handle of a job.

        Raises:
            RuntimeJobNotFound: The account has no such job.
        """
        return RuntimeJob(self, self._api.record(job_id, reviving=True))

    def jobs(  # noqa: PLR0913, PLR0917 - the filters of the service
        self,
        limit: int | None = 10,
        skip: int = 0,
        backend_name: str | None = None,
        pending: bool | None = None,
        program_id: str | None = None,
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
            job_tags: Only jobs with all these tags.
            session_id: Only jobs of this session or batch.
            created_after: Only jobs created then or later; without a zone it is local time.
            created_before: Only jobs created then or earlier.
            descending: Newest first; otherwise oldest first.
        """
        found: list[RuntimeJob] = []
        while limit is None or len(found) < limit:
            size = LARGEST_PAGE if limit is None else min(LARGEST_PAGE, limit - len(found))
            query = list_query(
                limit=size,
                skip=skip + len(found),
                descending=descending,
                pending=pending,
                program_id=program_id,
                backend_name=backend_name,
                job_tags=job_tags or (),
                session_id=session_id,
                created_after=created_after,
                created_before=created_before,
            )
            page = self._api.records(query, reviving=True)
            found += [RuntimeJob(self, record) for record in page.records]
            if not page.records or skip + len(found) >= page.count:
                break
        return found

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

        An embedded runtime that has ended stays so, see :meth:`revive`. A page that has not changed
        costs an empty answer.

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
        return self._api.records(query, reviving=False)

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
        )

    # -- backends and programs --------------------------------------------------------------------

    def backends(self) -> list[BackendInfo]:
        """Return the backends of the account."""
        return self._api.backends()

    def backend_names(self) -> list[str]:
        """Return the names of the backends."""
        return [backend.name for backend in self.backends()]

    def backend(self, name: str) -> Any:
        """Return a backend as Qiskit's transpiler and primitives see it (a ``BackendV2``).

        Raises:
            BackendNotFoundError: There is no such backend.
        """
        from qjobwidgets.client.backend import RuntimeBackend  # noqa: PLC0415 - it loads Qiskit

        configuration = self._api.backend_document(name, "configuration")
        simulator = configuration.get("simulator") is True
        properties = {} if simulator else self._api.backend_document(name, "properties")
        return RuntimeBackend(self, configuration, properties)

    def programs(self) -> list[Program]:
        """Return the programs the service runs; services without such a list run the primitives."""
        try:
            return self._api.programs()
        except ServiceError as error:
            if error.status != 404:
                raise
        return [Program(name) for name in _COMMON_PROGRAMS]

    def program_ids(self) -> list[str]:
        """Return the ids of the programs."""
        return [program.id for program in self.programs()]

    # -- the connection ---------------------------------------------------------------------------

    def revive(self) -> None:
        """Find the embedded runtime again, starting it if it has ended; nothing for other services.

        Raises:
            LocalRuntimeError: It does not start.
        """
        self._api.revive()

    def close(self) -> None:
        """Close the HTTP connections."""
        self._api.transport.close()


def _embedded_key() -> str:
    folder = str(local.data_folder().absolute())
    return f"{LOCAL}-{hashlib.sha256(folder.encode()).hexdigest()[:12]}"
