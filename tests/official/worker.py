"""Runs the cases of one client in that client's environment, one after the other, as asked.

``python worker.py FOLDER`` reads from standard input a JSON object per line, with the name of a
module, of a function in it, and what to call it with: the door to the server for a case, or a text.
It answers each with the traceback, null when it went well, and with the text that was returned, if
any. The client is imported once for all cases.
"""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path

from door import Door


def serve(folder: Path) -> None:
    """Answer until there is nothing more to do."""
    sys.path.insert(0, str(folder))
    # Whatever a client prints goes elsewhere than our answers.
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)
        for line in sys.stdin:
            asked = json.loads(line)
            print(json.dumps(run(**asked)), file=answers, flush=True)


def run(
    module: str, function: str, door: dict[str, str] | None = None, text: str = ""
) -> tuple[str | None, str | None]:
    """Call a function; return what went wrong, and the text it gave."""
    try:
        argument = text if door is None else Door(**door)
        return None, getattr(importlib.import_module(module), function)(argument)
    except BaseException:  # noqa: BLE001 - also a SystemExit says something about the client
        return traceback.format_exc(), None


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
