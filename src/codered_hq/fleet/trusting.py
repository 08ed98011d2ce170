"""Another key for a host, after a person has looked at it: keys are never replaced by themselves."""

from datetime import datetime

from django.db import transaction

from codered.model.errors import Refused, WrongUse
from codered_hq.fleet.cases import find_open_case, note_made_anew
from codered_hq.fleet.models import HostRun
from codered_hq.hosts.models import Host, Identifier

INFECTED = ("infected", "contained", "cleaned")


def find_offered_key(host: Host) -> str:
    """The key that the host answered with last, believed or not; "" = none."""
    row = HostRun.objects.filter(host=host).exclude(key="").order_by("-ended", "-pk").first()
    return row.key if row else ""


@transaction.atomic
def trust_made_anew(host: Host, at: datetime, who: str) -> None:
    """Note for the open case of a host, at this time (aware), that a person had the machine made anew; the next whole
    scan that finds nothing ends the infection. Raises WrongUse without an infection, Refused while the host is known
    by the key of before: a machine that was made anew has another.
    """
    case = find_open_case(host)
    if case is None or host.state not in INFECTED:
        what = f"it is not infected, but {host.state}"
        raise WrongUse(what, where=host.label, advice="leave --made-anew out")
    pinned = Identifier.objects.filter(host=host, kind="agent_key").order_by("-last_seen").first()
    if pinned is None or pinned.first_seen <= case.opened_at:
        advice = "scan it again when it has been made anew, then trust its new key"
        raise Refused("it answers with the key that it had when it was infected", where=host.label, advice=advice)
    note_made_anew(case, at, who)


@transaction.atomic
def trust_key(host: Host, key: str, at: datetime, who: str) -> tuple[str, ...]:
    """Know the host by this key alone from this time (aware) on; the keys that it was known by. The change is noted.
    Raises WrongUse for a key that is another host's.
    """
    other = Identifier.objects.filter(kind="agent_key", value=key).exclude(host=host).first()
    if other is not None:
        what = f"this key is that of {other.host.label}"
        raise WrongUse(what, where=host.label, advice="a copied machine? remove its state folder there, and scan again")
    old = Identifier.objects.filter(host=host, kind="agent_key").exclude(value=key)
    names = tuple(old.values_list("value", flat=True))
    old.delete()
    if names:  # made anew: what the old system said of itself contradicts nothing
        said = Identifier.objects.filter(host=host, kind__in=("machine_id", "serial"), source__startswith="scan:")
        said.delete()
    seen = {"last_seen": at, "source": f"by hand: {who}"[:255]}
    Identifier.objects.update_or_create(
        host=host, kind="agent_key", value=key, defaults=seen, create_defaults={**seen, "first_seen": at}
    )
    if names:
        line = f"{at:%Y-%m-%d %H:%M} UTC: key {', '.join(names)} replaced by {key} ({who})"
        host.note = f"{host.note}\n{line}".strip()
        host.save(update_fields=["note"])
    return names
