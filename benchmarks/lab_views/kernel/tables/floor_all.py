"""The floor with all of its rows sent at once."""

from __future__ import annotations

from functools import partial

from lab_views.kernel.tables import floor

__all__ = ["make"]

make = partial(floor.make, None)
