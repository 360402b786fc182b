"""The sheet that pictures are drawn on, by matplotlib's Agg canvas.

Never pyplot: its global state is unsafe beside threads. Everything is set here, text included, so
that a user's matplotlib style changes nothing, and text from outside is drawn as it is: no ``$``
starts mathematics, and a character the font lacks becomes a box instead of a warning.
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import Any

from qjobwidgets.render import words
from qjobwidgets.render.markup import SURFACE
from qjobwidgets.render.status import Tone

__all__ = ["POINTS_PER_PX", "Sheet"]

POINTS_PER_PX = 0.72  # at 100 dots per inch, one CSS pixel
SANS = "DejaVu Sans"  # shipped with matplotlib
_SMALL = 11 * POINTS_PER_PX


class Sheet:
    """A white figure with one plain plotting area and a way to write on it."""

    def __init__(
        self, width: int, height: int, density: float, margins: tuple[float, float, float, float]
    ) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to load
        from matplotlib.figure import Figure  # noqa: PLC0415 - slow to load

        left, right, top, bottom = margins
        self.margin_left = left
        size = (width / 100, height / 100)
        self.figure = Figure(figsize=size, dpi=100 * density, facecolor=SURFACE)
        self.figure.set_layout_engine("none")
        self.canvas = FigureCanvasAgg(self.figure)
        box = (left / width, bottom / height)
        inner = ((width - left - right) / width, (height - top - bottom) / height)
        self.axes = self.figure.add_axes((*box, *inner))
        self.axes.axis("off")
        self.px_per_x = width - left - right

    def limits(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Set what the area shows."""
        self.axes.set_xlim(*x)
        self.axes.set_ylim(*y)
        self.px_per_x /= x[1] - x[0]

    def write(  # noqa: PLR0913 - a place, a shift from it, and a look
        self,
        at: tuple[float, float],
        text: str,
        *,
        shift: tuple[float, float] = (0, 0),
        align: tuple[str, str] = ("left", "center"),
        color: str = Tone.STILL.value,
        in_area: bool = False,
    ) -> None:
        """Write text at a place in data (or, with ``in_area``, area) coordinates, shifted by px."""
        self.axes.annotate(
            _drawable(text),
            at,
            xycoords="axes fraction" if in_area else "data",
            xytext=(shift[0] * POINTS_PER_PX, shift[1] * POINTS_PER_PX),
            textcoords="offset points",
            ha=align[0],
            va=align[1],
            color=color,
            fontfamily=SANS,
            fontsize=_SMALL,
            fontweight="normal",
            fontstyle="normal",
            usetex=False,
            parse_math=False,
            annotation_clip=False,
        )

    def line(self, x: list[float], y: list[float], color: str, width: float, **more: Any) -> None:
        """Draw a line ``width`` CSS pixels wide."""
        look = {"linestyle": "-", "marker": "", "solid_capstyle": "round"} | more
        self.axes.plot(x, y, color=color, linewidth=width * POINTS_PER_PX, **look)

    def png(self) -> bytes:
        """Return the figure as PNG."""
        out = BytesIO()
        self.canvas.print_png(out)  # type: ignore[no-untyped-call]
        return out.getvalue()


@lru_cache(maxsize=512)
def _drawable(text: str) -> str:
    """Return the text with a box for each character the font has no picture of."""
    from matplotlib import font_manager  # noqa: PLC0415 - slow to load

    font = font_manager.get_font(font_manager.findfont(SANS))
    return "".join(c if font.get_char_index(ord(c)) else "□" for c in words.clean(text, 120))
