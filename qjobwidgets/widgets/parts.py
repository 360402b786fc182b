"""Views inside a view: one model and one comm, however many parts it has.

A part is an ordinary view whose class has :class:`Part` in front. It has no comm of its own:

- Its synced traits are mirrored by its owner as ``PART_NAME``; what the owner sends is read from
  the part at that moment, so a reloaded page and a saved notebook have all of it.
- What a part changes is noted, and goes out with the owner's next message: one for each tick.
- What the page sets or says goes to the part, and runs there as in a view of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

import traitlets

from qjobwidgets.records import JobRecord
from qjobwidgets.widgets.view import View

__all__ = ["Owner", "Part"]

_number = count()


def _mirrored(kind: type[View]) -> list[str]:
    """Return the names of the traits that a class of views syncs beyond what all views do."""
    common = View.class_traits(sync=True)
    return [name for name in kind.class_traits(sync=True) if name not in common]


class Part(View):
    """Put in front of a class of views, makes it one that lives inside another view.

    Args:
        owner: The view around it.
        part: Its name there.
        arguments: Those of the view's own class.
    """

    def __init__(self, owner: Owner, part: str, *arguments: Any) -> None:
        self._owner, self._part = owner, part
        self._names = frozenset(_mirrored(type(self)))
        super().__init__(*arguments)

    @property
    def visible(self) -> bool:
        """Whether someone can see the owner, which is what the page tells of."""
        return self._owner.visible

    @visible.setter
    def visible(self, seen: bool) -> None:
        """Let be what a view of its own would be told."""

    @property
    def silent(self) -> bool:
        """Whether the pages that show the owner have died."""
        return self._owner.silent

    @property
    def publishing(self) -> bool:
        """Whether a message is being made, which is the owner's."""
        return self._owner.publishing

    @publishing.setter
    def publishing(self, now: bool) -> None:
        """Let be what a view of its own would note."""

    def open(self) -> None:
        """Open nothing: the owner's model is the page's."""

    def notify_change(self, change: Any) -> None:
        super().notify_change(change)
        if change["name"] in self._names:
            self._owner.note(self._part, change["name"])

    def send_state(self, key: str | Iterable[str] | None = None) -> None:
        """Have the owner send this state, as it is now."""
        names = {key} if isinstance(key, str) else self._names if key is None else set(key)
        # what every view has besides, such as its script, the owner has of its own
        names = self._names & names
        for name, value in self.get_state(names).items() if names else ():
            self._owner.note(self._part, name, value)

    def publish(self) -> None:
        """Have the owner publish, which brings all its parts up to date."""
        self.watcher.publisher.mark(self._owner)

    def bring_up(self) -> None:
        """Bring the traits up to date, inside the owner's publishing."""
        super().publish()

    def take_message(self, content: Any) -> None:
        """Take a message of the page that is for this part."""
        self._on_message(self, content, [])

    def notify(self, record: JobRecord) -> None:
        """Have the owner do it, whose model is the page's."""
        self._owner.notify(record)


class Owner(View):
    """A view with parts.

    Attributes:
        parts: The parts there are at the moment, by name.
    """

    part_kinds: Mapping[str, type[View]] = {}

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.parts: dict[str, Part] = {}
        self._captured: dict[str, Any] = {}
        self._noted: set[str] = set()
        self.add_traits(**dict(self._mirrors()))
        super().__init__(*arguments, **named)

    def _mirrors(self) -> Iterator[tuple[str, Any]]:
        for part, kind in self.part_kinds.items():
            for name in _mirrored(kind):
                yield (
                    f"{part}_{name}",
                    traitlets.Any().tag(
                        sync=True,
                        to_json=lambda _, owner, part=part, name=name: owner.read(part, name),
                        from_json=lambda value, owner, part=part, name=name: owner.set_part(
                            part, name, value
                        ),
                    ),
                )

    def read(self, part: str, name: str) -> Any:
        """Return a part's trait as JSON; ``None`` while there is no such part."""
        captured = self._captured.get(f"{part}_{name}")
        if captured is not None:
            return captured
        found = self.parts.get(part)
        return None if found is None else found.get_state(name).get(name)

    def set_part(self, part: str, name: str, value: Any) -> int:
        """Take what the page has set; what a part refuses is sent back as it was."""
        found = self.parts.get(part)
        if found is not None:
            try:
                found.set_trait(name, value)
            except traitlets.TraitError:
                self.watcher.publisher.mark(self)
        return next(_number)

    def note(self, part: str, name: str, value: Any = None) -> None:
        """Note that a part's trait has changed, for the next message."""
        if value is not None:
            self._captured[f"{part}_{name}"] = value
        self._noted.add(f"{part}_{name}")

    def put_part(self, name: str, part: Part | None) -> None:
        """Put a part in its place, or take it away; called by the publisher only."""
        before = self.parts.pop(name, None)
        if before is not None:
            before.close()
        if part is not None:
            self.parts[name] = part
        if part is not None or before is not None:
            self._captured = {
                key: value
                for key, value in self._captured.items()
                if not key.startswith(f"{name}_")
            }
            self._noted.update(f"{name}_{trait}" for trait in _mirrored(self.part_kinds[name]))

    def publish(self) -> None:
        super().publish()
        self._captured.clear()

    def update_parts(self) -> None:
        """Bring the parts up to date; what they have changed goes into the owner's message."""
        for part in list(self.parts.values()):
            part.bring_up()
        noted, self._noted = self._noted, set()
        for name in noted:
            # a value of its own each time, so that it is sent; what is sent is read from the part
            self.set_trait(name, next(_number))

    def close(self) -> None:
        for part in list(self.parts.values()):
            part.close()
        super().close()

    def _on_message(self, widget: Any, content: Any, buffers: Any) -> None:
        name = content.get("part") if isinstance(content, dict) else None
        part = self.parts.get(name) if isinstance(name, str) else None
        if part is None:
            super()._on_message(widget, content, buffers)
        else:
            part.take_message(content)
