"""Static forms of the views, as text, HTML and PNG: pure functions of records and a time.

They serve where nothing can run: terminals, saved and headless notebooks, exported pages. Only
the picture of a series loads matplotlib.
"""

from __future__ import annotations

from qjobwidgets.render import words
from qjobwidgets.render.badge import badge_html, badge_text
from qjobwidgets.render.bars import CountsView, Look, Versus
from qjobwidgets.render.card import CardView, Compared, card_html, card_text
from qjobwidgets.render.counts import counts_html, counts_text
from qjobwidgets.render.curve import SeriesView
from qjobwidgets.render.overview import order, summary
from qjobwidgets.render.series import series_html, series_text
from qjobwidgets.render.series_picture import series_png
from qjobwidgets.render.table import table_html, table_text
from qjobwidgets.render.words import short_id

__all__ = [
    "CardView",
    "Compared",
    "CountsView",
    "Look",
    "SeriesView",
    "Versus",
    "badge_html",
    "badge_text",
    "card_html",
    "card_text",
    "counts_html",
    "counts_text",
    "order",
    "series_html",
    "series_png",
    "series_text",
    "short_id",
    "summary",
    "table_html",
    "table_text",
    "words",
]
