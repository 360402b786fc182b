"""Plain tables of plain facts, as text and as HTML: what has no view of its own."""

from __future__ import annotations

from collections.abc import Sequence

from qjobwidgets.render import markup, words

__all__ = ["grid_html", "grid_text"]

_WIDEST = 100


def grid_text(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return rows in columns, numbers to the right.

    Args:
        heads: What stands above the columns; none for a list of names and values.
        rows: Values: text, numbers, ``None`` for what is not known.
    """
    cells = [[_text(value) for value in row] for row in rows]
    table = [list(heads), *cells] if heads else cells
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    right = _numeric(rows) if heads else [False] * len(widths)
    return "\n".join(
        "  ".join(
            f"{cell:{'>' if to_right else '<'}{width}}"
            for cell, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in table
    )


def grid_html(
    heads: Sequence[str], rows: Sequence[Sequence[object]], empty: str = "Nothing."
) -> str:
    """Return rows as a table of HTML; arguments as of :func:`grid_text`.

    Args:
        heads: As above.
        rows: As above.
        empty: What is said when there are none.
    """
    if not rows:
        return markup.surface(markup.note(markup.text(empty)))
    right = _numeric(rows) if heads else [False] * len(rows[0])
    body = "".join(
        _row("td", [(_text(value), side) for value, side in zip(row, right, strict=True)])
        for row in rows
    )
    above = _row("th", list(zip(heads, right, strict=True))) if heads else ""
    return markup.surface(markup.table(f"<thead>{above}</thead><tbody>{body}</tbody>"))


def _numeric(rows: Sequence[Sequence[object]]) -> list[bool]:
    columns = zip(*rows, strict=True)
    return [all(value is None or _is_number(value) for value in column) for column in columns]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: object) -> str:
    if value is None:
        return words.UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return words.number(value)
    return words.clean(str(value), _WIDEST)


def _row(tag: str, cells: Sequence[tuple[str, bool]]) -> str:
    look = ("padding:4px 16px 4px 0", "border:0", f"border-bottom:1px solid {markup.LINE}")
    ink = markup.QUIET if tag == "th" else f"color:{markup.INK}"
    weight = ("font-weight:500",) if tag == "th" else ()
    made = (
        markup.styled(
            tag,
            markup.text(content),
            *look,
            f"text-align:{'right' if to_right else 'left'}",
            f"background:{markup.SURFACE}",
            ink,
            *weight,
        )
        for content, to_right in cells
    )
    return markup.row(*made)
