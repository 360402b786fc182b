"""The layout of a view: in ipywidgets a model of its own, here made for who asks for it.

A page would be sent one with each view, open it and keep it in the notebook, for values that nearly
nobody sets. Without one a view is as wide as its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import traitlets
from ipywidgets.widgets.widget_layout import Layout

from qjobwidgets.widgets.sending import Sending

__all__ = ["LateLayout"]


class LateLayout(Sending):
    """A widget whose page has no layout until ``layout`` was read or set."""

    @traitlets.default("layout")
    def _made_when_read(self) -> Layout:
        layout = Layout()  # type: ignore[no-untyped-call]
        self.set_trait("layout", layout)  # sends it, which a default is not
        return layout

    def get_state(
        self, key: str | Iterable[str] | None = None, drop_defaults: bool = False
    ) -> dict[str, Any]:
        """Return the traits as they are sent to a page."""
        if key is not None or "layout" in self._trait_values:
            state: dict[str, Any] = super().get_state(key, drop_defaults)
            return state
        others = [name for name in self.keys if name != "layout"]
        return {**super().get_state(others, drop_defaults), "layout": None}
