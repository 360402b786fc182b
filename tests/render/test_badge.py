"""The badge says a status three times: glyph, word and colour."""

from __future__ import annotations

from datetime import UTC

import pytest

from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.render import badge_html, badge_text, status
from tests.render.facts import (
    HOSTILE,
    NOW,
    Page,
    assert_survives_sanitizers,
    contrast,
    failed,
    queued,
    running,
)


def test_badge_text_adds_position_and_code():
    assert badge_text(queued()) == "◷ QUEUED · 3 ahead"
    assert badge_text(queued(queue_position=1)) == "◷ QUEUED · next"
    assert badge_text(queued(queue_position=None)) == "◷ QUEUED"
    assert badge_text(failed()) == "◆ ERROR · 1517"
    assert badge_text(running()) == "◉ RUNNING"


@pytest.mark.parametrize("word", ["Paused by operator", "running!", ""])
def test_an_unknown_status_is_shown_as_it_came(word):
    record = JobRecord("job-1", word)
    assert badge_text(record) == f"◌ {word}"
    assert word in Page(badge_html(record, NOW)).text


def test_badge_html_tells_age_id_and_time():
    text = Page(badge_html(running(), NOW, tz=UTC)).text
    assert text == (
        "◉ RUNNING · 3\u202fmin 12\u202fs · d4qk1c7s9v8g008n2m60 · as of 2026-11-20 14:02"
    )


def test_in_a_line_of_text_the_badge_is_one_piece_with_the_rest_in_its_tooltip():
    page = Page(badge_html(failed(), NOW, tz=UTC, inline=True))
    assert set(page.tags) == {"span", "b"}
    assert page.text == "◆ ERROR · 1517"
    (tip,) = page.values("title")
    assert tip.startswith("d4qk1c7s9v8g008n2m3g · as of 2026-11-20 14:02 · Instruction cx on")
    assert tip.endswith("then run again.")


def test_badge_html_gives_the_reason_of_a_failure():
    text = Page(badge_html(failed(), NOW)).text
    assert text.endswith(
        "by ibm_kingston. Transpile with generate_preset_pass_manager, then run again."
    )


@pytest.mark.parametrize("bad", HOSTILE)
def test_hostile_words_are_shown_and_not_run(bad):
    html = badge_html(JobRecord(bad, bad[:40], reason=bad), NOW)
    assert_survives_sanitizers(html)
    assert bad in Page(html).text


def test_every_status_has_a_glyph_of_its_own():
    glyphs = {status.glyph(JobRecord("job-1", word)) for word in JobStatus}
    assert len(glyphs) == len(JobStatus)


@pytest.mark.parametrize("tone", status.Tone)
def test_every_tone_can_be_read_on_white(tone):
    assert contrast(tone.value, "#ffffff") >= 4.5


def test_clocks_that_disagree_make_no_negative_times():
    record = running(created=NOW, started=NOW.replace(minute=1))
    assert status.waited(record, NOW) == 0
    assert status.ran(running(started=NOW.replace(minute=3)), NOW) == 0
