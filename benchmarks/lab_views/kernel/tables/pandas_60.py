"""A DataFrame of which sixty rows are shown."""

from __future__ import annotations

from functools import partial

from lab_views.kernel.tables import pandas_all

__all__ = ["make"]

make = partial(pandas_all.make, 60)
