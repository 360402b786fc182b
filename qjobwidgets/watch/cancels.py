"""Cancelling jobs in the background: the board says "cancelling", then what came of it."""

from __future__ import annotations

from collections.abc import Callable

from qjobwidgets.client import RuntimeService
from qjobwidgets.errors import QJobError
from qjobwidgets.watch.audience import Audience
from qjobwidgets.watch.board import Board
from qjobwidgets.watch.errands import Errands

__all__ = ["Cancels"]


class Cancels:
    """The cancels of one account, on a thread of their own: none waits for a large result.

    Args:
        service: The account's client.
        board: Says what is asked for, and what was refused.
        audience: Is told.
        asked: Called when the service has answered, so that it is asked what came of it.
    """

    def __init__(
        self,
        service: RuntimeService,
        board: Board,
        audience: Audience,
        asked: Callable[[], None],
    ) -> None:
        self._service = service
        self._board = board
        self._audience = audience
        self._asked = asked
        self._errands = Errands()

    def cancel(self, job_id: str) -> None:
        """Cancel a job; returns at once."""

        def errand() -> None:
            try:
                self._service.cancel_job(job_id)
            except QJobError as error:
                self._board.annotate(job_id, note=str(error))
                self._audience.announce(everyone=True)
            self._asked()

        self._board.annotate(job_id, cancelling=True)
        self._audience.announce(everyone=True)
        self._errands.run(errand)

    def stop(self) -> None:
        """Drop what is queued."""
        self._errands.stop()
