"""The static twin of the counts histogram, as text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.render import markup, status, words
from qjobwidgets.render.badge import badge_text
from qjobwidgets.render.bars import Bar, CountsView, Versus, bars
from qjobwidgets.render.status import Tone

__all__ = ["counts_html", "counts_text"]

_MOST_ENTRIES = 8  # a job of a thousand PUBs must not fill the notebook
_MOST_BARS = 32  # nor a register with all its outcomes open on the page
_BAR_PX = 202
_LEAST_PX = 3  # an outcome that was seen is seen
_BAR_CHARS = 24


def counts_text(
    job: JobRecord,
    entries: Sequence[CountsView],
    *,
    as_of: datetime,
    message: str | None = None,
    tz: tzinfo | None = None,
) -> str:
    """Return the counts as text for a terminal.

    Args:
        job: The job that measured them.
        entries: One view for each PUB and register; none while there is no result.
        as_of: When this was true.
        message: Why there are no counts, where the job's own state doesn't tell.
        tz: Time zone of the time shown; by default the local one.
    """
    parts = [words.clean(job.id), *_head_parts(entries), markup.as_of_text(as_of, tz)]
    head = f"Counts  {' · '.join(parts)}"
    if not entries:
        return "\n".join([head, badge_text(job), _absence(job, message)])
    blocks = [_entry_text(view, named=len(entries) > 1) for view in entries[:_MOST_ENTRIES]]
    return "\n".join([head, *blocks, *_left_out(entries)])


def _entry_text(view: CountsView, *, named: bool) -> str:
    shown = _bars(view)
    longest = max((bar.count for bar in shown), default=0)
    label_width = max((len(bar.label) for bar in shown), default=0)
    count_width = max((len(words.number(bar.count)) for bar in shown), default=0)
    lines = [f"\n{_entry_name(view)}"] if named else []
    if view.versus:
        lines.append(_distances(view.versus))
    for bar in shown:
        block = _blocks(bar, longest)
        share = words.share(bar.count, view.shots)
        line = (
            f"{bar.label:<{label_width}}  {block:<{_BAR_CHARS}}"
            f"  {words.number(bar.count):>{count_width}}  {share:>7}"
        )
        lines.append(f"{line}  {_difference(bar, view):>6}" if view.versus else line)
    return "\n".join([*lines, *_cut(view, shown)])


def counts_html(
    job: JobRecord,
    entries: Sequence[CountsView],
    *,
    as_of: datetime,
    message: str | None = None,
    tz: tzinfo | None = None,
) -> str:
    """Return the counts as a saved notebook shows them; arguments as of :func:`counts_text`."""
    parts = (*_head_parts(entries), markup.as_of_html(as_of, tz))
    head = markup.heading("Counts", markup.job_id(job), *parts)
    if not entries:
        return markup.surface(head, markup.badge(job), markup.note(_absence_html(job, message)))
    tables = [_entry_html(view, named=len(entries) > 1) for view in entries[:_MOST_ENTRIES]]
    return markup.surface(head, *tables, *(markup.note(line) for line in _left_out(entries)))


def _entry_html(view: CountsView, *, named: bool) -> str:
    shown = _bars(view)
    longest = max((bar.count for bar in shown), default=0)
    rows = "".join(_row(bar, longest, view) for bar in shown)
    columns = 5 if view.versus else 4
    foot = "".join(markup.footer(columns, line) for line in _cut(view, shown))
    above = markup.note(markup.text(_entry_name(view))) if named else ""
    if view.versus:
        above += markup.note(markup.text(_distances(view.versus)))
    return above + markup.table(f"<tbody>{rows}</tbody>{foot}")


def _bars(view: CountsView) -> list[Bar]:
    """Return the bars that are shown here: not more than a twin has room for."""
    top = min(view.look.top, _MOST_BARS)
    return bars(replace(view, look=replace(view.look, top=top)))


def _row(bar: Bar, longest: int, view: CountsView) -> str:
    look = ("padding:3px 12px 3px 0", "border:0", f"background:{markup.SURFACE}")
    ink = f"color:{markup.INK}"
    left, right = "text-align:left", "text-align:right"
    nowrap = "white-space:nowrap"
    cells = [
        markup.styled("td", markup.text(bar.label), *look, markup.MONO, left, ink, nowrap),
        markup.styled("td", _bar_html(bar, longest), *look, "width:220px", left),
        markup.styled("td", words.number(bar.count), *look, right, ink, nowrap),
        markup.styled("td", words.share(bar.count, view.shots), *look, right, markup.QUIET, nowrap),
    ]
    if view.versus:
        more = _difference(bar, view)
        cells.append(markup.styled("td", more, *look, right, markup.QUIET, nowrap))
    return markup.row(*cells)


def _bar_html(bar: Bar, longest: int) -> str:
    """Return a bar; where styles are stripped, block characters of about its length are left."""
    width = max(round(_BAR_PX * bar.count / longest), _LEAST_PX) if bar.count > 0 else 0
    fill = Tone.RUN.value
    if bar.others is not None:
        fill = markup.SURFACE
    look = [f"background:{fill}", f"color:{fill}", "height:9px", f"width:{width}px"]
    look += ["font-size:0", "line-height:0", "overflow:hidden", "white-space:nowrap"]
    # browsers leave grounds out where they print
    look += ["-webkit-print-color-adjust:exact", "print-color-adjust:exact"]
    if bar.others is not None and width:
        look += [f"border:1px dashed {Tone.STILL.value}", "box-sizing:border-box"]
    return markup.styled("div", _blocks(bar, longest), *look)


def _blocks(bar: Bar, longest: int) -> str:
    if bar.count <= 0:
        return ""
    return ("█" if bar.others is None else "░") * max(round(_BAR_CHARS * bar.count / longest), 1)


def _head_parts(entries: Sequence[CountsView]) -> list[str]:
    if len(entries) == 1:
        return [f"{words.number(entries[0].shots)} shots"]
    return [f"{words.number(len(entries))} results"] if entries else []


def _entry_name(view: CountsView) -> str:
    return f"{words.clean(view.label, 120)} · {words.number(view.shots)} shots"


def _distances(versus: Versus) -> str:
    """Return how far the counts are from what they are compared with."""
    apart = words.distances(versus.fidelity, versus.fidelity_error, versus.variation)
    return (
        f"Against {words.clean(versus.label, 60)}: {apart}. "
        "Last column: share minus its share, in percentage points."
    )


def _difference(bar: Bar, view: CountsView) -> str:
    """Return the share of a bar minus the one expected, in percentage points."""
    if bar.expected is None or not view.shots:
        return words.UNKNOWN
    text = words.number(100 * (bar.count / view.shots - bar.expected), 1)
    return text if text[0] == "−" or not text.strip("0.") else f"+{text}"


def _cut(view: CountsView, shown: Sequence[Bar]) -> list[str]:
    """Return the line that says what "other" is, if there is such a bar."""
    last = shown[-1] if shown else None
    if last is None:
        return ["Nothing was measured."]
    if last.others is None:
        return []
    count = f"{words.number(last.others)} {'outcome' if last.others == 1 else 'outcomes'}"
    top = words.number(len(shown) - 1)
    return [f"Top {top}, and other ({count}, {words.share(last.count, view.shots)})"]


def _left_out(entries: Sequence[CountsView]) -> list[str]:
    if len(entries) <= _MOST_ENTRIES:
        return []
    return [f"The first {_MOST_ENTRIES} of {words.number(len(entries))} results are shown."]


def _absence(job: JobRecord, message: str | None) -> str:
    """Return in one line why there are no counts."""
    why = status.reason_line(job)
    if message or why:
        return words.clean(message) if message else why
    if job.status is JobStatus.DONE:
        return "The result holds no counts."
    return "The job ended without counts." if job.final else "Counts come when the job is done."


def _absence_html(job: JobRecord, message: str | None) -> str:
    own = "" if message else markup.reason_html(job)
    return own or markup.text(_absence(job, message))
