"""Held-out honest programs, clients, peers and administration."""

import random
from collections.abc import Iterator, Sequence

from benchmarks.held_out_servers import Sites, find_site
from benchmarks.held_out_world import (
    CLEAR,
    Host,
    Names,
    Peer,
    Swarm,
    Weather,
    draw_fate,
    draw_peer,
    draw_rank,
    draw_trip,
    kill,
    make_fleet,
)
from benchmarks.traffic_models import SOURCE, Try, draw_public


def run_browser(
    dice: random.Random, seconds: float, names: Names = "seen", weather: Weather = CLEAR, tabs: int = 0
) -> Iterator[Try]:
    """A browser: a page each 40 s of 8 to 30 hosts, of which most are the same few advertisers and copies; 3 % of hosts
    dead or blocked; connections of a page begin within 2 s, two addresses raced 250 ms apart. `tabs`: so many pages
    restored after 200 s, six a second; `tabs` < 0: with the start of the program, as a new process.
    """
    host, common, rare = Host(dice, seconds, weather, names), Sites(), Sites()

    def fetch(at: float, peers: list[Peer]) -> list[Try]:
        if peers[0].fate != "answered" and len(peers) > 1:
            host.call(at + 0.25, fetch, peers[1:])
        return host.visit(at, peers[0], 443, 120.0)

    def load(at: float) -> list[Try]:
        for _ in range(dice.randrange(8, 30)):
            peers = find_site(dice, rare, dice.randrange(10**9), 0.03)
            if dice.random() < 0.8:
                peers = find_site(dice, common, draw_rank(dice, 400), 0.04)
            host.call(at + dice.uniform(0, 2), fetch, peers)
        return []

    def read(at: float) -> list[Try]:
        host.call(at + host.wait(1 / 40), read)
        return load(at)

    host.call(dice.uniform(0, 40), read)
    for one in range(abs(tabs)):
        host.call((200.0 if tabs > 0 else 0.0) + one / 6 * dice.uniform(0.5, 1.5), load)
    return host.run()


def run_broken_six(dice: random.Random, seconds: float) -> Iterator[Try]:
    """What a capture has of a browser whose IPv6 is broken (a tunnel that died): to the detector its IPv6 address is an
    actor of its own, of which nothing is answered; its names were asked for by IPv4."""
    host, sites = Host(dice, seconds), Sites()

    def load(at: float) -> list[Try]:
        host.call(at + host.wait(1 / 40), load)
        tries = []
        for _ in range(dice.randrange(3, 12)):
            found = find_site(dice, sites, draw_rank(dice, 3000), 0.0)[0]
            six = Peer(bytes((0x20, 1)) + found.address[:3] + bytes(10) + found.address[3:], 0.05, "silent")
            tries += host.visit(at, six, 443, 120.0)
        return tries

    host.call(dice.uniform(0, 40), load)
    return host.run()


def run_torrent(dice: random.Random, seconds: float, port: int = 0) -> Iterator[Try]:
    """A BitTorrent client: trackers and others name 50 peers a minute and torrent, half-open limited to 8 a second,
    55 % of them gone or behind NAT, tried again after 1, 4 and 9 min. `port` != 0: all listen
    there (an old swarm, 6881).
    """
    host, swarm = Host(dice, seconds), Swarm(dice)
    queue: list[tuple[Peer, int, int]] = []

    def hear(at: float) -> list[Try]:
        host.call(at + 60.0, hear)
        queue.extend((swarm.draw(dice, 0.55), port or dice.randrange(1024, 65535), 0) for _ in range(50))
        return []

    def try_again(_: float, one: tuple[Peer, int, int]) -> list[Try]:
        queue.append(one)
        return []

    def dial(at: float) -> list[Try]:
        host.call(at + 0.125, dial)
        if not queue:
            return []
        peer, where, tries = queue.pop(0)
        if peer.fate != "answered" and tries < 3:
            host.call(at + 60.0 * (tries + 1) ** 2, try_again, (peer, where, tries + 1))
        return [host.reach(at, peer, where)]

    host.call(0.0, hear)
    host.call(1.0, dial)
    return host.run()


def run_bitcoin(dice: random.Random, seconds: float, alive: float = 0.2) -> Iterator[Try]:
    """Bitcoin Core with a peers.dat that is a week old: ten outbound slots, filled one after the other, in a network
    (/16) each; an attempt waits up to 5 s; then a feeler each 2 min, and a slot lost each 20 min. Of what addrman draws
    a share `alive` answers (half of the tried table, a tenth of the new one). No name, port 8333.
    """
    host, kept, taken, swarm = Host(dice, seconds), [0], set[bytes](), Swarm(dice)

    def lose(at: float) -> list[Try]:
        host.call(at + host.wait(1 / 1200), lose)
        kept[0] = max(0, kept[0] - 1)
        return []

    def dial(at: float, feeler: bool = False) -> list[Try]:
        full = kept[0] >= 10
        if full and not feeler:
            host.call(at + 0.5, dial)
            return []
        peer = swarm.draw(dice, 1 - (0.1 if feeler else alive))
        if peer.address[:2] in taken:
            host.call(at + 0.01, dial, feeler)
            return []
        taken.add(peer.address[:2])
        if not feeler:
            kept[0] += peer.fate == "answered"
            host.call(at + (5.0 if peer.fate == "silent" else 0.5), dial)
        return [host.reach(at, peer, 8333)]

    def feel(at: float) -> list[Try]:
        host.call(at + host.wait(1 / 120), feel)
        return dial(at, True) if kept[0] >= 10 else []

    host.call(1.0, dial)
    host.call(10.0, feel)
    host.call(600.0, lose)
    return host.run()


def run_discovery(dice: random.Random, seconds: float, port: int = 30303, alive: float = 0.35) -> Iterator[Try]:
    """Geth, or IPFS at 4001: each 10 s a lookup asks 16 nodes by UDP, of which 40 % answer; those are dialled by TCP,
    where the share `alive` answers (others are behind NAT or gone); a node isn't dialled again for 35 s.
    """
    host, swarm = Host(dice, seconds), Swarm(dice)
    nodes = [(swarm.draw(dice, 1 - alive), dice.random() < 0.4) for _ in range(4000)]
    dialled: dict[bytes, float] = {}

    def look_up(at: float) -> list[Try]:
        host.call(at + 10.0, look_up)
        tries = []
        for peer, bonds in dice.sample(nodes, 16):
            udp = host.reach(at, peer._replace(fate="answered" if bonds else "silent"), port, "udp")
            tries.append(udp)
            if bonds and dialled.get(peer.address, -99.0) < at - 35:
                dialled[peer.address] = at
                host.call(at + dice.uniform(1, 9), host.dial, peer, port)
        return tries

    host.call(1.0, look_up)
    return host.run()


def run_administration(
    dice: random.Random, seconds: float, port: int = 22, names: Names = "seen", ordered: bool = True
) -> Iterator[Try]:
    """Ansible from a bastion: each hour 1,000 hosts in 40 networks, 50 forks, 10 s of patience, 400 of them off,
    laptops and a laboratory: network by network in the inventory (`ordered`) or anywhere in it.
    """
    host = Host(dice, seconds, CLEAR, names)
    fleet = make_fleet(dice, 40, 25, 0.004)
    fleet = fleet[:300] + kill(fleet[300:700]) + fleet[700:]
    if not ordered:
        dice.shuffle(fleet)

    def work(at: float, left: list[Peer]) -> list[Try]:
        if not left:
            return []
        peer = left.pop(0)
        host.call(at + (10.0 if peer.fate == "silent" else dice.uniform(1, 6)), work, left)
        return host.visit(at, peer, port, 3600.0)

    def play(at: float) -> list[Try]:
        host.call(at + 3600.0, play)
        left = list(fleet)
        for fork in range(50):
            host.call(at + 0.06 * fork, work, left)
        return []

    host.call(5.0, play)
    return host.run()


def run_directory(dice: random.Random, seconds: float, names: Names = "seen") -> Iterator[Try]:
    """A client of a directory: 14 controllers at 14 places; a data centre with 11 of them is lost after 10 min. Each
    logon asks the next one by LDAP, Kerberos and the catalogue until one answers, which is then kept for 15 min.
    """
    host = Host(dice, seconds, CLEAR, names)
    servers = make_fleet(dice, 14, 1, 0.02)

    def log_on(at: float) -> list[Try]:
        host.call(at + host.wait(1 / 90), log_on)
        lost = kill(servers[:11]) + servers[11:] if at >= 600 else servers
        order = lost[:2] if at < 600 else dice.sample(lost, 14)
        for place, peer in enumerate(order):
            port = dice.choice((389, 389, 88, 3268))
            host.call(at + 3.0 * place, host.visit, peer, port, 900.0)
            if peer.fate == "answered":
                break
        return []

    host.call(dice.uniform(0, 60), log_on)
    return host.run()


def run_sweep(
    dice: random.Random, seconds: float, ports: Sequence[int], nets: int = 1, mixed: bool = False
) -> Iterator[Try]:
    """A tool that looks for what there is, address after address or in any order (`mixed`), each port, 20 a second,
    once an hour: printers in the own /24, or an authorised scanner of vulnerabilities in `nets` of them. One in
    ten answers.
    """
    host = Host(dice, seconds)
    places = [SOURCE[:3]] if nets == 1 else [bytes((10, 30 + one // 256, one % 256)) for one in range(nets)]
    targets = [
        (Peer(net + bytes((one,)), 0.001, draw_fate(dice, 0.9, 0.1)), port)
        for net in places
        for one in range(1, 255)
        for port in ports
    ]
    if mixed:
        dice.shuffle(targets)

    def sweep(at: float, place: int) -> list[Try]:
        if place >= len(targets):
            return []
        host.call(at + 0.05, sweep, place + 1)
        peer, port = targets[place]
        return [host.reach(at, peer, port)]

    for begin in range(60, int(seconds), 3600 * (1 + len(targets) // 72000)):
        host.call(float(begin), sweep, 0)
    return host.run()


def run_delivery(dice: random.Random, seconds: float, networks: int = 6) -> Iterator[Try]:
    """Windows' Delivery Optimization: its service names peers of the organisation, each 10 min 20 for an update, port
    7680, half of them asleep; with the group set by site some networks, set by domain many."""
    host, fleet = Host(dice, seconds), make_fleet(dice, networks, 60)

    def update(at: float) -> list[Try]:
        host.call(at + host.wait(1 / 600), update)
        for peer in dice.sample(fleet, 20):
            asleep = peer._replace(fate=draw_fate(dice, 0.5, 0.1))
            host.call(at + dice.uniform(0, 30), host.dial, asleep, 7680)
        return []

    host.call(dice.uniform(0, 600), update)
    return host.run()


def run_calls(dice: random.Random, seconds: float) -> Iterator[Try]:
    """Calls in a browser: each 5 min checks by UDP of 4 to 30 candidates of others, private ones and mapped ones, most
    of which answer nothing; relays by TCP 443 and UDP 3478; a telephone's registrar by UDP 5060."""
    host = Host(dice, seconds)
    relays, registrar = [draw_peer(dice, 0.0) for _ in range(4)], draw_peer(dice, 0.0)

    def ring(at: float) -> list[Try]:
        host.call(at + host.wait(1 / 300), ring)
        tries = [host.reach(at, registrar, 5060, "udp"), *host.visit(at, dice.choice(relays), 443)]
        for _ in range(dice.randrange(4, 30)):
            near = bytes((192, 168, dice.randrange(3), dice.randrange(2, 99)))
            peer = Peer(near if dice.random() < 0.5 else draw_public(dice), draw_trip(dice), draw_fate(dice, 0.8, 0.0))
            host.call(at + dice.uniform(0, 5), host.dial, peer, dice.randrange(1024, 65535), "udp")
        return [*tries, host.reach(at, dice.choice(relays), 3478, "udp")]

    host.call(dice.uniform(0, 60), ring)
    return host.run()
