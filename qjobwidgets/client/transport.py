"""HTTP to one service: credentials, time limits, bounded retries.

- Credentials are added when a request is sent, and only to requests to the endpoint itself;
  redirects are not followed.
- Every request has a connect and a read time limit, and every body a size limit; one that may be
  large can go to a file.
- What may be sent twice is sent again a few times over a few seconds when the connection breaks
  or a gateway complains. Longer trouble is the caller's to wait out.
- A process that is forked makes connections and tokens of its own: on one connection the answers
  would go to either.
- No exception of the libraries below leaves this module, nor is one attached to ours: their
  frames hold headers.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import NewConnectionError

from qjobwidgets import __version__
from qjobwidgets.client import forks
from qjobwidgets.client.accounts import Endpoint
from qjobwidgets.client.answers import GATEWAY, Answer
from qjobwidgets.client.auth import TokenSource
from qjobwidgets.client.downloads import check_address, kept_file, read_body
from qjobwidgets.client.secrets import SecretBytes, SecretText
from qjobwidgets.errors import QiskitRuntimeError, ServiceUnreachableError

__all__ = ["HttpTransport", "StreamAddress", "Transport"]

_CONNECT_TIMEOUT = 5.0
_READ_TIMEOUT = 30.0
_SUBMIT_TIMEOUT = 120.0
_ATTEMPTS = 4
_LONGEST_PAUSE = 2.0
_PASSING = GATEWAY | {500}
_API_VERSION = "2026-04-15"


@dataclass(frozen=True, slots=True)
class StreamAddress:
    """Where a stream is, the headers that open it, and whether it is on this machine."""

    url: str
    headers: Mapping[str, str]
    loopback: bool = False


class Transport(Protocol):
    """A way to one service. Tests may bring their own."""

    def request(  # noqa: PLR0913 - what a request is made of
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        document: str | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        keep_as: str | None = None,
        at_most: int | None = None,
    ) -> Answer:
        """Send a request and return the answer, whatever its status.

        Args:
            method: HTTP method.
            path: Path below the REST base, with a slash at its beginning.
            params: Query.
            document: JSON text to send as the body.
            headers: More headers.
            repeatable: Whether sending it twice does no harm; by default true for GET.
            keep_as: Name of the file for a body that is too large for the memory; without a name
                such a body is an error.
            at_most: Bytes the body may have; one that has more is not fetched.

        Raises:
            ServiceUnreachableError: There was no answer.
            ResultTooLargeError: The body has more bytes than ``at_most``.
        """

    def download(self, url: str, keep_as: str, at_most: int | None = None) -> Answer | None:
        """Fetch what the service has named by address, without credentials.

        Args:
            url: The address.
            keep_as: As above.
            at_most: As above.

        Returns:
            The answer; ``None`` if this service names no addresses, so that it is none.

        Raises:
            ServiceUnreachableError: There was no answer, or the address is not safe to ask.
        """

    def kept(self, name: str) -> Path | None:
        """Return the file that a request has kept under this name."""

    def stream_address(self, path: str, *, renew: bool = False) -> StreamAddress:
        """Return where a stream is now; ``renew`` after its credentials were refused."""

    def resolve_again(self) -> None:
        """Find out anew where the service is."""

    def close(self) -> None:
        """Let go of all connections."""


class HttpTransport:
    """The transport over a network.

    Args:
        resolve: Returns where the service is; called at the first request, and again by
            :meth:`resolve_again`.
    """

    def __init__(self, resolve: Callable[[], Endpoint]) -> None:
        self._resolve = resolve
        self._begin()
        forks.begin_anew(self, HttpTransport._begin)

    def _begin(self) -> None:
        """Have nothing yet: no connection, no token, and nobody who waits."""
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._place: tuple[Endpoint, TokenSource] | None = None
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def request(  # noqa: PLR0913 - what a request is made of
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        document: str | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        keep_as: str | None = None,
        at_most: int | None = None,
    ) -> Answer:
        """Send a request; see :class:`Transport`."""
        endpoint, tokens = self._where()
        body = None if document is None else document.encode()
        file = kept_file(endpoint, keep_as) if keep_as else None
        url = endpoint.url + path
        hurried = method == "GET" and repeatable is False
        request = _Request(method, url, params, body, dict(headers or {}), file, at_most, hurried)
        if body is not None:
            request.headers.setdefault("Content-Type", "application/json")
        attempts = _ATTEMPTS if (method == "GET" if repeatable is None else repeatable) else 1
        answer = self._send_patiently(request, endpoint, tokens, attempts)
        if answer.status == 401:
            # an access token may be revoked before its time; the key itself is tried once more
            answer = self._send_patiently(request, endpoint, tokens, attempts)
        return answer

    def download(self, url: str, keep_as: str, at_most: int | None = None) -> Answer | None:
        """Fetch what the service has named by address; see :class:`Transport`."""
        endpoint, _ = self._where()
        if endpoint.instance is None:
            return None
        check_address(url, endpoint)
        file = kept_file(endpoint, keep_as)
        request = _Request("GET", url, None, None, {}, file, at_most)
        return self._send_patiently(request, endpoint, None, _ATTEMPTS)

    def kept(self, name: str) -> Path | None:
        """Return the file that a request has kept under this name."""
        file = kept_file(self._where()[0], name)
        return file if file.exists() else None

    def stream_address(self, path: str, *, renew: bool = False) -> StreamAddress:
        """Return where a stream is now; see :class:`Transport`."""
        endpoint, tokens = self._where()
        if renew:
            tokens.refused(tokens.header())
        url = "ws" + (endpoint.url + path).removeprefix("http")
        headers = self._identity(endpoint, tokens.header())
        return StreamAddress(url, headers, endpoint.loopback)

    def resolve_again(self) -> None:
        """Find out anew where the service is; when that fails, it is where it was."""
        with self._lock:
            self._place = self._find()

    def close(self) -> None:
        """Let go of all connections, and of retries that wait."""
        self._closed.set()
        self._session.close()

    def _where(self) -> tuple[Endpoint, TokenSource]:
        with self._lock:
            if self._place is None:
                self._place = self._find()
            return self._place

    def _find(self) -> tuple[Endpoint, TokenSource]:
        endpoint = self._resolve()
        # no proxy of the environment leads to this machine, and to look for one takes time
        self._session.trust_env = not endpoint.loopback

        def post(url: str, form: SecretBytes, patient: bool) -> Answer:
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            request = _Request("POST", url, None, form, kind, None)
            return self._send_patiently(request, endpoint, None, _ATTEMPTS if patient else 1)

        return endpoint, TokenSource(endpoint, post)

    def _identity(self, endpoint: Endpoint, authorization: SecretText) -> dict[str, str]:
        headers: dict[str, str] = {
            "Authorization": authorization,
            "IBM-API-Version": _API_VERSION,
            "X-Qx-Client-Application": f"qjobwidgets-{__version__}",
        }
        if endpoint.instance:
            headers["Service-CRN"] = endpoint.instance
        return headers

    def _send_patiently(
        self, request: _Request, endpoint: Endpoint, tokens: TokenSource | None, attempts: int
    ) -> Answer:
        sent = False  # by any of the attempts
        for attempt in range(1, attempts + 1):
            last = attempt == attempts
            header = _header(tokens, patient=not request.hurried, sent=sent) if tokens else None
            try:
                answer = self._send(request, endpoint, header)
            except _NoAnswerError as error:
                sent = sent or error.sent
                if last or not error.passing:
                    raise _unreachable(error.message, sent, unanswered=error.sent) from None
                pause = _pause(attempt)
            else:
                sent = True
                if answer.status == 401 and tokens and header is not None:
                    tokens.refused(header)
                pause = answer.retry_after or _pause(attempt)
                if last or answer.status not in _PASSING or pause > _LONGEST_PAUSE:
                    return answer
            if self._closed.wait(pause):
                break
        raise _unreachable("The connection to the service was closed.", sent)

    def _send(
        self, request: _Request, endpoint: Endpoint, authorization: SecretText | None
    ) -> Answer:
        def sign(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
            if authorization is not None:
                prepared.headers.update(self._identity(endpoint, authorization))
            return prepared

        host = urlsplit(request.url).netloc
        try:
            with self._session.request(
                request.method,
                request.url,
                params=request.params,
                data=request.body,
                headers=request.headers,
                auth=sign,
                timeout=(_CONNECT_TIMEOUT, request.patience),
                allow_redirects=False,
                stream=True,
            ) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                body, file = read_body(response, request.file, request.at_most)
                answer = Answer(response.status_code, headers, body, file)
        except requests.RequestException as error:
            trouble = _describe(error, host, loopback=endpoint.loopback)
        else:
            return answer
        raise trouble


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    params: Mapping[str, Any] | None
    body: bytes | None
    headers: dict[str, str]
    file: Path | None
    at_most: int | None = None
    hurried: bool = False  # whoever asks has the next look for another try

    @property
    def patience(self) -> float:
        """Seconds a read may take; a submission may be large."""
        large = self.body is not None and len(self.body) > 2**20
        return _SUBMIT_TIMEOUT if large else _READ_TIMEOUT


class _NoAnswerError(Exception):
    """There was no answer.

    Attributes:
        message: Why.
        passing: Whether another attempt at once may bring one.
        sent: Whether the request may have arrived.
    """

    def __init__(self, message: str, *, passing: bool, sent: bool = True) -> None:
        super().__init__(message)
        self.message = message
        self.passing = passing
        self.sent = sent


def _header(tokens: TokenSource, *, patient: bool, sent: bool) -> SecretText:
    """Return the header with our credentials; without it nothing more is ``sent``."""
    try:
        return tokens.header(patient=patient)
    except QiskitRuntimeError as error:
        error.sent = sent
        raise


def _unreachable(message: str, sent: bool, *, unanswered: bool = False) -> ServiceUnreachableError:
    trouble = ServiceUnreachableError(message)
    trouble.sent, trouble.unanswered = sent, unanswered
    return trouble


def _pause(attempt: int) -> float:
    """Seconds before another attempt: full jitter, so that many clients don't come back at once."""
    return random.uniform(0.0, min(_LONGEST_PAUSE, 0.25 * 2**attempt))  # noqa: S311 - no secret


def _describe(error: requests.RequestException, host: str, *, loopback: bool) -> _NoAnswerError:
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(error, requests.exceptions.SSLError):
        untrusted = "CERTIFICATE_VERIFY_FAILED" in str(reason)
        message = f"The certificate of {host} is not trusted."
        return _NoAnswerError(message, passing=False, sent=not untrusted)
    if isinstance(error, requests.Timeout):
        message = f"{host} did not answer in time."
        connected = not isinstance(error, requests.ConnectTimeout)
        return _NoAnswerError(message, passing=False, sent=connected)
    if isinstance(error, requests.exceptions.InvalidHeader):
        message = "The token or instance can't be sent in a header."
        return _NoAnswerError(message, passing=False, sent=False)
    if isinstance(reason, NewConnectionError):
        # on this machine a refused connection means that the server has ended
        message = f"{host} can't be reached."
        return _NoAnswerError(message, passing=not loopback, sent=False)
    return _NoAnswerError(f"The connection to {host} broke.", passing=True)
