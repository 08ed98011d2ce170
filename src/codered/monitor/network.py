"""The network as one more sense of a watch: who on this host reaches for hosts it knows nothing of."""

import time

from codered.model.allow_list import AllowList
from codered.model.errors import CoverageIncomplete
from codered.model.finding import Finding
from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.scan.behaviour import BehaviourWatch

NOT_WATCHED = "network behaviour is not watched"
NOT_THIS_HOST = f"{NOT_WATCHED}: this is not the running host"
PAUSE = 0.05  # seconds between two readings: a worm at 300/s fills no buffer in that time


class NetworkSense:
    """Open from its making on, if it can be: `notes` says why not. Its cost is bounded: a burst is read in one go."""

    def __init__(self, target: Target, rules: RuleSet, allowed: AllowList) -> None:
        self._watch: BehaviourWatch | None = None
        self._why = NOT_THIS_HOST
        self._due = 0.0
        self._told: set[str] = set()
        if target.info.kind == "live_linux" and target.info.root == "/":
            try:
                self._watch = BehaviourWatch(rules, allowed)
            except (CoverageIncomplete, OSError) as error:
                self._why = f"{NOT_WATCHED}: {error}"

    def fileno(self) -> int:
        """What can be waited on; -1 if nothing is heard, or was just now."""
        return self._watch.fileno() if self._watch is not None and time.monotonic() >= self._due else -1

    def limit(self, seconds: float) -> float:
        """How long may be waited: what came just now may be the beginning of more, and is read again after a pause."""
        rest = self._due - time.monotonic()
        return min(seconds, rest) if self._watch is not None and rest > 0 else seconds

    def read(self) -> list[Finding]:
        """What is new, or surer than before. Never waits."""
        if self._watch is None or time.monotonic() < self._due:
            return []
        found = self._watch.read()
        self._due = time.monotonic() + PAUSE
        return found

    def find_gaps(self) -> tuple[str, ...]:
        """What should be seen of the network and is not, or was lost, in words: each of them once, as it shows."""
        if self._watch is None:
            gaps: tuple[str, ...] = (self._why,) if self._why != NOT_THIS_HOST else ()
        else:
            gaps = self._watch.gaps()
        new = {gap.partition(":")[0]: gap for gap in gaps}  # the counts behind the colon grow
        new = {name: gap for name, gap in new.items() if name not in self._told}
        self._told.update(new)
        return tuple(new.values())

    def notes(self) -> tuple[str, ...]:
        """What can't be seen of the network, in words."""
        return self._watch.notes() if self._watch is not None else (self._why,)

    def close(self) -> None:
        """Hear no more."""
        if self._watch is not None:
            self._watch.close()
