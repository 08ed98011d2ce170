"""One place after the other in a piece of memory that holds a rule's signs more than once."""

from typing import NamedTuple

from codered.detect.memory import MemoryHit, MemoryJudge

NEAR = 64 << 10  # bytes; strings further from an anchor are not taken for the same copy
MOST_MATCHINGS = 6  # of one piece: each costs as much as the first


class Owned(NamedTuple):
    """The part of a piece whose places are wanted; those in the rest are found with the pieces beside it."""

    start: int
    end: int


class Places(NamedTuple):
    """The hits, each with the place of its first anchor; `more`: there may be others that were not looked for."""

    hits: list[tuple[int, MemoryHit]]
    more: bool


def find_places(judge: MemoryJudge, data: bytes, base: int, owned: Owned, most: int = MOST_MATCHINGS) -> Places:
    """Where in the piece (it starts at `base`) the rules match: every anchor from which on a rule matches is a place,
    but for those within another place of the same rule. After `most` matchings it is enough. Raises engine.GaveUp.
    """
    found: dict[tuple[str, str], list[tuple[int, MemoryHit]]] = {}
    at, more = base, True
    for number in range(most):
        data, base = data[at - base :], at  # what was passed is given back: it may be 16 MiB
        hits = judge.match(data, base)
        for hit in hits:
            _keep(found.setdefault(hit.key, []), _find_anchor(hit, owned), hit)
        # Further ones only from the wanted part on; at first with what is short before it and may belong to them.
        passed = min((_reach(_find_anchor(hit, owned), hit) for hit in hits), default=owned.end)
        at = max(passed, owned.start - NEAR if number == 0 else owned.start)
        if at >= owned.end:
            more = False
            break
    return Places(
        [(place, hit) for known in found.values() for place, hit in known if owned.start <= place < owned.end], more
    )


def _keep(known: list[tuple[int, MemoryHit]], place: int, hit: MemoryHit) -> None:
    if not known or place >= _reach(*known[-1]):
        known.append((place, hit))


def _reach(place: int, hit: MemoryHit) -> int:
    """Where a copy that starts at `place` ends, as far as its strings tell."""
    firsts: dict[str, int] = {}
    for sight in hit.sights:
        firsts.setdefault(sight.string, sight.place + sight.length)
    return max((end for end in firsts.values() if end - place < NEAR), default=place + 1)


def _find_anchor(hit: MemoryHit, owned: Owned) -> int:
    """Where its first anchor is. Where none is among the strings that were kept, it is as good as in the wanted part:
    the piece has been looked at because of an anchor there.
    """
    anchors = [sight.place for sight in hit.sights if sight.string.startswith("$anchor")]
    return min(anchors) if anchors else max(min(sight.place for sight in hit.sights), owned.start)
