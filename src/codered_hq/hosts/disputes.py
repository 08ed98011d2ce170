"""What sources say of a subnet where they contradict each other: each one's last word is kept beside what counts."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from codered_hq.hosts.models import Subnet

FACTS = {"vlan": "VLAN", "site": "site", "zone": "zone", "owner": "owner"}
"""Fields of a subnet that sources may not differ in, and how people call them."""
MOST_SOURCES = 20


def tell_changes(subnet: Subnet | None, words: dict[str, str]) -> str:
    """How a source's words change what counted so far ("VLAN 11 -> 12 (was said by csv:a)"); "" if they do not."""
    if subnet is None:
        return ""
    changes = [
        f"{name} {old} -> {words[field]}{_name_speakers(subnet, field, old)}"
        for field, name in FACTS.items()
        if (old := read_fact(subnet, field)) and words.get(field, old) != old
    ]
    return ", ".join(changes)


def keep_words(subnet: Subnet | None, source: str, words: dict[str, str], at: datetime) -> dict[str, Any]:
    """All that sources said of a subnet, with the newest words of this one in place of its earlier ones."""
    said = {name: told for name, told in (subnet.said if subnet else {}).items() if name != source}
    kept = list(said.items())[-(MOST_SOURCES - 1) :]
    return dict([*kept, (source, {**words, "at": at.isoformat()})])


def find_disputes(subnet: Subnet) -> Iterator[str]:
    """What sources still say differently: "VLAN 11 by csv:a on 2026-11-22, 12 by csv:b on 2026-11-22"."""
    for field, name in FACTS.items():
        told = [(words[field], source, words["at"][:10]) for source, words in subnet.said.items() if words.get(field)]
        if len({value for value, *_ in told}) > 1:
            yield f"{name} " + ", ".join(f"{value} by {source} on {day}" for value, source, day in told)


def read_fact(subnet: Subnet, field: str) -> str:
    """What counts now, as text; "" if nothing is known."""
    return str(getattr(subnet, field) or "")


def _name_speakers(subnet: Subnet, field: str, old: str) -> str:
    speakers = [source for source, words in subnet.said.items() if words.get(field) == old]
    return f" (was said by {', '.join(speakers)})" if speakers else ""
