"""Which places a watch looks after: the critical ones of this host, those a plan touched, those that were named."""

import os
from collections.abc import Iterable
from importlib import resources

import msgspec

from codered.collect.autostart.homes import list_homes
from codered.collect.autostart.reading import Reader
from codered.model.monitoring import Asked, WatchedPlace
from codered.model.target import Place, Target

WEB_ROOTS = "web roots"
TOUCHED = "places touched by the plan"
NAMED = "named by you"
_WIDE = frozenset((b"", b"etc", b"usr", b"var", b"usr/bin", b"usr/sbin", b"usr/lib", b"home", b"root", b"lib", b"bin"))


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    what: str
    paths: tuple[str, ...]
    deep: bool
    asks: Asked


def list_critical_places(target: Target, host_places: Iterable[Place]) -> tuple[WatchedPlace, ...]:
    """The places of the table, with the homes of all accounts and the web roots among `host_places`, also those that
    are not there yet.
    """
    raw = resources.files("codered.monitor").joinpath("places.json").read_bytes()
    homes = [home.rel for home in list_homes(Reader(target))]
    roots = [_to_rel(target, path) for place in host_places if place.what == WEB_ROOTS for path in place.paths]
    found = []
    for row in msgspec.json.decode(raw, type=tuple[_Row, ...]):
        for path in row.paths:
            if path == "{web root}":
                rels = roots
            elif path.startswith("{home}"):
                rels = [home + path.removeprefix("{home}").encode() for home in homes]
            else:
                rels = [path.strip("/").encode()]
            found += [WatchedPlace(what=row.what, rel=rel, deep=row.deep, asks=row.asks) for rel in rels]
    return _without_doubles(found)


def list_named_places(target: Target, places: Iterable[Place], what: str) -> tuple[WatchedPlace, ...]:
    """Places with all that is below them; a file stands for its folder. A folder of the whole system is watched without
    what is below it.
    """
    found = []
    for place in places:
        for path in place.paths:
            rel = _to_rel(target, path)
            if not os.path.isdir(target.absolute(rel)) and os.path.lexists(target.absolute(rel)):
                rel = os.path.dirname(rel)
            found.append(WatchedPlace(what=what, rel=rel, deep=rel not in _WIDE, asks="autostart"))
    return _without_doubles(found)


def _without_doubles(found: list[WatchedPlace]) -> tuple[WatchedPlace, ...]:
    kept: dict[bytes, WatchedPlace] = {}
    for place in found:
        known = kept.get(place.rel)
        if known is None or (place.deep and not known.deep):
            kept[place.rel] = place
    return tuple(kept.values())


def _to_rel(target: Target, path: str) -> bytes:
    return os.fsencode(path).removeprefix(os.fsencode(target.info.root)).strip(b"/")
