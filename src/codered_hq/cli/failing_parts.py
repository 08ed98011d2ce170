"""Which parts of the worker's pass fail now, and when that is said again."""

import time

AGAIN_SECONDS = 600.0
"""Until the same failure of a part is said once more."""
LONGEST_REASON = 500


class Failing:
    """`parts`: those that failed when they were last tried, and why; kept over the passes."""

    def __init__(self) -> None:
        self.parts: dict[str, str] = {}
        self._said: dict[str, float] = {}

    def note(self, part: str, why: str) -> list[str]:
        """A part failed: the line to say, none if the same was said less than ten minutes ago."""
        reason, now = why[:LONGEST_REASON], time.monotonic()
        if self.parts.get(part) == reason and now - self._said[part] < AGAIN_SECONDS:
            return []
        self.parts[part], self._said[part] = reason, now
        return [f"failed, tried again: {why}"]

    def forget(self, part: str) -> list[str]:
        """A part was done: a line if it failed before."""
        return ["works again"] if self.parts.pop(part, None) is not None else []
