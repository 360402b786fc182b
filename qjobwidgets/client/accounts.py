"""Which service, as whom: from arguments, the environment, the saved file, or the local runtime."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from qjobwidgets.client.secrets import SecretText
from qjobwidgets.errors import AccountError

__all__ = ["IBM", "LOCAL", "Account", "Endpoint", "resolve_account"]

IBM = "ibm_quantum_platform"
LOCAL = "local"
_CHANNELS = {IBM: IBM, "ibm_cloud": IBM, LOCAL: LOCAL}
_IAM = "https://iam.cloud.ibm.com"
# The platform's web site, which saved accounts name; the REST base follows from the CRN.
_WEB_SITES = frozenset({"https://cloud.ibm.com", "https://quantum.cloud.ibm.com"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests go, and the key to be let in.

    Attributes:
        url: The REST base, without a slash at its end.
        iam_url: Where ``POST /identity/token`` lives.
        token: The API key.
        instance: The instance's CRN, sent with each request.
    """

    url: str
    iam_url: str
    token: SecretText = field(repr=False)
    instance: str | None = None

    @property
    def loopback(self) -> bool:
        """Whether the service runs on this machine."""
        return urlsplit(self.url).hostname in {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Account:
    """One account of one service.

    Attributes:
        channel: ``"ibm_quantum_platform"`` or ``"local"``.
        url: The REST base as it is; ``None`` for the embedded local runtime, which is started
            when it is needed.
        instance: The instance's CRN.
        iam_url: Where API keys are exchanged for access tokens.
        token: The API key; not part of the repr.
    """

    channel: str
    url: str | None = None
    instance: str | None = None
    iam_url: str | None = None
    token: SecretText | None = field(default=None, repr=False)

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
        instance: CRN of the instance.
        name: Name of a saved account.
        environ: Environment to read; the process's own when not given.
        file: Saved accounts; ``~/.qiskit/qiskit-ibm.json`` when not given.

    Raises:
        AccountError: The channel or the saved account doesn't exist, or something is missing.
    """
    environ = os.environ if environ is None else environ
    given = {"channel": channel, "token": token, "url": url, "instance": instance}
    arguments = {key: value for key, value in given.items() if value is not None}
    from_environ = _from_environ(environ)
    if name is None and ("token" in arguments or arguments.get("channel") == LOCAL):
        found = arguments
    elif name is None and ("token" in from_environ or from_environ.get("channel") == LOCAL):
        found = {**from_environ, **arguments}
    else:
        file = file or Path.home() / ".qiskit" / "qiskit-ibm.json"
        found = {**_saved(name, channel, file), **arguments}
    return _account(found, environ)


def _from_environ(environ: Mapping[str, str]) -> dict[str, str]:
    names = ("channel", "token", "url", "instance")
    pairs = ((name, environ.get(f"QISKIT_IBM_{name.upper()}")) for name in names)
    return {name: value for name, value in pairs if value}


def _account(found: Mapping[str, str], environ: Mapping[str, str]) -> Account:
    word = found.get("channel") or (IBM if "token" in found or "url" in found else LOCAL)
    channel = _CHANNELS.get(word)
    if channel is None:
        raise AccountError(
            f"There is no channel {word!r}.", fix=f"Use {IBM!r} or {LOCAL!r} as channel."
        )
    url, token, instance = found.get("url"), found.get("token"), found.get("instance")
    if channel == LOCAL and url is None:
        return Account(LOCAL)
    if not token:
        raise AccountError(
            f"No token was found for the channel {channel!r}.",
            fix="Pass token=..., set QISKIT_IBM_TOKEN, or use channel='local'.",
        )
    base = _base_url(url, instance)
    iam = environ.get("IAM_URL") or (_origin(base) if channel == LOCAL else _IAM)
    return Account(channel, base, instance, iam.rstrip("/"), SecretText(token))


def _base_url(url: str | None, instance: str | None) -> str:
    if url is not None and url.rstrip("/") not in _WEB_SITES:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise AccountError(f"{url!r} is not a service's address.", fix="Pass an http(s) URL.")
        return url.rstrip("/")
    fields = (instance or "").split(":")
    if len(fields) < 6 or fields[0] != "crn":
        raise AccountError(
            "Without a url, the instance's CRN is needed to find the service.",
            fix="Pass instance='crn:v1:...', or set QISKIT_IBM_INSTANCE.",
        )
    host = "quantum.cloud.ibm.com"
    return f"https://{host if fields[5] == 'us-east' else f'{fields[5]}.{host}'}/api/v1"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _saved(name: str | None, channel: str | None, file: Path) -> dict[str, str]:
    """Return the saved account of that name, or the default one of the channel."""
    accounts = _read_saved(file)
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
    for key in ("default-ibm-quantum-platform", "default-ibm-cloud"):
        if key in of_channel:
            return _fields(of_channel[key])
    return {}


def _fields(account: Mapping[str, Any]) -> dict[str, str]:
    names = ("channel", "token", "url", "instance")
    return {name: account[name] for name in names if isinstance(account.get(name), str)}


def _read_saved(file: Path) -> dict[str, dict[str, Any]]:
    try:
        with file.open(encoding="utf-8") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            accounts = json.load(stream)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise AccountError(
            f"The saved accounts in {file} can't be read: {type(error).__name__}.",
            fix="Mend or remove the file.",
        ) from None
    if os.name == "posix" and mode & 0o077:
        warnings.warn(
            f"Other users can read the tokens in {file}. Run: chmod 600 {file}", stacklevel=5
        )
    if not isinstance(accounts, dict):
        return {}
    return {key: value for key, value in accounts.items() if isinstance(value, dict)}
