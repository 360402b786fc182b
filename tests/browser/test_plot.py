"""InterimPlot in a real browser: the picture, the readout, and how both follow the stream."""

from __future__ import annotations

import math
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Host, Open
from tests.browser.facts import (
    ENERGY,
    NOW_MS,
    VQE_JOB,
    columns,
    energies,
    field,
    group,
    more,
    part,
    plot,
    plot_facts,
    row,
    source,
)
from tests.conftest import eventually

QUEUED = row("d4ql7b2s9v8g008q03v0", "QUEUED", program="vqe", position=2)
DONE = {**VQE_JOB, "status": "DONE", "finished": NOW_MS}
FAILED = {**VQE_JOB, "status": "ERROR", "reason": "The optimizer diverged."}
ENDED = source(job=DONE, stream="ended")
PLACE = ".qjw-p-place"

# how many pixels of the canvas come near a colour
COUNT = """(canvas, [r, g, b]) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let n = 0;
  for (let i = 0; i < data.length; i += 4) {
    const far = Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b);
    if (far < 24 && data[i + 3] > 200) n += 1;
  }
  return n;
}"""
LIGHT_ACCENT, DARK_ACCENT = (27, 104, 182), (69, 166, 244)


def pixels(host: Host, colour: tuple[int, int, int]) -> int:
    return int(host.root.locator("canvas").evaluate(COUNT, list(colour)))


def zoom(host: Host, begin: float, end: float) -> None:
    """Drag over a part of the plot, from one share of its width to another."""
    box = host.root.locator(".u-over").bounding_box()
    middle = box["y"] + box["height"] / 2
    host.page.mouse.move(box["x"] + begin * box["width"], middle)
    host.page.mouse.down()
    host.page.mouse.move(box["x"] + end * box["width"], middle, steps=4)
    host.page.mouse.up()


def legend(host: Host) -> str:
    return host.root.locator(".qjw-leg").inner_text().replace("\u202f", "_").replace("\n", " ")


def test_the_first_value_moves_nothing(open_view: Open) -> None:
    host = open_view("plot", plot(columns([])))
    before = host.root.bounding_box()["height"]
    host.send(snapshot=columns(energies(1)))
    expect(host.root.locator(".qjw-p-last")).to_be_visible()
    assert host.root.bounding_box()["height"] == pytest.approx(before, abs=4)


def test_the_curve_grows_while_values_come(open_view: Open) -> None:
    host = open_view("plot", plot(columns([-0.5, -0.7])))
    expect(host.root).to_have_attribute("data-points", "2")
    host.send(append=more([-0.6, -0.9], base=2))
    expect(host.root).to_have_attribute("data-points", "4")
    expect(host.root.locator(".qjw-leg")).to_contain_text("−0.9")
    host.send(append=more([-1.0], base=9))
    assert host.sent("resync") == [{"kind": "resync", "rev": 4}]
    host.send(snapshot=columns([-0.5, -0.7, -0.6, -0.9, -0.95, -1.0]))
    expect(host.root).to_have_attribute("data-points", "6")


def test_the_legend_says_best_value_reference_and_error(open_view: Open) -> None:
    host = open_view("plot", plot(columns([-1.0, -1.1332, -1.1272])))
    host.wait("document.querySelector('.qjw-leg b')")
    expected = "best −1.133_20 value −1.127_20 exact −1.137_31 error 4.11_mHa"
    eventually(lambda: legend(host) == expected)
    said = "energy against evaluation, 3 values, best −1.133_20_Ha, last −1.127_20_Ha"
    expect(host.root.locator(PLACE)).to_have_attribute("aria-label", said.replace("_", "\u202f"))


def test_the_pointer_reads_points(open_view: Open) -> None:
    host = open_view("plot", plot(columns([-0.5, -0.9, -0.7, -1.1])))
    over = host.root.locator(".u-over")
    box = over.bounding_box()
    # the axis ends at 10
    host.page.mouse.move(box["x"] + 0.21 * box["width"], box["y"] + 50)
    expect(host.root.locator(".qjw-p-pill")).to_have_text("2")
    expect(host.root.locator(".qjw-p-ring")).to_be_visible()
    eventually(lambda: "best −0.900_00" in legend(host))
    host.shot("readout")
    host.page.mouse.move(5, 5)
    expect(host.root.locator(".qjw-p-pill")).to_be_hidden()
    eventually(lambda: "best −1.100_00" in legend(host))


def test_keys_read_points_one_by_one(open_view: Open) -> None:
    """When the axis grew, the readout stayed at its place and read some other point."""
    host = open_view("plot", plot(columns([-0.5, -0.9, -0.7, -1.1])))
    pill = host.root.locator(".qjw-p-pill")
    expect(host.root.locator(".qjw-p-last")).to_be_visible()
    host.root.locator(PLACE).focus()
    for key, expected in [("ArrowLeft", "3"), ("ArrowLeft", "2"), ("Home", "1"), ("End", "4")]:
        host.page.keyboard.press(key)
        expect(pill).to_have_text(expected)
    host.send(append=more([-1.12] * 20, base=4))
    expect(host.root).to_have_attribute("data-points", "24")
    expect(pill).to_have_text("4")
    host.page.keyboard.press("Escape")
    expect(pill).to_be_hidden()


def test_pause_stops_drawing_and_not_receiving(open_view: Open) -> None:
    host = open_view("plot", plot(columns([-0.5, -0.9])))
    host.root.get_by_role("button", name="Pause").click()
    host.send(append=more([-1.0] * 14, base=2))
    expect(host.root).to_contain_text("paused, 14 new")
    expect(host.root).to_have_attribute("data-points", "16")
    eventually(lambda: "best −0.900_00" in legend(host))
    host.shot("paused")
    host.root.get_by_role("button", name="Resume").click()
    expect(host.root.locator(".qjw-leg")).to_contain_text("−1.000")
    expect(host.root).not_to_contain_text("paused")


def test_a_finished_stream_has_nothing_to_pause(open_view: Open) -> None:
    host = open_view("plot", plot(columns([-0.5]), plot_facts(ENDED)))
    expect(host.root.locator(".qjw-p-last")).to_be_visible()
    expect(host.root.get_by_role("button", name="Pause")).to_have_count(0)
    assert "qjw-pulse" not in host.root.locator(".qjw-p-last").get_attribute("class")


def test_fields_are_chosen_by_check_marks(open_view: Open) -> None:
    host = open_view("plot", plot(columns([-0.5, -0.9])))
    button = host.root.get_by_role("button", name="Fields: energy")
    button.click()
    # one field is always drawn
    expect(host.root.get_by_label("energy", exact=True)).to_be_disabled()
    host.root.get_by_label("std", exact=True).click()
    assert host.page.evaluate("host.model.saved") == [{"shown": ["energy", "std"]}]
    host.shot("picker")
    host.assert_accessible()
    host.page.keyboard.press("Escape")
    expect(host.root.get_by_label("std", exact=True)).to_have_count(0)
    host.send(snapshot=columns([-0.5, -0.9], [0.25, 0.125], shown=["energy", "std"]))
    expect(host.root).to_contain_text("Interim energy, std")
    expect(host.root.locator(".qjw-leg")).to_contain_text("0.125")
    expect(host.root.locator(".uplot")).to_have_count(2)
    single = open_view("plot", plot(columns([-0.5]), plot_facts(fields=[ENERGY])))
    expect(single.root.get_by_role("button", name="Fields")).to_have_count(0)


def test_fields_are_chosen_as_quickly_as_one_likes(open_view: Open) -> None:
    """A second click, before the points of the first had come, took the first one back."""
    fields = [ENERGY, field("std"), field("grad")]
    host = open_view("plot", plot(columns([-0.5, -0.9]), plot_facts(fields=fields)))
    host.root.get_by_role("button", name="Fields: energy").click()
    for name in ("std", "grad"):
        host.root.get_by_label(name, exact=True).click()
    assert host.page.evaluate("host.model.saved.at(-1)") == {"shown": ["energy", "std", "grad"]}
    expect(host.root.get_by_role("button", name="3 of 3 fields")).to_be_visible()


def test_a_drawing_is_the_same_each_time(open_view: Open) -> None:
    """From the second one on the name of the reference stood lower, as do the labels of an axis."""
    host = open_view("plot", plot(columns([-0.5, -0.9, -1.1])))
    expect(host.root.locator(".qjw-p-last")).to_be_visible()
    host.painted()
    picture = "el => el.toDataURL()"
    first = host.root.locator("canvas").evaluate(picture)
    host.resize(700)
    host.painted()
    host.resize(760)
    assert eventually(lambda: host.root.locator("canvas").evaluate(picture) == first, 60)


def test_the_canvas_follows_the_theme(open_view: Open) -> None:
    """Canvas knows no CSS variables: without a redraw the curve kept the old theme's colours."""
    host = open_view("plot", plot(columns(energies(80))), theme="light")
    expect(host.root.locator(".qjw-p-last")).to_be_visible()
    assert pixels(host, LIGHT_ACCENT) > 200
    assert pixels(host, DARK_ACCENT) == 0
    host.page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    expect(host.root).to_have_class("qjw qjw-end qjw-dark")
    host.page.wait_for_function(
        f"document.querySelector('canvas') && ({COUNT})(document.querySelector('canvas'),"
        f" {list(DARK_ACCENT)}) > 200"
    )
    assert pixels(host, LIGHT_ACCENT) == 0


def test_missing_values_and_attempts_are_told(open_view: Open) -> None:
    host = open_view("plot", plot())
    expect(host.root).to_contain_text("160 of 172 values")
    eventually(lambda: "attempt 1" in legend(host))
    whole = open_view("plot", plot(columns([-0.5, -0.6])))
    expect(whole.root.locator(".qjw-foot")).to_contain_text("2 values")
    assert "attempt" not in legend(whole)


def test_values_that_are_no_numbers_are_left_out(open_view: Open) -> None:
    host = open_view("plot", plot(columns([-0.5, None, -0.9, None])))
    expect(host.root).to_have_attribute("data-points", "4")
    eventually(lambda: "best −0.900_00 value –" in legend(host))


def test_an_infinite_value_leaves_the_readout_its_decimals(open_view: Open) -> None:
    """The span of the values was infinite, and all were shown as whole numbers."""
    host = open_view("plot", plot(columns([-0.5, None, -0.9])))
    host.send(append=more([-math.inf], base=3))
    expect(host.root).to_have_attribute("data-points", "4")
    expect(host.root.locator(".qjw-leg")).to_contain_text("–")
    eventually(lambda: "best −0.900_00 value –" in legend(host))


@pytest.mark.parametrize("values", [[1e9 + n for n in range(20)], [n / 1e7 for n in range(20)]])
def test_long_labels_have_room(open_view: Open, values: list[float | None]) -> None:
    """Labels of the y axis with more than seven digits began outside the picture."""
    host = open_view(
        "plot", plot(columns(values), plot_facts(fields=[field("energy", goal="min")]))
    )
    expect(host.root.locator(".qjw-p-last")).to_be_visible()
    left = """canvas => { const { data } = canvas.getContext("2d")
        .getImageData(0, 0, 2, canvas.height); return data.some((value) => value > 0); }"""
    assert not host.root.locator("canvas").evaluate(left)


def test_another_field_ends_the_pause(open_view: Open) -> None:
    """The paused curve stayed, under the name of the other field."""
    host = open_view("plot", plot(columns([-0.5, -0.9])))
    host.root.get_by_role("button", name="Pause").click()
    host.root.get_by_role("button", name="Fields: energy").click()
    host.root.get_by_label("std", exact=True).click()
    # the kernel is busy: these are still the old field's points
    expect(host.root.locator(".qjw-title")).to_have_text("Interim energy")
    expect(host.root).to_contain_text("paused")
    host.send(snapshot=columns([0.1, 0.2], shown=["std"]))
    expect(host.root.locator(".qjw-title")).to_have_text("Interim std")
    expect(host.root).not_to_contain_text("paused")
    eventually(lambda: "value 0.200_0" in legend(host))


SEVERAL = plot(
    {
        "shown": ["energy"],
        "parts": [part(energies(150)), part(energies(111, -0.2), source=1)],
    },
    plot_facts(source(label="COBYLA"), source(label="SPSA")),
)


def test_several_jobs_are_compared(open_view: Open) -> None:
    host = open_view("plot", {**SEVERAL, "scale": "error"})
    expect(host.root.locator(".qjw-p-last")).to_have_count(2)
    expect(host.root.locator(".qjw-p-y")).to_have_text("|energy − exact|, Ha")
    eventually(lambda: "COBYLA" in legend(host))
    eventually(lambda: "SPSA" in legend(host))
    expect(host.root).to_contain_text("2 jobs")
    host.root.locator(PLACE).focus()
    host.page.keyboard.press("Home")
    expect(host.root.locator(".qjw-p-ring:visible")).to_have_count(2)
    # where one has ended already, only the other is read
    host.page.keyboard.press("End")
    expect(host.root.locator(".qjw-p-ring:visible")).to_have_count(1)
    eventually(lambda: "SPSA –" in legend(host))


def test_a_compared_job_that_was_begun_anew_says_so(open_view: Open) -> None:
    again = part(energies(111, -0.2), source=1, attempts=[(0, 1), (60, 2)])
    shown = {"shown": ["energy"], "parts": [part(energies(150)), again]}
    host = open_view("plot", {**SEVERAL, "snapshot": shown})
    eventually(lambda: "SPSA, attempt 2" in legend(host))
    expect(host.root.locator(PLACE)).to_have_attribute(
        "aria-label", re.compile("SPSA, attempt 2 against")
    )
    host.shot("begun-anew")


def test_fields_of_several_quantities_are_stacked(open_view: Open) -> None:
    stds = [0.02 + 0.01 * math.sin(i) for i in range(80)]
    shown = columns(energies(80), stds, shown=["energy", "std"])
    host = open_view("plot", plot(shown))
    expect(host.root.locator(".qjw-p-panel")).to_have_count(2)
    host.root.locator(PLACE).focus()
    host.page.keyboard.press("Home")
    # one readout for all panels
    expect(host.root.locator(".qjw-p-pill:visible")).to_have_count(2)


def test_a_log_scale_is_offered_where_it_is_possible_and_refused_where_not(
    open_view: Open,
) -> None:
    positive = plot(columns([1.0, 10.0, 100.0]), plot_facts(fields=[field("energy")]))
    host = open_view("plot", positive)
    host.root.get_by_role("button", name="log", exact=True).click()
    assert host.page.evaluate("host.model.saved") == [{"scale": "log"}]
    expect(host.root.locator(".qjw-p-refused")).to_have_count(0)
    host.send(snapshot=columns([1.0, 10.0, -100.0]))
    expect(host.root.locator(".qjw-p-refused")).to_contain_text("needs positive values")
    negative = open_view("plot", plot(columns([-1.0, -2.0])))
    expect(negative.root.get_by_role("button", name="log error")).to_be_visible()
    expect(negative.root.get_by_role("button", name="log", exact=True)).to_have_count(0)


def test_a_point_of_a_finished_job_names_it(open_view: Open) -> None:
    ids = [f"d4qk1c7s9v8g008n2m{i:02d}" for i in range(37)]
    points = columns(energies(37), ids=ids, shown=["ev"])
    facts = plot_facts(group(private=2), fields=[field("ev"), field("usage", unit="s")])
    host = open_view("plot", plot(points, {**facts, "x_label": "job"}))
    expect(host.root).to_contain_text("37/50 jobs done, 1 failed, 2 private, results not read")
    box = host.root.locator(".u-over").bounding_box()
    # the axis ends at 40
    host.page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 50)
    expect(host.root.locator(".qjw-p-picked")).to_contain_text(ids[9])
    expect(host.root.locator(".qjw-leg")).to_contain_text("job d4qk…2m09")
    host.shot("session")
    host.assert_accessible()


def test_the_numbers_are_there_as_a_table(open_view: Open) -> None:
    host = open_view("plot", plot(columns([float(n) for n in range(250)])))
    expect(host.root.locator(".qjw-p-last")).to_be_visible()
    before = host.root.bounding_box()["height"]
    host.root.get_by_role("button", name="Data").click()
    expect(host.root.locator("tbody tr")).to_have_count(50)
    expect(host.root.locator("tbody tr").last).to_contain_text("249")
    assert host.root.bounding_box()["height"] == pytest.approx(before, abs=2)
    host.shot("data")
    host.assert_accessible()
    host.root.get_by_role("button", name="Earlier").click()
    expect(host.root.locator("tbody tr")).to_have_count(100)
    host.root.get_by_role("button", name="Data").click()
    expect(host.root.locator("canvas")).to_have_count(1)


def test_all_is_reached_by_keys_alone(open_view: Open) -> None:
    host = open_view("plot", plot(columns([-0.5, -0.9, -1.0])))
    expect(host.root.locator(".qjw-p-last")).to_be_visible()
    reached = []
    for _ in range(8):
        host.page.keyboard.press("Tab")
        reached.append(
            host.page.evaluate(
                "(document.activeElement.ariaLabel ?? document.activeElement.innerText).trim()"
            )
        )
    assert reached[:4] == ["Fields: energy", "linear", "log error", "Pause"]
    assert reached[4].startswith("energy against evaluation, 3 values, best")
    assert reached[5] == "Data"


def test_dragging_zooms_and_a_double_click_resets(open_view: Open) -> None:
    host = open_view("plot", plot(columns(energies(80))))
    zoom(host, 0.1, 0.3)
    # the last point, at 80, is out of sight
    expect(host.root.locator(".qjw-p-last")).to_be_hidden()
    host.shot("zoomed")
    host.root.locator(".u-over").dblclick()
    expect(host.root.locator(".qjw-p-last")).to_be_visible()


def test_the_plot_fits_its_place(open_view: Open) -> None:
    host = open_view("plot", plot(), width=1200)
    host.page.evaluate("document.getElementById('place').style.width = '500px'")
    host.wait("document.querySelector('.uplot').getBoundingClientRect().width < 500")
    host.wait("document.documentElement.scrollWidth <= innerWidth")
