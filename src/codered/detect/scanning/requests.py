"""What somebody sent, judged: at once when only an infected host sends it; repeats only count."""

from codered.detect.scanning.contacts import ActorContacts, SignSeen
from codered.detect.scanning.explaining import explain_request
from codered.detect.scanning.thresholds import Thresholds
from codered.model.finding import Confidence
from codered.model.traffic import Request, ScanVerdict

MOST_SIGNS = 64  # remembered of one actor
MOST_ADDRESSES = 64
RANKS: tuple[str, ...] = ("", "suspicious", "likely", "confirmed")


def judge_request(actor: ActorContacts, request: Request, now: float, thresholds: Thresholds) -> ScanVerdict | None:
    """A verdict when this request says more of the actor than was said before."""
    seen = _count(actor, request)
    addresses = max((len(one.addresses) for one in seen), default=1)
    confidence: Confidence = "suspicious"
    if request.convicts:
        confidence = "confirmed"
    elif addresses >= thresholds.request_addresses:
        confidence = "likely"
    news = [one for one in seen if RANKS.index(one.told) < RANKS.index(confidence)]
    if not news:
        return None
    for one in news:
        one.told = confidence
    return ScanVerdict(
        at=now,
        actor=actor.key,
        source=actor.source,
        kind="request",
        protocol=request.protocol,
        port=request.port,
        confidence=confidence,
        because=explain_request(request, addresses),
        attempts_seen=max(one.count for one in news),
        signs=request.signs,
        destination=request.destination,
        data=request.data[:256],
    )


def _count(actor: ActorContacts, request: Request) -> list[SignSeen]:
    if actor.signs is None:
        actor.signs = {}
    found = []
    for sign in request.signs:
        if sign not in actor.signs:
            if len(actor.signs) >= MOST_SIGNS:
                continue
            actor.signs[sign] = SignSeen()
        one = actor.signs[sign]
        one.count += 1
        if len(one.addresses) < MOST_ADDRESSES:
            one.addresses.add(request.destination)
        found.append(one)
    return found
