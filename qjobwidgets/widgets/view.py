"""What all views share: a live widget, and beside it a static twin (:mod:`.twin`).

Who writes: only the publisher's thread changes traits of a live view, through :meth:`View.publish`.
Messages from the page arrive on whatever thread the kernel likes; they only leave a note and mark
the view.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import traitlets

from qjobwidgets.host import Host, host, shell
from qjobwidgets.records import JobRecord
from qjobwidgets.render.brief import brief
from qjobwidgets.render.markup import note, surface, text
from qjobwidgets.watch import Watcher, watcher_for
from qjobwidgets.watch.hooks import NOTIFY, about
from qjobwidgets.widgets.pages import Pages, listen
from qjobwidgets.widgets.rows import freshness_json
from qjobwidgets.widgets.scripts import Scripted, bundle
from qjobwidgets.widgets.twin import Drawing, Twin

__all__ = ["View", "bundle", "open_views", "told_once"]

_WIDGET_MIME: Final = "application/vnd.jupyter.widget-view+json"
_MOST_NOTICES: Final = 20
_NOT_NOTIFIED: Final = {
    "default": "The browser did not notify: nobody has allowed it on this page.",
    "denied": "The browser did not notify: its settings block this page.",
    "unsupported": "The page can't notify: it is not open in a browser that does.",
}
_open: dict[str, View] = {}


def open_views() -> list[View]:
    """Return the views that are not closed, oldest first."""
    return list(_open.values())


def told_once(value: object, view: View) -> object:
    """Return a trait that tells of changes as JSON: outside of a message there are none to tell.

    A page that asks for the whole state has them in the snapshot.
    """
    return value if view.publishing else {}


def _after_cell(_result: object) -> None:
    """Show in outputs what is known by now; who runs a notebook unwatched takes it until then."""
    for view in open_views():
        view.refresh_twin()


def _hear(page: str) -> None:
    """Note that a page is still there, for all views that it shows."""
    for view in open_views():
        if view.pages.hear(page):
            view.watcher.visibility_changed()


def _forsaken(view: View) -> bool:
    """Whether its cell was run anew: marimo closes a cell's comms then, and tells nobody."""
    return view.host is Host.MARIMO and bool(getattr(view.comm, "_closed", False))


class View(Scripted):
    """Base of all views.

    Args:
        service: The account's client.
        records: The jobs shown, as far as known.

    Attributes:
        job_ids: Ids of the jobs shown.
        recent: Whether the account's newest jobs are shown too.
        visible: Whether a page says that someone can see the view.
        publishing: Whether a message to the pages is being made.
        pages: The pages that say so.
        host: Who looked when it was made.
        notifying: Whether the browser is to notify of a job shown; the page asks its user.
    """

    view_id = traitlets.Unicode().tag(sync=True)
    freshness = traitlets.Dict().tag(sync=True)
    notifying = traitlets.Bool(default_value=False).tag(sync=True)

    min_interval = 0.25
    recent = False

    def __init__(self, service: Any, records: Iterable[JobRecord], **traits: Any) -> None:
        records = list(records)
        self.watcher: Watcher = watcher_for(service)
        self.job_ids: frozenset[str] = frozenset(record.id for record in records)
        self.visible = True
        self.host = host()  # here, as the publisher's thread may not know
        self.publishing = False
        self.pages = Pages()
        self._shown_live = False
        self._was_settled = False
        self._stood: object = None
        self._notices: deque[dict[str, Any]] = deque(maxlen=_MOST_NOTICES)
        self.watcher.board.introduce(records)
        fresh = freshness_json(self.watcher.freshness)
        view_id = uuid.uuid4().hex
        self._twin = Twin(view_id, self.host, self._told_facts, self._told)
        # the page finds its model by the view's id
        super().__init__(model_id=view_id, view_id=view_id, freshness=fresh, **traits)
        for other in filter(_forsaken, open_views()):
            other.close()
        _open[self.view_id] = self
        self.on_msg(self._on_message)
        listen()
        self.watcher.attach(self)

    # -- for each view to say ---------------------------------------------------------------------

    def prepare(self) -> None:
        """See what is new, and fetch what is missing, before page and twin are brought up to date.

        Called by the publisher only, and of a view that is open.
        """

    def update_page(self) -> None:
        """Bring the traits up to date; called by the publisher only, inside one message."""
        raise NotImplementedError

    def standing(self) -> object:
        """Return what all that is sent depends on, but the points of streams.

        While that is as it was, :meth:`send_points` is all there is to do, some twenty times a
        second; ``None`` where it can't be told.
        """

    def send_points(self) -> bool:
        """Send the points that have come; return whether that is possible without the rest."""
        return False

    def twin(self) -> Mapping[str, str]:
        """Return the static form as MIME types: ``text/html`` and ``text/plain``."""
        raise NotImplementedError

    def twin_drawing(self) -> Drawing:
        """Return what draws the twin of what is known now, where that takes a while."""
        form = self.twin()
        return lambda: form

    def twin_facts(self) -> object:
        """Return what the twin depends on, never ``None``: unchanged facts need no new twin."""
        return self.shown_records()

    def shown_records(self) -> list[JobRecord]:
        """Return what is known of the jobs shown."""
        return self.watcher.board.records(None if self.recent else sorted(self.job_ids))

    def settled(self) -> bool:
        """Whether nothing shown will change, as far as is known."""
        return all(record.final for record in self.shown_records())

    # -- the life of a view -----------------------------------------------------------------------

    def open(self) -> None:
        """Open the model for a page; where there is none, a saved notebook would only carry it."""
        if self.host not in {Host.HEADLESS, Host.TERMINAL}:
            super().open()

    def publish(self) -> None:
        """Bring page and twin up to date."""
        if _forsaken(self):
            self.close()
        if not self.is_open:
            return
        self.publishing = True
        try:
            self._publish()
        finally:
            self.publishing = False

    def _publish(self) -> None:
        early = self._twin.early
        if early:
            self._twin.say(self._brief)
            self.watcher.publisher.mark(self)
        standing = self.standing()
        same = standing is not None and standing == self._stood and not self._notices
        if not (same and self.send_points()):
            self._publish_all()
            self._stood = standing
        # asked again, as a cell may have displayed it meanwhile
        if not (early or self._twin.early) and (self._was_settled or self._twin.due):
            self._twin.refresh(self.watcher.drawings)

    def _publish_all(self) -> None:
        self.prepare()
        settled = self.settled()
        while self._notices:  # also out of sight: there they are wanted most
            self.send(self._notices.popleft())
        if self.visible:
            with self.one_message():
                self.notifying = self.watcher.audience.wants_notice(self)
                # the end of a job may be told before anything was answered
                if self.recent or self._answers_again() or not (settled and self._was_settled):
                    self.freshness = self._freshness(settled=settled and not self.recent)
                self.update_page()
        self._was_settled = settled

    @property
    def is_open(self) -> bool:
        """Whether it has not been closed."""
        return self.view_id in _open

    @property
    def silent(self) -> bool:
        """Whether the pages that show it have died, as far as is known."""
        return self.pages.silent

    def notify(self, record: JobRecord) -> None:
        """Have the browser that shows this view notify of a job; may be called on any thread."""
        place = " on ".join(filter(None, (record.program, record.backend)))
        facts = {"job": record.id, "status": str(record.status), "place": place}
        self._notices.append({"kind": "notify", **facts, "reason": record.reason})
        self.watcher.publisher.mark(self)

    def refresh_twin(self) -> None:
        """Replace the static twin in the notebook if it has changed since it was last shown."""
        self._twin.refresh()

    def as_of(self) -> datetime:
        """When the service last confirmed what is shown; now, while only handles tell of it."""
        answered = self.watcher.freshness.as_of
        return datetime.now(UTC) if answered is None else datetime.fromtimestamp(answered, UTC)

    def close(self) -> None:
        """Close the live view; the twin with the last truth takes its place."""
        if _open.pop(self.view_id, None) is not None:
            self.watcher.detach(self)
            self.refresh_twin()
        super().close()

    def freeze(self) -> None:
        """Close the live view and take it out of the notebook, where the twin stays."""
        self.close()
        if self._shown_live:
            # an output that holds no widget is shown by every viewer; this one shows nothing
            shell().display_pub.publish(
                {"text/html": "", "text/plain": ""},
                {},
                transient={"display_id": f"{self.view_id}-live"},
                update=True,
            )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.job_ids)} jobs>"

    def _ipython_display_(self) -> None:
        running = shell()
        if running is None:
            print(self._told()()["text/plain"])  # noqa: T201 - asked for by the user, on their thread
            return
        if self.host is Host.HEADLESS:
            running.events.register("post_run_cell", _after_cell)
            self.watcher.bring_up()
        publish = running.display_pub.publish
        if self.host.live and self.comm is not None:
            live = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
            # who can't draw it turns to the other form: nothing, as the twin is the next output
            forms = {_WIDGET_MIME: live, "text/plain": ""}
            publish(forms, {}, transient={"display_id": f"{self.view_id}-live"})
            self._shown_live = True
        self._twin.display(beside_live=self._shown_live)
        if not self.is_open:  # the publisher passes over it
            self._twin.refresh()
        elif self._twin.early:
            self.watcher.publisher.mark(self)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Be what the page gets that marimo writes, which asks for this when it takes the view."""
        if self.host is Host.EXPORT:
            self.watcher.bring_up()
        return super()._repr_mimebundle_(**kwargs)

    def _freshness(self, *, settled: bool) -> dict[str, Any]:
        fresh = self.watcher.freshness
        # What can't change doesn't age.
        return freshness_json(replace(fresh, interval=None) if settled else fresh)

    def _answers_again(self) -> bool:
        """Whether the service answers, and the page has yet to hear of it."""
        return self.watcher.freshness.state == "live" and self.freshness["state"] != "live"

    def _trouble(self) -> str | None:
        """Return why what is shown may not be true any more, if so."""
        fresh = self.watcher.freshness
        if fresh.state not in {"offline", "refused"} or (self.settled() and not self.recent):
            return None
        return f"Not up to date: {fresh.message}"

    def _brief(self) -> Mapping[str, str]:
        """Return what the twin is before it is drawn."""
        if self.recent and self.watcher.freshness.as_of is None:
            return {"text/html": "", "text/plain": repr(self)}  # which jobs there are is not known
        return brief(self.shown_records(), as_of=self.as_of())

    def _told_facts(self) -> object:
        return self.twin_facts(), self._trouble()

    def _told(self) -> Drawing:
        """Return what draws the twin, after a line that says if it is not up to date."""
        trouble = self._trouble()
        if trouble is None:
            return self.twin_drawing()
        line = {"text/html": surface(note(text(trouble))), "text/plain": trouble}
        if self.recent and self.watcher.freshness.as_of is None:
            return lambda: line  # which jobs there are is not known
        draw = self.twin_drawing()
        return lambda: {kind: f"{line[kind]}\n{form}" for kind, form in draw().items()}

    def _on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Take a message from the page; runs on any thread and must not wait."""
        if not isinstance(content, dict):
            return
        self._stood = None
        match content.get("kind"):
            case "refresh":
                self.watcher.look_now()
            case "visible":
                self._see(content)
                self.watcher.visibility_changed()
                self._was_settled = False
            case "here":
                _hear(str(content.get("page")))
            case "cancel":
                for job_id in filter(self.shows, _cancelled(content)):
                    self.watcher.cancel(job_id)
            case "resync":
                self.resync()
            case "unnotified":
                self._not_notified(content)
            case str() as kind:
                self.handle(kind, content)
        self.watcher.publisher.mark(self)

    def _see(self, content: Mapping[str, Any]) -> None:
        """Note whether one page shows the view: others may have it in sight, or not."""
        page = str(content.get("page"))
        self.pages.see(page, visible=content.get("visible") is not False)
        self.visible = bool(self.pages)
        _hear(page)

    def _not_notified(self, content: Mapping[str, Any]) -> None:
        job_id, why = content.get("job"), content.get("why")
        if isinstance(job_id, str) and self.shows(job_id) and isinstance(why, str):
            said = _NOT_NOTIFIED.get(why, _NOT_NOTIFIED["unsupported"])
            self.watcher.board.remark(job_id, said, about(NOTIFY))
            self.watcher.audience.announce(self.watcher.board.records([job_id]))

    def shows(self, job_id: str) -> bool:
        """Whether the job is one of this view's."""
        return job_id in self.job_ids or (
            self.recent and self.watcher.board.get(job_id) is not None
        )

    def resync(self) -> None:
        """Have the next publishing send everything, as the page has missed a part."""

    def handle(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take a message that only this view knows; runs on any thread and must not wait."""


def _cancelled(content: Mapping[str, Any]) -> list[str]:
    """Return the ids in a message that asks to cancel one job or several."""
    jobs = content.get("jobs", [content.get("job")])
    return [job for job in jobs if isinstance(job, str)] if isinstance(jobs, list) else []
