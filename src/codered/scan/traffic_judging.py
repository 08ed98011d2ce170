"""Events of traffic, judged: payloads by the packs, everything else by the detector. The same for files and live."""

from typing import NamedTuple

from codered.detect.payloads import PayloadJudge
from codered.detect.scanning.detector import ScanDetector
from codered.detect.scanning.preference import Behaviour
from codered.detect.scanning.thresholds import load_thresholds
from codered.detect.traffic_signs import index_payload_signs
from codered.detect.traffic_story import TrafficStory
from codered.detect.traffic_summary import Judged, Repeats
from codered.model.ruleset import RuleSet
from codered.model.traffic import Attempt, Missed, Reply, ScanVerdict, SeenTraffic, Sent
from codered.scan.process_families import ProcessFamilies

MOST_VERDICTS = 100_000
MOST_TROUBLES = 100


class TrafficCounts(NamedTuple):
    """How much was judged: connection attempts, and the times of the first and last event (None = there was none)."""

    attempts: int
    first: float | None
    last: float | None


class TrafficJudge:
    """Takes events one by one, in rising time as far as the source has them so. `lost` says what sources missed.
    `families` are judged beside the processes they are made of.
    """

    def __init__(self, rules: RuleSet, families: ProcessFamilies | None = None) -> None:
        self._families = families
        self._payloads = PayloadJudge(rules)
        self._detector = ScanDetector(load_thresholds(), _list_behaviours(rules))
        self.signs = index_payload_signs(rules.packs)
        self.story = TrafficStory(self.signs)
        self._verdicts: list[ScanVerdict] = []
        self._attempts = 0
        self._first: float | None = None
        self._last: float | None = None
        self.lost: dict[str, int] = {}
        self.left_out = 0

    def take(self, event: SeenTraffic) -> None:
        """Judge an event."""
        if isinstance(event, Attempt):
            self._attempts += event.protocol != "arp"  # who asks for an address connects to nobody yet
            self._detector.take(event)
            if self._families is not None:
                self._take_as_families(event)
        elif isinstance(event, Sent):
            request = self._payloads.judge(event)
            if request is not None:
                self.story.take(request)
                self._detector.take(request)
        elif isinstance(event, Missed):
            self._note_lost(event)
            return
        else:
            self._detector.take(event)
            if self._families is not None and isinstance(event, Reply):
                self._take_as_families(event)
        at = event.at
        if self._last is None or self._first is None:
            self._first = self._last = at
        elif at > self._last:
            self._last = at
        elif at < self._first:
            self._first = at

    def advance(self, now: float | None = None) -> list[ScanVerdict]:
        """The verdicts that are new; what still waits for an answer is aged up to `now` (seconds since the epoch;
        None = the time of the last event).
        """
        until = now if now is not None else self._last
        if until is not None:
            self._detector.advance(until)
        new = self._detector.verdicts()
        if self._families is not None and new:
            new = self._families.sift(new)
        room = MOST_VERDICTS - len(self._verdicts)
        self._verdicts += new[:room]
        self.left_out += max(0, len(new) - room)
        return new

    def judged(self, repeats: Repeats | None = None) -> Judged:
        """All verdicts up to now, and the counts of the actors; `repeats` are attempts that were only counted."""
        return Judged(tuple(self._verdicts), tuple(self._detector.tallies()), repeats or {})

    def counts(self) -> TrafficCounts:
        """How much was judged."""
        return TrafficCounts(self._attempts, self._first, self._last)

    def forgotten(self) -> tuple[str, ...]:
        """What memory had no room for, in words."""
        more = (f"{self.left_out:,} verdicts beyond the {MOST_VERDICTS:,} that are kept",) if self.left_out else ()
        return (*self._detector.forgotten(), *more)

    def troubles(self) -> tuple[str, ...]:
        """What could not be judged, in words."""
        lost = tuple(
            f"{why}: {count:,} events lost" if count else f"{why}: events were lost" for why, count in self.lost.items()
        )
        gave_up = self._payloads.gave_up
        return (*lost, *((f"{gave_up:,} payloads that the engine did not finish with",) if gave_up else ()))

    def _take_as_families(self, event: Attempt | Reply) -> None:
        assert self._families is not None
        for one in self._families.relay(event):
            self._detector.take(one)

    def _note_lost(self, missed: Missed) -> None:
        if missed.why in self.lost or len(self.lost) < MOST_TROUBLES:
            self.lost[missed.why] = self.lost.get(missed.why, 0) + missed.count


def _list_behaviours(rules: RuleSet) -> tuple[Behaviour, ...]:
    """How the packs' threats look for victims."""
    return tuple(
        Behaviour(name=loaded.pack.name, protocol=how.protocol, ports=how.ports, addresses=how.addresses)
        for loaded in rules.packs
        if (how := loaded.pack.scan_behaviour) is not None
    )
