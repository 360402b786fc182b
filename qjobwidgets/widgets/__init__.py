"""Views of jobs for a notebook: one anywidget model per view, each with a static twin."""

from __future__ import annotations

from qjobwidgets.widgets.badge import StatusBadge
from qjobwidgets.widgets.card import JobCard
from qjobwidgets.widgets.counts import CountsHistogram
from qjobwidgets.widgets.dashboard import JobsDashboard
from qjobwidgets.widgets.plot import InterimPlot
from qjobwidgets.widgets.table import JobsTable
from qjobwidgets.widgets.view import View, open_views

__all__ = [
    "CountsHistogram",
    "InterimPlot",
    "JobCard",
    "JobsDashboard",
    "JobsTable",
    "StatusBadge",
    "View",
    "open_views",
]
