"""One WebSocket to a service: how it is opened, what a refusal means, when to try again.

What follows a job's stream and what follows an account's events share this. A dead connection is
noticed by pings, no redirect is followed with our credentials, and no exception of the library
below, whose frames hold headers, leaves :func:`connected` before the connection is made.
"""

from __future__ import annotations

import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from qjobwidgets.client.frames import SUBPROTOCOL
from qjobwidgets.client.transport import StreamAddress
from qjobwidgets.errors import (
    IBMNotAuthorizedError,
    QJobError,
    RuntimeJobNotFound,
    ServiceError,
    ServiceUnreachableError,
)

__all__ = ["FIRST_PAUSE", "connected", "pause_after"]

FIRST_PAUSE = 1.0
"""The shortest pause before another attempt, in seconds."""

_LONGEST_PAUSE = 20.0
# a server of this machine is back soon, and suffers from no one's calls
_LONGEST_PAUSE_NEARBY = 2.0
_LARGEST_MESSAGE = 64 * 2**20
_PING = 15.0  # seconds between pings, and until a missing answer means a dead connection
_NONE_HERE = frozenset({200, 404, 405, 426, 501})  # also where a proxy takes the upgrade away

# the library logs headers at DEBUG level, credentials included
_wire_logger = logging.getLogger(f"{__name__}.wire")
_wire_logger.setLevel(logging.WARNING)


@asynccontextmanager
async def connected(address: StreamAddress) -> AsyncIterator[ClientConnection]:
    """Open a WebSocket for as long as it is used.

    Raises:
        IBMNotAuthorizedError: The service refuses our credentials.
        RuntimeJobNotFound: The service has nothing to tell at this address.
        ServiceUnreachableError: There is no connection, for now.
        ServiceError: The service refuses it for good.
    """
    opening = _Connect(
        address.url,
        additional_headers=dict(address.headers),
        subprotocols=[Subprotocol(SUBPROTOCOL)],
        user_agent_header=None,
        logger=_wire_logger,
        max_size=_LARGEST_MESSAGE,
        ping_interval=_PING,
        ping_timeout=_PING,
        close_timeout=1.0,
        proxy=None if address.loopback else True,
    )
    refusal: QJobError | None = None
    try:
        connection = await opening
    except InvalidStatus as error:
        refusal = _refusal(error.response.status_code)
    except (OSError, TimeoutError, WebSocketException) as error:
        refusal = ServiceUnreachableError(f"The stream broke: {type(error).__name__}.")
    if refusal is not None:
        raise refusal
    async with connection:
        yield connection


def pause_after(failures: int, *, nearby: bool) -> float:
    """Return the seconds until the next attempt: never more than one a second, jitter on top.

    Args:
        failures: How many attempts in a row have brought nothing.
        nearby: Whether the service is on this machine.
    """
    longest = _LONGEST_PAUSE_NEARBY if nearby else _LONGEST_PAUSE
    ceiling = max(FIRST_PAUSE, min(longest, FIRST_PAUSE * 2.0**failures))
    return random.uniform(FIRST_PAUSE, ceiling)  # noqa: S311 - no secret


class _Connect(connect):
    """A connection attempt that follows no redirect: credentials stay with our service."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def _refusal(status: int) -> QJobError:
    if status == 401:
        return IBMNotAuthorizedError(
            "The service refuses our credentials.",
            fix="Sign in again: check the token.",
            status=status,
        )
    if status in _NONE_HERE:
        return RuntimeJobNotFound("The service has no stream for this job.", status=status)
    if status < 500 and status not in {408, 425, 429}:
        return ServiceError(f"The service refused the stream with status {status}.", status=status)
    return ServiceUnreachableError(f"The stream is not available ({status}).")
