"""The static twin of the job card: one job whole, as text and as HTML; and two jobs compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from qjobwidgets.records import JobRecord
from qjobwidgets.render import markup, status, words
from qjobwidgets.render.badge import badge_text

__all__ = ["CardView", "Compared", "card_html", "card_text", "course"]

_MOST_LINES = 40  # of facts, values or differences; a twin is no log
_WIDEST = 120


@dataclass(frozen=True, slots=True)
class Compared:
    """One thing in which two jobs may differ.

    Attributes:
        label: What it is.
        one, other: What each job has.
    """

    label: str
    one: str
    other: str

    @property
    def differs(self) -> bool:
        """Whether the jobs differ in it."""
        return self.one != self.other


@dataclass(frozen=True, slots=True)
class CardView:
    """What a card shows.

    Attributes:
        job: The job.
        name, note: The user's words about it.
        facts: Labels and texts.
        results: Labels and texts of its result, as far as somebody has looked at it.
        other: The job it is compared with.
        compared: What the two are compared in.
        distances: How far their counts are apart: labels and texts.
    """

    job: JobRecord
    name: str | None = None
    note: str | None = None
    facts: Sequence[tuple[str, str]] = ()
    results: Sequence[tuple[str, str]] = ()
    other: JobRecord | None = None
    compared: Sequence[Compared] = ()
    distances: Sequence[tuple[str, str]] = ()


def _line_of(job: JobRecord) -> str:
    """Return program and backend in a line: ``"estimator on ibm_kingston"``."""
    parts = [words.clean(job.program or "job", _WIDEST)]
    if job.backend:
        parts.append(f"on {words.clean(job.backend, _WIDEST)}")
    return " ".join(parts)


def course(job: JobRecord, as_of: datetime, tz: tzinfo | None = None) -> list[tuple[str, str]]:
    """Return the moments of a job and how long each stretch took."""
    waited, ran = status.waited(job, as_of), status.ran(job, as_of)
    waiting = not job.final and job.started is None
    end = {"DONE": "Done", "ERROR": "Failed", "CANCELLED": "Cancelled"}.get(
        str(job.status), "Ended"
    )
    steps = [("Created", words.moment(job.created, as_of, tz))]
    if waited is not None:
        steps.append(("Waiting for" if waiting else "Waited", words.duration(waited)))
    if job.started is not None:
        steps.append(("Running from", words.moment(job.started, as_of, tz)))
    if ran is not None:
        about = job.estimated_seconds
        estimate = f" of about {words.duration(about)}" if about and not job.final else ""
        steps.append(("Ran" if job.final else "Running for", words.duration(ran) + estimate))
    if job.final:
        steps.append((end, words.moment(job.finished, as_of, tz)))
    return steps


def card_text(view: CardView, *, as_of: datetime, tz: tzinfo | None = None) -> str:
    """Return the card as text for a terminal.

    Args:
        view: What it shows.
        as_of: When this was true.
        tz: Time zone of the times shown; by default the local one.
    """
    job = view.job
    head = f"{_title(view)}  {words.clean(job.id)} · {markup.as_of_text(as_of, tz)}"
    lines = [head, badge_text(job), _line_of(job)]
    lines += [why] if (why := status.reason_line(job)) else []
    lines += _columns([*course(job, as_of, tz), *_told(view)])
    if view.results:
        lines += ["", "Result", *_columns(view.results[:_MOST_LINES])]
    if view.other is not None:
        lines += ["", f"Compared with {words.clean(view.other.id)}"]
        lines += _columns([(_marked(row), f"{row.one}  |  {row.other}") for row in _shown(view)])
        lines += _columns(view.distances[:_MOST_LINES])
    return "\n".join(lines)


def card_html(view: CardView, *, as_of: datetime, tz: tzinfo | None = None) -> str:
    """Return the card as a saved notebook shows it; arguments as of :func:`card_text`."""
    job = view.job
    head = markup.heading(_title(view), markup.job_id(job), markup.as_of_html(as_of, tz))
    why = markup.reason_html(job)
    blocks = [
        head,
        markup.badge(job, status.age(job, as_of)),
        markup.note(markup.text(_line_of(job))),
        *([markup.note(why)] if why else []),
        _table([*course(job, as_of, tz), *_told(view)]),
    ]
    if view.results:
        blocks += [_subhead("Result"), _table(view.results[:_MOST_LINES])]
    if view.other is not None:
        blocks += [_subhead(f"Compared with {view.other.id}"), _comparison(view)]
        blocks += [_table(view.distances[:_MOST_LINES])] if view.distances else []
    return markup.surface(*blocks)


def _title(view: CardView) -> str:
    return words.clean(view.name or view.job.program or "Job", _WIDEST)


def _told(view: CardView) -> list[tuple[str, str]]:
    facts = [*view.facts[:_MOST_LINES]]
    if view.job.tags:
        facts.append(("Tags", ", ".join(view.job.tags)))
    if view.note:
        facts.append(("Note", view.note))
    return facts


def _shown(view: CardView) -> Sequence[Compared]:
    """Return what is compared, differences first."""
    return sorted(view.compared, key=lambda row: not row.differs)[:_MOST_LINES]


def _marked(row: Compared) -> str:
    return f"≠ {row.label}" if row.differs else f"  {row.label}"


def _columns(rows: Sequence[tuple[str, str]]) -> list[str]:
    cells = [(words.clean(label, _WIDEST), words.clean(text, _WIDEST)) for label, text in rows]
    width = max((len(label) for label, _ in cells), default=0)
    return [f"{label:<{width}}  {text}" for label, text in cells]


def _subhead(text: str) -> str:
    return markup.styled("div", markup.text(text), "font-weight:600", "padding:10px 0 2px 0")


def _table(rows: Sequence[tuple[str, str]]) -> str:
    body = "".join(
        markup.row(_cell(markup.text(label), markup.QUIET), _cell(markup.text(text)))
        for label, text in rows
    )
    return markup.table(f"<tbody>{body}</tbody>", "margin-top:6px")


def _comparison(view: CardView) -> str:
    other = view.other.id if view.other else ""
    heads = markup.row(
        _cell("", markup.QUIET),
        _cell(markup.text(view.job.id), markup.QUIET, markup.MONO),
        _cell(markup.text(other), markup.QUIET, markup.MONO),
    )
    body = "".join(
        markup.row(
            _cell(markup.text(_marked(row)), markup.QUIET),
            *(
                _cell(markup.text(text), *(("font-weight:600",) if row.differs else ()))
                for text in (row.one, row.other)
            ),
        )
        for row in _shown(view)
    )
    return markup.table(f"<tbody>{heads}{body}</tbody>", "margin-top:6px")


def _cell(content: str, *look: str) -> str:
    base = ("padding:2px 14px 2px 0", "border:0", "text-align:left", "vertical-align:top")
    ink = () if markup.QUIET in look else (f"color:{markup.INK}",)
    surface = f"background:{markup.SURFACE}"
    return markup.styled("td", content, *base, surface, "font-size:12px", *ink, *look)
