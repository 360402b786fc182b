"""The commands about all views and the magics themselves: freeze, stop, doctor, config, help."""

from __future__ import annotations

import argparse
from typing import Final

import traitlets
from IPython.core.error import UsageError

from qjobwidgets import doctor as physician
from qjobwidgets.host import Host, host
from qjobwidgets.magics import words
from qjobwidgets.magics.desk import Desk
from qjobwidgets.magics.grammar import Command, argument
from qjobwidgets.magics.showing import Facts, say
from qjobwidgets.watch import budget, stop_all
from qjobwidgets.widgets import View, open_views
from qjobwidgets.widgets.parts import Part

__all__ = ["COMMANDS"]


def freeze(desk: Desk, asked: argparse.Namespace) -> None:  # noqa: ARG001 - as all commands
    """Put static forms in the place of all live views of the notebook."""
    if host() is Host.TERMINAL:
        say("Views are text here, which nothing changes any more.")
        return
    views = _whole_views()
    for view in views:
        view.freeze()
    frozen = "1 view is" if len(views) == 1 else f"{len(views)} views are"
    say(f"{frozen} static now: save the notebook and share it. Run a cell again for a live view.")


def stop(desk: Desk, asked: argparse.Namespace) -> None:  # noqa: ARG001 - as all commands
    """Close all live views and end the watching."""
    views = _whole_views()
    for view in views:
        view.close()
    stop_all()
    closed = "1 view" if len(views) == 1 else f"{len(views)} views"
    say(f"{closed} closed, nothing is watched any more. The jobs go on.")


def _whole_views() -> list[View]:
    return [view for view in open_views() if not isinstance(view, Part)]


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


COMMANDS: Final = (
    Command(
        "freeze",
        "put static forms in the place of all live views, to share the notebook",
        freeze,
        examples=("%qjob freeze",),
    ),
    Command(
        "stop", "close all live views and end the watching", stop, more="The jobs go on.",
        examples=("%qjob stop",),
    ),
    Command(
        "doctor",
        "look whether all is well, and say what to do",
        doctor,
        more="Shows no secret, so it can be sent to someone who helps.",
        examples=("%qjob doctor",),
    ),
    Command(
        "config",
        "what can be set, and set it",
        config,
        (
            argument(
                "settings", help="new values; expressions", kind="setting", nargs="*", type=str,
                metavar="key=value",
            ),
        ),
        more="The same as %config QJobMagics.",
        examples=("%qjob config", "%qjob config shots=2048 backend='aer_local'"),
    ),
    Command(
        "help",
        "what there is, or all about a command",
        help_of,
        (argument("topic", help="a command", kind="command", nargs="?", default=""),),
        examples=("%qjob help", "%qjob help run"),
    ),
)  # fmt: skip
