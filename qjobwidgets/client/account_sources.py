"""Where an account's values come from: arguments, the environment, the saved file, or nowhere."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from qjobwidgets.client.accounts import (
    CHANNELS,
    IAM_URL,
    IBM,
    LOCAL,
    Account,
    base_url,
    channel_of,
    is_crn,
    is_rest_base,
)
from qjobwidgets.client.saved_accounts import default_file, default_name, read_accounts
from qjobwidgets.client.secrets import SecretText, hidden, sendable
from qjobwidgets.errors import AccountError

__all__ = ["resolve_account"]

_AUTO: Final = "auto"


def resolve_account(  # noqa: PLR0913 - the five sources of an account's values
    *,
    channel: str | None = None,
    token: str | None = None,
    url: str | None = None,
    instance: str | None = None,
    name: str | None = None,
    region: str | None = None,
    plans_preference: str | Iterable[str] | None = None,
    tags: Iterable[str] | None = None,
    environ: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Account:
    """Return the account meant.

    The first of these that gives a token (or names the local channel) counts, and the arguments
    override its other values: the arguments, the ``QISKIT_IBM_*`` variables, the saved accounts.
    With none of them it is the embedded runtime.

    Args:
        channel: ``"ibm_quantum_platform"`` or ``"local"``.
        token: API key.
        url: REST base of the service, used as it is.
        instance: CRN or name of the instance; none, or ``"auto"``, to have one chosen.
        name: Name of a saved account.
        region: Where the chosen instance had better be.
        plans_preference: Plans it may have, the preferred one first.
        tags: What it must be tagged with.
        environ: Environment to read; the process's own when not given.
        file: Saved accounts; ``~/.qiskit/qiskit-ibm.json`` when not given.

    Raises:
        AccountError: The channel or the saved account doesn't exist, or something is missing.
    """
    token = hidden(token)
    texts = {"channel": channel, "token": token, "url": url, "instance": instance, "region": region}
    lists = {"plans_preference": plans_preference, "tags": tags}
    _check_texts({**texts, "name": name})
    given = {key: value for key, value in {**texts, **lists}.items() if value is not None}
    from_environ = _from_environ(environ)
    if name is None and _suffice(given):
        found = given
    elif name is None and _suffice(from_environ):
        found = {**from_environ, **given}
    else:
        found = {**_saved(name, channel, file or default_file()), **given}
        if not found and "channel" in from_environ:
            channel_of(from_environ["channel"], "QISKIT_IBM_CHANNEL")  # which refuses a wrong one
    return _account(found, _iam_url(environ))


def _check_texts(arguments: Mapping[str, Any]) -> None:
    for name, value in arguments.items():
        if value is not None and not isinstance(value, str):
            kind = type(value).__name__
            raise AccountError(f"The {name} of an account can't be a {kind}.", fix="Pass text.")


def _suffice(values: Mapping[str, Any]) -> bool:
    return "token" in values or values.get("channel") == LOCAL


# The environment is looked at in functions of their own: a debugger that shows the values in the
# frames of an error would show the token in it.


def _from_environ(environ: Mapping[str, str] | None) -> dict[str, str]:
    values = os.environ if environ is None else environ
    names = ("channel", "token", "url", "instance")
    pairs = ((name, values.get(f"QISKIT_IBM_{name.upper()}")) for name in names)
    return {name: hidden(value) if name == "token" else value for name, value in pairs if value}


def _iam_url(environ: Mapping[str, str] | None) -> str | None:
    return (os.environ if environ is None else environ).get("IAM_URL")


def _account(found: Mapping[str, Any], iam_url: str | None) -> Account:
    likely = IBM if "token" in found or "url" in found else LOCAL
    channel = channel_of(found.get("channel") or likely)
    url, token, instance = found.get("url"), _token(found), found.get("instance")
    if channel == LOCAL and url is None:
        return Account(LOCAL)
    if not token:
        raise AccountError(
            f"No token was found for the channel {channel!r}.",
            fix="Pass token=..., set QISKIT_IBM_TOKEN, or use channel='local'.",
        )
    if instance == _AUTO:
        instance = None
    if channel == LOCAL and instance and not sendable(instance):
        raise AccountError(f"{instance!r} is no instance.", fix="Pass its CRN, or leave it out.")
    to_be_found = not (is_rest_base(url) or is_crn(instance) or channel == LOCAL)
    base = None if to_be_found else base_url(url, instance)
    iam = iam_url or (_origin(base) if base and channel == LOCAL else IAM_URL)
    return Account(
        channel,
        base,
        instance,
        iam.rstrip("/"),
        token,
        region=found.get("region"),
        plans=_names(found.get("plans_preference")),
        tags=_names(found.get("tags")),
    )


def _token(found: Mapping[str, Any]) -> SecretText:
    """Return the token without the blanks around it, which come along when one is copied.

    Raises:
        AccountError: It holds what no token does.
    """
    token = SecretText((found.get("token") or "").strip())
    if not token or sendable(token):
        return token
    raise AccountError(
        "The token holds blanks or letters that no token has.", fix="Copy the API key once more."
    )


def _names(given: str | Iterable[str] | None) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(map(str, given or ()))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _saved(name: str | None, channel: str | None, file: Path) -> dict[str, Any]:
    """Return the saved account of that name, or the default one of the channel."""
    accounts = read_accounts(file)
    if name is not None:
        if name not in accounts:
            known = ", ".join(sorted(accounts)) or "none"
            raise AccountError(f"There is no saved account {name!r}.", fix=f"Saved: {known}.")
        return _fields(accounts[name])
    of_channel = {
        key: account
        for key, account in accounts.items()
        if channel is None or CHANNELS.get(str(account.get("channel"))) == CHANNELS.get(channel)
    }
    for account in of_channel.values():
        if account.get("is_default_account") is True:
            return _fields(account)
    for word in CHANNELS:
        if default_name(word) in of_channel:
            return _fields(of_channel[default_name(word)])
    return {}


def _fields(account: Mapping[str, Any]) -> dict[str, Any]:
    texts = ("channel", "token", "url", "instance", "region")
    found = {name: account[name] for name in texts if isinstance(account.get(name), str)}
    lists = ("plans_preference", "tags")
    return found | {name: account[name] for name in lists if isinstance(account.get(name), list)}
