"""The ``%qjob`` magics of one shell: a line goes to a command, its errors become one line."""

from __future__ import annotations

import time
from typing import Any

import traitlets
from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from qjobwidgets import watch
from qjobwidgets.errors import QJobError, ServiceUnreachableError
from qjobwidgets.host import Host, host
from qjobwidgets.magics import words
from qjobwidgets.magics.completion import matcher
from qjobwidgets.magics.desk import Desk
from qjobwidgets.magics.parser import command_help, parse, parse_cell
from qjobwidgets.magics.static import wait_for_facts
from qjobwidgets.watch.budget import DEFAULT_BUDGET, LARGEST_BUDGET
from qjobwidgets.widgets import View, open_views

__all__ = ["QJobMagics"]


@magics_class
class QJobMagics(Magics):
    """The magics of one shell, and what ``%config QJobMagics`` can set."""

    shell: Any

    backend = traitlets.Unicode(
        None, allow_none=True, help="Backend of %qjob run where none is named."
    ).tag(config=True)
    shots = traitlets.Int(
        None, allow_none=True, min=1, help="Shots of %qjob run sampler where none are given."
    ).tag(config=True)
    tags = traitlets.List(
        traitlets.Unicode(), help="Tags of all jobs submitted by %qjob run and %%qjob."
    ).tag(config=True)
    budget = traitlets.Int(
        DEFAULT_BUDGET,
        min=1,
        max=LARGEST_BUDGET,
        help="Requests a minute that watching may cost an account.",
    ).tag(config=True)

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)  # which makes it known to %config
        self.desk = Desk(shell, self)
        self.matcher = matcher(self.desk)

    @no_var_expand
    @line_cell_magic
    def qjob(self, line: str, cell: str | None = None) -> Any:
        """Replaced below by the parser's own help, so that ``%qjob?`` tells the truth."""
        asked_at = time.time()
        try:
            split = words.split(line)
            meant = parse(split) if cell is None else parse_cell(split)
            if meant is None:
                return None
            command, asked = meant
            value = command.act(self.desk, asked, *([] if cell is None else [cell]))
        except ServiceUnreachableError as error:
            hint = "" if error.fix else " What is wrong: %qjob doctor"
            raise UsageError(" ".join(f"{error}{hint}".split())) from None
        except (QJobError, traitlets.TraitError, ValueError) as error:
            raise UsageError(" ".join(str(error).split())) from None
        if isinstance(value, View) and host() is Host.TERMINAL:
            wait_for_facts([value], asked_at)
        return value

    qjob.__doc__ = command_help("")

    def after_cell(self, _result: object) -> None:
        """A terminal has shown its texts by now: nobody sees those views change."""
        if host() is Host.TERMINAL:
            for view in open_views():
                view.visible = False  # from the next look on, which is planned already

    @traitlets.observe("budget")
    def _budget_set(self, change: Any) -> None:
        watch.budget(change["new"])
