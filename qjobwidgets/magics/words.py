"""The words of a ``%qjob`` line: split like Python reads them, with values from the notebook."""

from __future__ import annotations

import re
from typing import Any

from IPython.core.error import UsageError

__all__ = ["evaluate", "key_value", "split"]

_OPEN, _CLOSE, _QUOTES = "([{", ")]}", "'\""
_PREFIXES = re.compile(r"(?:\A|.*\W)[bfru]{0,2}", re.IGNORECASE | re.DOTALL)
"""What may stand right before a quote: after other letters, as in ``it's``, it is none."""
_KEY = re.compile(r"([A-Za-z_]\w*)=(?!=)(.*)", re.DOTALL)


def split(line: str) -> list[str]:
    """Split at white space, but not inside quotes or brackets: ``pubs=[(bell, None)]`` is one word.

    A ``#`` that stands alone begins a comment; ``#3`` is a word.

    Raises:
        UsageError: A quote or a bracket is left open.
    """
    words: list[str] = []
    word, quote, depth = "", "", 0
    escaped = False
    for at, char in enumerate(line):
        if char.isspace() and not quote and depth == 0:
            words += [word] if word else []
            word = ""
            continue
        if char == "#" and not (word or quote or depth or line[at + 1 : at + 2].strip()):
            return words
        word += char
        if quote:
            quote = "" if char == quote and not escaped else quote
            escaped = char == "\\" and not escaped
        elif char in _QUOTES and _PREFIXES.fullmatch(word[:-1]):
            quote = char
        else:
            depth += (char in _OPEN) - (char in _CLOSE)
    if quote or depth > 0:
        kind = "quote" if quote else "bracket"
        raise UsageError(f"A {kind} is left open in {word!r}. Close it, or put it in quotes.")
    return [*words, word] if word else words


def key_value(word: str) -> tuple[str, str] | None:
    """Return the two sides of ``key=expression``, or ``None`` for any other word."""
    match = _KEY.fullmatch(word)
    return None if match is None else (match[1], match[2])


def evaluate(shell: Any, expression: str) -> Any:
    """Return the value of an expression in the notebook's namespace.

    Raises:
        UsageError: It has no value; the message says why.
    """
    try:
        return shell.ev(expression)
    except NameError as error:
        name = error.name or expression
        raise UsageError(
            f"There is no variable {name!r} in this notebook. "
            f"Define it first, or quote it to pass text: '{name}'"
        ) from None
    except Exception as error:  # noqa: BLE001 - the user's own code may raise anything
        raise UsageError(f"{expression!r}: {type(error).__name__}: {error}") from None
