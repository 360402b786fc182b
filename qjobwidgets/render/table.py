"""The static twin of the jobs table, as text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from qjobwidgets.records import JobRecord
from qjobwidgets.render import markup, status, words
from qjobwidgets.render.badge import badge_text
from qjobwidgets.render.overview import summary, summary_parts
from qjobwidgets.render.query import Query, listing
from qjobwidgets.render.status import Tone

__all__ = ["table_html", "table_text"]

_HEADS = ("Status", "Program", "Id", "Backend", "Created", "Waited", "Ran", "Usage", "Tags")
_NUMERIC = frozenset({"Waited", "Ran", "Usage"})
_INKED = frozenset({"Program", "Usage"})
_WIDEST = 80  # characters: a long name may not push the other columns off the page
_EMPTY = "No jobs yet."
_NO_MATCH = "No jobs match the filter."
_ALL = Query()


def _facts(record: JobRecord, as_of: datetime, tz: tzinfo | None) -> dict[str, str]:
    """Return what each column says of a job, except its status, as plain text."""
    return {
        "Program": words.clean(record.program or words.UNKNOWN, _WIDEST),
        "Id": words.clean(record.id),
        "Backend": words.clean(record.backend or words.UNKNOWN, _WIDEST),
        "Created": words.moment(record.created, as_of, tz),
        "Waited": words.duration(status.waited(record, as_of)),
        "Ran": words.duration(status.ran(record, as_of)),
        "Usage": words.seconds(record.usage_seconds),
        "Tags": words.clean(", ".join(record.tags), _WIDEST),
    }


def table_text(  # noqa: PLR0913 - what to show, and five plain facts about it
    records: Sequence[JobRecord],
    *,
    as_of: datetime,
    total: int | None = None,
    limit: int = 20,
    hint: str | None = None,
    tz: tzinfo | None = None,
    query: Query = _ALL,
) -> str:
    """Return the jobs as text for a terminal.

    Args:
        records: The jobs that are known, in any order.
        as_of: When this was true.
        total: How many jobs there are in all, when not all of them are known.
        limit: How many jobs to list at most.
        hint: What to try when there are no jobs.
        tz: Time zone of the times shown; by default the local one.
        query: Which of them to list, in which order and groups.
    """
    head = f"Jobs  {summary(records, total)} · {markup.as_of_text(as_of, tz)}"
    groups = listing(records, query, limit)
    shown = [record for _, jobs in groups for record in jobs]
    if not shown:
        return f"{head}\n{_nothing(records, hint)}"
    rows = [dict(zip(_HEADS, _HEADS, strict=True))]
    rows += [{"Status": badge_text(r)} | _facts(r, as_of, tz) for r in shown]
    widths = {name: max(len(row[name]) for row in rows) for name in _HEADS}
    lines = iter([_line(row, widths) for row in rows])
    body = [next(lines)]
    for heading, jobs in groups:
        body += [words.clean(heading, _WIDEST)] if heading else []
        for record, line in zip(jobs, lines, strict=False):
            why = status.reason_line(record)
            body += [line, f"{'':{widths['Status']}}  {why}"] if why else [line]
    foot = (
        [f"{_shown_of(shown, records, total)} shown"] if len(shown) < _all(records, total) else []
    )
    return "\n".join([head, "", *body, *foot])


def _line(row: dict[str, str], widths: dict[str, int]) -> str:
    cells = (f"{row[n]:{'>' if n in _NUMERIC else '<'}{widths[n]}}" for n in _HEADS)
    return "  ".join(cells).rstrip()


def table_html(  # noqa: PLR0913 - the same as for the text
    records: Sequence[JobRecord],
    *,
    as_of: datetime,
    total: int | None = None,
    limit: int = 50,
    hint: str | None = None,
    tz: tzinfo | None = None,
    query: Query = _ALL,
) -> str:
    """Return the jobs as the table a saved notebook shows; arguments as of :func:`table_text`."""
    head = markup.heading(
        "Jobs",
        *(_toned(part, tone) for part, tone in summary_parts(records, total)),
        markup.as_of_html(as_of, tz),
    )
    groups = listing(records, query, limit)
    shown = [record for _, jobs in groups for record in jobs]
    if not shown:
        return markup.surface(head, markup.note(markup.text(_nothing(records, hint))))
    heads = "".join(_cell("th", name, name, markup.RULE) for name in _HEADS)
    body = ""
    for heading, jobs in groups:
        body += _group_row(heading) if heading else ""
        body += "".join(_row(record, _facts(record, as_of, tz)) for record in jobs)
    foot = markup.footer(
        len(_HEADS),
        f"Saved view, {_shown_of(shown, records, total)}. Run the cell again for a live one.",
    )
    table = f"<thead>{markup.row(heads)}</thead><tbody>{body}</tbody>{foot}"
    return markup.surface(head, markup.table(table, "width:100%"))


def _toned(part: str, tone: Tone) -> str:
    return part if tone is Tone.STILL else markup.styled("span", part, f"color:{tone.value}")


def _row(record: JobRecord, facts: dict[str, str]) -> str:
    why = markup.reason_html(record)
    line = None if why else markup.LINE
    cells = _cell("td", "Status", markup.badge(record), line)
    cells += "".join(_cell("td", name, markup.text(facts[name]), line) for name in _HEADS[1:])
    return markup.row(cells) + (_reason_row(why) if why else "")


def _group_row(heading: str) -> str:
    look = [
        "padding:5px 12px 5px 0",
        "border:0",
        f"border-bottom:1px solid {markup.LINE}",
        "text-align:left",
        f"color:{markup.INK}",
        f"background:{markup.SURFACE}",
    ]
    text = markup.styled("b", markup.text(words.clean(heading, _WIDEST)), "font-weight:600")
    return markup.row(markup.styled("td", text, *look, colspan=len(_HEADS)))


def _reason_row(why: str) -> str:
    base = (f"border-bottom:1px solid {markup.LINE}", f"background:{markup.SURFACE}")
    blank = markup.styled("td", "", "border:0", *base)
    look = ("padding:0 12px 5px 0", "border:0", *base, "text-align:left", "white-space:normal")
    cell = markup.styled("td", why, *look, markup.QUIET, "font-size:12px", colspan=len(_HEADS) - 1)
    return markup.row(blank + cell)


def _cell(tag: str, name: str, content: str, line: str | None) -> str:
    look = [
        "padding:5px 12px 5px 0",
        "border:0",
        f"border-bottom:1px solid {line}" if line else "border-bottom:0",
        f"text-align:{'right' if name in _NUMERIC else 'left'}",
        "white-space:nowrap",
        f"color:{markup.INK}" if tag == "td" and name in _INKED else markup.QUIET,
        f"background:{markup.SURFACE}",
    ]
    if tag == "th":
        look += ["font-weight:400", "font-size:11px"]
    elif name == "Id":
        look += [markup.MONO, "font-size:11px"]
    return markup.styled(tag, content, *look)


def _all(records: Sequence[JobRecord], total: int | None) -> int:
    return len(records) if total is None else total


def _shown_of(shown: Sequence[JobRecord], records: Sequence[JobRecord], total: int | None) -> str:
    count = _all(records, total)
    whole = f"{words.number(count)} {'job' if count == 1 else 'jobs'}"
    return whole if len(shown) >= count else f"{words.number(len(shown))} of {whole}"


def _nothing(records: Sequence[JobRecord], hint: str | None) -> str:
    return _NO_MATCH if records else _invitation(hint)


def _invitation(hint: str | None) -> str:
    return f"{_EMPTY} Try: {hint}" if hint else _EMPTY
