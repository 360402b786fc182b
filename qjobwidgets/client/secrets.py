"""Text and bytes that are sent but never shown.

A debugger or a verbose traceback prints the values it finds in the frames of the libraries below
us, headers and bodies included. These subclasses survive that way and print as ``'***'``.
"""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["SecretBytes", "SecretText", "hidden", "sendable"]

_SHOWN = "'***'"


class SecretText(str):
    """A token or a header made of one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _SHOWN

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are not pickled")


class SecretBytes(bytes):
    """A request body that holds a token."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _SHOWN

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are not pickled")


def hidden(token: Any) -> Any:
    """Return what a user gave as a token so that it does not show itself; all else as it is."""
    if isinstance(token, str):
        return SecretText(token)
    return SecretBytes(token) if isinstance(token, bytes) else token


def sendable(text: str) -> bool:
    """Whether a text can stand in a header: what can't would fail in a library that shows it."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text
