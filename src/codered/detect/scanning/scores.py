"""The arithmetic of the reverse sequential test: the score of one actor on one port, with its ageing."""

from math import exp2, log

from codered.detect.scanning.contacts import MOST_FAILURES, Failure, PortContacts, network_of
from codered.detect.scanning.thresholds import Thresholds

NEGLIGIBLE = 0.01
HISTORY = (1 << 32) - 1
MOST_NETWORKS = 64  # whose answers are counted, of one port


def weigh(benign_succeeds: float, scanner_succeeds: float) -> tuple[float, float]:
    """What a failure and a success add to the score, given how often each kind of actor succeeds (0 to 1)."""
    return log((1 - scanner_succeeds) / (1 - benign_succeeds)), log(scanner_succeeds / benign_succeeds)


def age(port: PortContacts, now: float, half_life: float) -> None:
    """Let the score decay up to `now`; a clock that was set back changes nothing."""
    elapsed = now - port.when
    if elapsed > 0 and port.score:
        port.score *= exp2(-elapsed / half_life)
    port.when = now


def add_failure(port: PortContacts, destination: bytes, failure: Failure, thresholds: Thresholds) -> None:
    """Count a failed first contact."""
    now = failure.counted
    age(port, now, thresholds.half_life)
    if port.score < NEGLIGIBLE and now - port.last_failure > thresholds.half_life:
        port.begin_anew()
    if now - port.last_failure > thresholds.quiet:
        port.told = ""
        port.begin_anew()
    failures = port.failures
    if failures is None:
        failures = port.failures = {}
        port.since = failure.tried
        port.cut_off = was_answered(port, failure.tried, thresholds)
    elif len(failures) >= MOST_FAILURES:
        del failures[next(iter(failures))]
    failures[destination] = failure
    port.since = min(port.since, failure.tried)
    port.last_failure = now
    port.judged += 1
    port.failed += 1
    port.named += failure.named
    port.all_failed += 1
    port.history = port.history << 1 & HISTORY
    port.score = min(thresholds.cap, port.score + failure.weight)


def count_more(port: PortContacts, now: float) -> None:
    """Count a failure of an actor of which all was said on this port."""
    port.last_failure = now
    port.judged += 1
    port.failed += 1
    port.all_failed += 1


def was_answered(port: PortContacts, when: float, thresholds: Thresholds) -> bool:
    """Whether first contacts on this port were nearly all answered just before `when`: then a row of failures may be a
    cut line, though no known peer is asked.
    """
    enough = port.history.bit_count() >= thresholds.answered_before
    return enough and when - port.last_answer < thresholds.outage_seconds


def take_back(port: PortContacts, destination: bytes, now: float, half_life: float) -> Failure | None:
    """Uncount a failure that was none; None when it is not known as one."""
    failure = port.failures.pop(destination, None) if port.failures else None
    if failure is None:
        return None
    age(port, now, half_life)
    weight = failure.weight * exp2(-max(0.0, now - failure.counted) / half_life)
    port.score = max(0.0, port.score - weight)
    port.judged -= 1
    port.failed -= 1
    port.named -= failure.named
    port.all_failed -= 1
    return failure


def add_success(port: PortContacts, destination: bytes, now: float, thresholds: Thresholds) -> None:
    """Count a first contact that was answered."""
    age(port, now, thresholds.half_life)
    port.all_answered += 1
    if not _is_worth(port, network_of(destination), now, thresholds):
        port.judged += 1
        return
    port.history = (port.history << 1 | 1) & HISTORY
    port.last_answer = now
    port.judged += 1
    port.score = max(0.0, port.score + thresholds.success_weight)
    if port.score == 0.0 and port.protocol != "arp":
        port.begin_anew()


def forget_recent(port: PortContacts, now: float, thresholds: Thresholds) -> dict[bytes, Failure]:
    """Take back every failure of the last minute, and give them. The addresses stay known as tried: who tries the dead
    ones among them again, once the line is back, has not begun to scan.
    """
    begin = now - thresholds.outage_seconds
    recent = {address: failure for address, failure in (port.failures or {}).items() if failure.counted >= begin}
    for address in recent:
        take_back(port, address, now, thresholds.half_life)
    if not port.failures:
        port.begin_anew()
    return recent


def is_silent_crowd(port: PortContacts, thresholds: Thresholds) -> bool:
    """Whether so many networks were silent that silence means something by UDP."""
    return len(port.failures or ()) >= thresholds.udp_silent_networks and (
        port.count_networks(port.last_failure - thresholds.half_life) >= thresholds.udp_silent_networks
    )


def count_unanswered(port: PortContacts, now: float, thresholds: Thresholds) -> int:
    """Addresses asked for by ARP within the last minute that nobody answered."""
    begin = now - thresholds.arp_seconds
    return sum(failure.counted >= begin for failure in (port.failures or {}).values())


def _is_worth(port: PortContacts, network: bytes, now: float, thresholds: Thresholds) -> bool:
    """Whether one more answer of this network tells anything: not where one network answers everything."""
    if port.answers is None or now - port.answers_since > thresholds.quiet:
        port.answers, port.answers_since = {}, now
    answers = port.answers
    count = answers.get(network, 0)
    if count >= thresholds.network_answers:
        failed = sum(network_of(address) == network for address in port.failures or ())
        evens = failed * thresholds.failure_weight / -thresholds.success_weight
        if count >= thresholds.network_answers + evens:
            return False
    answers[network] = count + 1
    if len(answers) > MOST_NETWORKS:
        del answers[next(iter(answers))]
    return True
