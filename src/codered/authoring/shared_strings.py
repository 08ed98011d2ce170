"""Which strings samples have in common: those of all of them, or of groups that together are all."""

from collections.abc import Callable

import msgspec

from codered.authoring.orders import Sample
from codered.authoring.runs import MOST_RUNS, find_runs

Found = dict[tuple[bytes, bool], bool]
IsUseful = Callable[[bytes], bool]
MOST_GROUPS = 4
MOST_OF_ALL = 1_000_000  # strings of all samples together
ENOUGH = 2  # strings that make a group
_SMALL = 4 << 20  # bytes of a sample that is searched for a string as part of a longer one
_MOST_SEARCHED = 5_000
_NUL = {False: b"\0", True: b"\0\0"}


class Group(msgspec.Struct, frozen=True):
    """Samples, and the strings that every one of them holds: characters and whether UTF-16 -> whether a NUL ends it in
    each of them.
    """

    samples: tuple[Sample, ...]
    strings: Found


def group_samples(samples: tuple[Sample, ...], is_useful: IsUseful) -> tuple[Group, ...]:
    """One group of all samples when they share strings, else as few as cover them, at most MOST_GROUPS; samples that
    are left over are in no group. Only useful strings count.
    """
    most = MOST_OF_ALL // max(len(samples), 1)
    runs = [_useful(find_runs(sample.data, min(most, MOST_RUNS)), is_useful) for sample in samples]
    shared = _share(samples, runs, tuple(range(len(samples))))
    if len(shared) >= ENOUGH or len(samples) < 2:
        return (Group(samples, shared),) if shared else ()
    return tuple(
        Group(tuple(samples[number] for number in chosen), _share(samples, runs, chosen)) for chosen in _cover(runs)
    )


def _useful(found: Found, is_useful: IsUseful) -> Found:
    return {key: ended for key, ended in found.items() if is_useful(key[0])}


def _share(samples: tuple[Sample, ...], runs: list[Found], chosen: tuple[int, ...]) -> Found:
    """The strings that all the chosen hold, also as a part of longer ones where that can be looked up quickly."""
    if not chosen:
        return {}
    ordered = sorted(chosen, key=lambda number: len(runs[number]))
    left = {key: True for number in ordered[:2] for key in runs[number]}  # of one of the two, for a part of the other
    for number in ordered:
        data, known = samples[number].data, runs[number]
        search = len(data) <= _SMALL and len(left) <= _MOST_SEARCHED
        left = {
            key: ended and (known.get(key, False) or (search and _form(key) + _NUL[key[1]] in data))
            for key, ended in left.items()
            if key in known or (search and _form(key) in data)
        }
    return left


def _cover(runs: list[Found]) -> list[tuple[int, ...]]:
    """Groups of samples by the strings they share, the largest first, until all are in one or none is left."""
    holders: dict[tuple[bytes, bool], int] = {}
    for number, known in enumerate(runs):
        for key in known:
            holders[key] = holders.get(key, 0) | 1 << number
    counts: dict[int, int] = {}
    for mask in holders.values():
        counts[mask] = counts.get(mask, 0) + 1
    covered = 0
    groups: list[tuple[int, ...]] = []
    for mask in sorted(counts, key=lambda mask: (-mask.bit_count(), mask)):
        if counts[mask] >= ENOUGH and mask & ~covered and len(groups) < MOST_GROUPS:
            covered |= mask
            groups.append(tuple(number for number in range(len(runs)) if mask >> number & 1))
    return groups


def _form(key: tuple[bytes, bool]) -> bytes:
    text, wide = key
    return b"".join(bytes((byte, 0)) for byte in text) if wide else text
