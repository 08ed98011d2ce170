"""Containments by what a user calls them: the first digits of a number, a host, or all."""

import re
from collections.abc import Sequence

from codered.model.errors import WrongUse
from codered_hq.containment.goals import HELD
from codered_hq.containment.models import Containment
from codered_hq.hosts.finding import find_host

_UID = re.compile(r"[0-9a-f]{6,32}")


def find_rows(names: Sequence[str]) -> list[list[Containment]]:
    """Those that are meant and may be in place (no name = all), by decision. Raises WrongUse for a name that fits
    none; one that is over already is simply not in it.
    """
    held = Containment.objects.filter(state__in=HELD).select_related("decision", "host").order_by("pk")
    found = list(held) if not names else [row for name in names for row in _find(name)]
    groups: dict[int, dict[str, Containment]] = {}
    for row in found:
        if row.state in HELD:
            groups.setdefault(row.decision_id, {})[row.uid] = row
    return [list(group.values()) for group in groups.values()]


def _find(name: str) -> list[Containment]:
    rows = Containment.objects.select_related("decision", "host").order_by("pk")
    if _UID.fullmatch(name.strip().lower()):
        found = list(rows.filter(uid__startswith=name.strip().lower())[:2])
        if len(found) > 1:
            raise WrongUse("several containments begin so", where=name, advice="codered contain list shows them")
        if found:
            return found
    host = find_host(name)
    found = list(rows.filter(host=host))
    if not found:
        raise WrongUse("was never contained", where=host.label, advice="codered contain list shows what is")
    return found
