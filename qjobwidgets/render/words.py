"""Times, numbers and ids in the words of the product.

A narrow no-break space (U+202F) groups thousands and stands before units, minus is a true minus,
and what is not known is an en dash, never zero. Times are shown in ``tz``, by default the local
time zone. All functions are pure: whoever calls says what time it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime, tzinfo

__all__ = [
    "NARROW",
    "UNKNOWN",
    "clean",
    "clock",
    "day_time",
    "decimals_for",
    "difference",
    "distances",
    "duration",
    "kind_of_session",
    "moment",
    "number",
    "seconds",
    "share",
    "short_id",
    "stamp",
    "with_unit",
]

NARROW = "\u202f"
UNKNOWN = "–"

_DAY = 86_400
# not strftime("%b"): month names must not change with the locale of whoever runs the notebook
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# white space that breaks a line or a column; not the no-break spaces, which our own words use
_WHITE = re.compile("[ \t-\r\x1c-\x1f\x85\u2028\u2029]+")
# control characters, lone surrogates and marks that turn the direction of the text around them
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_THOUSAND_GAPS = re.compile(r"(?<=\d)(?=(?:\d{3})+$)")
_TRIPLES = re.compile(r"\d{3}(?=\d)")
# units of energy whose thousandths are what chemists quote
_PREFIXES = ((1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"))
_UNITS = ((_DAY, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))


def duration(length: float | None) -> str:
    """Return a length of time given in seconds, in two units at most: ``"3 min 12 s"``."""
    if length is None or not math.isfinite(length):
        return UNKNOWN
    if length < 1:
        tenths = round(max(length, 0.0), 1)
        return f"{tenths:.1f}{NARROW}s" if 0 < tenths < 1 else f"{tenths:.0f}{NARROW}s"
    # whole units are cut, not rounded: a job never ran longer than it did
    whole = int(length)
    for size, name, next_size, next_name in _UNITS:
        if whole >= size:
            rest = whole % size // next_size
            tail = f" {rest}{NARROW}{next_name}" if rest else ""
            return f"{number(whole // size)}{NARROW}{name}{tail}"
    return f"{whole}{NARROW}s"


def seconds(length: float | None) -> str:
    """Return a charged time given in seconds: ``"41.2 s"``, from a minute on as a duration."""
    if length is None or not math.isfinite(length):
        return UNKNOWN
    if length >= 60:
        return duration(length)
    return f"{number(length, 1) if length else 0}{NARROW}s"


def clock(time: datetime, tz: tzinfo | None = None) -> str:
    """Return the time of day: ``"13:41"``."""
    return f"{time.astimezone(tz):%H:%M}"


def day_time(time: datetime, tz: tzinfo | None = None) -> str:
    """Return day and time: ``"19 Nov 13:41"``."""
    local = time.astimezone(tz)
    return f"{local.day} {_MONTHS[local.month - 1]} {local:%H:%M}"


def stamp(time: datetime, tz: tzinfo | None = None) -> str:
    """Return date and time in full: ``"2026-11-20 14:02"``."""
    return time.astimezone(tz).isoformat(" ", "minutes")[:16]


def moment(time: datetime | None, now: datetime, tz: tzinfo | None = None) -> str:
    """Return a time as short as it stays unmistakable beside the date of ``now``."""
    if time is None:
        return UNKNOWN
    local, today = time.astimezone(tz), now.astimezone(tz)
    if local.date() == today.date():
        return clock(local, tz)
    return day_time(local, tz) if local.year == today.year else stamp(local, tz)


def number(value: float | None, decimals: int | None = None) -> str:
    """Return a number with grouped digits: ``"4 096"``, ``"−1.137 31"``.

    Args:
        value: The number; ``None``, NaN and infinities are shown as unknown.
        decimals: Digits after the point; without it an integer has none and a float up to six
            significant digits.
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return UNKNOWN
    if decimals is None:
        text = str(value) if isinstance(value, int) else f"{value:.6g}"
    else:
        text = f"{value:.{decimals}f}" if _fits(value, decimals) else f"{value:.2e}"
    mantissa, e, exponent = text.partition("e")
    whole, point, fraction = mantissa.lstrip("-").partition(".")
    negative = mantissa.startswith("-") and (whole + fraction).strip("0") != ""
    grouped = _THOUSAND_GAPS.sub(NARROW, whole) + point + _TRIPLES.sub(rf"\g<0>{NARROW}", fraction)
    power = str(int(exponent)).replace("-", "−") if e else ""
    return f"{'−' if negative else ''}{grouped}{e}{power}"


def _fits(value: float, decimals: int) -> bool:
    """Whether fixed decimals show the value, and not a row of digits without meaning."""
    size = abs(value)
    lost = decimals >= 6 and 0 < size < 10.0**-decimals
    return size < 1e15 and not lost


def decimals_for(values: Sequence[float]) -> int:
    """Return how many decimals tell these values apart: five significant digits of their span."""
    if not values:
        return 0
    span = max(values) - min(values) or max(abs(v) for v in values)
    if not span or not math.isfinite(span):
        return 0
    return min(max(4 - math.floor(math.log10(span)), 0), 12)


def with_unit(value: float, unit: str, decimals: int) -> str:
    """Return a value with its unit: ``"−1.137 31 Ha"``."""
    text = number(value, decimals)
    return f"{text}{NARROW}{clean(unit)}" if unit else text


def difference(value: float, unit: str, decimals: int) -> str:
    """Return a difference with its unit, scaled so that it reads well: ``"4.10 mHa"``.

    Without a unit there is nothing to scale, and it has as many ``decimals`` as the values.
    """
    if not unit or not math.isfinite(value):
        return with_unit(value, unit, decimals)
    scale, prefix = next(
        (step for step in _PREFIXES if abs(value) >= step[0]), _PREFIXES[-1 if value else 0]
    )
    return with_unit(value / scale, f"{prefix}{unit}", 2)


def distances(fidelity: float, error: float, variation: float) -> str:
    """Return how far two distributions are apart: ``"Hellinger fidelity 0.981 ± 0.003, ..."``.

    Args:
        fidelity: The Hellinger fidelity.
        error: Its standard deviation by shot noise.
        variation: The total variation distance.
    """
    noise = number(error, 3)
    more = f" ± {noise}" if noise.strip("0.") else ""
    return f"Hellinger fidelity {number(fidelity, 3)}{more}, total variation {number(variation, 3)}"


def share(part: float, whole: float) -> str:
    """Return a part of a whole in percent: ``"12.4 %"``."""
    return f"{number(100 * part / whole, 1)}{NARROW}%" if whole else UNKNOWN


def short_id(job_id: str) -> str:
    """Return the first and last four characters of an id: ``"d4qk…2m60"``."""
    text = clean(job_id)
    return text if len(text) <= 9 else f"{text[:4]}…{text[-4:]}"


def kind_of_session(mode: str | None) -> str:
    """Return what a session is called, of which the service says ``"dedicated"`` or ``"batch"``."""
    return "batch" if mode == "batch" else "session"


def clean(text: str, limit: int = 1000) -> str:
    """Return text from outside on one line, cut to ``limit`` characters and safe to show.

    Control characters would act on a terminal, lone surrogates can't be written to a notebook
    file, and direction marks make text read differently from what it is: each becomes U+FFFD.
    """
    line = _UNSAFE.sub("\ufffd", _WHITE.sub(" ", text[: 2 * limit]).strip())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
