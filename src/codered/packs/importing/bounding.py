"""Rules that do not finish: all of them are tried on small buffers made to be hard, and halved until the guilty ones
stand alone.
"""

import random
import time
from collections.abc import Sequence

from codered.engine import GaveUp, Matcher, RuleSource, compile_sources

SECONDS = 3  # for all rules together on one buffer: 5,800 rules take 0.1 s (measured)
SIZE = 64 << 10  # bytes of a buffer
SLOW = 0.25  # seconds of the processor for a buffer: a file of 64 MiB would take four minutes
MOST_ENDLESS = 20  # of one import; finding each takes a minute in a large set

Tried = tuple[str, str, frozenset[str]]
"""A rule's name, its source, and the rules it needs."""


def find_endless(imports: str, rules: Sequence[Tried]) -> dict[str, str]:
    """The rules that do not finish with a small hostile buffer, or are slow on it, and why they are refused. They stand
    in an order in which each is behind those it needs.
    """
    search = _Search(imports, rules)
    search.halve([name for name, _, _ in rules])
    return search.endless


class _Search:
    def __init__(self, imports: str, rules: Sequence[Tried]) -> None:
        self.endless: dict[str, str] = {}
        self._imports = imports
        self._rules = rules
        self._needs = {name: needs for name, _, needs in rules}
        self._buffers = make_buffers()

    def halve(self, names: list[str]) -> None:
        """Find the endless ones among these."""
        if not names or (took := self._measure(names)) <= SLOW:
            return
        if len(names) == 1:
            kib = SIZE >> 10
            self.endless[names[0]] = (
                f"does not finish with {kib} KiB of hostile data in {SECONDS} seconds"
                if took == float("inf")
                else f"slow: {took:.1f} seconds for {kib} KiB of hostile data"
            )
        elif len(self.endless) >= MOST_ENDLESS:
            self.endless |= dict.fromkeys(names, "stands among too many rules that do not finish")
        else:
            half = len(names) // 2
            self.halve(names[:half])
            self.halve(names[half:])

    def _measure(self, names: list[str]) -> float:
        """Seconds of the processor that these take for the buffer that is worst for them; infinite if they give up."""
        wanted = self._with_needed(names)
        source = self._imports + "\n".join(text for name, text, _ in self._rules if name in wanted)
        matcher = Matcher(compile_sources([RuleSource("", source, "")], relaxed=True), seconds=SECONDS, most=100)
        worst = 0.0
        try:
            for buffer in self._buffers:
                started = time.thread_time()
                matcher.match(buffer)
                worst = max(worst, time.thread_time() - started)
        except GaveUp:
            return float("inf")
        return worst

    def _with_needed(self, names: list[str]) -> set[str]:
        wanted: set[str] = set()
        waiting = list(names)
        while waiting:
            if (name := waiting.pop()) not in wanted:
                wanted.add(name)
                waiting += self._needs.get(name, ())
        return wanted


def make_buffers() -> tuple[bytes, ...]:
    """Repeated letters, brackets and blanks, zeros, Base64 and noise: what patterns and loops work hardest on."""
    noise = random.Random(1).randbytes(SIZE)  # noqa: S311 - no secret, the same bytes each time
    base64 = bytes(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[byte & 63] for byte in noise)
    script = b"<?php $a=chr(1).chr(2).'\\x41\\x42'.$b{0};eval(base64_decode(gzinflate("
    pieces = (b"a", b"\0", b"( ", script, b"MZ" + bytes(58) + b"@\0\0\0PE\0\0")
    return (*(_fill(piece) for piece in pieces), base64, noise)


def _fill(piece: bytes) -> bytes:
    return (piece * (SIZE // len(piece) + 1))[:SIZE]
