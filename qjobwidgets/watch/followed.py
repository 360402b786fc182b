"""Which jobs one watcher follows, for how long, and of which of them it is not sure.

It has no lock: the watcher's condition guards it.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from qjobwidgets.watch.board import Board

__all__ = ["Followed"]


class Followed:
    """The jobs that are followed.

    Args:
        board: What is known of them.

    Attributes:
        ids: All of them.
        doubted: Those of which only a handle's memory is known, which may be old.
    """

    def __init__(self, board: Board) -> None:
        self.ids: set[str] = set()
        self.doubted: set[str] = set()
        self._kept: set[str] = set()
        self._board = board

    def add(self, ids: AbstractSet[str], *, kept: bool = False) -> None:
        """Follow jobs; those that are ``kept`` also when no view shows them any more."""
        self.doubted |= self._board.pending(ids - self.ids)
        self.ids |= ids
        if kept:
            self._kept |= ids

    def leave(self, ids: AbstractSet[str]) -> None:
        """Follow jobs no more that no view shows, unless they are kept and have not ended."""
        self._kept = self._board.pending(self._kept)
        self.ids -= ids - self._kept

    def drop(self, ids: AbstractSet[str]) -> None:
        """Follow no more what is deleted."""
        self.ids -= ids

    def take_doubts(self, pending: AbstractSet[str]) -> set[str]:
        """Return those in doubt that are pending, as they are about to be asked for."""
        doubted, self.doubted = self.doubted & pending, set()
        return doubted
