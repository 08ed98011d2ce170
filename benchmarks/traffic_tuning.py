"""The benign hosts that the detector's numbers were tuned on. A figure from these says how it was tuned, no more."""

import random
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.traffic_models import (
    WEB,
    Line,
    Profile,
    Try,
    draw_public,
    draw_rack,
    go_on,
    make_pool,
    travel,
)
from codered.model.traffic import Outcome


class Browser(NamedTuple):
    """Pages, each with a burst of hosts; `names` = the name server's answers are seen; `dead` = share of dead hosts."""

    names: bool = True
    line: Line = Line()
    dead: float = 0.02
    pages_a_minute: float = 2.0
    opens_with: int = 0  # tabs restored at the start

    def run(self, dice: random.Random, seconds: float) -> Iterator[Try]:
        return travel(dice, self.line, self._browse(dice, seconds))

    def _browse(self, dice: random.Random, seconds: float) -> Iterator[Try]:
        pool = make_pool(dice, 4000)
        good = {address: dice.random() >= self.dead for address in pool}
        resolver = draw_public(dice)
        yield Try(0.0, resolver, WEB, "answered")
        begin = 2.0
        if self.opens_with:
            for number in range(self.opens_with * 2):
                address = dice.choice(pool)
                yield self._try(begin + number * 0.02, address, good[address])
            begin += self.opens_with * 0.04 + 5
        for page in go_on(dice, self.pages_a_minute / 60, seconds, begin):
            for number in range(dice.randrange(5, 30)):
                address = pool[min(len(pool) - 1, int(dice.paretovariate(0.5)) - 1)]
                yield self._try(page + number * 0.01, address, good[address])

    def _try(self, at: float, address: bytes, good: bool) -> Try:
        return Try(at, address, WEB, "answered" if good else "silent", named=self.names)


class Fetcher(NamedTuple):
    """A proxy or crawler: a steady rate to a pool of hosts, so many of them dead."""

    rate: float
    dead: float
    pool: int = 20_000
    names: bool = True
    line: Line = Line()
    port: int = WEB

    def run(self, dice: random.Random, seconds: float) -> Iterator[Try]:
        return travel(dice, self.line, self._fetch(dice, seconds))

    def _fetch(self, dice: random.Random, seconds: float) -> Iterator[Try]:
        pool = make_pool(dice, self.pool)
        good = [dice.random() >= self.dead for _ in pool]
        for at in go_on(dice, self.rate, seconds):
            which = dice.randrange(len(pool)) if dice.random() < 0.3 else dice.randrange(min(400, len(pool)))
            yield Try(at, pool[which], self.port, "answered" if good[which] else "silent", named=self.names)


class Monitor(NamedTuple):
    """Asks each of its targets in turn, again and again; so many are dead, in one network each of 250."""

    targets: int
    dead: float
    rate: float
    networks: int = 4
    line: Line = Line()

    def run(self, dice: random.Random, seconds: float) -> Iterator[Try]:
        return travel(dice, self.line, self._ask(dice, seconds))

    def _ask(self, dice: random.Random, seconds: float) -> Iterator[Try]:
        targets = [draw_rack(dice, self.networks) for _ in range(self.targets)]
        good = [dice.random() >= self.dead for _ in targets]
        for number in range(int(seconds * self.rate)):
            which = number % len(targets)
            yield Try(number / self.rate, targets[which], 9100, "answered" if good[which] else "silent")


def run_kubernetes(dice: random.Random, seconds: float) -> Iterator[Try]:
    """A node: pods that come and go in three /24, probes to them, refused while they start."""
    pods = [draw_rack(dice, 3) for _ in range(120)]
    for at in go_on(dice, 20, seconds):
        if dice.random() < 0.01:
            pods[dice.randrange(len(pods))] = draw_rack(dice, 3)
        chance = dice.random()
        outcome: Outcome = "answered" if chance < 0.93 else "refused" if chance < 0.98 else "silent"
        yield Try(at, dice.choice(pods), dice.choice((8080, 443, 9090, 6443, 10250)), outcome, 0.002)


def run_torrent(dice: random.Random, seconds: float) -> Iterator[Try]:
    """Peers from a tracker, half of them gone, on ports all over, some on the usual ones."""
    for at in go_on(dice, 8, seconds):
        port = 6881 if dice.random() < 0.1 else 51413 if dice.random() < 0.05 else dice.randrange(1024, 65535)
        chance = dice.random()
        outcome: Outcome = "answered" if chance < 0.35 else "refused" if chance < 0.45 else "silent"
        yield Try(at, draw_public(dice), port, outcome, dice.uniform(0.02, 0.3))


CUT = Line(cut=(1200.0, 1500.0))
TUNED_ON: dict[str, Profile] = {
    "browser": Browser().run,
    "browser, DoH": Browser(names=False).run,
    "150 tabs": Browser(opens_with=150).run,
    "150 tabs, DoH, 300 ms": Browser(names=False, opens_with=150, line=Line(0.3)).run,
    "proxy 40/s": Fetcher(40, 0.03).run,
    "proxy 40/s, no names": Fetcher(40, 0.03, names=False).run,
    "proxy 40/s, no names, 300 ms": Fetcher(40, 0.03, names=False, line=Line(0.3)).run,
    "crawler 20/s": Fetcher(20, 0.1, pool=100_000).run,
    "mail relay": Fetcher(2, 0.15, pool=8000, port=25).run,
    "monitor, half dead": Monitor(1000, 0.5, 20).run,
    "monitor, outage": Monitor(1000, 0.02, 20, networks=40, line=Line(cut=(600.0, 900.0))).run,
    "monitor cold, outage": Monitor(1000, 0.02, 20, networks=40, line=Line(cut=(10.0, 310.0))).run,
    "k8s node": run_kubernetes,
    "BitTorrent": run_torrent,
    "5 min outage": Browser(line=CUT).run,
    "5 min outage, DoH": Browser(names=False, line=CUT, pages_a_minute=6).run,
    "proxy, outage, no names": Fetcher(40, 0.03, names=False, line=CUT).run,
}
AUTHORISED: dict[str, Profile] = {
    "vulnerability scanner": Monitor(4000, 0.6, 20, networks=16).run,
}
"""Scans that somebody wants: told, and let pass by the allow list, which is not the detector's."""
