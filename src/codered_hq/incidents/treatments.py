"""Clean, rebuild, or live with it: what is decided about a host, with its grounds. Earlier decisions stay readable."""

from datetime import datetime
from typing import NamedTuple

from codered.model.errors import Refused, WrongUse
from codered_hq.hosts.models import TEXT, Host
from codered_hq.incidents.models import EvidenceRecord, HostDecision, Incident
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.roster import find_roles
from codered_hq.incidents.writing import write_whole
from codered_hq.ledger.writing import enter
from codered_hq.model.crisis import TREATMENTS, Treatment

LONGEST_TEXT = 4_000
SHORTEST_REASON = 20  # characters, of a decision against the advice


class Grounds(NamedTuple):
    """What a decision rests on; "" = not known. `legal_hold` None = as before; `advice` is what is known against it."""

    treatment: Treatment
    reasons: str
    infected_since: str = ""
    other_malware: str = ""
    confidence: str = "medium"
    damage: str = ""
    outage_cost: str = ""
    legal_hold: bool | None = None
    advice: tuple[str, ...] = ()


def find_decision(host: Host, incident: Incident | None = None) -> HostDecision | None:
    """What holds for a host now, in this incident or in any."""
    held = HostDecision.objects.filter(host=host, replaced_at=None)
    return (held.filter(incident=incident) if incident else held).order_by("-at", "-pk").first()


def treat(incident: Incident, host: Host, grounds: Grounds, speaker: Speaker, at: datetime) -> HostDecision:
    """Decide. Raises Refused for what legal hold forbids, WrongUse without reasons, or with few against the advice."""
    treatment, reasons = grounds.treatment, grounds.reasons.strip()[:LONGEST_TEXT]
    if treatment not in TREATMENTS:
        raise WrongUse("is no treatment", where=treatment[:20], advice=" ".join(TREATMENTS))
    if not reasons:
        raise WrongUse("says nothing", where="--reason", advice="say why")
    if grounds.advice and treatment != "rebuild" and len(reasons) < SHORTEST_REASON:
        what = f"rebuild is advised ({grounds.advice[0]}); another decision needs a reason of {SHORTEST_REASON} signs"
        raise WrongUse(what, where=host.label, advice="say why all the same: --reason TEXT")

    def work() -> HostDecision:
        before = find_decision(host, incident)
        hold = _judge_hold(incident, host, grounds, speaker, at)
        HostDecision.objects.filter(host=host, incident=incident, replaced_at=None).update(replaced_at=at)
        made = HostDecision.objects.create(
            incident=incident, host=host, treatment=treatment, reasons=reasons, legal_hold=hold,
            infected_since=grounds.infected_since[:TEXT], other_malware=grounds.other_malware[:TEXT],
            confidence=grounds.confidence[:16], damage=grounds.damage[:LONGEST_TEXT],
            outage_cost=grounds.outage_cost[:LONGEST_TEXT], decided_by=speaker.name, at=at,
        )  # fmt: skip
        _tell(made, before, grounds, at)
        return made

    return write_whole(work)


def _judge_hold(incident: Incident, host: Host, grounds: Grounds, speaker: Speaker, at: datetime) -> bool:
    """Whether the host is under legal hold now. It is for any incident's sake, and only legal lifts it."""
    held = HostDecision.objects.filter(host=host, replaced_at=None, legal_hold=True).exists()
    if held and grounds.legal_hold is False and "legal" not in find_roles(speaker.person, incident, at):
        raise Refused("only legal lifts a legal hold", where=host.label, advice="codered incident roster show")
    hold = held if grounds.legal_hold is None else grounds.legal_hold
    if hold and grounds.treatment == "rebuild" and not EvidenceRecord.objects.filter(host=host).exists():
        advice = "save it, then: codered incident evidence HOST --container PATH"
        raise Refused("it is under legal hold, and its evidence is not saved", where=host.label, advice=advice)
    return hold


def _tell(made: HostDecision, before: HostDecision | None, grounds: Grounds, at: datetime) -> None:
    what = f"{made.host.label}: {made.treatment.replace('_', ' ')}: {made.reasons}"
    detail = {
        "host": made.host.pk, "treatment": made.treatment, "before": before.treatment if before else "",
        "advice": list(grounds.advice), "infected_since": made.infected_since, "other_malware": made.other_malware,
        "confidence": made.confidence, "damage": made.damage, "outage_cost": made.outage_cost,
        "legal_hold": made.legal_hold,
    }  # fmt: skip
    enter("treatment", made.decided_by, what, at, incident=made.incident.name, detail=detail)
