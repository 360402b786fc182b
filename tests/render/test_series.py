"""The interim plot as text, HTML and PNG."""

from __future__ import annotations

import base64
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjobwidgets.render import SeriesView, series_html, series_png, series_text
from qjobwidgets.render.curve import (
    Gap,
    axis_end,
    gaps,
    running_best,
    runs,
    thinned,
    ticks,
)
from tests.render.facts import (
    HOSTILE,
    NOW,
    Page,
    assert_survives_sanitizers,
    done,
    failed,
    running,
)
from tests.render.images import png_colors, png_pixels

N = "\u202f"


def series(**fields) -> SeriesView:
    known = {
        "job": running(),
        "field": "energy",
        "unit": "Ha",
        "x_label": "evaluation",
        "seq": [1, 2, 3, 4, 5],
        "attempts": [(0, 1)],
        "values": [-0.7, -0.9, -0.8, -1.1332, -1.1272],
        "reference": -1.13731,
        "goal": "min",
        "state": "open",
    }
    return SeriesView(**(known | fields))


RESTARTED = series(
    seq=[1, 2, 4, 5, 9],
    attempts=[(0, 1), (2, 2)],
    lost=[(4, 3)],
    values=[-0.7, -1.1, -0.8, -0.9, math.nan],
)


def picture(html: str) -> bytes:
    (source,) = Page(html).values("src")
    head, _, data = source.partition(",")
    assert head == "data:image/png;base64"
    return base64.b64decode(data, validate=True)


def test_text_gives_best_last_reference_and_error():
    assert series_text(series()) == (
        "Interim energy  d4qk1c7s9v8g008n2m60 · ◉ RUNNING · 5 values\n"
        f"best −1.133{N}20{N}Ha · last −1.127{N}20{N}Ha · exact −1.137{N}31{N}Ha"
        f" · error 4.11{N}mHa"
    )


def test_without_goal_or_reference_only_the_last_value_is_given():
    text = series_text(series(goal=None, reference=None, unit=""))
    assert text.splitlines()[1] == f"last −1.127{N}20"


def test_the_best_is_the_largest_where_large_is_good():
    assert f"best −0.700{N}00{N}Ha" in series_text(series(goal="max"))


def test_html_holds_the_values_as_text_and_a_picture_with_a_text_alternative():
    html = series_html(series(), NOW)
    assert_survives_sanitizers(html)
    page = Page(html)
    assert f"best −1.133{N}20{N}Ha" in page.text
    (alternative,) = page.values("alt")
    assert alternative == (
        f"Interim energy by evaluation: best −1.133{N}20{N}Ha, last −1.127{N}20{N}Ha, "
        f"exact −1.137{N}31{N}Ha, error 4.11{N}mHa"
    )
    assert png_pixels(picture(html))[0] == (1280, 600)


def test_html_says_that_a_running_job_went_on():
    assert "Saved view of a running job." in Page(series_html(series(), NOW)).text
    ended = series(job=done(), state="ended")
    assert "Saved view" not in Page(series_html(ended, NOW)).text


def test_values_of_an_earlier_attempt_do_not_count_as_best():
    text = series_text(RESTARTED)
    assert f"best −0.900{N}00{N}Ha" in text
    assert "5 of 8 values" in text
    assert Page(series_html(RESTARTED, NOW)).values("alt")[0].endswith(", 2 attempts")


def test_gaps_are_where_messages_are_missing():
    assert gaps(RESTARTED) == [Gap(5, 9, 3)]
    assert gaps(series()) == []


def test_runs_leave_out_what_no_plot_can_hold():
    view = series(values=[math.nan, math.inf, -math.inf, 1e301, 2.0])
    (run,) = runs(view)
    assert (run.x, run.y) == ([5], [2.0])


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (series(seq=[], attempts=[], values=[]), "Waiting for the first value."),
        (series(values=[math.nan] * 5), "Waiting for the first value."),
        (series(seq=[], attempts=[], values=[], state="ended"), "The job published no values."),
        (series(seq=[], attempts=[], values=[], job=done()), "The job published no values."),
    ],
)
def test_without_values_the_twin_says_so(view, said):
    html = series_html(view, NOW)
    assert said in Page(html).text
    assert "img" not in Page(html).tags
    assert said in series_text(view)
    assert png_pixels(series_png(view))


def test_a_failed_job_gives_its_reason_above_its_values():
    text = Page(series_html(series(job=failed(), state="ended"), NOW)).text
    assert text.index("Instruction cx") < text.index("best")


@pytest.mark.parametrize("bad", HOSTILE)
def test_hostile_names_are_shown_literally(bad):
    view = series(field=bad, unit=bad, x_label=bad)
    html = series_html(view, NOW)
    assert_survives_sanitizers(html)
    assert bad in Page(html).text
    assert png_pixels(picture(html))


def test_a_dollar_or_an_exotic_letter_is_drawn_as_it_is():
    """Drawing took "$" for mathematics and failed, and warned of letters the font lacks."""
    assert png_pixels(series_png(series(field="$\\frac{$", unit="能量 🙂 $x")))


def test_the_picture_changes_with_the_values_and_only_with_them():
    same, other = series(), series(values=[-0.7, -0.9, -0.8, -1.1332, -1.1])
    assert png_pixels(series_png(same)) == png_pixels(series_png(series()))
    assert png_pixels(series_png(same)) != png_pixels(series_png(other))


def test_the_picture_marks_gaps_attempts_and_the_running_best():
    band, earlier, best = "f1ebe0", "858585", "1a5fa8"
    assert {band, earlier, best} <= png_colors(series_png(RESTARTED))
    plain = png_colors(series_png(series(reference=None)))
    assert best in plain
    assert not {band, earlier} & plain


def test_the_line_does_not_cross_what_was_not_received():
    view = series(seq=[1, 2, 8, 9, 10], lost=[(2, 5)], reference=None)
    colors = png_colors(series_png(view, 640, 300, 1), columns=slice(330, 400))
    assert "f1ebe0" in colors
    assert "1a5fa8" not in colors
    assert "1a5fa8" in png_colors(series_png(series(reference=None), 640, 300, 1))


def test_the_picture_has_the_size_asked_for():
    assert png_pixels(series_png(series(), 480, 200, 1))[0] == (480, 200)


def test_the_picture_does_not_follow_the_users_matplotlib_style():
    """A dark style, or text.usetex without a TeX, changed or broke pictures made by a thread."""
    import matplotlib as mpl

    plain = png_pixels(series_png(series()))
    with mpl.rc_context(
        {
            "text.usetex": True,
            "figure.autolayout": True,
            "axes.facecolor": "black",
            "lines.linewidth": 9,
            "font.size": 30,
            "savefig.dpi": 30,
            "text.color": "white",
        }
    ):
        assert png_pixels(series_png(series())) == plain


def test_pictures_can_be_made_by_several_threads_at_once():
    views = [series(values=[-0.1 * n, -0.2, -0.3, -0.4, -0.5]) for n in range(6)]
    alone = [png_pixels(series_png(view)) for view in views]
    with ThreadPoolExecutor(4) as pool:
        assert [png_pixels(png) for png in pool.map(series_png, views)] == alone


@pytest.mark.parametrize(
    "values",
    [[5.0] * 5, [0.0] * 5, [1e299, -1e299, 0, 1, 2], [1e-300] * 5, [1e16, 1e16 + 2, 1e16, 0, 1]],
)
def test_extreme_values_still_make_a_picture(values):
    for target in (None, math.nan, math.inf, 1e299):
        view = series(values=values, reference=target)
        assert png_pixels(series_png(view))
        assert "best" in series_text(view)


def test_render_loads_matplotlib_only_for_pictures():
    loaded = "[name in sys.modules for name in ('matplotlib', 'qiskit')]"
    code = f"import sys, qjobwidgets.render; print(any({loaded}))"
    done_process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done_process.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("last", "end"), [(0, 10), (10, 10), (11, 15), (100, 100), (101, 150), (172, 200), (999, 1000)]
)
def test_the_axis_grows_in_steps(last, end):
    assert axis_end(last) == end


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50))
def test_the_running_best_never_gets_worse(values):
    best = running_best(values, "min")
    assert best == sorted(best, reverse=True)
    assert best[-1] == min(values)
    assert running_best(values, "max")[-1] == max(values)


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 8))
def test_ticks_are_few_and_inside(low, span, most):
    marks, decimals = ticks(low, low + span, most)
    slack = span * 1e-6 + abs(low) * 1e-9
    assert all(low - slack <= mark <= low + span + slack for mark in marks)
    assert len(marks) <= most + 1
    assert 0 <= decimals <= 12


def test_a_view_is_not_changed_by_looking_at_it():
    view = replace(series(), values=(1.0, 2.0, 3.0, 4.0, 5.0))
    series_html(view, NOW)
    assert view.values == (1.0, 2.0, 3.0, 4.0, 5.0)


SPSA = series(label="SPSA", attempts=[(0, 1), (2, 2)], lost=[(1, 4)])


def test_several_jobs_are_compared_in_their_latest_attempts():
    """That one of them had been begun anew was not to be seen."""
    cobyla = series(label="COBYLA", job=done())
    text = series_text([cobyla, SPSA])
    assert text.splitlines()[0].endswith("8 values")
    assert text.splitlines()[1].startswith(f"COBYLA: best −1.133{N}20{N}Ha")
    assert text.splitlines()[2].startswith("SPSA, attempt 2: best")
    html = series_html([cobyla, SPSA], NOW)
    assert_survives_sanitizers(html)
    assert "COBYLA" in Page(html).text
    assert {"1a5fa8", "8a3f96"} <= png_colors(picture(html))


def test_fields_that_are_no_one_quantity_have_pictures_of_their_own():
    std = series(field="std", panel="std", unit="", goal=None, reference=None)
    html = series_html([series(panel="Ha"), std], NOW)
    assert len(Page(html).values("src")) == 2
    assert "energy: best" in Page(html).text
    assert "std: last" in Page(html).text


def test_distances_are_drawn_in_decades_and_a_log_scale_says_when_it_can_not_be():
    view = series(state="ended", job=done())
    assert png_pixels(series_png(view, scale="error")) != png_pixels(series_png(view))
    assert png_pixels(series_png(view, scale="log")) == png_pixels(series_png(view))
    said = "A log scale needs positive values; energy is drawn linear."
    assert said in Page(series_html(view, NOW, scale="log")).text
    assert said in series_text(view, scale="log")
    positive = series(values=[1, 10, 100, 1000, 10], reference=None)
    assert said not in series_text(positive, scale="log")
    assert png_pixels(series_png(positive, scale="log")) != png_pixels(series_png(positive))


def test_points_of_finished_jobs_name_what_they_belong_to():
    group = series(job=None, field="usage", label="tag scan", x_label="job", goal=None, unit="s")
    assert series_text(group).startswith("usage of tag scan  5 values")
    none = series(job=None, seq=[], values=[], attempts=[], label="tag scan", note="No answer.")
    assert "No job has finished yet." in series_text(none)
    assert "No answer." in Page(series_html(none, NOW)).text


def test_a_long_curve_keeps_its_extremes():
    x = [float(n) for n in range(100_000)]
    y = [math.sin(n / 9_000) for n in range(100_000)]
    y[54_321] = 40.0
    thin_x, thin_y = thinned(x, y, 600)
    assert len(thin_x) < 1300
    assert (max(thin_y), min(thin_y)) == (40.0, min(y))
    assert (thin_x[0], thin_x[-1]) == (0.0, 99_999.0)
    assert thinned(x[:100], y[:100], 600) == (x[:100], y[:100])
