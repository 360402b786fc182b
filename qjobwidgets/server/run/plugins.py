"""Plugins of the transpiler that are not Qiskit's own: loaded when one is asked for anything.

Qiskit loads all that are installed whenever it makes a pass manager, and then uses its own unless
another is named. The official client brings some, and its modules take as long to load as Qiskit
itself and a third more memory; a job that names none of them has neither.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points

from qiskit.transpiler import PassManager, PassManagerConfig
from qiskit.transpiler.preset_passmanagers.plugin import PassManagerStagePlugin
from stevedore import ExtensionManager

__all__ = ["load_when_used"]

_STAGES = "qiskit.transpiler."  # how the groups of entry points are called, one for each stage
_OWN = "qiskit."


def load_when_used() -> None:
    """Have pass managers made from now on load only the plugins they use; they know of all."""
    known = getattr(ExtensionManager, "ENTRY_POINT_CACHE", None)
    if known is None:  # a stevedore that looks them up in another way: all are loaded
        return
    installed = entry_points()
    for group in installed.groups:
        if group.startswith(_STAGES):
            found = installed.select(group=group)
            known[group] = [
                entry if entry.value.startswith(_OWN) else _later(entry) for entry in found
            ]


class _Later(EntryPoint):
    """What stands for a plugin until it is used."""

    def load(self) -> Callable[[], PassManagerStagePlugin]:
        """Return what makes the plugin."""
        load = super().load

        def make() -> _Plugin:  # a function, as stevedore asks for the name of what it is given
            return _Plugin(load)

        return make


def _later(entry: EntryPoint) -> EntryPoint:
    return _Later(name=entry.name, value=entry.value, group=entry.group)


class _Plugin(PassManagerStagePlugin):  # type: ignore[misc]
    def __init__(self, load: Callable[[], type[PassManagerStagePlugin]]) -> None:
        self._load = load

    def pass_manager(
        self, pass_manager_config: PassManagerConfig, optimization_level: int | None = None
    ) -> PassManager | None:
        """Load the plugin and return its passes."""
        plugin = self._load()()
        return plugin.pass_manager(pass_manager_config, optimization_level)
