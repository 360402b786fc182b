"""Which service, as whom: from arguments, the environment, the saved file, or the local runtime."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from qjobwidgets.client.saved_accounts import default_file, default_name, read_accounts
from qjobwidgets.client.secrets import SecretText, hidden, sendable
from qjobwidgets.errors import AccountError

__all__ = [
    "IBM",
    "LOCAL",
    "Account",
    "Endpoint",
    "base_url",
    "is_crn",
    "on_this_machine",
    "resolve_account",
]

IBM = "ibm_quantum_platform"
LOCAL = "local"
_CHANNELS = {IBM: IBM, "ibm_cloud": IBM, LOCAL: LOCAL}
_AUTO = "auto"
_IAM = "https://iam.cloud.ibm.com"
# The platform's web site, which saved accounts name; the REST base follows from the CRN.
_WEB_SITES = frozenset({"https://cloud.ibm.com", "https://quantum.cloud.ibm.com"})


def on_this_machine(url: str) -> bool:
    """Whether a service at this address runs on this machine."""
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests go, and the key to be let in.

    Attributes:
        url: The REST base, without a slash at its end.
        iam_url: Where ``POST /identity/token`` lives.
        token: The API key.
        instance: The instance's CRN, sent with each request.
        name: What it is known by where its address changes, as the embedded runtime's does.
    """

    url: str
    iam_url: str
    token: SecretText = field(repr=False)
    instance: str | None = None
    name: str | None = None

    @property
    def loopback(self) -> bool:
        """Whether the service runs on this machine."""
        return on_this_machine(self.url)


@dataclass(frozen=True, slots=True)
class Account:
    """One account of one service.

    Attributes:
        channel: ``"ibm_quantum_platform"`` or ``"local"``.
        url: The REST base as it is; ``None`` for the embedded local runtime, which is started
            when it is needed, and where it follows from an instance that has yet to be found.
        instance: The instance's CRN, or its name as long as it has not been found.
        iam_url: Where API keys are exchanged for access tokens.
        token: The API key; not part of the repr.
        region, plans, tags: Which instance to prefer when none is named.
    """

    channel: str
    url: str | None = None
    instance: str | None = None
    iam_url: str | None = None
    token: SecretText | None = field(default=None, repr=False)
    region: str | None = None
    plans: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def embedded(self) -> bool:
        """Whether it is that of the embedded local runtime, wherever that is."""
        return self.channel == LOCAL and self.url is None

    @property
    def key(self) -> str:
        """The account's identity, the same in every kernel; nothing secret can be read from it."""
        parts = (self.url or "", self.instance or "", str(self.token or ""))
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return f"{self.channel}-{digest[:12]}"

    def endpoint(self) -> Endpoint:
        """Return where the account's requests go.

        Raises:
            AccountError: The account is that of the embedded runtime, or lacks a token.
        """
        if self.url is None or self.token is None:
            raise AccountError(
                f"The {self.channel} account has no token.",
                fix="Pass token=..., or set QISKIT_IBM_TOKEN.",
            )
        return Endpoint(self.url, self.iam_url or _IAM, self.token, self.instance)


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
    With none of them it is the embedded local runtime.

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
    given = {
        "channel": channel,
        "token": token,
        "url": url,
        "instance": instance,
        "name": name,
        "region": region,
    }
    arguments = {key: value for key, value in given.items() if value is not None}
    _check_texts(arguments)
    arguments.pop("name", None)
    lists = {"plans_preference": plans_preference, "tags": tags}
    arguments |= {key: value for key, value in lists.items() if value is not None}
    from_environ = _from_environ(environ)
    if name is None and ("token" in arguments or arguments.get("channel") == LOCAL):
        found = arguments
    elif name is None and ("token" in from_environ or from_environ.get("channel") == LOCAL):
        found = {**from_environ, **arguments}
    else:
        found = {**_saved(name, channel, file or default_file()), **arguments}
        word = from_environ.get("channel")
        if not found and word is not None and word not in _CHANNELS:
            raise AccountError(
                f"There is no channel {word!r}.",
                fix=f"Set QISKIT_IBM_CHANNEL to {IBM!r} or {LOCAL!r}.",
            )
    return _account(found, _iam_url(environ))


def _check_texts(arguments: Mapping[str, Any]) -> None:
    for name, value in arguments.items():
        if not isinstance(value, str):
            kind = type(value).__name__
            raise AccountError(f"The {name} of an account can't be a {kind}.", fix="Pass text.")


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
    word = found.get("channel") or (IBM if "token" in found or "url" in found else LOCAL)
    channel = _CHANNELS.get(word)
    if channel is None:
        raise AccountError(
            f"There is no channel {word!r}.", fix=f"Use {IBM!r} or {LOCAL!r} as channel."
        )
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
    at_web_site = url is None or url.rstrip("/") in _WEB_SITES
    to_be_found = at_web_site and not is_crn(instance) and channel != LOCAL
    base = None if to_be_found else base_url(url, instance)
    iam = iam_url or (_origin(base) if base and channel == LOCAL else _IAM)
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


def is_crn(instance: object) -> bool:
    """Whether an instance is named by its CRN, in full."""
    fields = instance.split(":") if isinstance(instance, str) and sendable(instance) else []
    return len(fields) >= 6 and fields[0] == "crn"


def base_url(url: str | None, instance: str | None) -> str:
    """Return the REST base: the one given, or the one of the region in an instance's CRN.

    Raises:
        AccountError: It is no address, or there is no CRN.
    """
    if url is not None and url.rstrip("/") not in _WEB_SITES:
        if not _is_address(url):
            raise AccountError(f"{url!r} is not a service's address.", fix="Pass an http(s) URL.")
        return url.rstrip("/")
    fields = (instance or "").split(":")
    if not is_crn(instance):
        raise AccountError(
            "Without a url, the instance's CRN is needed to find the service.",
            fix="Pass instance='crn:v1:...', or set QISKIT_IBM_INSTANCE.",
        )
    host = "quantum.cloud.ibm.com"
    return f"https://{host if fields[5] == 'us-east' else f'{fields[5]}.{host}'}/api/v1"


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        whole = parts.hostname and parts.port != 0  # the port is read only now
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(whole) and sendable(url)


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
        if channel is None or _CHANNELS.get(str(account.get("channel"))) == _CHANNELS.get(channel)
    }
    for account in of_channel.values():
        if account.get("is_default_account") is True:
            return _fields(account)
    for word in _CHANNELS:
        if default_name(word) in of_channel:
            return _fields(of_channel[default_name(word)])
    return {}


def _fields(account: Mapping[str, Any]) -> dict[str, Any]:
    texts = ("channel", "token", "url", "instance", "region")
    found = {name: account[name] for name in texts if isinstance(account.get(name), str)}
    lists = ("plans_preference", "tags")
    return found | {name: account[name] for name in lists if isinstance(account.get(name), list)}
