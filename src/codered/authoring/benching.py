"""What each rule of a pack costs: on ordinary files, and on a buffer that is made to be slow for it."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from codered.collect.contents import TEXT_HEAD, is_text
from codered.engine import GaveUp, Matcher, RuleSource, compile_sources
from codered.model.errors import WrongUse
from codered.model.rule import ParsedPack, Rule
from codered.packs.anchors import list_atoms
from codered.packs.generating import write_label

MOST_BYTES = 64 << 20  # of files are held in memory
MOST_FILE = 4 << 20
HOSTILE_BYTES = 1 << 20
REQUEST_BYTES = 8 << 10  # a log pattern never sees more at once
ROUNDS = 3
SECONDS = 20  # for one rule on all files, and on one hostile buffer
SLOW = 3.0
"""Times the cost of one literal: above it a rule is called slow."""
SLOW_HOSTILE = 10.0  # MB/s: below it a planted file of 64 MiB holds a worker for longer than 6 s


class Cost(NamedTuple):
    """What a rule costs. `milliseconds` for 100 MB in memory; `ratio`: times what one plain literal costs on the same
    files; `hostile`: MB/s on a buffer made for it; `hits` files that it matched. `gave_up`: seconds after which it was
    stopped (0 = it came to an end); its other figures are then lower bounds.
    """

    rule: str
    kind: str
    milliseconds: float
    ratio: float
    hostile: float
    hits: int
    gave_up: float = 0.0

    def is_slow(self) -> bool:
        """Whether an author should do something about it."""
        return self.gave_up > 0 or self.ratio > SLOW or self.hostile < SLOW_HOSTILE


class Corpus(NamedTuple):
    """Ordinary files, in memory: their contents, and how many bytes these are."""

    files: tuple[bytes, ...]
    size: int


def read_corpus(folders: tuple[Path, ...], most: int = MOST_BYTES) -> Corpus:
    """Files from all over the folders, up to `most` bytes, always the same ones. Raises WrongUse if there is none."""
    files: list[bytes] = []
    size = 0
    names = sorted(_list_files(folders), key=lambda path: (hash_name(path), path))
    for path in names:
        if size >= most:
            break
        try:
            with open(path, "rb") as file:
                data = file.read(MOST_FILE)
        except OSError:
            continue
        if data:
            files.append(data)
            size += len(data)
    if not files:
        where = ", ".join(map(str, folders))
        raise WrongUse("no file that can be read", where=where, advice="name a folder of ordinary files with --tree")
    return Corpus(tuple(files), size)


def hash_name(path: str) -> int:
    """A number that spreads names, the same in each run (Python's own hash is not)."""
    return int.from_bytes(path.encode("utf-8", "surrogateescape")[-8:], "little") * 2654435761 % (1 << 32)


def _list_files(folders: tuple[Path, ...]) -> Iterator[str]:
    for folder in folders:
        for here, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(here, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    yield path


def measure_pack(parsed: ParsedPack, corpus: Corpus) -> Iterator[Cost]:
    """The cost of every rule and every log pattern of a pack."""
    base = _time(_compile('rule plain { strings: $a = "CodeRed-bench" condition: $a }'), corpus.files).seconds
    for rule in parsed.rules:
        if "private" in rule.scopes:
            continue
        compiled = _compile(_only(parsed, rule))
        timed = _time(compiled, corpus.files)
        hostile = _hostile(compiled, _worst(rule), HOSTILE_BYTES) if not timed.gave_up else 0.0
        yield _cost((rule.name, "rule"), timed, base, corpus.size, hostile)
    texts = tuple(data for data in corpus.files if is_text(data[:TEXT_HEAD]))
    size = sum(map(len, texts)) or 1
    text_base = _time(_compile('rule plain { strings: $a = "CodeRed-bench" nocase condition: $a }'), texts).seconds
    for sign in parsed.loaded.pack.logs:
        compiled = _compile(write_label(sign.id, sign.pattern))
        timed = _time(compiled, texts)
        seeds = [literal.encode() for literal in sign.literals]
        hostile = _hostile(compiled, seeds, REQUEST_BYTES) if not timed.gave_up else 0.0
        yield _cost((sign.id, "log pattern"), timed, text_base, size, hostile)


class _Timed(NamedTuple):
    """Seconds over all files, how many were hit, and after how many seconds it was stopped (0 = it was not)."""

    seconds: float
    hits: int
    gave_up: float = 0.0


def _cost(named: tuple[str, str], timed: _Timed, base: float, size: int, hostile: float) -> Cost:
    milliseconds = 1000 * timed.seconds / size * 100e6
    return Cost(*named, milliseconds, timed.seconds / max(base, 1e-9), hostile, timed.hits, timed.gave_up)


def _compile(text: str) -> bytes:
    return compile_sources([RuleSource("bench", text, "generated")])


def _only(parsed: ParsedPack, wanted: Rule) -> str:
    """The source with only this rule and those that it names."""
    needed = {wanted.name, *wanted.condition}
    lines = parsed.loaded.rules.split("\n")
    for rule in parsed.rules:
        if rule.name not in needed:
            lines[rule.line - 1 : rule.last] = [""] * (rule.last - rule.line + 1)
    return "\n".join(lines)


def _time(compiled: bytes, files: tuple[bytes, ...]) -> _Timed:
    """The best of some rounds over the files. No round begins, and none goes on, when the time for a rule is over."""
    matcher = Matcher(compiled, seconds=SECONDS, most=100)
    began = time.perf_counter()
    best = _Timed(float("inf"), 0)
    for _ in range(ROUNDS):
        started, hits = time.perf_counter(), 0
        try:
            for data in files:
                hits += matcher.hits(data)
                if time.perf_counter() - began > SECONDS:
                    raise GaveUp("time limit of the bench")
        except GaveUp:
            took = time.perf_counter() - began
            return best if best.seconds < float("inf") else _Timed(took, hits, took)
        best = min(best, _Timed(time.perf_counter() - started, hits))
    return best


def _worst(rule: Rule) -> list[bytes]:
    """Beginnings of its strings, of which a planted file could be full."""
    seeds = list(list_atoms(rule))
    seeds += [string.literal() for string in rule.strings if string.kind == "text"]
    seeds += [string.source.strip("/").encode()[:8] for string in rule.strings if string.kind == "regex"]
    return [seed for seed in dict.fromkeys(seeds) if seed][:16]


def _hostile(compiled: bytes, seeds: list[bytes], size: int) -> float:
    """MB/s on the slowest buffer of this size that is full of the beginning of a string; infinite if it has none."""
    slowest = float("inf")
    began = time.perf_counter()
    for seed in seeds:
        data = (seed * (size // len(seed) + 1))[:size]
        matcher = Matcher(compiled, seconds=SECONDS, most=100)
        started = time.perf_counter()
        try:
            for _ in range(HOSTILE_BYTES // size):
                matcher.hits(data)
                if time.perf_counter() - began > SECONDS:
                    return 0.0
        except GaveUp:
            return 0.0
        slowest = min(slowest, HOSTILE_BYTES / 1e6 / max(time.perf_counter() - started, 1e-9))
    return slowest
