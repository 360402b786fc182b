"""The file of saved accounts, ``~/.qiskit/qiskit-ibm.json``, which the official client shares.

What we write is for its owner alone, takes the place of the old file in one step, and leaves alone
what it does not know: other accounts, and fields of other clients.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from qjobwidgets.client.accounts import IBM, channel_of
from qjobwidgets.client.secrets import SecretText, hidden
from qjobwidgets.errors import AccountError
from qjobwidgets.private_files import write_private

__all__ = [
    "default_file",
    "default_name",
    "delete_account",
    "read_accounts",
    "save_account",
    "saved_accounts",
]

_LOCK_TIMEOUT = 10.0
_DEFAULT = "is_default_account"


def default_file() -> Path:
    """Return where accounts are saved unless another file is named."""
    return Path.home() / ".qiskit" / "qiskit-ibm.json"


def default_name(channel: str) -> str:
    """Return the name of an account of a channel that was saved without a name."""
    return f"default-{channel.replace('_', '-')}"


def read_accounts(file: Path) -> dict[str, dict[str, Any]]:
    """Return the saved accounts by name, none if there is no file.

    Their tokens are text that does not show itself.

    Raises:
        AccountError: The file can't be read.
    """
    accounts = _read(file)
    if not isinstance(accounts, dict):
        return {}
    return {name: account for name, account in accounts.items() if isinstance(account, dict)}


def saved_accounts(
    file: Path, *, default: bool | None = None, channel: str | None = None, name: str | None = None
) -> dict[str, dict[str, Any]]:
    """Return saved accounts by name; their tokens are text that does not show itself.

    Args:
        file: The file.
        default: Only default accounts, or only others.
        channel: Only accounts of this channel.
        name: Only the account of this name.

    Raises:
        AccountError: The file can't be read.
    """
    found = {}
    for key, account in read_accounts(file).items():
        is_default = key.startswith("default-") or account.get(_DEFAULT) is True
        if name not in {None, key} or default not in {None, is_default}:
            continue
        if channel not in {None, account.get("channel")}:
            continue
        found[key] = {n: value for n, value in account.items() if n != _DEFAULT}
    return found


def save_account(
    file: Path,
    account: Mapping[str, Any],
    name: str | None,
    *,
    overwrite: bool,
    set_as_default: bool | None,
) -> None:
    """Save an account.

    Args:
        file: The file.
        account: Its values; those that are ``None`` are not saved.
        name: Its name; by default the one of its channel's default account.
        overwrite: Whether it may take the place of one of the same name.
        set_as_default: Whether it is the one that is used when none is named.

    Raises:
        AccountError: It is incomplete, or there is one of this name, or the file can't be changed.
    """
    values = {key: value for key, value in account.items() if value is not None}
    channel = values["channel"]
    channel_of(channel)  # which refuses a wrong one; what is saved is the word as it was given
    if not isinstance(values.get("token"), str) or not values["token"].strip():
        raise AccountError("An account needs a token.", fix="Pass token=... with your API key.")
    name = name or default_name(channel)

    def add(accounts: dict[str, Any]) -> bool:
        if name in accounts and not overwrite:
            raise AccountError(
                f"There is a saved account {name!r} already.", fix="Pass overwrite=True."
            )
        old = accounts.get(name)
        kept = {k: v for k, v in old.items() if k not in account} if isinstance(old, dict) else {}
        if set_as_default is not None:
            kept.pop(_DEFAULT, None)
        accounts[name] = {**kept, **values}
        if set_as_default:
            for other in accounts.values():
                if isinstance(other, dict):
                    other.pop(_DEFAULT, None)
            accounts[name][_DEFAULT] = True
        return True

    _change(file, add)


def delete_account(file: Path, name: str | None, channel: str | None) -> bool:
    """Delete a saved account, and return whether there was one.

    Args:
        file: The file.
        name: Its name; by default the one of the channel's default account.
        channel: The channel, if no name is given.

    Raises:
        AccountError: The file can't be changed.
    """
    key = name or default_name(channel or IBM)
    return file.exists() and _change(file, lambda accounts: accounts.pop(key, None) is not None)


def _with_hidden_token(account: dict[str, Any]) -> dict[str, Any]:
    return {**account, "token": hidden(account["token"])} if "token" in account else account


def _read(file: Path) -> Any:
    trouble: str | None = None
    try:
        with file.open(encoding="utf-8") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            accounts = json.load(stream, object_hook=_with_hidden_token)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        trouble = type(error).__name__
    if trouble:  # with nothing attached: an error of JSON holds the whole text, tokens and all
        raise AccountError(
            f"The saved accounts in {file} can't be read: {trouble}.",
            fix="Mend or remove the file.",
        )
    if accounts and os.name == "posix" and mode & 0o077:
        warnings.warn(
            f"Other users can read the tokens in {file}. Run: chmod 600 {file}", stacklevel=6
        )
    return accounts


def _change(file: Path, change: Any) -> bool:
    """Change the accounts in the file, if ``change`` says that it has changed them."""
    file = file.expanduser().resolve()  # a link stays one
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(f"{file}.lock", timeout=_LOCK_TIMEOUT), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what we write is private again
            accounts = _read(file)
            if not isinstance(accounts, dict):
                raise AccountError(f"{file} holds no accounts.", fix="Mend or remove the file.")
            changed = bool(change(accounts))
            if changed:
                write_private(
                    file, SecretText(json.dumps(accounts, indent=4, sort_keys=True) + "\n")
                )
    except (OSError, Timeout) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise AccountError(
            f"The accounts in {file} can't be changed: {reason}.",
            fix="See whether the folder is yours to write to, and not full.",
        ) from None
    return changed
