"""One update: ask the sources, compose the set, install it if it is another than the one in use."""

from datetime import datetime
from pathlib import Path

import msgspec

from codered.model.errors import WrongUse
from codered.packs.strict_yaml import shorten
from codered.packs.updating.changes import Change, compare_heuristics
from codered.packs.updating.client import Offer, fetch_offer
from codered.packs.updating.composing import Composition, compose_set
from codered.packs.updating.current import CurrentSet, SetPack
from codered.packs.updating.fetching import USUAL_LIMITS, Limits, make_fetcher
from codered.packs.updating.index import Index
from codered.packs.updating.installing import (
    Judge,
    install_set,
    read_current_leniently,
    read_pointer_leniently,
)
from codered.packs.updating.sources import LOCK_FILE, Source, check_place, list_sources, read_trusted
from codered.packs.updating.writing import hold_lock
from codered.system.private_files import make_private_folder


class UpdateOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: below which folder installed packs lie, the tool's own packs, the time that expiry is judged
    by, one source by its name ("" = all), its repository in another place (a folder, a stick), whether a set is taken
    that somebody went back from.
    """

    home: Path
    shipped: Path
    now: datetime
    name: str = ""
    place: str = ""
    again: bool = False
    limits: Limits = USUAL_LIMITS


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """What an update came to: `state` is new (installed, or there to install), same, or held (somebody went back from
    exactly this set). `warnings` are about what was left out, and heuristics that find less than before.
    """

    state: str
    set: str
    changes: tuple[Change, ...]
    versions: dict[str, int]
    warnings: tuple[str, ...] = ()


def update_packs(order: UpdateOrder, judge: Judge | None) -> Update:
    """Do it; `judge` None only looks what there is. Raises WrongUse without a source, and what asking and installing
    raise: the packs in use stay.
    """
    sources = list_sources(order.home)
    asked = _choose_sources(sources, order)
    make_private_folder(order.home)
    with hold_lock(order.home / LOCK_FILE, "update"):
        current = read_current_leniently(order.home)
        pointer = read_pointer_leniently(order.home)
        offers = tuple(_ask(source, order, current) for source in asked)
        names = tuple(source.name for source in sources)
        replacing = frozenset(source.name for source in sources if source.may_replace)
        composition = compose_set(offers, current, names, order.shipped, replacing)
        versions = {offer.source: offer.version for offer in offers}
        heuristics, warnings = compare_heuristics(current.folder if current else order.shipped, composition)
        changes = _compare(current, composition) + heuristics
        warnings += composition.left_out
        warnings += tuple(f"source {offer.source}: holds no packs" for offer in offers if offer.listed == Index())
        found = Update(state="new", set=pointer.set, changes=changes, versions=versions, warnings=warnings)
        digest = composition.digest()
        is_same = current.record.digest == digest if current else not changes
        if is_same:
            return msgspec.structs.replace(found, state="same", changes=())
        if pointer.left == digest and not order.again:
            return msgspec.structs.replace(found, state="held")
        if judge is None:
            return found
        return msgspec.structs.replace(found, set=install_set(order.home, composition, judge, order.now).name)


def _choose_sources(sources: tuple[Source, ...], order: UpdateOrder) -> tuple[Source, ...]:
    if not sources:
        advice = "nothing was contacted; codered packs sources add NAME URL|FOLDER --root ROOT.json"
        raise WrongUse("no source of packs is configured", advice=advice)
    known = ", ".join(source.name for source in sources)
    chosen = tuple(source for source in sources if order.name in ("", source.name))
    if not chosen:
        raise WrongUse(f"there is no source `{shorten(order.name)}`", advice=f"the sources are: {known}")
    if order.place and len(chosen) > 1:
        raise WrongUse("--from is about one source", advice=f"name it: {known}")
    if order.place:
        place = check_place(order.place)
        return tuple(msgspec.structs.replace(source, place=place) for source in chosen)
    return chosen


def _ask(source: Source, order: UpdateOrder, current: CurrentSet | None) -> Offer:
    have = {pack.name: pack.digest for pack in current.record.packs} if current else {}
    return fetch_offer(read_trusted(order.home, source), make_fetcher(source.place, order.limits), order.now, have)


def _compare(current: CurrentSet | None, composition: Composition) -> tuple[Change, ...]:
    """Against the set in use; if the shipped packs are, all that comes from a source is new."""
    before: dict[str, SetPack] = {pack.name: pack for pack in current.record.packs} if current else {}
    after = {pack.name: pack for pack in composition.packs if current or pack.source}
    return tuple(
        Change(
            name=name,
            was=before[name].version if name in before else "",
            now=after[name].version if name in after else "",
            source=after[name].source if name in after else before[name].source,
        )
        for name in sorted(before.keys() | after.keys())
        if name not in before or name not in after or before[name].digest != after[name].digest
    )
