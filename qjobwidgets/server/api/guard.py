"""The guard in front of every route, on HTTP and on WebSocket.

It refuses, before anything of the request is read: a Host that is not this server on the loopback
interface (a web page that rebound its name), any Origin but our own (a web page), whoever has no
token, and who takes us for another service. It also knows how long nobody has asked for anything.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qjobwidgets.server.api.errors import FORBIDDEN, NO_ROUTE, UNAUTHORIZED, ApiError, facts_of
from qjobwidgets.server.api.tokens import Tokens

__all__ = ["OPEN_PATHS", "Activity", "Guard"]

_LOG = logging.getLogger(__name__)

OPEN_PATHS = frozenset({"/health", "/identity/token", "/identity/proof"})
"""What is answered without a token."""


_OUR_CRN = (b"crn", b"quantum-computing")


class Activity:
    """What is being asked of the server, and since when nothing is."""

    def __init__(self) -> None:
        self._open = 0
        self._last = time.monotonic()

    def begin(self) -> None:
        """Note a request or socket that opens."""
        self._open += 1

    def end(self) -> None:
        """Note one that closes."""
        self._open -= 1
        self._last = time.monotonic()

    def idle_seconds(self) -> float:
        """Return for how many seconds nothing has been open."""
        return 0.0 if self._open else time.monotonic() - self._last


class Guard:
    """ASGI middleware around the application.

    Args:
        app: What is guarded.
        port: The port the server listens on.
        tokens: Decides who may come in.
        activity: Told of each request.
    """

    def __init__(self, app: ASGIApp, *, port: int, tokens: Tokens, activity: Activity) -> None:
        self._app = app
        self._hosts = frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]"))
        self._origins = frozenset(f"http://{host}" for host in self._hosts)
        self._tokens = tokens
        self._activity = activity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        self._activity.begin()
        try:
            self._admit(scope)
        except ApiError as refusal:
            await _refuse(refusal, scope, receive, send)
        else:
            _LOG.debug("asked", extra=facts_of(scope))
            await self._app(scope, receive, _denying(scope, receive, send))
        finally:
            self._activity.end()

    def _admit(self, scope: Scope) -> None:
        """Note who asks, or refuse."""
        headers = scope["headers"]
        if not _only(headers, b"host", self._hosts, required=True):
            raise ApiError(403, FORBIDDEN, "This host name is not served here.")
        if not _only(headers, b"origin", self._origins, required=False):
            raise ApiError(403, FORBIDDEN, "Web pages have no access to this service.")
        if scope["path"] in OPEN_PATHS:
            return
        credentials = [value for name, value in headers if name == b"authorization"]
        owner = None
        if len(credentials) == 1:
            owner = self._tokens.owner_of(credentials[0].decode("latin-1"))
        if owner is None:
            raise ApiError(401, UNAUTHORIZED, "Not authorized.", "Check the token, or sign in.")
        if not _names_our_service(headers):
            raise ApiError(
                403,
                FORBIDDEN,
                "The Service-CRN names another service.",
                "Leave it out, or take the CRN that GET /instances/usage calls instance_id.",
            )
        scope.setdefault("state", {})["owner"] = owner


def _denying(scope: Scope, receive: Receive, send: Send) -> Send:
    """Return a sender that refuses the handshake for a socket that is not here, with a reason."""
    if scope["type"] == "http":
        return send
    begun = False

    async def send_or_deny(message: Message) -> None:
        nonlocal begun
        if not begun and message["type"] == "websocket.close":
            no_route = ApiError(404, NO_ROUTE, "There is no socket at this address.")
            await _refuse(no_route, scope, receive, send)
        else:
            await send(message)
        begun = True

    return send_or_deny


def _only(
    headers: Iterable[tuple[bytes, bytes]], name: bytes, allowed: frozenset[str], *, required: bool
) -> bool:
    """Whether a header is there once, with an allowed value; or not at all, if it need not be."""
    values = [value.decode("latin-1").lower() for key, value in headers if key == name]
    if not values:
        return not required
    return len(values) == 1 and values[0] in allowed


def _names_our_service(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether the instance asked for, if any, is one of our kind; each user has just one."""
    values = [value for key, value in headers if key == b"service-crn"]
    if not values:
        return True
    fields = values[0].split(b":")
    return len(values) == 1 and len(fields) == 10 and (fields[0], fields[4]) == _OUR_CRN


async def _refuse(refusal: ApiError, scope: Scope, receive: Receive, send: Send) -> None:
    # On a WebSocket this refuses the handshake with the same status and body.
    response = refusal.response(scope)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    # What was sent with the request stays unread, so the connection can't be used again.
    response.headers["Connection"] = "close"
    await response(scope, receive, send)
