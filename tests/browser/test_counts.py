"""CountsHistogram in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Host, Open
from tests.browser.facts import BELL, BELL_JOB, MANY, ago, counts, entry, row

RUNNING = row("d4qj0a1s9v8g008p91tg", "RUNNING", started=ago(3))
FAILED = row("d4qj0a1s9v8g008p91tg", "ERROR", reason="The circuit has no measurements.")


def bars(host: Host) -> dict[str, int]:
    script = "els => els.map((el) => [el.dataset.outcome, Number(el.dataset.count)])"
    return dict(host.root.locator("[data-outcome]").evaluate_all(script))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 760, 480])
def test_bars_in_each_theme_and_width(open_view: Open, theme: str, width: int) -> None:
    many = counts(entry(MANY), entry(BELL, pub=1))
    host = open_view("counts", many, theme=theme, width=width)
    expect(host.root.locator("[data-outcome]")).to_have_count(17)
    host.shot("many")
    assert host.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


WIDE = {"01" * 60 + "1": 600, "10" * 60 + "0": 400}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("state", "words", "traits"),
    [
        ("bell", "2 outcomes, 1\u202f024 shots", counts(entry(BELL))),
        ("four", "4 outcomes", counts(entry({"00": 2071, "01": 41, "10": 35, "11": 1949}))),
        ("wide", "2 outcomes", counts(entry(WIDE))),
        ("waiting", "The counts appear here when the job is done.", counts(job=RUNNING)),
        ("fetching", "Fetching the counts…", counts()),
        ("failed", "no measurements", counts(job=FAILED, state="failed", message=FAILED["reason"])),
    ],
)
def test_states(
    open_view: Open, theme: str, state: str, words: str, traits: dict[str, Any]
) -> None:
    host = open_view("counts", traits, theme=theme)
    expect(host.root).to_contain_text(words)
    host.shot(state)


def test_a_cancelled_job_is_no_failure(open_view: Open) -> None:
    """It had the red mark of a failed one."""
    cancelled = {**BELL_JOB, "status": "CANCELLED"}
    host = open_view("counts", counts(job=cancelled, state="failed", message="It was cancelled."))
    expect(host.root).to_contain_text("It was cancelled.")
    assert host.style(".qjw-c-none .qjw-i", "color") == host.style(".qjw-st-still", "color")


def test_bell_counts(open_view: Open) -> None:
    host = open_view("counts", counts(entry(BELL)))
    assert bars(host) == BELL
    pair = host.root.locator('[data-outcome="11"]')
    expect(pair).to_contain_text("517")
    expect(pair).to_contain_text("50.5\u202f%")
    # 50.5 % of an axis that ends at 60 %
    track = pair.locator(".qjw-trk").bounding_box()["width"]
    assert pair.locator(".qjw-cb-b").bounding_box()["width"] / track == pytest.approx(
        0.841, abs=0.01
    )
    # two standard deviations: 2 * sqrt(p (1 - p) / 1024) / 0.6
    assert pair.locator(".qjw-cb-e").bounding_box()["width"] / track == pytest.approx(
        0.052, abs=0.004
    )
    # controls that would change nothing are not there
    expect(host.root.locator("select")).to_have_count(0)


def test_counts_come_when_the_job_is_done(open_view: Open) -> None:
    host = open_view("counts", counts(job=RUNNING))
    expect(host.root.locator(".qjw-badge")).to_have_text("RUNNING")
    before = host.root.bounding_box()["height"]
    host.send(job=row(RUNNING["id"], "DONE"))
    host.send(entries=[entry(BELL)], state="ready")
    expect(host.root.locator("[data-outcome]")).to_have_count(2)
    assert host.root.bounding_box()["height"] == pytest.approx(before, abs=30)


def test_the_rest_is_one_bar_and_more_can_be_shown(open_view: Open) -> None:
    host = open_view("counts", counts(entry(MANY)))
    shots = sum(MANY.values())
    assert sum(bars(host).values()) == shots
    expect(host.root.locator('[data-outcome="other"]')).to_contain_text("1\u202f008 outcomes")
    host.root.get_by_role("button", name="Show 32").click()
    expect(host.root.locator("[data-outcome]")).to_have_count(33)
    host.root.get_by_role("button", name="Show all").click()
    expect(host.root.locator("[data-outcome]")).to_have_count(1024)
    assert bars(host) == MANY


def test_bars_sort_by_count_or_by_key(open_view: Open) -> None:
    host = open_view("counts", counts(entry(MANY)))
    by_count = list(bars(host))[:-1]
    assert by_count == sorted(by_count, key=lambda key: -MANY[key])
    host.root.get_by_label("Order").select_option("Sort: key")
    expect(host.root.locator("[data-outcome]").first).to_have_attribute(
        "data-outcome", min(by_count)
    )
    assert list(bars(host))[:-1] == sorted(by_count)


def test_each_pub_and_register_can_be_picked(open_view: Open) -> None:
    host = open_view(
        "counts", counts(entry(BELL), entry({"0": 4, "1": 6}, pub=1, register="ancilla"))
    )
    pick = host.root.get_by_label("PUB and register")
    expect(pick.locator("option")).to_have_text(["PUB 0 · meas", "PUB 1 · ancilla"])
    pick.select_option("PUB 1 · ancilla")
    expect(host.root).to_contain_text("2 outcomes, 10 shots")
    assert bars(host) == {"0": 4, "1": 6}


def test_a_register_wider_than_a_word_is_read_right(open_view: Open) -> None:
    host = open_view("counts", counts(entry(WIDE)))
    assert bars(host) == WIDE
    assert host.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_copy_as_dict(open_view: Open) -> None:
    host = open_view("counts", counts(entry(BELL)))
    host.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    host.root.get_by_role("button", name="Copy as dict").click()
    expect(host.root.get_by_role("button", name="Copied")).to_be_visible()
    copied = host.page.evaluate("navigator.clipboard.readText()")
    assert copied == '{"11": 517, "00": 507}'
