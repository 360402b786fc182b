"""The script and the style of a view, which a page is sent once.

- The first model of a class is opened with all of its front end. Those that follow are opened with
  ``VIEW-again.js``: a few lines that take what the page has, and with no style, for a host that is
  given the same style again lays out the whole page anew.
- What else is sent of a model, is sent whole. So a page that is loaded again, which asks for the
  state of all models, has the script from those; where none is left, the few lines ask for it.
- This holds where all views of a notebook are on one page that lives as long as the notebook is
  open: in JupyterLab and Jupyter Notebook.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Final

from qjobwidgets.errors import QJobError
from qjobwidgets.host import Host, host
from qjobwidgets.widgets.layout import LateLayout

__all__ = ["Scripted", "bundle"]

_STATIC: Final = Path(__file__).parent.parent / "static"
_sent: set[str] = set()
"""Scripts that a page of this kernel has been sent, by what is sent of them again."""
_extended: dict[tuple[Any, ...], type[Any]] = {}
"""Classes with the traits that each widget of a class is given, by the class and their names."""


def bundle(name: str) -> Path:
    """Return the path of a built front-end file.

    Raises:
        QJobError: The front end was not built.
    """
    path = _STATIC / name
    if not path.is_file():
        raise QJobError(f"The front end is not built: {name} is missing.", fix="Run: make setup")
    return path


class Scripted(LateLayout):
    """A widget whose class names its script with :func:`bundle`."""

    _again: ClassVar[str]
    _opening = False
    _closed = False

    def __init_subclass__(cls, **named: Any) -> None:
        script = cls.__dict__.get("_esm")
        if isinstance(script, Path):
            # read at the same time, so that the two fit also where the package is replaced later
            cls._again = bundle(f"{script.stem}-again.js").read_text(encoding="utf-8")
        files = [name for name, value in vars(cls).items() if isinstance(value, Path)]
        super().__init_subclass__(**named)
        for name in files:
            # As text: anywidget keeps all widgets of a class for ever whose files may change.
            setattr(cls, name, str(getattr(cls, name)))

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(self._send_script)

    def add_traits(self, **traits: Any) -> None:
        """Give this widget traits that all of its class are given, as anywidget does.

        A widget gets a class of its own with them, which takes most of the time that making one
        takes: so it is made for the first, and the others get that.
        """
        key = (type(self), *traits)
        if key in _extended:
            self.__class__ = _extended[key]
        else:
            super().add_traits(**traits)
            _extended[key] = type(self)

    def open(self) -> None:
        """Open the model for a page."""
        self._opening = host() is Host.JUPYTER
        super().open()
        self._opening = False

    def close(self) -> None:
        """Close the model for good."""
        self._closed = True
        super().close()

    @property
    def model_id(self) -> str:
        """Id of the model, which is opened if it was not: a widget around this one names it."""
        if self.comm is None and not self._closed:
            Scripted.open(self)
        return str(super().model_id)

    def get_state(self, *which: Any, **named: Any) -> dict[str, Any]:
        """Return the traits as they are sent to a page."""
        state: dict[str, Any] = super().get_state(*which, **named)
        if self._opening:
            if self._again in _sent:
                state |= {"_esm": self._again, "_css": ""}
            _sent.add(self._again)
        return state

    def _send_script(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Send script and style to a page that asks for them."""
        if isinstance(content, dict) and content.get("kind") == "script":
            self.send_state(["_css", "_esm"])
