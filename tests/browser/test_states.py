"""Each view in each of its states, light and dark, narrow and wide.

One page for a view: its states, themes and widths follow each other in it, as opening a page takes
longer than looking at it. All that is wrong is told at the end, by picture.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Host, Open
from tests.browser.states import states

STATES = states()
LOOKS = [("light", 1100), ("light", 480), ("dark", 480), ("dark", 1100)]
"""There and back: each differs from the one before in its theme or its width only."""

SHOWN = {
    ("light", 1100): [],
    ("dark", 480): ["color-contrast", "target-size", "scrollable-region-focusable"],
}
"""Looks in which axe looks too, each theme and each width once: first by all of its rules, then by
those that see colours and sizes, as the document is the same."""

# texts that are cut off without an ellipsis, and what reaches out of the view
CUT = """() => {
  const root = document.querySelector(".qjw");
  const end = root.getBoundingClientRect().right + 1;
  const clipped = (el) => {
    for (let up = el.parentElement; up && up !== root; up = up.parentElement) {
      if (getComputedStyle(up).overflowX !== "visible") return true;
    }
    return false;
  };
  const own = (el) => [...el.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  return [...root.querySelectorAll("*")]
    .filter((el) => own(el) && el.checkVisibility() && !el.closest(".qjw-said, svg, option"))
    .filter((el) => {
      const style = getComputedStyle(el);
      const box = el.getBoundingClientRect();
      const cut = el.scrollWidth > el.clientWidth + 1
        && ["hidden", "clip"].includes(style.overflowX)
        && style.textOverflow !== "ellipsis" && style.display !== "inline";
      return cut || (box.right > end && !clipped(el));
    })
    .map((el) => `${el.className || el.tagName}: ${el.textContent.slice(0, 60)}`);
}"""


@pytest.mark.parametrize("view", list(STATES))
def test_each_state_in_each_look_and_without_motion(open_view: Open, view: str) -> None:
    host: Host = open_view(view, next(iter(STATES[view].values()))[1], width=1100)
    wrong: dict[str, list[object]] = {}
    looks = LOOKS
    for state, (words, traits) in STATES[view].items():
        host.turn(traits)
        expect(host.root).to_contain_text(words)
        if view == "plot" and traits["snapshot"]["parts"][0]["rev"]:
            expect(host.root.locator(".qjw-p-last").first).to_be_visible()
        for theme, width in looks:
            if theme != host.theme:
                host.dress(theme)
            if width != host.width:
                host.resize(width)
            fits = host.settles("document.documentElement.scrollWidth <= innerWidth")
            found = host.page.evaluate(CUT)
            if (theme, width) in SHOWN:
                host.shot(state)
                found += host.serious_violations(SHOWN[theme, width])
            if not fits:
                found.append("wider than its place")
            if found:
                wrong[f"{state}-{theme}-{width}"] = found
        looks = looks[::-1]
        # for those who want it still
        host.page.emulate_media(reduced_motion="reduce")
        if not host.settles("document.getAnimations().length === 0"):
            wrong[f"{state}-still"] = ["something moves"]
        host.page.emulate_media(reduced_motion="no-preference")
    assert wrong == {}
