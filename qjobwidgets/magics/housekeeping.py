"""The commands about the magics themselves: doctor, config, help."""

from __future__ import annotations

import argparse

import traitlets
from IPython.core.error import UsageError

from qjobwidgets import doctor as physician
from qjobwidgets.magics import words
from qjobwidgets.magics.desk import Desk
from qjobwidgets.magics.showing import Facts, say
from qjobwidgets.watch import budget

__all__ = ["config", "doctor", "help_of"]


def doctor(desk: Desk, asked: argparse.Namespace) -> physician.Report:  # noqa: ARG001 - as all
    """Look whether all is well, and return what was found."""
    return physician.Report(physician.examine(lambda: desk.service))


def config(desk: Desk, asked: argparse.Namespace) -> Facts:
    """Set what is given, and return what is set."""
    settings = desk.settings
    known = settings.traits(config=True)
    for word in asked.settings:
        pair = words.key_value(word)
        if pair is None or pair[0] not in known:
            names = ", ".join(f"{name}=" for name in known)
            raise UsageError(f"{word!r} sets nothing. What can be set: {names}")
        try:
            setattr(settings, pair[0], desk.value(pair[1]))
        except traitlets.TraitError as error:
            raise UsageError(" ".join(str(error).split())) from None
    settings.budget = budget()  # which may have been set without us
    return Facts({name: getattr(settings, name) for name in known})


def help_of(desk: Desk, asked: argparse.Namespace) -> None:  # noqa: ARG001 - as all commands
    """Print the help of a command, or of all."""
    # the parser is made of the table that this function stands in
    from qjobwidgets.magics.parser import command_help  # noqa: PLC0415

    say(command_help(asked.topic).rstrip())
