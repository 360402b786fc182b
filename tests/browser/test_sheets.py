"""Views of several kinds on one page, each with the style sheet that it brings."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.states import states

STATES = states()

# what each element of the view looks like, but for what follows from its place and size
LOOKS = """() => {
  const names = [
    "display", "position", "fontSize", "fontWeight", "fontFamily", "lineHeight", "textAlign",
    "whiteSpace", "color", "backgroundColor", "columnGap", "rowGap", "alignItems", "flexGrow",
    "justifyContent", "flexShrink", "flexWrap", "borderRadius", "overflowX", "overflowY",
    ...["Top", "Right", "Bottom", "Left"].flatMap((side) => [
      `padding${side}`, `margin${side}`, `border${side}Width`, `border${side}Color`,
    ]),
    "minWidth", "minHeight", "maxWidth", "maxHeight", "opacity", "cursor", "visibility", "zIndex",
    "outlineStyle", "textDecorationLine", "textOverflow", "fill", "stroke", "fontVariantNumeric",
  ];
  return [...document.querySelectorAll(".qjw, .qjw *")].map((el) => {
    const style = getComputedStyle(el);
    return [el.getAttribute("class") ?? el.tagName, ...names.map((n) => `${n}: ${style[n]}`)];
  });
}"""


@pytest.mark.parametrize("width", [1100, 480])
@pytest.mark.parametrize("view", list(STATES))
def test_a_view_looks_the_same_after_others(open_view: Open, view: str, width: int) -> None:
    """The sheet of a later view brought shared rules once more, which then held for this one."""
    host = open_view(view, next(iter(STATES[view].values()))[1], width=width)
    host.page.evaluate(
        """views => Promise.all(views.map(async (view) => {
          const style = document.createElement("style");
          style.textContent = await (await fetch(`/static/${view}.css`)).text();
          window.sheets = [...(window.sheets ?? []), style];
        }))""",
        list(STATES),
    )
    wrong = {}
    for state, (_, traits) in STATES[view].items():
        host.turn(traits)
        host.painted()
        before = host.page.evaluate(LOOKS)
        host.page.evaluate("for (const sheet of sheets) document.head.append(sheet)")
        after = host.page.evaluate(LOOKS)
        host.page.evaluate("for (const sheet of sheets) sheet.remove()")
        wrong |= {
            f"{state}: {one[0]}": sorted(set(other) - set(one))
            for one, other in zip(before, after, strict=True)
            if one != other
        }
    assert wrong == {}
