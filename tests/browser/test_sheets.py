"""Views of several kinds on one page, each with the style sheet that it brings."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.states import states

STATES = states()

SHEETS = """views => Promise.all(views.map(async (view) => {
  const sheet = document.createElement("style");
  sheet.textContent = await (await fetch(`/static/${view}.css`)).text();
  window.sheets = [...(window.sheets ?? []), sheet];
}))"""

# what of each element is another with the sheets of all views once more
CHANGED = """() => {
  const sides = ["top", "right", "bottom", "left"];
  const names = [
    "display", "position", "font-size", "font-weight", "font-family", "line-height", "text-align",
    "white-space", "color", "background-color", "column-gap", "row-gap", "align-items",
    "justify-content", "flex-grow", "flex-shrink", "flex-wrap", "border-radius", "overflow-x",
    "overflow-y", "min-width", "min-height", "max-width", "max-height", "opacity", "cursor",
    "visibility", "z-index", "text-decoration-line", "text-overflow", "fill", "stroke",
    ...sides.flatMap((side) => [
      `padding-${side}`, `margin-${side}`, `border-${side}-width`, `border-${side}-color`,
    ]),
  ];
  const all = [...document.querySelectorAll(".qjw, .qjw *")];
  const looks = () => all.map((el) => {
    const style = getComputedStyle(el);
    return names.map((name) => style.getPropertyValue(name));
  });
  const before = looks();
  for (const sheet of window.sheets) document.head.append(sheet);
  const after = looks();
  for (const sheet of window.sheets) sheet.remove();
  return all.flatMap((el, i) => {
    const changed = names.filter((_, n) => before[i][n] !== after[i][n]);
    return changed.length ? [`${el.getAttribute("class") ?? el.tagName}: ${changed}`] : [];
  });
}"""


@pytest.mark.parametrize("view", list(STATES))
def test_a_view_looks_the_same_after_others(open_view: Open, view: str) -> None:
    """The sheet of a later view brought shared rules once more, which then held for this one."""
    first = next(iter(STATES[view].values()))[1]
    host = open_view(view, first, width=1100, reduced_motion="reduce")
    host.page.evaluate(SHEETS, list(STATES))
    wrong: dict[str, list[str]] = {}
    for state, (_, traits) in STATES[view].items():
        host.turn(traits)
        for width in (1100, 480):
            host.resize(width)
            host.painted()
            if changed := host.page.evaluate(CHANGED):
                wrong[f"{state}-{width}"] = changed
    assert wrong == {}
