"""`codered hosts subnet`."""

from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from codered.cli.output import say
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, WrongUse
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.speaking import find_speaker
from codered_hq.hosts.disputes import FACTS
from codered_hq.hosts.settling import find_subnet, settle_subnet
from codered_hq.ledger.writing import enter
from codered_hq.opening import be_patient


def settle(given: dict[str, Any]) -> int:
    """Say what holds of one subnet; the ledger keeps who said so. Raises WrongUse, Refused."""
    said = {field: given[f"set_{field}"] for field in FACTS if given[f"set_{field}"]}
    if not said:
        raise WrongUse("nothing to say of it", advice="give --set-vlan, --set-site, --set-zone or --set-owner")
    enter_headquarters()
    speaker, now = find_speaker(given), datetime.now(UTC)
    told = be_patient(lambda: _settle(given["range_"], said, speaker.name, now))
    say(printable(told))
    return ExitCode.CLEAN


def _settle(range_: str, said: dict[str, str], who: str, at: datetime) -> str:
    with transaction.atomic():
        subnet = find_subnet(range_)
        changed = settle_subnet(subnet, said, at)
        was = {field: f"{old or 'none'} -> " for field, (old, _) in changed.items()}
        parts = [f"{FACTS[field]} {was.get(field, '')}{value}" for field, value in said.items()]
        what = f"subnet {subnet.range} settled by hand: {'; '.join(parts)}"
        enter("marking", who, what, at, detail={"subnet": subnet.range, "said": said})
    return what
