"""The first twin of a view: a few lines, made and sent in no time, until the whole one is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Final

from qjobwidgets.records import JobRecord
from qjobwidgets.render import markup
from qjobwidgets.render.table import table_text

__all__ = ["brief"]

_MOST: Final = 4


def brief(records: Sequence[JobRecord], *, as_of: datetime) -> Mapping[str, str]:
    """Return the first of some jobs, and how many there are, as HTML and text by MIME type.

    Args:
        records: The jobs that are known, in any order.
        as_of: When this was true.
    """
    lines = table_text(records, as_of=as_of, limit=_MOST)
    look = (markup.MONO, "font-size:11px", "margin:0", f"color:{markup.INK}", "background:none")
    html = markup.surface(markup.styled("pre", escape(lines), *look))
    return {"text/html": html, "text/plain": lines}
