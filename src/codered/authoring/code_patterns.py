"""Code that samples share, where they share too few strings: runs of bytes with gaps where they differ."""

import re
from collections.abc import Iterable

import msgspec

from codered.authoring.orders import Sample

_SEED = 8  # bytes that are equal everywhere
_LENGTH = 24
_LEAST_FIXED = 14
_LEAST_DIFFERENT = 6  # kinds of bytes in a seed
_HEADER = 1024  # bytes at the start, where every program of a kind looks alike
_TEXT = re.compile(rb"[\x20-\x7e]{8}")  # text is no code, and only strings are looked through for what is personal
_MOST_BYTES = 256 << 10
MOST_PATTERNS = 4


class CodePattern(msgspec.Struct, frozen=True):
    """Bytes, None where samples differ; the first `_SEED` of them are fixed."""

    parts: tuple[int | None, ...]

    def seed(self) -> bytes:
        """The fixed beginning."""
        return bytes(part for part in self.parts[:_SEED] if part is not None)

    def source(self) -> str:
        """As YARA writes it."""
        return " ".join("??" if part is None else f"{part:02x}" for part in self.parts)

    def filled(self) -> bytes:
        """The same with NULs in the gaps."""
        return bytes(part or 0 for part in self.parts)


def find_code(samples: tuple[Sample, ...], clean: Iterable[bytes]) -> tuple[CodePattern, ...]:
    """Patterns that all samples hold and no clean content does, from the first 256 KiB behind the header."""
    if len(samples) < 2:
        return ()
    first, *others = sorted(samples, key=lambda sample: len(sample.data))
    body = first.data[_HEADER:_MOST_BYTES]
    seeds: dict[bytes, int] = {}
    for at in range(0, len(body) - _LENGTH, 4):
        seed = body[at : at + _SEED]
        if len(set(seed)) >= _LEAST_DIFFERENT and not all(32 <= byte < 127 for byte in seed):
            seeds.setdefault(seed, at)
    for other in others:
        known = {other.data[at : at + _SEED] for at in range(min(len(other.data), _MOST_BYTES) - _SEED + 1)}
        seeds = {seed: at for seed, at in seeds.items() if seed in known}
    patterns = [found for at in seeds.values() if (found := _widen(body[at : at + _LENGTH], others))]
    patterns = _spread(patterns)
    for data in clean:
        patterns = [pattern for pattern in patterns if pattern.seed() not in data]
    return tuple(patterns[:MOST_PATTERNS])


def _widen(piece: bytes, others: list[Sample]) -> CodePattern | None:
    if _TEXT.search(piece):
        return None
    parts: list[int | None] = list(piece)
    for other in others:
        at = other.data.find(piece[:_SEED])
        their = other.data[at : at + _LENGTH]
        parts = [part if place < len(their) and their[place] == part else None for place, part in enumerate(parts)]
    while parts and parts[-1] is None:
        parts.pop()
    fixed = [part for part in parts if part is not None]
    return CodePattern(tuple(parts)) if len(fixed) >= _LEAST_FIXED and len(set(fixed)) >= _LEAST_DIFFERENT else None


def _spread(patterns: list[CodePattern]) -> list[CodePattern]:
    """Some from everywhere: neighbours overlap and tell the same."""
    step = max(len(patterns) // 16, 1)
    return list(dict.fromkeys(patterns[::step]))[:16]
