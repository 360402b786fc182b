"""JobsTable in a real browser: many selected, cancelled with one question, taken elsewhere."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Host, Open
from tests.browser.facts import HOSTILE, NOW_MS, ROWS, row, table
from tests.browser.test_table import item, jobs_in_order, patch

RUNNING = "d4qk1c7s9v8g008n2m60"
QUEUED = "d4qk1c7s9v8g008n2m8g"
DONE = "d4qk1c7s9v8g008n2m50"
REFUSAL = "It can't be cancelled any more."


def box(host: Host, job: str) -> Locator:
    return host.root.get_by_role("checkbox", name=f"Select job {job}")


def selected(host: Host) -> list[str]:
    rows = host.root.locator('[role="row"][aria-selected="true"]')
    found: list[str] = rows.evaluate_all("rows => rows.map((row) => row.dataset.job)")
    return [job for job in jobs_in_order(host) if job in found]


def test_the_bulk_bar_takes_the_place_of_the_filters(open_view: Open) -> None:
    host = open_view("table", table())
    before = item(host, DONE).bounding_box()
    for job in (RUNNING, QUEUED, DONE):
        box(host, job).click()
    expect(host.root.locator(".qjw-many")).to_have_text("3 selected")
    assert item(host, DONE).bounding_box() == before
    expect(host.root.get_by_role("checkbox", name="Select all jobs")).not_to_be_checked()
    for theme, width in (("light", 760), ("dark", 480)):
        host.dress(theme)
        host.resize(width)
        host.shot("selected")
        host.assert_accessible()
    host.root.get_by_role("button", name="Clear", exact=True).click()
    assert selected(host) == []


def test_shift_extends(open_view: Open) -> None:
    host = open_view("table", table())
    order = jobs_in_order(host)
    box(host, order[1]).click()
    box(host, order[4]).click(modifiers=["Shift"])
    assert selected(host) == order[1:5]
    box(host, order[2]).click()
    assert selected(host) == [order[1], *order[3:5]]
    host.page.keyboard.press("Escape")
    item(host, order[5]).focus()
    for key in ("Space", "Shift+ArrowDown", "Shift+ArrowDown"):
        host.page.keyboard.press(key)
    host.wait(f"document.activeElement.dataset.job === '{order[7]}'")
    assert selected(host) == order[5:8]
    host.root.get_by_role("checkbox", name="Select all jobs").click()
    assert selected(host) == []
    host.root.get_by_role("checkbox", name="Select all jobs").click()
    assert selected(host) == order


def test_many_are_cancelled_with_one_question(open_view: Open) -> None:
    host = open_view("table", table())
    for job in (RUNNING, QUEUED, DONE):
        box(host, job).click()
    item(host, RUNNING).focus()
    host.page.keyboard.press("x")
    expect(host.root.get_by_role("group", name="Cancel")).to_contain_text(
        "Cancel 2 jobs? One is running; its 41.2\u202fs stay charged."
    )
    expect(host.root.get_by_role("button", name="Keep jobs")).to_be_focused()
    host.shot("ask-many")
    host.page.keyboard.press("Enter")
    assert host.sent("cancel") == []
    host.root.get_by_role("button", name="Cancel…").click()
    host.root.get_by_role("button", name="Cancel 2 jobs").click()
    assert host.sent("cancel") == [{"kind": "cancel", "jobs": [RUNNING, QUEUED]}]
    for job in (RUNNING, QUEUED):
        expect(item(host, job)).to_contain_text("cancelling…")
    outcome = host.root.locator(".qjw-bulk")
    expect(outcome).to_have_text("Cancelling 2 of 2 jobs")
    patch(host, 7, 8, row(RUNNING, "CANCELLED", finished=NOW_MS))
    patch(host, 8, 9, row(QUEUED, "QUEUED", note=REFUSAL, refused=True))
    expect(outcome).to_have_text("1 cancelled · 1 not cancelled")
    expect(item(host, QUEUED).locator(".qjw-why")).to_have_text(REFUSAL)
    host.shot("outcome")
    host.root.get_by_role("button", name="Close").click()
    expect(host.root.get_by_role("textbox", name="Search")).to_be_visible()


def test_nothing_is_cancelled_of_what_is_over(open_view: Open) -> None:
    host = open_view("table", table())
    box(host, DONE).click()
    expect(host.root.get_by_role("button", name="Cancel…")).to_have_count(0)


def test_a_question_is_about_the_jobs_it_was_asked_of(open_view: Open) -> None:
    """Asked of jobs that had ended, or had been deselected, it came up for the next selected."""
    host = open_view("table", table())
    question = host.root.get_by_role("group", name="Cancel")
    box(host, DONE).click()
    item(host, DONE).focus()
    host.page.keyboard.press("x")
    box(host, RUNNING).click()
    expect(host.root.locator(".qjw-many")).to_have_text("2 selected")
    expect(question).to_have_count(0)
    host.root.get_by_role("button", name="Cancel…").click()
    expect(question).to_have_count(1)
    for job in (DONE, RUNNING, QUEUED):
        box(host, job).click()
    expect(host.root.locator(".qjw-many")).to_have_text("1 selected")
    expect(question).to_have_count(0)


def test_selected_jobs_as_ids_and_as_code(open_view: Open) -> None:
    host = open_view("table", table())
    host.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for job in (RUNNING, DONE):
        box(host, job).click()
    read = "navigator.clipboard.readText()"
    host.root.get_by_role("button", name="Copy ids").click()
    host.wait(f"{read}.then((text) => text === '{RUNNING}\\n{DONE}')")
    host.root.get_by_role("button", name="Copy code").click()
    code = f'jobs = [\\n    service.job("{RUNNING}"),\\n    service.job("{DONE}"),\\n]'
    host.wait(f"{read}.then((text) => text === '{code}')")


def rows_of(text: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_rows_as_csv(open_view: Open, tmp_path: Path) -> None:
    """What a spreadsheet would take for a formula is taken for a text."""
    bad = row("bad", "ERROR", reason='=HYPERLINK("http://x")', tags=[HOSTILE, "-1+1"])
    host = open_view("table", table([*ROWS, bad]))
    host.root.get_by_role("button", name="More", exact=True).click()
    with host.page.expect_download() as download:
        host.root.get_by_role("button", name="Download CSV").click()
    assert download.value.suggested_filename == "jobs.csv"
    download.value.save_as(tmp_path / "jobs.csv")
    found = {r["job_id"]: r for r in rows_of((tmp_path / "jobs.csv").read_text())}
    assert found.keys() == {r["id"] for r in ROWS} | {"bad"}
    assert found[RUNNING]["created"] == "2026-11-20T13:41:00.000Z"
    assert found[RUNNING]["usage_seconds"] == "41.2"
    assert found["bad"]["reason"] == '\'=HYPERLINK("http://x")'
    assert found["bad"]["tags"] == f"{HOSTILE} -1+1"


def test_the_focus_goes_to_the_rows_when_a_question_ends_by_itself(open_view: Open) -> None:
    """The jobs ended while one was asked: nothing had the focus, and no key was heard."""
    host = open_view("table", table())
    item(host, RUNNING).focus()
    for key in ("Space", "x"):
        host.page.keyboard.press(key)
    expect(host.root.get_by_role("button", name="Keep job")).to_be_focused()
    patch(host, 7, 8, row(RUNNING, "DONE", finished=NOW_MS))
    expect(host.root.get_by_role("button", name="Keep job")).to_have_count(0)
    expect(item(host, RUNNING)).to_be_focused()
    host.root.get_by_role("button", name="Copy ids").focus()
    patch(host, 8, 9, gone=[RUNNING])
    expect(host.root.get_by_role("button", name="Copy ids")).to_have_count(0)
    host.wait("document.activeElement.closest('[data-job]') !== null")


def test_the_focus_goes_to_the_rows_when_a_filter_is_cleared(open_view: Open) -> None:
    """Its button leaves with the filter, and took the focus along."""
    host = open_view("table", table(filter={"status": ["RUNNING"]}))
    host.root.get_by_role("button", name="Clear filter status").press("Enter")
    expect(host.root.locator("[data-job]")).to_have_count(len(ROWS))
    host.wait("document.activeElement.closest('[data-job]') !== null")
