"""How much memory the bodies of all requests may take together.

Each body has a cap, but many at once could still take all the memory there is. What a body has
beyond the size of a small one counts from the moment it is received until its request has been
answered; who would exceed the budget is asked to come again. Small bodies are taken always: a
submission of the usual size does not wait for large ones.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qjobwidgets.server.api.bodies import JOB_CAP, SMALL_CAP
from qjobwidgets.server.api.errors import BUSY, ApiError

__all__ = ["BODIES_CAP", "BodyBudget"]

BODIES_CAP = 4 * JOB_CAP
"""Most bytes of all bodies together; while it is decoded, a body takes several times its size."""


class BodyBudget:
    """ASGI middleware that counts the bodies being received and worked on.

    Args:
        app: Receives them, and answers the error that receiving may raise.
        most: Bytes of all of them together.
    """

    def __init__(self, app: ASGIApp, most: int = BODIES_CAP) -> None:
        self._app = app
        self._left = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its body within the budget."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        received = counted = 0

        async def receive_within() -> Message:
            nonlocal received, counted
            message = await receive()
            received += len(message.get("body", b""))
            more = max(0, received - SMALL_CAP) - counted
            if more > self._left:
                raise ApiError(503, BUSY, "Too many large bodies are being received.", "Try again.")
            counted += more
            self._left -= more
            return message

        try:
            await self._app(scope, receive_within, send)
        finally:
            self._left += counted
