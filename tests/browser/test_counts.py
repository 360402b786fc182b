"""CountsHistogram in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Host, Open
from tests.browser.facts import (
    BELL,
    BELL_JOB,
    HOSTILE,
    MANY,
    NOW,
    ago,
    counts,
    entry,
    row,
    versus,
)
from tests.browser.states import AWAY, HALVES, LARGE, PAIR, PRIVATE, WIDE

RUNNING = row("d4qj0a1s9v8g008p91tg", "RUNNING", started=ago(3))
QUEUED = row("d4qj0a1s9v8g008p91tg", "QUEUED", position=4)
FAILED = row(
    "d4qj0a1s9v8g008p91tg",
    "ERROR",
    reason="The circuit has no measurements.",
    advice="Add `circuit.measure_all()`.",
)
SHOTS = sum(MANY.values())
IDEAL = {key: round(count / SHOTS, 2) for key, count in MANY.items() if count > 50}


def bars(host: Host) -> dict[str, int]:
    script = "els => els.map((el) => [el.dataset.outcome, Number(el.dataset.count)])"
    return dict(host.root.locator("[data-outcome]").evaluate_all(script))


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
    ready = counts(entry(BELL))
    host.send(registers=ready["registers"], entries=ready["entries"], state="ready")
    expect(host.root.locator("[data-outcome]")).to_have_count(2)
    assert host.root.bounding_box()["height"] == pytest.approx(before, abs=30)


def test_the_rest_is_one_bar_and_more_can_be_shown(open_view: Open) -> None:
    host = open_view("counts", counts(entry(MANY)))
    assert sum(bars(host).values()) == SHOTS
    expect(host.root.locator('[data-outcome="other"]')).to_contain_text("1\u202f008 outcomes")
    host.root.get_by_role("button", name="Show 32").click()
    expect(host.root.locator("[data-outcome]")).to_have_count(33)
    host.shot("32")
    host.root.get_by_role("button", name="Show all").click()
    expect(host.root.get_by_role("table")).to_have_attribute("aria-rowcount", "1025")
    host.root.get_by_role("button", name="Show 16").click()
    expect(host.root.locator("[data-outcome]")).to_have_count(17)
    assert [s["top"] for s in host.page.evaluate("host.model.saved")] == [32, 1024, 16]


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("count", lambda bits: (-MANY[bits], bits)),
        ("key", lambda bits: bits),
        ("weight", lambda bits: (bits.count("1"), -MANY[bits], bits)),
        ("distance", lambda bits: (distance(bits, TOP), -MANY[bits], bits)),
    ],
)
def test_bars_sort(open_view: Open, order: str, key: Callable[[str], Any]) -> None:
    host = open_view("counts", counts(entry(MANY)))
    shown = list(bars(host))[:-1]
    host.root.get_by_label("Order").select_option(f"Sort: {order}")
    host.wait("host.model.get('sort') !== null")
    expect(host.root.locator("[data-outcome]").first).to_have_attribute(
        "data-outcome", min(shown, key=key)
    )
    assert list(bars(host))[:-1] == sorted(shown, key=key)


TOP = max(MANY, key=lambda bits: MANY[bits])


def distance(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def test_distances_are_measured_to_the_outcome_pressed(open_view: Open) -> None:
    host = open_view("counts", counts(entry(MANY), sort="distance"))
    goal = list(bars(host))[5]
    host.root.get_by_role("button", name=f"Sort by distance to {goal}").click()
    first = host.root.locator("[data-outcome]").first
    expect(first).to_have_attribute("data-outcome", goal)
    shown = list(bars(host))[:-1]
    assert shown == sorted(shown, key=lambda bits: (distance(bits, goal), -MANY[bits], bits))
    assert host.page.evaluate("host.model.get('toward')") == goal


def test_the_axis_counts_shares_or_shots(open_view: Open) -> None:
    host = open_view("counts", counts(entry(MANY)))
    axis = host.root.locator(".qjw-ax")
    before = host.root.locator(".qjw-cb-b").first.bounding_box()
    expect(axis).to_have_text("036912\u202f%")
    host.root.get_by_label("Axis").select_option("Axis: counts")
    expect(axis).to_contain_text("1\u202f200")
    after = host.root.locator(".qjw-cb-b").first.bounding_box()
    assert (before["x"], before["y"]) == (after["x"], after["y"])


def test_compared_with_an_ideal_distribution(open_view: Open) -> None:
    host = open_view("counts", counts(entry(PAIR, HALVES), comparisons=[versus()]), width=480)
    expect(host.root).to_contain_text("Hellinger fidelity0.981 ± 0.003")
    expect(host.root).to_contain_text("Total variation0.024")
    ticks = host.root.locator(".qjw-cb-i")
    expect(ticks).to_have_count(4)
    track = host.root.locator(".qjw-trk").first.bounding_box()
    tick = ticks.first.bounding_box()
    # one half on an axis that ends at 60 %
    place = (tick["x"] + tick["width"] / 2 - track["x"]) / track["width"]
    assert place == pytest.approx(0.5 / 0.6, abs=0.01)
    expect(host.root.get_by_label("Comparison")).to_have_count(0)


def test_differences_stand_beside_the_shares(open_view: Open) -> None:
    host = open_view("counts", counts(entry(PAIR, HALVES), comparisons=[versus()]))
    expect(host.root.locator(".qjw-ct-d[role=cell]")).to_have_text(["+0.6", "+1.0", "+0.9", "−2.4"])
    host.shot("bell")


def test_what_was_expected_and_never_came_has_a_bar(open_view: Open) -> None:
    half = counts(entry({"00": 90, "10": 10}, HALVES), comparisons=[versus()])
    host = open_view("counts", half)
    assert bars(host) == {"00": 90, "10": 10, "11": 0}


def test_one_of_several_comparisons_is_picked(open_view: Open) -> None:
    zeros = versus(label="zeros")
    host = open_view(
        "counts", counts(entry(PAIR, HALVES, {"00": 1}), comparisons=[versus(), zeros])
    )
    host.root.get_by_label("Comparison").select_option("Against zeros")
    expect(host.root).to_contain_text("Total variation0.494")
    host.root.get_by_label("Comparison").select_option("No comparison")
    expect(host.root.locator(".qjw-cb-i")).to_have_count(0)
    assert [s["compared"] for s in host.page.evaluate("host.model.saved")] == [1, -1]


def test_a_click_is_what_reads_a_private_or_large_result(open_view: Open) -> None:
    """The result of a private job was read by looking at its counts."""
    host = open_view("counts", counts(**PRIVATE))
    assert host.sent("load") == []
    host.root.get_by_role("button", name="Read it once").click()
    assert host.sent("load") == [{"kind": "load", "source": 0, "seen": "private"}]
    host.send(state="loading", message=None, action=None)
    expect(host.root).to_contain_text("Fetching the counts…")
    host.send(
        entries=[entry(BELL, {})],
        state="ready",
        registers=counts(entry(BELL))["registers"],
        comparisons=[versus(label="other", **LARGE)],
    )
    host.root.get_by_role("button", name="Load 27 MB").click()
    assert host.sent("load")[-1] == {"kind": "load", "source": 1, "seen": "large"}


def test_a_service_out_of_reach_is_asked_again_when_it_is_time(open_view: Open) -> None:
    host = open_view("counts", counts(**AWAY))
    expect(host.root).to_contain_text("Trying again in 8")
    assert host.sent("load") == []
    host.later(8)
    host.wait("host.model.sent.some(({ kind }) => kind === 'load')")
    assert host.sent("load") == [{"kind": "load", "source": 0, "seen": "away"}]


def test_without_kernel_there_are_counts_and_no_buttons(open_view: Open) -> None:
    host = open_view("counts", counts(entry(MANY)))
    host.page.evaluate("host.shutDown()")
    host.root.get_by_label("Order").select_option("Sort: key")
    expect(host.root.locator("[data-outcome]").first).to_have_attribute(
        "data-outcome", min(bits for bits in MANY if MANY[bits] > 150)
    )
    assert host.page.evaluate("host.model.saved") == []
    host.send(state="private", entries=[], **{k: v for k, v in PRIVATE.items() if k != "state"})
    expect(host.root).to_contain_text("Run the cell again first")
    expect(host.root.get_by_role("button", name="Read it once")).to_have_count(0)
    host.shot("gone")


def test_parameter_sets_are_picked_and_those_not_sent_are_waited_for(open_view: Open) -> None:
    registers = [{**counts(entry(BELL))["registers"][0], "sets": 3}]
    both, first = entry(BELL), {**entry({"00": 10}), "place": [0, 0]}
    traits = counts(both, registers=registers, entries=[both, first])
    host = open_view("counts", traits)
    pick = host.root.get_by_label("Parameter set")
    expect(pick.locator("option")).to_have_text(["All 3 sets", "Set 0", "Set 1", "Set 2"])
    pick.select_option("Set 0")
    expect(host.root).to_contain_text("1 outcome, 10 shots")
    pick.select_option("Set 2")
    expect(host.root).to_contain_text("Fetching these counts")
    assert bars(host) == {"00": 10}
    host.send(more={**entry({"11": 7}), "place": [0, 2]})
    expect(host.root).to_contain_text("1 outcome, 7 shots")
    assert host.page.evaluate("host.model.get('place')") == [0, 2]


def test_one_of_many_parameter_sets_is_typed(open_view: Open) -> None:
    registers = [{**counts(entry(BELL))["registers"][0], "sets": 5000}]
    host = open_view("counts", counts(entry(BELL), registers=registers))
    field = host.root.get_by_label("Set")
    field.fill("4321")
    field.press("Enter")
    host.wait("host.model.get('place')[1] === 4321")
    field.fill("5000")
    field.press("Enter")
    host.wait("host.model.get('place')[1] === -1")


def test_a_parameter_set_is_typed_as_slowly_as_one_likes(open_view: Open) -> None:
    """Each second, when the view is drawn anew, what was typed so far was taken away."""
    registers = [{**counts(entry(BELL))["registers"][0], "sets": 5000}]
    host = open_view("counts", counts(entry(BELL), registers=registers))
    field = host.root.get_by_label("Set")
    field.press_sequentially("43")
    host.send(job={**BELL_JOB, "backend": "another"})
    expect(host.root).to_contain_text("another")
    field.press_sequentially("21")
    field.press("Enter")
    host.wait("host.model.get('place')[1] === 4321")


def test_the_same_as_a_table_of_numbers(open_view: Open) -> None:
    host = open_view("counts", counts(entry(PAIR, HALVES), comparisons=[versus()]))
    host.root.get_by_role("button", name="Data table").click()
    lines = host.root.locator("tbody tr")
    expect(lines.first).to_have_text("002\u202f07150.6\u202f%± 0.8\u202f%50.0\u202f%+0.6")
    expect(lines).to_have_count(4)
    host.shot("table")
    host.assert_accessible()
    host.root.get_by_role("button", name="Bars").click()
    assert bars(host) == PAIR


def test_what_a_screen_reader_hears(open_view: Open) -> None:
    host = open_view("counts", counts(entry(PAIR, HALVES), comparisons=[versus()]))
    said = "± 0.8\u202f% shot noise, ideal 50.0\u202f%"
    table = host.root.get_by_role("table", name="Counts of meas")
    expect(table.get_by_role("row")).to_have_count(5)
    expect(table.get_by_role("columnheader")).to_have_text(
        ["meas[1…0]", "015304560\u202f%", "Counts", "Share", "Δ ideal"]
    )
    expect(table.get_by_role("row").nth(1).get_by_role("cell").first).to_have_text(said)
    expect(table.get_by_role("rowheader", name="01")).to_be_visible()
    expect(host.root.get_by_role("status")).to_have_text("4\u202f096 shots, 4 outcomes")


def test_all_of_it_by_keyboard(open_view: Open) -> None:
    host = open_view("counts", counts(entry(MANY), entry(BELL, pub=1)))
    press = host.page.keyboard.press
    seen = []
    for _ in range(8):
        press("Tab")
        seen.append(
            host.page.evaluate(
                "document.activeElement.ariaLabel ?? document.activeElement.textContent"
            )
        )
    assert seen[:7] == [
        "PUB and register", "Axis", "Order", "Show 32", "Data table", "Copy CSV", "Copy as dict",
    ]  # fmt: skip
    host.root.get_by_label("Order").focus()
    press("ArrowDown")
    host.wait("host.model.get('sort') === 'key'")
    host.root.get_by_role("button", name="Show 32").focus()
    press("Enter")
    expect(host.root.locator("[data-outcome]")).to_have_count(33)


def test_words_from_outside_are_shown_as_they_are(open_view: Open) -> None:
    named = entry(BELL, {"00": 1}, register=HOSTILE)
    host = open_view("counts", counts(named, entry(BELL, {}), comparisons=[versus(label=HOSTILE)]))
    expect(host.root).to_contain_text(HOSTILE)
    host.send(comparisons=[versus("failed", HOSTILE, message=HOSTILE)])
    expect(host.root.locator("img")).to_have_count(0)


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


@pytest.mark.parametrize(
    ("button", "expected"),
    [
        ("Copy as dict", '{"11": 517, "00": 507}'),
        (
            "Copy CSV",
            "outcome,count,share,ideal\r\n11,517,0.5048828125,0.5\r\n00,507,0.4951171875,0.5\r\n",
        ),
    ],
)
def test_copies(open_view: Open, button: str, expected: str) -> None:
    facts = counts(entry(BELL, HALVES), comparisons=[versus()])
    host = open_view("counts", facts, alone=True)
    host.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    # the button says so for a moment only, which a busy machine would miss
    host.page.clock.pause_at(NOW + timedelta(seconds=1))
    host.root.get_by_role("button", name=button).click()
    expect(host.root.get_by_role("button", name="Copied")).to_be_visible()
    assert host.page.evaluate("navigator.clipboard.readText()") == expected
    host.page.clock.resume()
    expect(host.root.get_by_role("button", name=button)).to_be_visible()


def test_bars_are_seen_where_the_reader_has_chosen_the_colours(open_view: Open) -> None:
    """Grounds are all of one colour there: the bars, and the mark of what they are beside, were."""
    host = open_view("counts", counts(entry(PAIR, HALVES), comparisons=[versus()]), alone=True)
    host.page.emulate_media(forced_colors="active")
    ground = host.style(".qjw", "backgroundColor")
    for part in (".qjw-cb-b", ".qjw-cb-i", ".qjw-cb-e"):
        assert host.style(part, "backgroundColor") != ground
