"""How Sphinx makes the site of these pages: ``make docs-site``.

The pages are Markdown that also reads well where it lies, so nothing here adds to what they say.
What is said of the code in them is written by ``make docs`` and kept in the repository.
"""

from __future__ import annotations

from qjobwidgets import __version__

project = "qjobwidgets"
release = __version__
extensions = ["myst_parser"]
exclude_patterns = ["images"]

# a link to a heading, as repositories show it
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"qjobwidgets {release}"
html_show_copyright = False
html_show_sphinx = False
highlight_language = "none"  # for blocks that name no language: commands and drawings
