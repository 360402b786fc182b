"""JobsTable in a real browser: what it shows, says and sends, in each state, theme and width."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Host, Open
from tests.browser.facts import (
    NOW_MS,
    OFFLINE,
    ROWS,
    ago,
    frame,
    fresh,
    row,
    snapshot,
    table,
)

RUNNING = "d4qk1c7s9v8g008n2m60"
FAILED = "d4qk1c7s9v8g008n2m3g"
DONE = "d4qk1c7s9v8g008n2m50"


def item(host: Host, job: str) -> Locator:
    return host.root.locator(f'[data-job="{job}"]')


def patch(host: Host, base: int, rev: int, *rows: dict[str, Any], gone: list[str] = []) -> None:  # noqa: B006 - not changed
    """Send rows as the kernel does: whole, under the numbers their jobs have had before."""
    numbers: dict[str, int] = host.page.evaluate(NUMBERS)
    for job in rows:
        numbers.setdefault(job["id"], len(numbers))
    whole = {**frame(list(rows)), "n": [numbers[job["id"]] for job in rows]}
    gone_numbers = [numbers[job] for job in gone]
    total = len(numbers) - len(gone)
    host.send(patch={"base": base, "rev": rev, "total": total, "rows": whole, "gone": gone_numbers})


NUMBERS = """() => {
  const { n, id } = host.model.get("snapshot").rows;
  return Object.fromEntries(n.map((number, i) => [id[i], number]));
}"""


def jobs_in_order(host: Host) -> list[str]:
    script = """(items) => items
        .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
        .map((el) => el.dataset.job)"""
    found: list[str] = host.root.locator("[data-job]").evaluate_all(script)
    return found


def focused(host: Host) -> str:
    script = "document.activeElement.closest('[data-job]')?.dataset.job ?? ''"
    return str(host.page.evaluate(script))


# -- how it looks ---------------------------------------------------------------------------------


def test_the_summary_counts_what_there_is(open_view: Open) -> None:
    host = open_view("table", table())
    expect(host.root.locator("[data-job]")).to_have_count(len(ROWS))
    expect(host.root.locator(".qjw-sum")).to_have_text("64 jobs·2 running·2 queued·1 failed")


def test_columns_give_way_as_the_table_narrows(open_view: Open) -> None:
    host = open_view("table", table(), width=1200)
    columns = ["Program", "Usage", "Tags", "Ran", "Backend", "Wait and run", "Created"]
    seen = []
    for width in (1200, 1000, 660, 540):
        host.page.evaluate(f"document.getElementById('place').style.width = '{width}px'")
        headers = [host.root.get_by_role("columnheader", name=name) for name in columns]
        seen.append(
            [name for name, head in zip(columns, headers, strict=True) if head.is_visible()]
        )
    assert seen == [columns, columns[4:], columns[5:], columns[6:]]


def test_nothing_is_cut_off_at_any_width(open_view: Open) -> None:
    """From 1040, 680 and 560 px on, for 50 to 80 px more, the cancel button lay outside."""
    old = row("d4qk1c7s9v8g008n2m9g", "RUNNING", created=ago(86400 * 3), started=ago(86400 * 2))
    host = open_view("table", table([old]), width=1100)
    created = item(host, old["id"]).locator(".qjw-td2", has_text="17 Nov 14:02").first
    for width in (1100, 1040, 760, 700, 680, 600, 560, 480, 400):
        host.resize(width)
        end = host.root.bounding_box()["x"] + width
        for cell in item(host, old["id"]).get_by_role("gridcell").all():
            box = cell.bounding_box()
            assert box is None or box["x"] + box["width"] <= end, cell.get_attribute("class")
        if width not in {560, 680}:  # there, wide fonts get an ellipsis
            assert created.evaluate("el => el.scrollWidth <= el.clientWidth")


def test_a_long_title_leaves_summary_and_freshness_in_sight(open_view: Open) -> None:
    host = open_view("table", table(title="long " * 60))
    end = host.root.bounding_box()["x"] + 760
    for part in (".qjw-sum", ".qjw-fresh"):
        box = host.root.locator(part).bounding_box()
        assert box["x"] + box["width"] <= end


def test_rows_are_as_tall_as_the_look_says(open_view: Open) -> None:
    host = open_view("table", table())
    for width, tall in ((760, 30), (480, 32)):
        host.resize(width)
        expect(item(host, RUNNING)).to_have_css("height", f"{tall}px")
        assert item(host, FAILED).bounding_box()["height"] > tall + 18


def test_rows_never_overlap(open_view: Open) -> None:
    """A failed row's height is measured, so the rows after it follow however long its reason is."""
    failed = row("failed", "ERROR", reason="word " * 120)
    host = open_view("table", table([failed, row("queued", "QUEUED")]))
    host.wait(
        """(() => { const box = (id) => document.querySelector(`[data-job=${id}]`)
             .getBoundingClientRect(); return box("queued").top >= box("failed").bottom; })()"""
    )


def test_a_reason_of_many_lines_scrolls(open_view: Open) -> None:
    """A traceback of thousands of lines made a row of many screens, and hid all other jobs."""
    failed = row("failed", "ERROR", reason="word " * 20_000)
    host = open_view("table", table([failed, row("queued", "QUEUED")]))
    expect(item(host, "queued")).to_be_in_viewport()
    why = item(host, "failed").locator(".qjw-why")
    assert why.evaluate("el => el.scrollHeight > el.clientHeight")


def test_a_long_word_of_tomorrow_stays_in_its_column(open_view: Open) -> None:
    """It ran over the job's name beside it."""
    host = open_view("table", table([row("a", "WAITING_FOR_CALIBRATION_OF_THE_DEVICE")]))
    cell, name = item(host, "a").locator(".qjw-c-st"), item(host, "a").locator(".qjw-job")
    assert cell.evaluate("el => getComputedStyle(el).overflow") == "clip"
    assert cell.bounding_box()["x"] + cell.bounding_box()["width"] <= name.bounding_box()["x"]


def test_facts_of_a_row(open_view: Open) -> None:
    host = open_view("table", table(), width=1200)
    expect(item(host, RUNNING)).to_have_attribute("data-status", "RUNNING")
    expect(item(host, RUNNING)).to_contain_text("d4qk…2m60")
    expect(item(host, RUNNING)).to_contain_text("3\u202fmin 12\u202fs")
    expect(item(host, RUNNING)).to_contain_text(
        "waited 17\u202fmin 48\u202fs, running 3\u202fmin 12\u202fs of about 4\u202fmin 30\u202fs"
    )
    expect(item(host, RUNNING).get_by_title(RUNNING, exact=True)).to_be_visible()
    expect(item(host, FAILED).locator(".qjw-why")).to_contain_text("cx on qubits (0, 1)")
    expect(item(host, FAILED).locator(".qjw-why code")).to_have_text(
        "generate_preset_pass_manager(backend=backend)"
    )


# -- how it follows the kernel --------------------------------------------------------------------


def test_a_job_goes_its_way_by_patches(open_view: Open) -> None:
    host = open_view("table", table([row("a", "QUEUED", position=2), row("b", "RUNNING")]))
    assert jobs_in_order(host) == ["b", "a"]
    patch(host, 7, 8, row("a", "RUNNING", started=NOW_MS, created=ago(9000)))
    expect(item(host, "a")).to_have_attribute("data-status", "RUNNING")
    assert jobs_in_order(host) == ["a", "b"]
    patch(host, 8, 9, row("a", "DONE", started=ago(5), finished=NOW_MS), gone=["b"])
    expect(item(host, "a")).to_contain_text("DONE")
    expect(item(host, "b")).to_have_count(0)


def test_a_missed_patch_is_asked_for(open_view: Open) -> None:
    host = open_view("table", table([row("a", "QUEUED")]))
    patch(host, 9, 10, row("a", "DONE"))
    assert host.sent("resync") == [{"kind": "resync", "rev": 7}]
    expect(item(host, "a")).to_have_attribute("data-status", "QUEUED")
    host.send(snapshot=snapshot([row("a", "DONE")], rev=10))
    expect(item(host, "a")).to_have_attribute("data-status", "DONE")


def test_what_arrives_before_the_first_view_is_kept(open_view: Open) -> None:
    host = open_view("table", table([row("a", "QUEUED")]))
    host.page.evaluate("host.leave()")
    patch(host, 7, 8, row("a", "DONE"))
    host.page.evaluate("async () => { await host.show(); }")
    expect(item(host, "a")).to_have_attribute("data-status", "DONE")


def test_freshness_ages_and_refresh_asks(open_view: Open) -> None:
    host = open_view("table", table(freshness=fresh()))
    mark = host.root.locator(".qjw-fresh")
    expect(mark).to_contain_text("live")
    host.later(12)
    expect(mark).to_contain_text("s ago")
    # what counts up is shown but not said
    expect(mark.get_by_role("status")).to_have_text("live")
    host.root.get_by_role("button", name="Refresh now").click()
    host.send(freshness=OFFLINE)
    expect(mark).to_contain_text("offline since 14:00")
    host.root.get_by_role("button", name="Retry now").click()
    assert host.sent("refresh") == [{"kind": "refresh"}] * 2


MANY = """(n) => {
  const { rows: one } = host.model.get("snapshot");
  const all = (value) => ({ of: [value] });
  const numbers = Array.from({ length: n }, (_, i) => i);
  const rows = {
    n: numbers,
    id: numbers.map((i) => `job-${String(i).padStart(5, "0")}`),
    status: all("DONE"), program: all("sampler"), backend: all("aer_local"),
    created: all(one.created[0]), finished: numbers.map((i) => one.finished[0] - 1000 * i),
  };
  host.model.receive({ snapshot: { rev: 7, total: n, rows }, total: n });
}"""


def test_ten_thousand_rows_are_usable(open_view: Open) -> None:
    host = open_view("table", table([row("first", "DONE", finished=NOW_MS)]))
    host.page.evaluate(MANY, 10_000)
    expect(host.root).to_contain_text("10\u202f000 jobs")
    assert host.root.locator("[data-job]").count() < 60
    host.root.locator(".qjw-scroll").evaluate("el => { el.scrollTop = 30 * 5000 }")
    expect(item(host, "job-05005")).to_be_visible()
    assert host.root.locator("[data-job]").count() < 60
    patch(host, 7, 8, row("job-05005", "DONE", finished=ago(5005), usage=3.0))
    expect(item(host, "job-05005")).to_have_attribute("aria-rowindex", "5007")


def test_ids_are_copied_whole(open_view: Open) -> None:
    host = open_view("table", table())
    host.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    read = "navigator.clipboard.readText()"
    item(host, RUNNING).focus()
    host.page.keyboard.press("c")
    host.wait(f"{read}.then((text) => text === '{RUNNING}')")
    item(host, DONE).get_by_role("button", name=f"Copy id {DONE}").click()
    host.wait(f"{read}.then((text) => text === '{DONE}')")


# -- cancel ---------------------------------------------------------------------------------------


def ask(host: Host, job: str) -> None:
    item(host, job).hover()
    host.root.get_by_role("button", name=f"Cancel job {job}").click()


def test_cancel_asks_once_in_place(open_view: Open) -> None:
    host = open_view("table", table())
    before = item(host, RUNNING).bounding_box()
    ask(host, RUNNING)
    question = item(host, RUNNING)
    expect(question).to_contain_text(
        "Cancel job d4qk…2m60? It is running; its 41.2\u202fs stay charged."
    )
    assert question.bounding_box() == before
    expect(question.get_by_role("button", name="Keep job")).to_be_focused()
    host.shot("ask")
    host.page.keyboard.press("Enter")
    assert focused(host) == RUNNING
    assert host.sent("cancel") == []
    ask(host, RUNNING)
    question.get_by_role("button", name="Cancel job", exact=True).click()
    assert host.sent("cancel") == [{"kind": "cancel", "job": RUNNING}]
    expect(item(host, RUNNING)).to_contain_text("cancelling…")
    assert focused(host) == RUNNING
    patch(host, 7, 8, row(RUNNING, "CANCELLED", finished=NOW_MS))
    expect(item(host, RUNNING)).to_contain_text("CANCELLED")


def test_a_refused_cancel_brings_the_badge_back_with_the_reason(open_view: Open) -> None:
    said = {"note": "It has ended already.", "refused": True}
    host = open_view("table", table())
    item(host, RUNNING).focus()
    host.page.keyboard.press("x")
    host.page.keyboard.press("Tab")
    host.page.keyboard.press("Enter")
    expect(item(host, RUNNING)).to_contain_text("cancelling…")
    patch(host, 7, 8, row(RUNNING, "RUNNING", started=ago(5), **said))
    expect(item(host, RUNNING).locator(".qjw-badge")).to_have_text("RUNNING")
    expect(item(host, RUNNING).locator(".qjw-why")).to_have_text("It has ended already.")
    host.shot("refused-cancel")


def test_only_what_can_be_cancelled_offers_it(open_view: Open) -> None:
    host = open_view("table", table())
    buttons = host.root.get_by_role("button", name="Cancel job")
    names = [button.get_attribute("aria-label") for button in buttons.all()]
    open_jobs = [r["id"] for r in ROWS if r["finished"] is None and not r["cancelling"]]
    assert sorted(names) == sorted(f"Cancel job {job}" for job in open_jobs)


def test_the_question_goes_when_the_job_ends_first(open_view: Open) -> None:
    host = open_view("table", table())
    ask(host, RUNNING)
    patch(host, 7, 8, row(RUNNING, "DONE", finished=NOW_MS))
    expect(item(host, RUNNING)).to_contain_text("DONE")
    expect(host.root.get_by_role("button", name="Keep job")).to_have_count(0)
    assert focused(host) == RUNNING


def test_the_question_goes_when_the_kernel_does(open_view: Open) -> None:
    """Its button asked a kernel that was not there, and the row said "cancelling…" for ever."""
    host = open_view("table", table())
    ask(host, RUNNING)
    host.page.evaluate("host.shutDown()")
    expect(host.root.get_by_role("button", name="Keep job")).to_have_count(0)
    assert focused(host) == RUNNING


def test_the_question_stays_while_its_row_moves(open_view: Open) -> None:
    host = open_view("table", table([row("a", "QUEUED"), row("b", "RUNNING")]))
    ask(host, "a")
    patch(host, 7, 8, row("a", "RUNNING", created=ago(9999), started=NOW_MS))
    expect(item(host, "a")).to_contain_text("It is running.")
    expect(item(host, "a").get_by_role("button", name="Keep job")).to_be_focused()


def test_the_question_takes_the_focus_once(open_view: Open) -> None:
    """It took it from the search field when most other rows changed: the next Enter answered."""
    asked = row("a", "QUEUED", tags=["deep"])
    others = [row(f"other-{i:02}", "DONE", finished=ago(60 + i)) for i in range(80)]
    found = [row(f"found-{i:02}", "DONE", finished=ago(600 + i), tags=["deep"]) for i in range(40)]
    host = open_view("table", table([row("b", "RUNNING", started=ago(5)), asked, *others, *found]))
    ask(host, "a")
    expect(item(host, "a").get_by_role("button", name="Keep job")).to_be_focused()
    search = host.root.get_by_role("textbox", name="Search")
    search.fill("deep")
    expect(item(host, "found-00")).to_be_visible()
    expect(item(host, "a").get_by_role("button", name="Keep job")).to_be_visible()
    expect(search).to_be_focused()
