"""A real browser, the built bundles, and a page that stands for the notebook."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page
from playwright.sync_api import TimeoutError as NotInTime

from tests.browser.facts import NOW

ROOT = Path(__file__).parents[2]
AXE = ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = ROOT / "build" / "screenshots"
HOSTS: dict[str, dict[str, str]] = {
    "light": {"data-jp-theme-light": "true"},
    "dark": {"data-jp-theme-light": "false"},
    "vscode": {"class": "vscode-dark", "data-vscode-theme-kind": "vscode-dark"},
    "vscode-light": {"class": "vscode-light", "data-vscode-theme-kind": "vscode-light"},
    "vscode-contrast": {
        "class": "vscode-high-contrast",
        "data-vscode-theme-kind": "vscode-high-contrast",
    },
    "colab": {"theme": "light"},
    "colab-dark": {"theme": "dark"},
    "plain": {},
}
DARK = {"dark", "vscode", "vscode-contrast", "colab-dark"}


class _Files(SimpleHTTPRequestHandler):
    """Serves the host page and the built bundles."""

    def translate_path(self, path: str) -> str:
        name = Path(path.split("?", maxsplit=1)[0]).name
        folder = ROOT / "qjobwidgets" / "static" if "/static/" in path else Path(__file__).parent
        return str(folder / name)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def base_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


class Host:
    """One open widget in the page, seen as the kernel and as the reader see it."""

    def __init__(self, page: Page, view: str, theme: str, width: int) -> None:
        self.page, self.view, self.theme, self.width = page, view, theme, width

    @property
    def root(self) -> Locator:
        """The widget's root element."""
        return self.page.locator(".qjw").first

    def send(self, **traits: Any) -> None:
        """Change traits, as a message from the kernel does."""
        self.page.evaluate("traits => host.model.receive(traits)", traits)

    def sent(self, kind: str) -> list[dict[str, Any]]:
        """Return what the page told the kernel, of this kind."""
        messages: list[dict[str, Any]] = self.page.evaluate("host.model.sent")
        assert all("id" not in message for message in messages)
        return [message for message in messages if message["kind"] == kind]

    def wait(self, condition: str) -> None:
        """Wait until a JavaScript expression is true."""
        self.page.wait_for_function(condition)

    def settles(self, condition: str) -> bool:
        """Return whether a JavaScript expression becomes true once all is drawn."""
        try:
            self.page.wait_for_function(condition, timeout=60_000)
        except NotInTime:
            return False
        return True

    def later(self, seconds: float) -> None:
        """Have the page's clock stand so many seconds after the moment of the facts."""
        self.page.clock.set_fixed_time(NOW + timedelta(seconds=seconds))

    def shot(self, state: str) -> None:
        """Keep a picture of the widget."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        name = f"{self.view}-{state}-{self.theme}-{self.width}.png"
        self.page.locator("#place").screenshot(path=SHOTS / name)

    def turn(self, traits: dict[str, Any]) -> None:
        """Show another model in the place of this one."""
        self.page.evaluate("traits => host.turn(traits)", traits)
        self.drawn()

    def drawn(self) -> None:
        """Wait until rows have their buttons too, which are drawn once the rows are painted."""
        self.wait("!document.querySelector('[data-job] .qjw-acts:empty')")

    def dress(self, theme: str) -> None:
        """Have the page be of this theme."""
        self.page.evaluate("marks => host.dress(marks)", HOSTS[theme])
        self.theme = theme
        dark = str(theme in DARK).lower()
        self.wait(f"document.querySelector('.qjw').classList.contains('qjw-dark') === {dark}")

    def resize(self, width: int) -> None:
        """Give the view a place of this width, in a window that fits it."""
        self.page.set_viewport_size({"width": width + 24, "height": 800})
        self.page.evaluate(
            "width => { document.getElementById('place').style.width = `${width}px`; }", width
        )
        self.width = width

    def serious_violations(self, rules: Sequence[str] = ()) -> list[tuple[str, str, str]]:
        """Return what axe finds serious in the widget, by these rules or by all."""
        if not self.page.evaluate("'axe' in window"):
            self.page.add_script_tag(path=AXE)
        found = self.page.evaluate(
            "only => axe.run('#place', { resultTypes: ['violations'], ...only })",
            {"runOnly": {"type": "rule", "values": rules}} if rules else {},
        )
        return [
            (violation["id"], node["html"][:200], node["failureSummary"])
            for violation in found["violations"]
            if violation["impact"] in {"serious", "critical"}
            for node in violation["nodes"]
        ]

    def assert_accessible(self) -> None:
        """Check that axe finds nothing serious in the widget."""
        assert self.serious_violations() == []

    def style(self, selector: str, name: str) -> str:
        """Return a computed style."""
        script = "(el, name) => getComputedStyle(el)[name]"
        return str(self.page.locator(selector).first.evaluate(script, name))


Open = Callable[..., Host]


@pytest.fixture
def open_view(browser: Browser, base_url: str) -> Iterator[Open]:
    """Return a function that opens a widget with traits; no page may log an error."""
    pages: list[Page] = []
    errors: list[str] = []

    def open_view(
        view: str,
        traits: dict[str, Any],
        *,
        theme: str = "light",
        width: int = 760,
        shadow: bool = False,
        **page_options: Any,
    ) -> Host:
        page = browser.new_page(
            viewport={"width": width + 24, "height": 800}, timezone_id="UTC", **page_options
        )
        page.set_default_timeout(150_000)
        # It stands still: however slow the machine, the page says the same.
        page.clock.set_fixed_time(NOW)
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.goto(f"{base_url}/host.html")
        page.evaluate("marks => host.dress(marks)", HOSTS[theme])
        page.evaluate(
            "([view, traits, width, shadow]) => host.open(view, traits, width, shadow)",
            [view, traits, width, shadow],
        )
        host = Host(page, view, theme, width)
        host.drawn()
        return host

    yield open_view
    for page in pages:
        page.close()
    assert errors == []


def luminance(color: str) -> float:
    """Return the relative luminance (WCAG 2) of a computed colour without transparency."""
    numbers = [float(part) for part in re.findall(r"[\d.]+", color.replace("srgb", ""))]
    scale = 1.0 if "srgb" in color else 255.0
    linear = [
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
        for v in (n / scale for n in numbers[:3])
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two computed colours."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
