"""The static twin of a view: what stays of it in a notebook when the kernel has gone.

How an output stays true without a kernel:

- Notebook front ends show only the widget of an output that has one, and an error when its model
  is gone. So a view is displayed as two outputs: the live widget, and a static twin (plain HTML
  from :mod:`qjobwidgets.render`) with a display id of its own.
- While the live widget is on the page, its script hides the twin (a style rule on the twin's
  ``data-qjw-twin``). Without kernel there is no script, so the twin shows, and a rule inside the
  twin hides the place where the widget was. Sanitizers that drop that rule drop the widget too.
- At first it is but a place, so that it does not delay the live widget. In a quarter of a second it
  says in a few lines what is known. It is drawn a second later, and brought up to date through its
  display id: every ten seconds while there is news, and once everything it shows is final. Where
  nothing is live it is whole at once.
- A plot is drawn on a thread of its own: a picture takes a while, and the first one loads
  matplotlib. Other twins are written on the publisher's thread, and only shown on that one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from qjobwidgets.host import Host, shell
from qjobwidgets.watch.errands import Errands

__all__ = ["Drawing", "Twin"]

_EVERY: Final = 10.0
_BRIEF_AFTER: Final = 0.25
_AFTER: Final = 1.0
_NOTHING_YET: Final = object()
_BRIEF: Final = object()
_EMPTY: Final = {"text/html": "", "text/plain": ""}

Drawing = Callable[[], Mapping[str, str]]
"""Returns a twin as MIME types, ``text/html`` and ``text/plain``; on any thread."""


class Twin:
    """The twin of one view, in the output that has the view's id.

    Args:
        view_id: Of the view.
        host: Who looks at it.
        facts: Returns what the twin depends on, never ``None``: unchanged facts need no new one.
        begin: Returns what draws the twin of what is known now.
    """

    def __init__(
        self, view_id: str, host: Host, facts: Callable[[], object], begin: Callable[[], Drawing]
    ) -> None:
        self._view_id, self._host = view_id, host
        self._look, self._begin = facts, begin
        self._lock = threading.Lock()
        self._beside_live = False
        self._brief_from = self._from = 0.0
        self._at = -_EVERY
        self._shown: object = None
        self._begun: object = None  # of the drawing begun last, which may be under way
        self._turn = 0

    @property
    def early(self) -> bool:
        """Whether the live view was displayed just now, so that the twin has to wait."""
        return time.monotonic() < self._from

    @property
    def due(self) -> bool:
        """Whether it is time to see if there is news, while not all is final."""
        return time.monotonic() - self._at >= _EVERY

    def display(self, *, beside_live: bool) -> None:
        """Give the twin its place.

        Args:
            beside_live: Whether the output before it has the live view.
        """
        with self._lock:
            self._beside_live = beside_live
            self._turn += 1
            if beside_live and self._host.saves_outputs:
                self._shown = self._begun = _NOTHING_YET
                now = time.monotonic()
                self._brief_from, self._from = now + _BRIEF_AFTER, now + _AFTER
                self._at = -_EVERY
                self._publish(_EMPTY, update=False)
            else:
                self._shown = self._begun = self._look()
                self._publish(self._begin()(), update=False)

    def say(self, brief: Drawing) -> None:
        """Fill the place, if that is due, until the twin is drawn.

        Args:
            brief: Draws what stands there until then, in no time.
        """
        with self._lock:
            if self._shown is _NOTHING_YET and time.monotonic() >= self._brief_from:
                self._shown = _BRIEF
                self._publish(brief())

    def refresh(self, errands: Errands | None = None) -> None:
        """Replace the twin in the notebook if it has changed since it was last shown.

        Args:
            errands: Where to draw it; without, it has been replaced when this returns, and what is
                drawn elsewhere meanwhile is not shown any more.
        """
        with self._lock:
            if self._shown is None or not self._host.saves_outputs:
                return
            self._at = time.monotonic()
            facts = self._look()
            if errands is not None and facts == self._begun:
                return
            self._turn, self._begun = self._turn + 1, facts
            if errands is None:
                if facts != self._shown:
                    self._shown = facts
                    self._publish(self._begin()())
                return
            turn, draw = self._turn, self._begin()
        errands.run(lambda: self._draw(turn, facts, draw))

    def _draw(self, turn: int, facts: object, draw: Drawing) -> None:
        if turn != self._turn:  # a later one waits
            return
        form = draw()
        with self._lock:
            if turn == self._turn:
                self._shown = facts
                self._publish(form)

    def _publish(self, form: Mapping[str, str], *, update: bool = True) -> None:
        """Show a twin in its place; called with the lock held."""
        shell().display_pub.publish(
            self._placed(form), {}, transient={"display_id": self._view_id}, update=update
        )

    def _placed(self, form: Mapping[str, str]) -> dict[str, str]:
        html = form["text/html"]
        if self._beside_live and html:
            # Hides the dead place of the live widget, in the output before the twin's own. Where
            # there is none, something of the user's may stand there.
            html = (
                f"<style>.jp-OutputArea-child:not(:has(.qjw)):has(+ .jp-OutputArea-child "
                f'[data-qjw-twin="{self._view_id}"]){{display:none}}</style>{html}'
            )
        html = f'<div data-qjw-twin="{self._view_id}">{html}</div>'
        return {"text/html": html, "text/plain": form["text/plain"]}
