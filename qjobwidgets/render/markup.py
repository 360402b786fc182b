"""Building blocks of the HTML twins.

What a saved notebook may show is decided by other people's sanitizers. JupyterLab, for an untrusted
notebook, drops style elements, inline SVG and CSS variables; GitHub drops ``<caption>`` and all
styles. So a twin is plain tables with inline hex colours on a white surface of its own, and reads
well with every style taken away. Text from outside passes :func:`text` and nothing else.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from html import escape

from qjobwidgets.records import JobRecord
from qjobwidgets.render import words
from qjobwidgets.render.status import Tone, detail, label, reason, tone

__all__ = [
    "INK",
    "LINE",
    "MONO",
    "QUIET",
    "RULE",
    "SURFACE",
    "as_of_html",
    "as_of_text",
    "badge",
    "footer",
    "heading",
    "inline",
    "job_id",
    "note",
    "reason_html",
    "row",
    "styled",
    "surface",
    "table",
    "text",
]

INK = "#1d2125"
LINE = "#e3e4e6"
RULE = "#c9cbce"
SURFACE = "#ffffff"
MONO = "font-family:Menlo,Consolas,monospace"
QUIET = f"color:{Tone.STILL.value}"

_FONT = (
    "font-family:-apple-system,'Segoe UI',Helvetica,Arial,sans-serif",
    "font-size:13px",
    "line-height:1.4",
    "font-variant-numeric:tabular-nums",
)
_NO_MATH = "tex2jax_ignore mathjax_ignore"
_FOOT = (f"color:{Tone.STILL.value}", "font-size:11px", f"background:{SURFACE}", "border:0")


def text(raw: str) -> str:
    """Return text from outside, cleaned and escaped for element content and attribute values."""
    return escape(words.clean(raw), quote=True)


def styled(tag: str, content: str, *styles: str, **attributes: object) -> str:
    """Return an element with inline styles; ``content`` is HTML already."""
    named = "".join(f' {name}="{escape(str(value))}"' for name, value in attributes.items())
    style = f' style="{";".join(styles)}"' if styles else ""
    return f"<{tag}{named}{style}>{content}</{tag}>"


def surface(*blocks: str) -> str:
    """Return the blocks on the white surface every twin brings with it.

    The two class names are no styling: they keep MathJax, of JupyterLab and of older viewers, from
    typesetting a ``$`` in somebody's job tag.
    """
    look = (*_FONT, f"color:{INK}", f"background:{SURFACE}", "padding:10px 12px", "overflow-x:auto")
    opening = f'<div class="{_NO_MATH}" style="{";".join(look)}">'
    return f"{opening}{''.join(blocks)}</div>"


def inline(content: str, tip: str) -> str:
    """Return a piece (HTML) of a line of text on a surface of its own, with a tooltip (text)."""
    look = (*_FONT, f"color:{INK}", f"background:{SURFACE}", "padding:1px 6px", "border-radius:4px")
    return styled("span", content, *look, title=tip, **{"class": _NO_MATH})


def heading(title: str, *parts: str) -> str:
    """Return the first line of a twin: its title, then parts (HTML) in secondary ink."""
    bold = styled("b", text(title), "font-weight:600")
    rest = styled("span", " · ".join(part for part in parts if part), f"color:{Tone.STILL.value}")
    return styled("div", f"{bold} {rest}", "padding:0 0 6px 0")


def table(content: str, *styles: str) -> str:
    """Return a table with nothing of the host's table look; ``content`` is HTML already."""
    # JupyterLab gives tables a fixed layout, in which long cells run into each other
    base = ("table-layout:auto", "border-collapse:collapse", "border:0", "margin:0")
    return styled("table", content, *base, "font-size:13px", f"background:{SURFACE}", *styles)


def row(*cells: str) -> str:
    """Return a row of a table; the cells are HTML already."""
    # viewers stripe the rows of tables with colours meant for their own theme
    return styled("tr", "".join(cells), f"background:{SURFACE}")


def footer(columns: int, line: str) -> str:
    """Return the last row of a table: a sentence (HTML) about what is shown."""
    look = (*_FOOT, "padding:7px 0 0 0", "text-align:left", "white-space:normal")
    cell = styled("td", line, *look, colspan=columns)
    return f"<tfoot>{row(cell)}</tfoot>"


def note(line: str) -> str:
    """Return a sentence (HTML) in secondary ink, as a block of its own."""
    return styled("div", line, f"color:{Tone.STILL.value}", "padding:2px 0")


def badge(record: JobRecord, extra: str = "") -> str:
    """Return glyph, word and detail in the tone of the status; ``extra`` is text of ours."""
    word = styled("b", text(label(record)), "font-weight:600", "font-size:12px")
    more = " · ".join(part for part in (detail(record), extra) if part)
    inner = f"{word} · {text(more)}" if more else word
    return styled("span", inner, f"color:{tone(record).value}", "white-space:nowrap")


def job_id(record: JobRecord) -> str:
    """Return the whole id in the fixed-width face."""
    return styled("span", text(record.id), MONO, "font-size:11px")


def as_of_text(as_of: datetime, tz: tzinfo | None) -> str:
    """Return when the twin was true: ``"as of 2026-11-20 14:02"``."""
    return f"as of {words.stamp(as_of, tz)}"


def as_of_html(as_of: datetime, tz: tzinfo | None) -> str:
    """Return when the twin was true, as HTML that stays on one line."""
    return styled("span", as_of_text(as_of, tz), "white-space:nowrap")


def reason_html(record: JobRecord) -> str:
    """Return why the job failed or was cancelled, then the advice; empty when not told."""
    why, advice = reason(record)
    first = styled("span", text(why), f"color:{tone(record).value}") if why else ""
    return " ".join(part for part in (first, text(advice)) if part)
