"""The static twin of the interim plot, as text and as HTML around a picture."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime, tzinfo

from qjobwidgets.render import markup, pictures, words
from qjobwidgets.render.badge import badge_text
from qjobwidgets.render.curve import SeriesView, gaps, reference, running_best, runs

__all__ = ["series_html", "series_text"]

_WIDTH, _HEIGHT = 640, 300


def series_text(view: SeriesView) -> str:
    """Return what the plot says, as text for a terminal: its last, best and reference values."""
    parts = (words.clean(view.job.id), badge_text(view.job), *_received(view))
    head = f"{_title(view)}  {' · '.join(parts)}"
    return f"{head}\n{' · '.join(_readout(view)) or _absence(view)}"


def series_html(view: SeriesView, as_of: datetime, *, tz: tzinfo | None = None) -> str:
    """Return the plot as a saved notebook shows it: its values as text, and a PNG inside.

    Args:
        view: The values.
        as_of: When this was true.
        tz: Time zone of the time shown; by default the local one.
    """
    when = markup.as_of_html(as_of, tz)
    parts = (markup.job_id(view.job), markup.badge(view.job), *_received(view), when)
    head = markup.heading(_title(view), *parts)
    why = markup.reason_html(view.job)
    blocks = [head, *([markup.note(why)] if why else [])]
    readout = _readout(view)
    if not readout:
        return markup.surface(*blocks, markup.note(_absence(view)))
    blocks += [markup.styled("div", markup.text(" · ".join(readout)), "padding:2px 0 6px 0")]
    return markup.surface(*blocks, _image(view, readout), *_footnote(view))


def _image(view: SeriesView, readout: Sequence[str]) -> str:
    data = base64.b64encode(pictures.series_png(view, _WIDTH, _HEIGHT, 2)).decode("ascii")
    seen = words.clean(f"{_title(view)} by {view.x_label}: {', '.join(readout)}")
    attempts = len(runs(view))
    again = f", {attempts} attempts" if attempts > 1 else ""
    source = f"data:image/png;base64,{data}"
    # an <img> has no end tag, so it is not built by markup.styled
    return (
        f'<img src="{source}" width="{_WIDTH}" alt="{markup.text(seen + again)}"'
        f' style="max-width:100%;background:{markup.SURFACE}">'
    )


def _title(view: SeriesView) -> str:
    return words.clean(f"Interim {view.field or 'results'}", 80)


def _received(view: SeriesView) -> list[str]:
    count = len(view.values)
    missing = sum(gap.missing for gap in gaps(view))
    of = f" of {words.number(count + missing)}" if missing else ""
    return [f"{words.number(count)}{of} {'value' if count + missing == 1 else 'values'}"]


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
        known.append((words.clean(view.reference_label, 40), target))
    parts = [f"{name} {words.with_unit(value, view.unit, decimals)}" for name, value in known]
    if target is not None and best is not None:
        error = words.difference(best - target, view.unit, decimals)
        parts.append(f"error {error}")
    return parts


def _absence(view: SeriesView) -> str:
    if view.state == "ended" or view.job.final:
        return "The job published no values."
    return "Waiting for the first value."


def _footnote(view: SeriesView) -> list[str]:
    if view.job.final or view.state == "ended":
        return []
    return [markup.note("Saved view of a running job. Run the cell again for a live one.")]
