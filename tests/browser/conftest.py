"""A real browser, the built bundles, and a page that stands for the notebook."""

from __future__ import annotations

import functools
import itertools
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page
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

    def painted(self) -> None:
        """Wait until what was drawn last is on the screen, and what that brings about is drawn."""
        self.page.evaluate(
            "async () => { for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame); }"
        )

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


class Pages:
    """The pages in which tests open their views, one test after the other.

    A new page takes longer than most tests: the browser starts processes for it. One that a test is
    done with loads its document again, and is that of the next.
    """

    def __init__(self, browser: Browser, base_url: str) -> None:
        self._browser, self._base_url = browser, base_url
        self._context = browser.new_context(timezone_id="UTC")
        self._numbers = itertools.count()
        self._idle: list[Page] = []

    def take(self) -> Page:
        """Return a page with nothing in it."""
        return self._idle.pop() if self._idle else self._load(self._context.new_page())

    def put_back(self, page: Page) -> None:
        """Have a page forget what a test did to it."""
        page.mouse.move(0, 0)  # where no view is
        self._context.clear_permissions()
        self._idle.append(self._load(page))

    def new(self, **options: Any) -> Page:
        """Return a page that shares nothing with others, with options of Playwright's."""
        return self._load(self._browser.new_page(timezone_id="UTC", **options))

    def close(self) -> None:
        """Close all that were shared."""
        self._context.close()

    def _load(self, page: Page) -> Page:
        page.set_default_timeout(150_000)
        # It stands still: however slow the machine, the page says the same.
        page.clock.set_fixed_time(NOW)
        # an address it has not had: what a browser keeps for one, as how far it was scrolled
        page.goto(f"{self._base_url}/host.html?{next(self._numbers)}")
        return page


@pytest.fixture(scope="session")
def pages(browser: Browser, base_url: str) -> Iterator[Pages]:
    """The pages of all tests of views."""
    pages = Pages(browser, base_url)
    yield pages
    pages.close()


Open = Callable[..., Host]


@pytest.fixture
def open_view(pages: Pages) -> Iterator[Open]:
    """Return a function that opens a widget with traits; no page may log an error.

    Who winds the page's clock, or wants options of Playwright's, gets one that is ``alone``.
    """
    shared: list[Page] = []
    own: list[Page] = []
    errors: list[str] = []

    def failed(error: Error) -> None:
        errors.append(str(error))

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    def open_view(
        view: str,
        traits: dict[str, Any],
        *,
        theme: str = "light",
        width: int = 760,
        shadow: bool = False,
        alone: bool = False,
        **page_options: Any,
    ) -> Host:
        if alone or page_options:
            page = pages.new(**page_options)
            own.append(page)
        else:
            page = pages.take()
            shared.append(page)
        page.on("pageerror", failed)
        page.on("console", said)
        page.set_viewport_size({"width": width + 24, "height": 800})
        page.evaluate("marks => host.dress(marks)", HOSTS[theme])
        page.evaluate(
            "([view, traits, width, shadow]) => host.open(view, traits, width, shadow)",
            [view, traits, width, shadow],
        )
        host = Host(page, view, theme, width)
        host.drawn()
        return host

    yield open_view
    for page in own:
        page.close()
    for page in shared:
        pages.put_back(page)
        page.remove_listener("pageerror", failed)
        page.remove_listener("console", said)
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
