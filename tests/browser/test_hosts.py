"""What every view owes its host: theme, contrast, the twin, quiet, and leaving nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.card_facts import INPUTS, RUNNING, card
from tests.browser.conftest import HOSTS, Open, contrast
from tests.browser.facts import (
    BELL,
    HOSTILE,
    badge,
    columns,
    counts,
    energies,
    entry,
    field,
    fresh,
    plot,
    plot_facts,
    row,
    source,
    table,
)
from tests.browser.states import ACCOUNT, dashboard

FAILED = row("d4qk1c7s9v8g008n2m3g", "ERROR", reason="It failed.", advice="Run again.", code=1517)
VIEWS: dict[str, Callable[[], dict[str, Any]]] = {
    "badge": lambda: badge(FAILED),
    "table": table,
    "plot": plot,
    "counts": lambda: counts(entry(BELL)),
    "card": lambda: card(RUNNING, tab="inputs", inputs=INPUTS),
    "dashboard": dashboard,
}
all_views = pytest.mark.parametrize("view", list(VIEWS))

# every element that shows text of its own, with its ink and the surface it stands on
TEXTS = """() => {
  const surface = (el) => {
    for (; el; el = el.parentElement) {
      const color = getComputedStyle(el).backgroundColor;
      if (!/rgba\\(0, 0, 0, 0\\)|transparent/.test(color)) return color;
    }
    return "rgb(255, 255, 255)";
  };
  // the dot between two words is a graphic
  const own = (el) => [...el.childNodes].some((n) => n.nodeType === 3 && !/^[\\s·]*$/.test(n.data));
  return [...document.querySelectorAll(".qjw *")]
    .filter((el) => own(el) && el.checkVisibility() && el.tagName !== "OPTION")
    .map((el) => [el.textContent, getComputedStyle(el).color, surface(el)]);
}"""


SURFACES = {
    "light": "rgb(255, 255, 255)",
    "dark": "rgb(17, 17, 17)",
    "vscode": "rgb(31, 31, 31)",
    "vscode-light": "rgb(255, 255, 255)",
    "vscode-contrast": "rgb(0, 0, 0)",
    "colab": "rgb(255, 255, 255)",
    "colab-dark": "rgb(17, 17, 17)",
    "plain": "rgb(255, 255, 255)",
}


@all_views
def test_text_is_legible_on_the_surface_of_each_host(open_view: Open, view: str) -> None:
    """In Colab's dark theme the light inks of ours stood on a light surface, or the other way."""
    host = open_view(view, VIEWS[view]())
    for theme in HOSTS:
        host.dress(theme)
        assert host.style(".qjw", "backgroundColor") == SURFACES[theme]
        texts = host.page.evaluate(TEXTS)
        assert texts
        for text, ink, surface in texts:
            if "rgba" not in ink:  # the host's own ink, which the contrast guard looks after
                assert contrast(ink, surface) >= 4.5, (theme, text, ink, surface)


def test_without_any_mark_the_system_decides(open_view: Open) -> None:
    host = open_view("table", table(), theme="plain", color_scheme="dark")
    expect(host.root).to_have_css("background-color", "rgb(17, 17, 17)")


def test_inside_a_shadow_root_the_host_is_seen_too(open_view: Open) -> None:
    """Selectors of a shadow root's style sheet see no ancestor outside of it, as in marimo."""
    host = open_view("table", table(), theme="dark", shadow=True)
    expect(host.root).to_have_css("background-color", "rgb(17, 17, 17)")
    assert host.style(".qjw-st-ok", "color") == "rgb(99, 192, 136)"


def test_a_change_of_theme_is_followed(open_view: Open) -> None:
    host = open_view("badge", badge(FAILED), theme="light")
    light = host.style(".qjw-st-fail", "color")
    host.page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    expect(host.root).to_have_class("qjw qjw-dark")
    assert host.style(".qjw-st-fail", "color") != light


def test_faint_ink_of_a_host_is_guarded(open_view: Open) -> None:
    host = open_view("table", table(), theme="light")
    host.page.evaluate(
        """() => { document.body.style.setProperty("--jp-content-font-color1", "#777");
                   document.body.dataset.jpThemeLight = "true"; }"""
    )
    expect(host.root).to_have_class("qjw qjw-end qjw-low")


@all_views
def test_beside_other_things_a_view_has_the_width_that_is_left(open_view: Open, view: str) -> None:
    """In a box of ipywidgets it had none, and what was in it lay on its neighbours."""
    host = open_view(view, VIEWS[view](), width=900)
    host.page.evaluate(
        """() => {
          const place = document.getElementById("place");
          place.style.display = "flex";
          place.append(Object.assign(document.createElement("button"), { textContent: "Run" }));
        }"""
    )
    host.painted()
    button = host.page.get_by_role("button", name="Run", exact=True).bounding_box()
    assert host.root.bounding_box()["width"] == pytest.approx(900 - button["width"], abs=1)
    host.resize(200)
    host.painted()
    assert host.root.bounding_box()["width"] == pytest.approx(200 - button["width"], abs=1)
    host.resize(900)
    for layout in ("width: 30%", "border-width: 1px; width: 30%"):
        host.root.evaluate("(el, layout) => { el.parentElement.style = layout; }", layout)
        assert host.root.bounding_box()["width"] == pytest.approx(270, abs=1)


@all_views
def test_what_comes_from_outside_is_text(open_view: Open, view: str) -> None:
    job = row(HOSTILE, "ERROR", program=HOSTILE, backend=HOSTILE, reason=HOSTILE, advice=HOSTILE)
    job |= {"tags": [HOSTILE], "note": HOSTILE, "code": HOSTILE}
    strange = {**job, "status": HOSTILE}
    hostile = {
        "badge": badge(job),
        "table": table([job, {**strange, "id": "x"}], title=HOSTILE),
        "plot": plot(
            columns([1.0, 2.0], [3.0, 4.0], shown=[HOSTILE, "b"]),
            plot_facts(
                source(label=HOSTILE, job=strange, message=HOSTILE),
                fields=[field(HOSTILE, unit=HOSTILE, reference=1.0), field("b")],
                x_label=HOSTILE,
            ),
        ),
        "counts": counts(
            {**entry(BELL), "register": HOSTILE, "label": HOSTILE},
            {**entry(BELL), "label": "other"}, job=job,
        ),
        "card": card(job, words={"name": HOSTILE, "note": HOSTILE}, facts=[[HOSTILE] * 3]),
        "dashboard": {
            **dashboard(job, account={**ACCOUNT, "channel": HOSTILE, "instance": HOSTILE}),
            **table([job], title=HOSTILE, current=HOSTILE),
        },
    }[view]  # fmt: skip
    hostile["freshness"] = fresh("refused", message=HOSTILE)
    host = open_view(view, hostile)
    expect(host.root).to_contain_text(HOSTILE)
    assert host.page.locator(".qjw img").count() == 0


@all_views
def test_the_twin_hides_while_a_view_is_there(open_view: Open, view: str) -> None:
    host = open_view(view, {**VIEWS[view](), "view_id": "qjw-ab12"})
    host.page.evaluate(
        """() => { document.body.insertAdjacentHTML("beforeend",
             '<div class="jp-OutputArea-child"><p data-qjw-twin="qjw-ab12">as of</p></div>'
             + '<div class="jp-OutputArea-child"><p data-qjw-twin="qjw-other">of</p></div>'); }"""
    )
    twin = host.page.locator('[data-qjw-twin="qjw-ab12"]')
    expect(twin).to_be_hidden()
    expect(host.page.locator('[data-qjw-twin="qjw-other"]')).to_be_visible()
    host.page.evaluate("async () => { host.second = await host.show(); }")
    host.page.evaluate("host.leave()")
    expect(twin).to_be_hidden()
    host.page.evaluate("host.second()")
    expect(twin).to_be_visible()


@all_views
def test_a_view_leaves_nothing_behind(open_view: Open, view: str) -> None:
    host = open_view(view, VIEWS[view]())
    expect(host.root).to_be_visible()
    host.page.evaluate("host.leave()")
    host.page.evaluate("host.leave()")  # hosts may call it and abort the signal too
    expect(host.page.locator(".qjw")).to_have_count(0)
    host.page.evaluate("host.closeModel()")
    # what began after a paint ends after one
    assert host.settles("host.model.listening() === 0")


@all_views
def test_the_kernel_hears_whether_a_view_is_seen(open_view: Open, view: str) -> None:
    host = open_view(view, VIEWS[view]())
    host.wait("host.model.sent.some((m) => m.kind === 'visible')")
    assert [m["visible"] for m in host.sent("visible")] == [True]
    host.page.evaluate("document.getElementById('place').style.display = 'none'")
    host.wait("host.model.sent.filter((m) => m.kind === 'visible').length === 2")
    assert [m["visible"] for m in host.sent("visible")] == [True, False]


@pytest.mark.parametrize("view", ["table", "plot", "card", "dashboard"])
def test_a_kernel_that_restarted_is_said(open_view: Open, view: str) -> None:
    """Anywidget removes the listener that marks a view's element, so the mark never came."""
    host = open_view(view, VIEWS[view]())
    host.page.evaluate("host.disconnect()")
    expect(host.root).to_contain_text("as of 14:02")
    expect(host.root).to_contain_text("The kernel behind this view has stopped.")
    expect(host.root.get_by_role("button", name="Cancel job")).to_have_count(0)
    expect(host.root.get_by_role("button", name="Refresh now")).to_have_count(0)


@pytest.mark.parametrize(
    "end", ["host.shutDown()", "host.model.widget_manager.kernel.statusChanged.emit('dead')"]
)
def test_a_kernel_that_ended_is_said(open_view: Open, end: str) -> None:
    """JupyterLab tells widgets of a restart only: a view went on saying that it was live."""
    host = open_view("table", table())
    host.page.evaluate(f"() => {{ {end} }}")
    expect(host.root).to_contain_text("The kernel behind this view has stopped.")
    expect(host.root).not_to_contain_text("requests/min")
    expect(host.root.get_by_role("button", name="Refresh now")).to_have_count(0)


@all_views
def test_a_kernel_that_has_gone_is_told_nothing(open_view: Open, view: str) -> None:
    """Sending to it throws, and each view put an error on the console whenever it was hidden."""
    host = open_view(view, VIEWS[view]())
    host.wait("host.model.sent.some((m) => m.kind === 'visible')")
    host.page.evaluate("host.shutDown()")
    host.page.evaluate("document.getElementById('place').style.display = 'none'")
    host.page.evaluate("() => new Promise((seen) => requestAnimationFrame(() => setTimeout(seen)))")
    host.page.evaluate("host.leave()")
    assert len(host.sent("visible")) == 1


def test_nothing_pulses_for_those_who_want_it_still(open_view: Open) -> None:
    host = open_view("plot", plot(), reduced_motion="reduce")
    expect(host.root.locator(".qjw-p-last")).to_be_visible()
    assert host.style("circle.qjw-pulse", "animationName") == "none"
    moving = open_view("plot", plot(columns(energies(3))))
    assert moving.style("circle.qjw-pulse", "animationName") == "qjw-pulse"
    moving.send(freshness=fresh("offline"))
    expect(moving.root.locator("circle.qjw-pulse")).to_have_css("animation-name", "none")
