"""What sources say of a subnet where they contradict each other: each one's last word is kept beside what counts."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from codered_hq.hosts.models import Subnet

FACTS = {"vlan": "VLAN", "site": "site", "zone": "zone", "owner": "owner"}
"""Fields of a subnet that sources may not differ in, and how people call them."""
BY_HAND = "hand:codered hosts subnet"
"""The source that is a person: what is said by it holds, whatever others say."""
MOST_SOURCES = 20


def tell_changes(subnet: Subnet | None, words: dict[str, str]) -> str:
    """How a source's words change what counted so far ("VLAN 11 -> 12 (was said by csv:a)"); "" if they do not."""
    if subnet is None:
        return ""
    settled = find_settled(subnet)
    changes = [
        f"{name} {old} -> {words[field]}{_name_speakers(subnet, field, old)}"
        for field, name in FACTS.items()
        if field not in settled and (old := read_fact(subnet, field)) and words.get(field, old) != old
    ]
    return ", ".join(changes)


def keep_words(subnet: Subnet | None, source: str, words: dict[str, str], at: datetime) -> dict[str, Any]:
    """All that sources said of a subnet, with the newest words of this one in place of its earlier ones. Of many the
    oldest are left out, a person's never.
    """
    known = subnet.said if subnet else {}
    said = {name: told for name, told in known.items() if name not in (source, BY_HAND)}
    hand = {BY_HAND: known[BY_HAND]} if BY_HAND in known else {}
    kept = list(said.items())[-(MOST_SOURCES - 1 - len(hand)) :]
    return hand | dict(kept) | {source: {**words, "at": at.isoformat()}}


def find_settled(subnet: Subnet | None) -> dict[str, str]:
    """What a person said of it (field -> value): no other source changes that."""
    told = subnet.said.get(BY_HAND, {}) if subnet else {}
    return {field: told[field] for field in FACTS if told.get(field)}


def find_disputes(subnet: Subnet) -> Iterator[str]:
    """What sources still say differently: "VLAN 11 by csv:a on 2026-11-22, 12 by csv:b on 2026-11-22". What a person
    has settled is none of it.
    """
    settled = find_settled(subnet)
    for field, name in FACTS.items():
        if field in settled:
            continue
        told = [(words[field], source, words["at"][:10]) for source, words in subnet.said.items() if words.get(field)]
        if len({value for value, *_ in told}) > 1:
            yield f"{name} " + ", ".join(f"{value} by {source} on {day}" for value, source, day in told)


def read_fact(subnet: Subnet, field: str) -> str:
    """What counts now, as text; "" if nothing is known."""
    return str(getattr(subnet, field) or "")


def _name_speakers(subnet: Subnet, field: str, old: str) -> str:
    speakers = [source for source, words in subnet.said.items() if words.get(field) == old]
    return f" (was said by {', '.join(speakers)})" if speakers else ""
