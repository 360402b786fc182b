"""The exchange of an API key for access tokens, once for all threads."""

from __future__ import annotations

import base64
import copy
import json
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from qjobwidgets.client.accounts import Endpoint
from qjobwidgets.client.answers import Answer, checked
from qjobwidgets.client.secrets import SecretBytes, SecretText, sendable
from qjobwidgets.errors import (
    IBMNotAuthorizedError,
    QiskitRuntimeError,
    ServiceUnreachableError,
)

__all__ = ["TokenSource"]

_REFRESH_AT = 0.8  # part of a token's life after which a new one is fetched
_UNKNOWN_LIFE = 1200.0  # seconds; for a token that doesn't tell


class TokenSource:
    """Access tokens for one endpoint.

    The life of a token is measured on our monotonic clock from the moment it came, so a wrong wall
    clock changes nothing. While one thread exchanges the key, the others wait for what comes of it:
    its token, or its failure.

    Args:
        endpoint: Whose key is exchanged, and where.
        post: Sends a form to an address, patiently or once, and returns the answer.
    """

    def __init__(
        self, endpoint: Endpoint, post: Callable[[str, SecretBytes, bool], Answer]
    ) -> None:
        self._endpoint = endpoint
        self._post = post
        self._lock = threading.Lock()
        self._header: SecretText | None = None
        self._refresh_at = 0.0
        self._failure: QiskitRuntimeError | None = None
        self._failed_at = 0.0

    def header(self, *, patient: bool = True) -> SecretText:
        """Return the value of the ``Authorization`` header.

        Args:
            patient: Whether to try again where the exchange can't be reached.

        Raises:
            IBMNotAuthorizedError: The key is refused.
            ServiceUnreachableError: The exchange can't be reached.
        """
        asked_at = time.monotonic()
        with self._lock:
            if self._header is not None and time.monotonic() < self._refresh_at:
                return self._header
            if self._failure is not None and self._failed_at > asked_at:  # we waited for it
                raise copy.copy(self._failure)
            self._header = self._failure = None
            try:
                self._header = self._exchange(patient=patient)
            except QiskitRuntimeError as error:
                self._failure, self._failed_at = copy.copy(error), time.monotonic()
                raise
            return self._header

    def refused(self, header: str) -> None:
        """Note that the service did not accept a header; the next one will be a new one."""
        with self._lock:
            if self._header == header:
                self._header = None

    def _exchange(self, *, patient: bool) -> SecretText:
        address = f"{self._endpoint.iam_url}/identity/token"
        errors = dict.fromkeys((400, 401, 403), IBMNotAuthorizedError)
        answer = self._post(address, _form(self._endpoint.token), patient)
        document = checked(answer, errors).document()
        token = document.get("access_token")
        if not isinstance(token, str) or not sendable(token):
            raise ServiceUnreachableError("The sign-in service answered without an access token.")
        life = _life(token, document.get("expires_in"))
        self._refresh_at = time.monotonic() + _REFRESH_AT * life
        return SecretText(f"Bearer {token}")


def _form(key: SecretText) -> SecretBytes:
    # a function of its own: its readable parts are in no frame while the form is on its way
    form = {
        "grant_type": "urn:ibm:params:oauth:grant-type:apikey",
        "apikey": key,
        "response_type": "cloud_iam",
    }
    return SecretBytes(urlencode(form).encode())


def _life(token: str, expires_in: object) -> float:
    """Return a token's life in seconds, from its own claims if it is a JWT."""
    claims = _claims(token)
    issued, expires = claims.get("iat"), claims.get("exp")
    if isinstance(issued, int | float) and isinstance(expires, int | float) and expires > issued:
        return float(expires - issued)
    if isinstance(expires_in, int | float) and expires_in > 0:
        return float(expires_in)
    return _UNKNOWN_LIFE


def _claims(token: str) -> dict[str, Any]:
    # Unsigned reading: the claims only time the refresh, the service alone judges the token.
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
