"""StatusBadge in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.facts import OFFLINE, ago, badge, row

ID = "d4qk1c7s9v8g008n2m60"
JOBS: dict[str, dict[str, Any]] = {
    "initializing": row(ID, "INITIALIZING"),
    "queued": row(ID, "QUEUED", position=13),
    "next": row(ID, "QUEUED", position=1),
    "running": row(ID, "RUNNING", started=ago(192)),
    "cancelling": row(ID, "RUNNING", started=ago(192), cancelling=True),
    "done": row(ID, "DONE"),
    "cancelled": row(ID, "CANCELLED"),
    "error": row(ID, "ERROR", code=1517, reason="The circuit has 200 qubits.", advice="Use fewer."),
    "unknown": row(ID, "PAUSED"),
}
WORDS = {
    "initializing": "INITIALIZING",
    "queued": "QUEUED12 ahead",
    "next": "QUEUEDnext",
    "running": "RUNNING3\u202fmin 12\u202fs",
    "cancelling": "cancelling…",
    "done": "DONE",
    "cancelled": "CANCELLED",
    "error": "ERROR1517",
    "unknown": "PAUSED",
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", list(JOBS))
def test_states(open_view: Open, theme: str, state: str) -> None:
    host = open_view("badge", badge(JOBS[state]), theme=theme)
    expect(host.root.locator(".qjw-badge")).to_have_text(WORDS[state])
    expect(host.root).to_have_attribute("data-status", JOBS[state]["status"])
    host.shot(state)


@pytest.mark.parametrize("width", [1200, 480])
def test_widths(open_view: Open, width: int) -> None:
    host = open_view("badge", badge(JOBS["error"]), width=width)
    expect(host.root).to_contain_text("Use fewer.")
    host.shot("error")
    assert host.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


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
    fresh, place = (host.root.locator(name).bounding_box() for name in (".qjw-fresh", ".qjw-sub"))
    icon = host.root.locator(".qjw-fresh .qjw-i").bounding_box()
    assert place["x"] + place["width"] <= fresh["x"] <= icon["x"]


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
