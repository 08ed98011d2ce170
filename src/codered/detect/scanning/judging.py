"""When a score is enough: the gates, and the verdict that is made."""

from codered.detect.scanning.contacts import ActorContacts, PortContacts, network_of
from codered.detect.scanning.explaining import explain_gates, explain_scan, explain_withheld
from codered.detect.scanning.gates import count_failed_networks, hold_back, is_walk, load_gate_numbers
from codered.detect.scanning.preference import Behaviour, name_packs, prefer
from codered.detect.scanning.scores import count_unanswered
from codered.detect.scanning.tallies import latest_destinations
from codered.detect.scanning.thresholds import Thresholds
from codered.model.finding import Confidence
from codered.model.traffic import ScanVerdict


class Judge:
    """The gates, and how packs choose their victims."""

    def __init__(self, thresholds: Thresholds, behaviours: tuple[Behaviour, ...]) -> None:
        self._thresholds, self._behaviours = thresholds, behaviours
        self._numbers = load_gate_numbers()

    def is_enough(self, port: PortContacts, now: float) -> bool:
        """Whether there may be something new to say: the score is over the threshold (for ARP: many unanswered)."""
        if port.told == "confirmed" or port.failed < port.look_at:
            return False
        if port.protocol == "arp":
            return not port.told and count_unanswered(port, now, self._thresholds) >= self._thresholds.arp_unanswered
        return port.score >= self._thresholds.threshold

    def judge_scan(self, actor: ActorContacts, port: PortContacts, now: float, names_seen: bool) -> ScanVerdict | None:
        """The verdict that the gates allow, if it was not told before."""
        networks = port.count_networks(now - self._thresholds.quiet)
        of_last = actor.count_recent(port.key)
        walks = networks < self._thresholds.networks and is_walk(port, self._numbers)
        if walks:  # failures that are kept are one network of a long walk
            networks = count_failed_networks(port)
        enough = max(networks, self._thresholds.networks) if walks else networks
        held_back = explain_gates(port, enough, of_last, self._thresholds)
        if port.protocol != "arp":
            held_back += hold_back(actor, port, now, self._numbers)
        if port.cut_off and now - port.since < self._thresholds.outage_seconds and _is_unreached(actor, port):
            held_back.append("nearly all was answered until then and nothing since: the line may be cut")
        confidence: Confidence = "likely" if held_back else "confirmed"
        if port.told == confidence:
            port.look_at = port.failed + 1 + port.failed // 16  # gates cost time: not at each failure
            return None
        port.told = confidence
        seconds = max(0.0, now - port.since)
        named = port.named if names_seen else None
        chosen = latest_destinations(port)
        return ScanVerdict(
            at=now,
            actor=actor.key,
            source=actor.source,
            kind="scan",
            protocol=port.protocol,
            port=port.port,
            confidence=confidence,
            because=explain_scan(port, networks, seconds, named),
            attempts=port.judged,
            failed=port.failed,
            attempts_seen=port.attempts,
            networks=networks,
            seconds=seconds,
            named=named,
            preference=prefer(chosen, actor.source),
            packs=name_packs(self._behaviours, port.protocol, port.port, chosen, actor.source),
            held_back=tuple(held_back),
        )

    def judge_withheld(
        self, actor: ActorContacts, port: PortContacts, withheld: dict[bytes, float], now: float
    ) -> ScanVerdict | None:
        """What an outage that is odd for one withheld: "likely", when it would be enough without it."""
        limits = self._thresholds
        networks = len({network_of(address) for address in withheld})
        needed = limits.udp_silent_networks if port.protocol == "udp" else limits.networks
        if len(withheld) * limits.failure_weight < limits.threshold or networks < needed:
            return None
        port.told = "likely"
        seconds = max(0.0, now - min(withheld.values()))
        return ScanVerdict(
            at=now,
            actor=actor.key,
            source=actor.source,
            kind="scan",
            protocol=port.protocol,
            port=port.port,
            confidence="likely",
            because=explain_withheld(port, len(withheld), networks, seconds),
            attempts=len(withheld),
            failed=len(withheld),
            attempts_seen=port.attempts,
            networks=networks,
            seconds=seconds,
            preference=prefer(list(withheld), actor.source),
            held_back=("hosts that had answered it fail as well: the line may be cut, or they are made to fail",),
        )


def _is_unreached(actor: ActorContacts, port: PortContacts) -> bool:
    """Whether nothing that was tried since most of these failures began was answered."""
    failures = port.failures or {}
    return 2 * sum(failure.tried > actor.reached for failure in failures.values()) > len(failures)
