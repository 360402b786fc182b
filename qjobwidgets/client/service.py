"""The thin client of one runtime service: whose account it is, and the way there.

What it does with jobs, backends, programs and accounts is in a module for each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from qjobwidgets.client import local
from qjobwidgets.client.account_sources import resolve_account
from qjobwidgets.client.accounts import LOCAL, Account, base_url
from qjobwidgets.client.api import Api
from qjobwidgets.client.backends import ServiceBackends
from qjobwidgets.client.instances import settled
from qjobwidgets.client.programs import ServicePrograms
from qjobwidgets.client.secrets import hidden
from qjobwidgets.client.service_accounts import ServiceAccounts
from qjobwidgets.client.service_jobs import ServiceJobs
from qjobwidgets.client.transport import HttpTransport, Transport

__all__ = ["RuntimeService"]


class RuntimeService(ServiceAccounts, ServiceJobs, ServiceBackends, ServicePrograms):
    """A Qiskit Runtime service, as one account sees it.

    The account comes from the arguments, else from the ``QISKIT_IBM_*`` variables, else from the
    saved accounts; with none of these it is the embedded runtime, started when needed.

    Args:
        channel: ``"ibm_quantum_platform"`` or ``"local"``.
        token: API key.
        url: REST base of the service, used as it is. The key is exchanged at ``IAM_URL`` from the
            environment, or at the channel's own address.
        instance: CRN of the instance, or its name. When it is not the CRN, it is found by asking
            for the instances of the account, at once; without any, one that costs nothing goes
            before one that does.
        name: Name of a saved account.
        filename: File of saved accounts; by default ``~/.qiskit/qiskit-ibm.json``.
        region: Where an instance had better be when none is given.
        plans_preference: Plans such an instance may have, the preferred one first.
        tags: What such an instance must be tagged with.
        transport: The way to the service, in place of HTTP.

    Raises:
        AccountError: The account is incomplete or unknown, or has no such instance.
    """

    def __init__(  # noqa: PLR0913 - what makes an account
        self,
        channel: str | None = None,
        token: str | None = None,
        url: str | None = None,
        *,
        instance: str | None = None,
        name: str | None = None,
        filename: str | Path | None = None,
        region: str | None = None,
        plans_preference: str | Sequence[str] | None = None,
        tags: Sequence[str] | None = None,
        transport: Transport | None = None,
    ) -> None:
        token = hidden(token)
        account = resolve_account(
            channel=channel,
            token=token,
            url=url,
            instance=instance,
            name=name,
            region=region,
            plans_preference=plans_preference,
            tags=tags,
            file=None if filename is None else Path(filename),
        )
        self._account = settled(account) if transport is None else account
        self._siblings: dict[str, RuntimeService] = {}
        embedded = self._account.embedded
        if transport is None:
            resolve = local.find_or_start if embedded else self._account.endpoint
            transport = HttpTransport(resolve)
        self._key = _embedded_key() if embedded else self._account.key
        self._api = Api(transport, revivable=embedded)

    def __repr__(self) -> str:
        account = vars(self).get("_account")
        if account is None:  # a traceback shows one that could not be made as well
            return "<RuntimeService>"
        return f"<RuntimeService({account.channel!r}, {account.url or 'embedded'!r})>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a RuntimeService holds credentials and is not pickled: make one where it is needed"
        )

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

    def revive(self) -> None:
        """Find the embedded runtime again, starting it if it has ended; nothing for other services.

        Raises:
            LocalRuntimeError: It does not start.
        """
        self._api.revive()

    def close(self) -> None:
        """Close the HTTP connections, also those of :meth:`at`."""
        self._api.transport.close()
        for sibling in self._siblings.values():
            sibling.close()

    def _sibling(self, crn: str) -> RuntimeService:
        if crn not in self._siblings:
            account = self._account
            # an address of the instance's own region leads to no other
            own = account.url == base_url(None, account.instance or crn)
            self._siblings[crn] = RuntimeService(
                account.channel, account.token, None if own else account.url, instance=crn
            )
        return self._siblings[crn]


def _embedded_key() -> str:
    folder = str(local.data_folder().absolute())
    return f"{LOCAL}-{hashlib.sha256(folder.encode()).hexdigest()[:12]}"
