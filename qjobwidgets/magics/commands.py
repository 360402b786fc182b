"""The commands of ``%qjob``: one table, from which parser, help and completion are made.

What may be typed after a command stands beside what it does, in the modules named here.
"""

from __future__ import annotations

from typing import Final

from qjobwidgets.magics import accounts, housekeeping, jobs, submitting, views
from qjobwidgets.magics.cell import CELL
from qjobwidgets.magics.grammar import Command

__all__ = ["CELL", "COMMANDS"]

COMMANDS: Final[dict[str, Command]] = {
    command.name: command
    for room in (submitting, views, jobs, accounts, housekeeping)
    for command in room.COMMANDS
}
"""All commands by name, in the order of the help."""
