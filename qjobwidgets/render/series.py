"""The static twin of the interim plot, as text and as HTML around pictures."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime, tzinfo
from itertools import groupby

from qjobwidgets.records import JobRecord
from qjobwidgets.render import markup, words
from qjobwidgets.render.badge import badge_text
from qjobwidgets.render.curve import EXACT, SeriesView, gaps, latest, reference, running_best, runs
from qjobwidgets.render.scale import LOG_NEEDS, scale_of
from qjobwidgets.render.series_picture import COLORS, series_png

__all__ = ["series_html", "series_text"]

_WIDTH, _HEIGHT, _LOWER = 640, 300, 200

Views = SeriesView | Sequence[SeriesView]


def series_text(views: Views, *, scale: str = "linear") -> str:
    """Return what the plot says, as text for a terminal: last, best and reference of each curve.

    Args:
        views: The curves, those of one panel one after the other.
        scale: What was asked for: ``"linear"``, ``"log"`` or ``"error"``.
    """
    curves = _curves(views)
    jobs = [f"{words.clean(job.id)} · {badge_text(job)}" for job in _jobs(curves)]
    head = f"{_title(curves)}  {' · '.join([*jobs, *_received(curves)])}"
    lines = [_line(curve, curves) for curve in curves if _readout(curve)] or [_absence(curves)]
    return "\n".join([head, *lines, *_notes(curves, scale)])


def series_html(
    views: Views, as_of: datetime, *, tz: tzinfo | None = None, scale: str = "linear"
) -> str:
    """Return the plot as a saved notebook shows it: its values as text, and a PNG for each panel.

    Args:
        views: The curves, those of one panel one after the other.
        as_of: When this was true.
        tz: Time zone of the time shown; by default the local one.
        scale: What was asked for: ``"linear"``, ``"log"`` or ``"error"``.
    """
    curves = _curves(views)
    jobs = _jobs(curves)
    named = [part for job in jobs for part in (markup.job_id(job), markup.badge(job))]
    when = markup.as_of_html(as_of, tz)
    blocks = [markup.heading(_title(curves), *named, *_received(curves), when)]
    blocks += [markup.note(why) for job in jobs if (why := markup.reason_html(job))]
    notes = [markup.note(markup.text(note)) for note in _notes(curves, scale)]
    if not any(_readout(curve) for curve in curves):
        return markup.surface(*blocks, markup.note(_absence(curves)), *notes)
    blocks += [_legend(index, curve, curves) for index, curve in enumerate(curves)]
    panels = [list(panel) for _, panel in groupby(curves, key=lambda c: c.panel or c.field)]
    first = 0
    for panel in panels:
        blocks.append(_image(panel, len(panels), first, scale))
        first += len(panel)
    return markup.surface(*blocks, *notes, *_footnote(curves))


def _curves(views: Views) -> list[SeriesView]:
    """Return the curves; several jobs are compared in their latest attempts."""
    curves = [views] if isinstance(views, SeriesView) else list(views)
    several = len({curve.label for curve in curves}) > 1
    return [latest(curve) for curve in curves] if several else curves


def _jobs(curves: Sequence[SeriesView]) -> list[JobRecord]:
    jobs = {curve.job.id: curve.job for curve in curves if curve.job is not None}
    return list(jobs.values())


def _title(curves: Sequence[SeriesView]) -> str:
    fields = ", ".join(dict.fromkeys(curve.field for curve in curves if curve.field))
    if curves[0].job is None:
        return words.clean(f"{fields or 'Jobs'} of {curves[0].label}", 80)
    return words.clean(f"Interim {fields or 'results'}", 80)


def _received(curves: Sequence[SeriesView]) -> list[str]:
    # the fields of one job come in the same messages
    each = {curve.label: curve for curve in curves}.values()
    count = sum(len(curve.values) for curve in each)
    missing = sum(gap.missing for curve in each for gap in gaps(curve))
    of = f" of {words.number(count + missing)}" if missing else ""
    return [f"{words.number(count)}{of} {'value' if count + missing == 1 else 'values'}"]


def _name(curve: SeriesView, curves: Sequence[SeriesView]) -> str:
    """Return what tells a curve from the others; empty where there is one alone."""
    several = len({other.label for other in curves}) > 1
    fields = len({other.field for other in curves}) > 1
    parts = [curve.label] * several + [curve.field] * fields
    attempt = curve.attempts[-1][1] if several and curve.attempts else 1
    again = f", attempt {attempt}" if attempt > 1 else ""
    return words.clean(" ".join(parts), 80) + again


def _line(curve: SeriesView, curves: Sequence[SeriesView]) -> str:
    name = _name(curve, curves)
    return f"{name}: {' · '.join(_readout(curve))}" if name else " · ".join(_readout(curve))


def _legend(index: int, curve: SeriesView, curves: Sequence[SeriesView]) -> str:
    said = markup.text(_line(curve, curves)) if _readout(curve) else markup.text(curve.label)
    if len(curves) > 1:
        said = f"{markup.styled('b', '—', f'color:{COLORS[index % len(COLORS)][0]}')} {said}"
    return markup.styled(
        "div", said, "padding:2px 0 6px 0" if len(curves) == 1 else "padding:1px 0"
    )


def _image(panel: Sequence[SeriesView], panels: int, first: int, scale: str) -> str:
    height = _HEIGHT if panels == 1 else _LOWER
    png = series_png(panel, _WIDTH, height, 2, scale=scale, first=first)
    data = base64.b64encode(png).decode("ascii")
    said = "; ".join(
        f"{_name(curve, panel)} {', '.join(_readout(curve))}".strip() for curve in panel
    )
    seen = words.clean(f"{_title(panel)} by {panel[0].x_label}: {said}")
    attempts = len(runs(panel[0])) if len(panel) == 1 else 1
    again = f", {attempts} attempts" if attempts > 1 else ""
    source = f"data:image/png;base64,{data}"
    # an <img> has no end tag, so it is not built by markup.styled
    return (
        f'<img src="{source}" width="{_WIDTH}" alt="{markup.text(seen + again)}"'
        f' style="max-width:100%;background:{markup.SURFACE}">'
    )


def _readout(view: SeriesView) -> list[str]:
    """Return the values a reader looks for; empty while there is none."""
    found = [run for run in runs(view) if run.y]
    if not found:
        return []
    last = found[-1]
    decimals = words.decimals_for([y for run in found for y in run.y])
    known = [("last", last.y[-1])]
    best = running_best(last.y, view.goal)[-1] if view.goal else None
    if best is not None:
        known.insert(0, ("best", best))
    target = reference(view)
    if target is not None:
        known.append((EXACT, target))
    parts = [f"{name} {words.with_unit(value, view.unit, decimals)}" for name, value in known]
    if target is not None and best is not None:
        error = words.difference(best - target, view.unit, decimals)
        parts.append(f"error {error}")
    return parts


def _over(curves: Sequence[SeriesView]) -> bool:
    return all(c.state == "ended" or (c.job is not None and c.job.final) for c in curves)


def _absence(curves: Sequence[SeriesView]) -> str:
    if curves[0].job is None:
        return "No job has finished yet." if not _over(curves) else "No job gave a value."
    return "The job published no values." if _over(curves) else "Waiting for the first value."


def _notes(curves: Sequence[SeriesView], scale: str) -> list[str]:
    notes = list(dict.fromkeys(words.clean(curve.note) for curve in curves if curve.note))
    refused = [c for c in curves if scale == "log" and scale_of([c], scale).kind == "linear"]
    if refused and any(_readout(curve) for curve in refused):
        names = ", ".join(dict.fromkeys(words.clean(curve.field, 40) for curve in refused))
        notes.append(f"{LOG_NEEDS}; {names} is drawn linear.")
    return notes


def _footnote(curves: Sequence[SeriesView]) -> list[str]:
    if _over(curves):
        return []
    what = "a running job" if curves[0].job is not None else "jobs that go on"
    return [markup.note(f"Saved view of {what}. Run the cell again for a live one.")]
