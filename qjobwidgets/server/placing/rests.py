"""How long a job waits after it was interrupted again and again.

Interruptions are no fault of the job, as far as anybody knows, so it runs again however many there
were. But where they come one after the other something is broken, and must not keep the machine
busy with nothing: from the second one on each is followed by a rest, every time a longer one.
"""

from __future__ import annotations

__all__ = ["Rests"]

_LONGEST = 30.0
_MEMORY = 600.0  # seconds after a rest until the interruptions before it are forgotten


class Rests:
    """The jobs that were interrupted lately, and until when they rest."""

    def __init__(self) -> None:
        self._jobs: dict[str, tuple[int, float]] = {}

    def interrupted(self, job: str, now: float) -> None:
        """Note an interruption; times are monotonic."""
        times, _ = self._jobs.get(job, (0, now))
        rest = min(2.0 ** (times - 1), _LONGEST) if times else 0.0
        # Beyond the longest rest nothing changes any more.
        self._jobs[job] = (min(times + 1, 10), now + rest)

    def ended(self, job: str) -> None:
        """Note that an attempt at the job came to an end of its own."""
        self._jobs.pop(job, None)

    def resting(self, now: float) -> set[str]:
        """Return the jobs that must not be started yet."""
        self._jobs = {
            job: (times, until)
            for job, (times, until) in self._jobs.items()
            if now < until + _MEMORY
        }
        return {job for job, (_, until) in self._jobs.items() if now < until}
