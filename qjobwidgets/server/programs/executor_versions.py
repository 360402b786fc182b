"""In what the published versions of the ``executor`` schema differ.

Version 1 keeps the circuits of a program together, version 2 compresses them and all tensors.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["VERSIONS", "Version"]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the schema.

    Attributes:
        newest_qpy: Newest version of QPY that circuits may have; none: any that can be read.
        newest_ssv: Newest serialization of samplexes; none: any that can be read.
        circuits_apart: Whether the circuits stand beside the items, not inside them.
        compressed: Whether circuits and tensors are deflated.
        describes_items: Whether results have metadata of items and the data passed through.
        describes_parts: Whether results say which elements a chunk held, and their semantic role.
    """

    newest_qpy: int | None
    newest_ssv: int | None
    circuits_apart: bool = True
    compressed: bool = False
    describes_items: bool = True
    describes_parts: bool = True


VERSIONS = {
    "v0.1": Version(
        newest_qpy=16,
        newest_ssv=1,
        circuits_apart=False,
        describes_items=False,
        describes_parts=False,
    ),
    "v0.2": Version(newest_qpy=17, newest_ssv=2, circuits_apart=False, describes_parts=False),
    "v1.0": Version(newest_qpy=17, newest_ssv=3),
    "v1.1": Version(newest_qpy=17, newest_ssv=4),
    "v2.0": Version(newest_qpy=None, newest_ssv=None, compressed=True),
}
"""The versions, by their name on the wire."""
