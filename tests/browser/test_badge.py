"""StatusBadge in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.facts import OFFLINE, badge
from tests.browser.states import BADGES

JOBS = {name: job for name, (_, job) in BADGES.items()}


def test_each_status_has_its_word(open_view: Open) -> None:
    host = open_view("badge", badge(JOBS["done"]))
    for words, job in BADGES.values():
        host.turn(badge(job))
        expect(host.root.locator(".qjw-badge")).to_have_text(words)
        expect(host.root).to_have_attribute("data-status", job["status"])


def test_in_a_line_of_text_it_is_a_word_with_a_tooltip(open_view: Open) -> None:
    host = open_view("badge", badge(JOBS["error"], inline=True))
    host.page.evaluate(
        """() => { const el = document.querySelector("#place > div");
                   el.style.display = "inline";
                   el.before("The job is "); el.after(" by now."); }"""
    )
    chip = host.root.locator(".qjw-badge")
    about = "d4qk1c7s9v8g008n2m60 · sampler on aer_local · The circuit has 200 qubits. · Use fewer."
    expect(chip).to_have_attribute("title", about)
    # said as well, for who can't point at it
    expect(chip.locator(".qjw-said")).to_have_text(about)
    assert host.root.bounding_box()["width"] < 150
    assert host.page.locator("#place").bounding_box()["height"] < 26
    host.shot("in-line")
    # nor more than its words in a box of ipywidgets
    host.page.evaluate("document.getElementById('place').style.display = 'flex'")
    assert host.root.bounding_box()["width"] < 150
    host.send(job=JOBS["running"], freshness=OFFLINE)
    expect(chip).to_contain_text("RUNNING")
    expect(chip).to_have_attribute("title", re.compile("offline since 14:00$"))


def test_follows_the_job_and_says_so_once(open_view: Open) -> None:
    host = open_view("badge", badge(JOBS["queued"]))
    said = host.root.locator("[role=status]")
    expect(said).to_have_text("QUEUED")
    host.send(job=JOBS["running"])
    expect(said).to_have_text("RUNNING")
    host.send(job=JOBS["done"])
    expect(host.root.locator(".qjw-badge")).to_have_text("DONE")


def test_the_age_of_a_run_ticks_while_it_is_live(open_view: Open) -> None:
    host = open_view("badge", badge(JOBS["running"]))
    host.later(60)
    expect(host.root.locator(".qjw-badge")).to_contain_text("4\u202fmin")
    host.send(freshness=OFFLINE)
    # what ran when the service was last heard
    expect(host.root.locator(".qjw-badge")).to_contain_text("1\u202fmin 52\u202fs")
    expect(host.root).to_contain_text("offline since 14:00")
    host.shot("offline")


def test_freshness_has_its_own_room_in_a_narrow_badge(open_view: Open) -> None:
    """It lay over the program's name."""
    host = open_view("badge", badge(JOBS["queued"], freshness=OFFLINE), width=480)
    expect(host.root.locator(".qjw-fresh .qjw-i")).to_be_visible()
    assert host.settles("""(() => {
      const names = [".qjw-sub", ".qjw-fresh", ".qjw-fresh .qjw-i"];
      const boxes = names.map((name) => document.querySelector(name)?.getBoundingClientRect());
      const [place, fresh, icon] = boxes;
      return boxes.every((box) => box?.width > 0) &&
        place.right <= fresh.left && fresh.left <= icon.left && icon.right <= fresh.right;
    })()""")


def test_a_refused_cancel_is_explained(open_view: Open) -> None:
    note = "The job has ended already."
    host = open_view("badge", badge({**JOBS["running"], "note": note}))
    expect(host.root).to_contain_text(note)


def test_a_second_does_not_start_the_pulse_anew(open_view: Open) -> None:
    """The badge was rebuilt at each tick, and its animation with it."""
    host = open_view("badge", badge(JOBS["running"]))
    host.page.evaluate("window.pulse = document.querySelector('.qjw-pulse')")
    host.later(5)
    expect(host.root.locator(".qjw-badge-x")).to_contain_text("17")
    assert host.page.evaluate("pulse.isConnected")
