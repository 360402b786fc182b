"""How true a view is at this moment: since when, and what will be tried next.

Network trouble is a state to show, never an exception in a thread and never a silent stale value.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Self

__all__ = ["Freshness"]


@dataclass(frozen=True, slots=True)
class Freshness:
    """The state of one account's watching.

    Attributes:
        state: ``"connecting"`` (nothing known yet), ``"live"``, ``"offline"`` (retrying), or
            ``"refused"`` (stopped until the user signs in again).
        as_of: When the service last answered, in seconds since the epoch.
        since: When the present trouble began, in seconds since the epoch.
        retry_at: When the next try comes, in seconds since the epoch.
        interval: Seconds between looks; ``None`` when nothing can change any more.
        message: What is wrong and what to do, one line.
    """

    state: str = "connecting"
    as_of: float | None = None
    since: float | None = None
    retry_at: float | None = None
    interval: float | None = None
    message: str | None = None

    def troubled(self, state: str, message: str, seconds: float) -> Self:
        """Return this after a look that failed, with the next one in so many seconds."""
        same = self.state == state and self.since is not None
        return replace(
            self,
            state=state,
            since=self.since if same else time.time(),
            retry_at=None if state == "refused" else time.time() + seconds,
            message=message,
        )

    def noted(self, message: str | None) -> Self:
        """Return this with a note, unless whatever is wrong is worse."""
        return replace(self, message=message) if self.state in {"live", "connecting"} else self
