"""What a benchmark prints: a table with targets, line by line as it is measured."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; ``good`` is whether the target is met, ``None`` without a target."""

    what: str
    value: str
    target: str = ""
    good: bool | None = None

    def __str__(self) -> str:
        mark = {None: "", True: "ok", False: "MISSED"}[self.good]
        return f"{self.what:<58} {self.value:>22}  {self.target:<12} {mark}"


def report(lines: Iterable[Line]) -> int:
    """Print the table; return the exit status, which says whether every target was met."""
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f} before the run\n")
    missed = 0
    for line in lines:
        print(line, flush=True)
        missed += line.good is False
    print(f"\nload {os.getloadavg()[0]:.2f} after the run; {missed} targets missed")
    return 1 if missed else 0
