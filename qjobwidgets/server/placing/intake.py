"""What is taken from an attempt: messages and log text up to a cap, the rest is counted.

A message is kept as the text it came as, and sent inside of other JSON: one that is no JSON itself
would make the whole answer unreadable, so it is dropped like one that is too large.
"""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass, field

from qjobwidgets.server.run.wire import MESSAGE_CAP

__all__ = ["LOG_CAP", "Intake"]

LOG_CAP = 1024 * 1024
"""Most log text of an attempt, in bytes."""
_MESSAGES_CAP = 100_000
_MESSAGE_BYTES_CAP = 256 * 1024 * 1024


@dataclass(slots=True)
class Intake:
    """What one attempt has sent so far, and what was dropped over the caps."""

    messages: int = 0
    message_bytes: int = 0
    dropped: int = 0
    log_bytes: int = 0
    # Keeps the first bytes of a character until the next read brings the rest.
    decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    def admits(self, data: str) -> bool:
        """Whether one more message fits and can be read; counts it either way."""
        size = len(data)
        full = self.messages >= _MESSAGES_CAP or self.message_bytes + size > _MESSAGE_BYTES_CAP
        if full or size > MESSAGE_CAP or not _is_json(data):
            self.dropped += 1
            return False
        self.messages += 1
        self.message_bytes += size
        return True

    def log_text(self, raw: bytes) -> str:
        """Return what of the log text is kept."""
        room = LOG_CAP - self.log_bytes
        self.log_bytes += len(raw)
        if room < 0 or not raw:
            return ""
        text = self.decoder.decode(raw[:room]).replace("\0", "\ufffd")
        return text if len(raw) <= room else f"{text}\n[the rest of the log was dropped]\n"


def _is_json(text: str) -> bool:
    """Whether a text is JSON, in which the bare words NaN and Infinity may stand."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
