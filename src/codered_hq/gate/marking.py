"""Marks that rules of engagement look at: who changes them is entered, and only an appointer loosens them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from django.db import transaction

from codered_hq.gate.rules_in_force import find_rules
from codered_hq.hosts.marking import claim_by_hand, mark_hosts
from codered_hq.hosts.models import CRITICALITIES, Host
from codered_hq.incidents.appointing import check_appointer
from codered_hq.incidents.people import Speaker
from codered_hq.ledger.writing import enter
from codered_hq.opening import be_patient
from codered_hq.rules.vocabulary import read_vocabulary

_TIGHTENING: Final = frozenset(["never_touch", "vital", "fragile"])
_RANKS: Final = {word: rank for rank, (word, _) in enumerate(CRITICALITIES)}
_BATCH: Final = 500  # hosts of one query, and of one entry


class Marks(NamedTuple):
    """What is to hold of hosts: tags to `add` and to `remove`, and what is `said` by hand (kind -> value)."""

    add: Sequence[str] = ()
    remove: Sequence[str] = ()
    said: Mapping[str, str] = MappingProxyType({})


class _State(NamedTuple):
    label: str
    tags: frozenset[str]
    claims: dict[str, str]


def mark(hosts: Iterable[Host], marks: Marks, speaker: Speaker, at: datetime) -> int:
    """Mark hosts by hand; the ledger keeps what was and what is. `at` is aware. How many changed. Raises WrongUse for
    what is no tag; Refused unless an appointer asks, for what may loosen the rules: a criticality that is lowered, a
    tag of the rules taken away, or one added that is not there to forbid.
    """
    chosen = list(hosts)
    return be_patient(lambda: _mark(chosen, marks, speaker, at))


def _mark(hosts: list[Host], marks: Marks, speaker: Speaker, at: datetime) -> int:
    changed = 0
    with transaction.atomic():
        before = _look(hosts)
        mark_hosts(hosts, marks.add, marks.remove)
        if marks.said:
            claim_by_hand(hosts, dict(marks.said), at)
        now = _look(hosts)
        if what := _find_loosening(before, now, at):
            check_appointer(speaker.person, speaker.name, what, at)
        for part in _cut([key for key in now if now[key] != before[key]]):
            changed += len(part)
            _enter(part, before, now, (speaker.name, at))
    return changed


def _look(hosts: list[Host]) -> dict[int, _State]:
    """What is held of them now, by number."""
    found: dict[int, _State] = {}
    for part in _cut([host.pk for host in hosts]):
        for host in Host.objects.filter(pk__in=part).select_related("owner").prefetch_related("tags"):
            claims = {
                "owner": str(host.owner or ""), "site": host.site, "criticality": host.criticality,
                "system": host.system, "product": host.product,
            }  # fmt: skip
            found[host.pk] = _State(host.label, frozenset(tag.name for tag in host.tags.all()), claims)
    return found


def _find_loosening(before: dict[int, _State], now: dict[int, _State], at: datetime) -> str:
    """What of it may loosen the rules, in words; "" = nothing."""
    gone, come = set[str](), set[str]()
    for key, state in now.items():
        old, new = before[key].claims["criticality"], state.claims["criticality"]
        if _RANKS.get(new, 0) < _RANKS.get(old, 0):
            return f"{state.label}: criticality {old} lowered to {new}"
        gone |= before[key].tags - state.tags
        come |= {tag for tag in state.tags - before[key].tags if _fold(tag) not in _TIGHTENING}
    if found := _find_known(gone, at):
        return f"taking the tag {found} away"
    found = _find_known(come, at)
    return f"the tag {found}" if found else ""


def _find_known(tags: set[str], at: datetime) -> str:
    """The first that rules speak of; "" = none."""
    if not tags:
        return ""
    held = find_rules(at)
    known = {_fold(tag) for tag in (*read_vocabulary().tags, *(held.book.tags if held else ()))}
    return next((tag for tag in sorted(tags) if _fold(tag) in known), "")


def _enter(part: Iterable[int], before: dict[int, _State], now: dict[int, _State], by: tuple[str, datetime]) -> None:
    told = {str(key): _compare(before[key], now[key]) for key in part}
    first = next(iter(told))
    parts = [f"{kind} {old or 'none'} -> {new or 'none'}" for kind, (old, new) in told[first].items()]
    more = f" and {len(told) - 1} more like it" if len(told) > 1 else ""
    what = f"{now[int(first)].label} (#{first}){more} marked by hand: {'; '.join(parts)}"
    enter("marking", by[0], what, by[1], detail={"hosts": told})


def _cut(numbers: list[int]) -> Iterator[list[int]]:
    return (numbers[first : first + _BATCH] for first in range(0, len(numbers), _BATCH))


def _compare(old: _State, new: _State) -> dict[str, tuple[str, str]]:
    """What is another: what it was, and what it is."""
    changed = {kind: (was, new.claims[kind]) for kind, was in old.claims.items() if was != new.claims[kind]}
    if old.tags != new.tags:
        changed["tags"] = (", ".join(sorted(old.tags)), ", ".join(sorted(new.tags)))
    return changed


def _fold(tag: str) -> str:
    """As rules write it: Never-Touch is never_touch."""
    return tag.lower().replace("-", "_")
