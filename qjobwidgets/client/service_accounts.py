"""The names by which a service shows its account, and keeps accounts for the next time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from qjobwidgets.client import saved_accounts as saved
from qjobwidgets.client.accounts import IBM, Account
from qjobwidgets.client.secrets import hidden

__all__ = ["ServiceAccounts"]

_WEB_SITE = "https://cloud.ibm.com"


class ServiceAccounts:
    """What a service says of accounts."""

    _account: Account

    def active_account(self) -> dict[str, Any]:
        """Return the account: ``channel``, ``url``, ``instance`` and ``token``, where it has them.

        The token is text that does not show itself.
        """
        account = self._account
        values = {
            "channel": account.channel,
            "url": account.url,
            "instance": account.instance,
            "token": account.token,
        }
        return {name: value for name, value in values.items() if value is not None}

    @staticmethod
    def save_account(  # noqa: PLR0913, PLR0917 - what makes an account
        token: str | None = None,
        url: str | None = None,
        instance: str | None = None,
        channel: str | None = None,
        filename: str | Path | None = None,
        name: str | None = None,
        *,
        overwrite: bool | None = False,
        set_as_default: bool | None = None,
        region: str | None = None,
        plans_preference: Iterable[str] | None = None,
        tags: Iterable[str] | None = None,
    ) -> None:
        """Save an account for the next time, in the file that the official client uses too.

        Args:
            token: API key.
            url: Address of the service; by default that of IBM Quantum.
            instance: CRN or name of the instance.
            channel: ``"ibm_quantum_platform"``, or ``"local"`` for a runtime at an address.
            filename: The file; by default ``~/.qiskit/qiskit-ibm.json``.
            name: Name of the account; by default that of the channel's default account.
            overwrite: Whether it may take the place of one of the same name.
            set_as_default: Whether it is the one that is used when none is named.
            region: Where an instance had better be when none is given.
            plans_preference: Plans such an instance may have, the preferred one first.
            tags: What such an instance must be tagged with.

        Raises:
            AccountError: It is incomplete, or there is one of this name, or the file can't be
                changed.
        """
        token = hidden(token)
        plans = [plans_preference] if isinstance(plans_preference, str) else plans_preference
        account = {
            "channel": channel or IBM,
            "url": url or _WEB_SITE,
            "token": token,
            "instance": instance,
            "private_endpoint": False,
            "region": region,
            "plans_preference": None if plans is None else list(plans),
            "tags": None if tags is None else list(tags),
        }
        saved.save_account(
            _file(filename),
            account,
            name,
            overwrite=bool(overwrite),
            set_as_default=set_as_default,
        )

    @staticmethod
    def saved_accounts(
        default: bool | None = None,
        channel: str | None = None,
        filename: str | Path | None = None,
        name: str | None = None,
    ) -> dict[str, dict[str, Any]]:
        """Return saved accounts by name; their tokens are text that does not show itself.

        Args:
            default: Only default accounts, or only others.
            channel: Only accounts of this channel.
            filename: The file; by default ``~/.qiskit/qiskit-ibm.json``.
            name: Only the account of this name.

        Raises:
            AccountError: The file can't be read.
        """
        return saved.saved_accounts(_file(filename), default=default, channel=channel, name=name)

    @staticmethod
    def delete_account(
        filename: str | Path | None = None, name: str | None = None, channel: str | None = None
    ) -> bool:
        """Delete a saved account, and return whether there was one.

        Args:
            filename: The file; by default ``~/.qiskit/qiskit-ibm.json``.
            name: Name of the account; by default that of the channel's default account.
            channel: The channel, if no name is given.

        Raises:
            AccountError: The file can't be changed.
        """
        return saved.delete_account(_file(filename), name, channel)


def _file(filename: str | Path | None) -> Path:
    return saved.default_file() if filename is None else Path(filename)
