"""Each view by keyboard alone: every stop is reached, in order, and is seen to have the focus."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Host, Open
from tests.browser.facts import ago, fresh
from tests.browser.states import states

STATES = states()
STOPS = {
    "badge": ["running", "inline"],
    "card": ["inputs", "failed-logs", "values", "session", "compare", "offline"],
    "counts": ["many", "four", "private"],
    "dashboard": ["card", "convergence", "counts"],
    "plot": ["curve", "several", "offline"],
    "table": ["rows", "grouped", "empty", "no-match"],
}

# what a keyboard can reach, named as it is said
TABBABLE = """() => {
  window.nameOf = (el) =>
    (el.ariaLabel ?? el.labels?.[0]?.textContent ?? el.textContent).trim().slice(0, 60);
  const able = 'button, input, select, textarea, a[href], [tabindex]';
  return [...document.querySelectorAll(`.qjw :is(${able})`)]
    .filter((el) => !el.disabled && el.tabIndex >= 0)
    .filter((el) => el.checkVisibility({ visibilityProperty: true }))
    .map(nameOf);
}"""
# what has the focus: its name, whether a ring of 2 px is around it, whether it can be seen
FOCUSED = """() => {
  const el = document.activeElement;
  if (!el.closest(".qjw")) return null;
  let ring = false;
  // a field in a frame has the ring around its frame
  for (let up = el; up && !ring && !up.matches(".qjw"); up = up.parentElement) {
    const style = getComputedStyle(up);
    ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  }
  const box = el.getBoundingClientRect();
  const seen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return [nameOf(el), ring, seen];
}"""


def walk(host: Host, key: str) -> list[str]:
    """Press a key until the focus has left the view; return the names of its stops."""
    names: list[str] = []
    for _ in range(60):
        host.page.keyboard.press(key)
        found = host.page.evaluate(FOCUSED)
        if found is None:
            return names
        name, ring, seen = found
        assert (name, ring, seen) == (name, True, True)
        names.append(name)
    pytest.fail(f"the focus never leaves: {names}")


@pytest.mark.parametrize("view", list(STOPS))
def test_each_stop_is_reached_in_order_and_has_a_ring(open_view: Open, view: str) -> None:
    host = open_view(view, STATES[view][STOPS[view][0]][1])
    # what stands around the view in a notebook
    host.page.evaluate(
        """() => { for (const where of ["prepend", "append"])
             document.body[where](document.createElement("button")); }"""
    )
    for state in STOPS[view]:
        host.turn(STATES[view][state][1])
        stops = host.page.evaluate(TABBABLE)
        host.page.locator("body > button").first.focus()
        assert walk(host, "Tab") == stops, state
        # from behind the view, back to its beginning
        assert walk(host, "Shift+Tab") == stops[::-1], state


# where everything stands that does not itself say how fresh the view is
PLACES = """() => [...document.querySelectorAll(".qjw *")]
  .filter((el) => !el.closest(".qjw-fresh, .qjw-said") && el.checkVisibility())
  .map((el) => [el.className?.baseVal ?? el.className, el.getBoundingClientRect()])
  .map(([name, { x, y, width, height }]) => [name, x, y, width, height].join(" "))"""


@pytest.mark.parametrize(
    ("view", "state"),
    [
        ("card", "inputs"),
        ("counts", "waiting"),
        ("dashboard", "card"),
        ("plot", "curve"),
        ("table", "rows"),
    ],
)
def test_growing_old_moves_nothing(open_view: Open, view: str, state: str) -> None:
    host = open_view(view, STATES[view][state][1])
    if view == "plot":
        expect(host.root.locator(".qjw-p-last").first).to_be_visible()
    places = host.page.evaluate(PLACES)
    host.send(freshness=fresh(as_of=ago(12)))
    expect(host.root.locator(".qjw-fresh").first).to_contain_text("ago")
    assert host.page.evaluate(PLACES) == places
