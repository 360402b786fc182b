"""Reads texts as attempts do, and tells of each what came of it; started by ``test_mutants.py``.

It begins with the text whose number it is given: whoever ends this process is skipped next time.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import warnings
from pathlib import Path

from qjobwidgets.codec import loads
from qjobwidgets.errors import CodecError
from qjobwidgets.server.programs.limits import reading, restrict


def main(path: str, first: int) -> None:
    texts = json.loads(Path(path).read_text(encoding="utf-8"))
    # Qiskit warns of much that damage looks like, and panics at length.
    warnings.simplefilter("ignore")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    restrict(8 * 1024**3)
    for text in texts[first:]:
        try:
            with reading(len(text)):
                loads(text)
        except CodecError:
            outcome = "refused"
        else:
            outcome = "read"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        sys.stdout.write(f"{outcome} {peak // 1024}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
