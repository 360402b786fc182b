"""``python -m qjobwidgets``: the same as the ``qjobwidgets`` command."""

from qjobwidgets.cli import main

main()
