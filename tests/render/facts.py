"""Jobs at fixed times, and a reader of HTML that keeps what a sanitizer would look at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise

from qjobwidgets.records import JobRecord, JobStatus

NOW = datetime(2026, 11, 20, 14, 2, 8, tzinfo=UTC)
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "{{7*7}} $x^2$",
    "'\"--> & &lt;b&gt;",
    "</td></table><svg onload=alert(1)>",
)


def before(**length: float) -> datetime:
    return NOW - timedelta(**length)


def running(**fields) -> JobRecord:
    known = {"program": "estimator", "backend": "ibm_kingston", "tags": ("vqe", "h2")}
    known |= {"created": before(minutes=20, seconds=52), "started": before(minutes=3, seconds=12)}
    return JobRecord("d4qk1c7s9v8g008n2m60", JobStatus.RUNNING, **(known | fields))


def failed(**fields) -> JobRecord:
    known = {
        "created": before(minutes=23),
        "started": before(minutes=16),
        "finished": before(minutes=15, seconds=57),
        "reason": "Instruction cx on qubits (0, 1) is not supported by ibm_kingston.",
        "reason_code": 1517,
        "reason_solution": "Transpile with generate_preset_pass_manager, then run again.",
    }
    return JobRecord("d4qk1c7s9v8g008n2m3g", JobStatus.ERROR, **(known | fields))


def queued(**fields) -> JobRecord:
    known = {"created": before(minutes=20), "queue_position": 4}
    return JobRecord("d4qk1c7s9v8g008n2m8g", JobStatus.QUEUED, **(known | fields))


def done(**fields) -> JobRecord:
    known = {
        "program": "sampler",
        "created": before(minutes=41),
        "started": before(minutes=41),
        "finished": before(minutes=40),
        "usage_seconds": 58.9,
    }
    return JobRecord("d4qj7e4t9v8g008n91tg", JobStatus.DONE, **(known | fields))


class Page(HTMLParser):
    """Tags, attributes and texts of a piece of HTML; refuses elements that are not closed."""

    void = frozenset({"img", "br"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.rows: list[list[str]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in self.void:
            self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)
        if {"td", "th"} & set(self._open):
            self.rows[-1][-1] += data

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def values(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]


def assert_survives_sanitizers(html: str) -> None:
    """Check that nothing in the HTML is what JupyterLab or GitHub would drop or run."""
    page = Page(html)
    allowed = {"div", "span", "b", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "img"}
    assert set(page.tags) <= allowed
    assert {name for _, name, _ in page.attributes} <= {
        "class", "style", "colspan", "src", "width", "alt",
    }  # fmt: skip
    assert all(not value.startswith("http") for value in page.values("src"))
    for style in page.values("style"):
        assert "var(" not in style
        assert "url(" not in style


def contrast(first: str, second: str) -> float:
    """Return the WCAG 2 contrast of two hex colours."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[at:end], 16) / 255 for at, end in pairwise((1, 3, 5, 7))]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
