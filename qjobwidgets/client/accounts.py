"""An account: which service, as whom."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final, TypeGuard
from urllib.parse import urlsplit

from qjobwidgets.client.secrets import SecretText, sendable
from qjobwidgets.errors import AccountError

__all__ = [
    "CHANNELS",
    "IAM_URL",
    "IBM",
    "LOCAL",
    "Account",
    "Endpoint",
    "base_url",
    "channel_of",
    "is_crn",
    "is_rest_base",
    "on_this_machine",
]

IBM: Final = "ibm_quantum_platform"
LOCAL: Final = "local"
CHANNELS: Final = {IBM: IBM, "ibm_cloud": IBM, LOCAL: LOCAL}
"""The channel that a word means; accounts saved with older clients have another word for IBM's."""

IAM_URL: Final = "https://iam.cloud.ibm.com"
"""Where the platform exchanges API keys."""

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
        url: The REST base as it is; ``None`` for the embedded runtime, which is started
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
        """Whether it is that of the embedded runtime, wherever that is."""
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
        return Endpoint(self.url, self.iam_url or IAM_URL, self.token, self.instance)


def channel_of(word: object, setting: str = "channel") -> str:
    """Return the channel that a word means.

    Args:
        word: The word.
        setting: Where it was given.

    Raises:
        AccountError: There is no such channel.
    """
    channel = CHANNELS.get(word) if isinstance(word, str) else None
    if channel is None:
        raise AccountError(
            f"There is no channel {word!r}.", fix=f"Set {setting} to {IBM!r} or {LOCAL!r}."
        )
    return channel


def is_crn(instance: object) -> bool:
    """Whether an instance is named by its CRN, in full."""
    fields = instance.split(":") if isinstance(instance, str) and sendable(instance) else []
    return len(fields) >= 6 and fields[0] == "crn"


def is_rest_base(url: str | None) -> TypeGuard[str]:
    """Whether an address was given that is not just the platform's web site."""
    return url is not None and url.rstrip("/") not in _WEB_SITES


def base_url(url: str | None, instance: str | None) -> str:
    """Return the REST base: the one given, or the one of the region in an instance's CRN.

    Raises:
        AccountError: It is no address, or there is no CRN.
    """
    if is_rest_base(url):
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
