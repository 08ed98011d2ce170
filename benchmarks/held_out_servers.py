"""Held-out honest programs, servers: each with the structure that its documentation and its users describe."""

import random
from collections.abc import Iterator

from benchmarks.held_out_world import (
    CLEAR,
    Host,
    Names,
    Peer,
    Weather,
    draw_peer,
    draw_rank,
    draw_trip,
    kill,
    make_fleet,
)
from benchmarks.traffic_models import Try, draw_public

Sites = dict[int, list[Peer]]


def find_site(dice: random.Random, sites: Sites, rank: int, dead: float) -> list[Peer]:
    """The addresses of a site (1 to 3, dead all together: its server, or its network)."""
    if rank not in sites:
        first = draw_peer(dice, dead)
        more = [draw_peer(dice, 0.0)._replace(fate=first.fate) for _ in range(dice.choice((0, 0, 1, 2)))]
        sites[rank] = [first, *more]
    return sites[rank]


def run_proxy(
    dice: random.Random, seconds: float, rate: float = 60.0, names: Names = "seen", weather: Weather = CLEAR
) -> Iterator[Try]:
    """Squid for some thousand users: popularity by Zipf, idle connections kept for 2 min, the next address after 250 ms
    without an answer, 3 to 8 % of sites dead, names cached up to 6 h (positive_dns_ttl), users who press reload.
    """
    host, sites = Host(dice, seconds, weather, names), Sites()
    pool: dict[bytes, list[float]] = {}
    dead = dice.uniform(0.03, 0.08)

    def connect(at: float, peers: list[Peer], patience: int) -> list[Try]:
        idle = pool.setdefault(peers[0].address, [])
        while idle and idle[0] < at - 120:
            idle.pop(0)
        if idle and idle[-1] <= at:
            idle.append(max(at, idle.pop()) + dice.expovariate(1.0))
            idle.sort()
            return []
        if peers[0].fate == "answered":
            idle.append(at + dice.expovariate(1.0))
            idle.sort()
        elif len(peers) > 1:
            host.call(at + 0.25, connect, peers[1:], patience)
        elif patience:
            again = find_site(dice, sites, rank_of[peers[0].address], dead) if peers[0].address in rank_of else peers
            host.call(at + dice.uniform(3, 20), connect, again, patience - 1)
        return host.visit(at, peers[0], dice.choices((443, 80), (9, 1))[0], dice.choice((60, 300, 3600, 21600)))

    rank_of: dict[bytes, int] = {}

    def request(at: float) -> list[Try]:
        host.call(at + host.wait(rate), request)
        rank = draw_rank(dice, 60_000)
        peers = find_site(dice, sites, rank, dead)
        rank_of[peers[0].address] = rank
        return connect(at, peers, dice.choice((0, 0, 1)))

    host.call(0.0, request)
    return host.run()


def run_crawler(dice: random.Random, seconds: float, names: Names = "seen", weather: Weather = CLEAR) -> Iterator[Try]:
    """Heritrix-like: 400 queues, one request to a host each 2 to 5 s while its pages last (a few or hundreds), dead
    ones tried again after 5, 15 and 45 min. Old link lists come in lumps: there 60 % of hosts are gone.
    """
    host = Host(dice, seconds, weather, names)
    lump = [0]

    def fetch(at: float, peer: Peer, pages: int, tries: int) -> list[Try]:
        if peer.fate != "answered":
            if tries < 3:
                host.call(at + 300.0 * 3**tries, fetch, peer, pages, tries + 1)
            if tries == 0:
                host.call(at + 20.0, start)
        elif pages:
            host.call(at + dice.uniform(2, 5), fetch, peer, pages - 1, 0)
        else:
            host.call(at + 0.1, start)
        return host.visit(at, peer, 443 if peer.address[3] % 5 else 80, 3600.0)

    def start(at: float) -> list[Try]:
        if lump[0] == 0 and dice.random() < 0.001:
            lump[0] = dice.randrange(50, 400)
        lump[0] = max(0, lump[0] - 1)
        peer = draw_peer(dice, 0.6 if lump[0] else 0.08)
        return fetch(at, peer, int(dice.paretovariate(1.0) * 3) % 500, 0)

    for one in range(400):
        host.call(one * 0.2, start)
    return host.run()


def run_mail(dice: random.Random, seconds: float, names: Names = "seen", bounces: bool = False) -> Iterator[Try]:
    """Postfix: 1 message a second to domains by Zipf, two MX each, 5 % of them dead, tried again after 5, 10, 20, 40
    and 66 min; a greylisting server takes the connection and is asked again. `bounces`: after
    spam with forged senders 3,000 bounces within 10 min, 45 % of those domains have no server that lives.
    """
    host, sites = Host(dice, seconds, CLEAR, names), Sites()

    def deliver(at: float, peers: list[Peer], tries: int) -> list[Try]:
        grey = peers[0].fate == "answered" and dice.random() < 0.1
        if (peers[0].fate != "answered" or grey) and tries < 5:
            host.call(at + min(4000.0, 300.0 * 2**tries) + dice.uniform(0, 300), deliver, peers, tries + 1)
        if peers[0].fate != "answered" and len(peers) > 1:
            host.call(at + 30.0, host.visit, peers[1], 25, 3600.0)
        return host.visit(at, peers[0], 25, 3600.0)

    def send(at: float) -> list[Try]:
        host.call(at + host.wait(1.0), send)
        return deliver(at, find_site(dice, sites, draw_rank(dice, 20_000), 0.05), 0)

    def bounce(at: float) -> list[Try]:
        return deliver(at, [draw_peer(dice, 0.45), draw_peer(dice, 0.45)][: dice.choice((1, 2))], 2)

    host.call(0.0, send)
    begin = dice.uniform(0.1, 0.5) * seconds
    for _ in range(3000 if bounces else 0):
        host.call(begin + dice.uniform(0, 600), bounce)
    return host.run()


def run_nagios(dice: random.Random, seconds: float, cold: bool = False, ordered: bool = False) -> Iterator[Try]:
    """500 hosts in 20 networks, by address, NRPE each 5 min, after a failure 2 more each minute; half of them die with
    their sites half an hour in, or before it began (`cold`). Checks are interleaved over the hosts, or in the order of
    the configuration, site after site (`ordered`: a plain loop over a list).
    """
    host = Host(dice, seconds)
    fleet = make_fleet(dice, 20, 25, 0.01)
    dies = 0.0 if cold else min(1800.0, seconds / 2)
    order = list(range(500))
    if not ordered:
        dice.shuffle(order)

    def check(at: float, number: int, soft: int) -> list[Try]:
        dead = number >= 250 and at >= dies
        if dead and soft < 2:
            host.call(at + 60.0, check, number, soft + 1)
        else:
            host.call(at + 300.0, check, number, 2 if dead else 0)
        peer = fleet[number]
        return [host.reach(at, kill([peer])[0] if dead else peer, 5666)]

    for place, number in enumerate(order):
        host.call(place * 0.6, check, number, 0)
    return host.run()


def run_prometheus(dice: random.Random, seconds: float, dead: float = 0.01, cold: bool = False) -> Iterator[Try]:
    """2,000 targets in 50 racks of a /24 each, port 9100, each 15 s at an offset of its own; a connection is kept, so
    only those that died or restart are dialled again. The share `dead` of all dies after 10 min, rack by rack; or they
    are dead when it starts (`cold`: a restart in the middle of the trouble).
    """
    host = Host(dice, seconds)
    fleet = make_fleet(dice, 50, 40)
    gone = set(range(int(len(fleet) * dead)))
    dies = 0.0 if cold else 600.0

    def scrape(at: float, number: int, connected: bool) -> list[Try]:
        dead_now = number in gone and at >= dies
        stays = not dead_now and dice.random() > 0.0005
        host.call(at + 15.0, scrape, number, stays)
        if connected and not dead_now:
            return []
        return [host.reach(at, kill([fleet[number]])[0] if dead_now else fleet[number], 9100)]

    for number in range(len(fleet)):
        host.call(dice.uniform(0, 15), scrape, number, False)
    return host.run()


def run_cluster(dice: random.Random, seconds: float, zone: bool = False) -> Iterator[Try]:
    """A node of Kubernetes, its proxy dialling pods by address, no name: 600 pods on 40 nodes (a /24 each), 8 calls a
    second; a rolling restart each 10 min moves 60 pods to new addresses, which refuse until ready (2 to 20 s), the old
    ones are silent to those who were not told yet. `zone`: a third of the nodes dies, and the proxy restarts then.
    """
    host = Host(dice, seconds)
    nodes = [bytes((10, 244, one)) for one in range(40)]
    pods = [Peer(dice.choice(nodes) + bytes((dice.randrange(2, 250),)), 0.001) for _ in range(600)]
    ready = [0.0] * len(pods)
    begin = seconds / 3

    def dial(at: float) -> list[Try]:
        host.call(at + host.wait(8.0), dial)
        number = dice.randrange(len(pods))
        lost = zone and at >= begin and pods[number].address[2] < 13
        peer = pods[number]._replace(fate="silent" if lost else "refused" if at < ready[number] else "answered")
        return [host.reach(at, peer, 8080 if number % 10 else 9090)]

    def replace(at: float, number: int) -> list[Try]:
        fresh = Peer(dice.choice(nodes) + bytes((dice.randrange(2, 250),)), 0.001)
        old, pods[number] = pods[number], fresh
        ready[number] = at + dice.uniform(2, 20)
        host.call(at + dice.uniform(0, 3), host.dial, fresh._replace(fate="refused"), 8080)
        return [host.reach(at, old._replace(fate="silent"), 8080)] if dice.random() < 0.1 else []

    def roll(at: float) -> list[Try]:
        host.call(at + 600.0, roll)
        for place, number in enumerate(dice.sample(range(len(pods)), 60)):
            when = at + 25.0 * (place // 15) + dice.uniform(0, 8)
            host.call(when, replace, number)
        return []

    host.call(0.0, dial)
    host.call(dice.uniform(60, 600), roll)
    return host.run()


def run_balancer(dice: random.Random, seconds: float, down: float = 0.5) -> Iterator[Try]:
    """HAProxy: 200 back ends of 12 networks checked each 2 s. The share `down` was down when it was reloaded (a reload
    is a new process, which knows no peer)."""
    host = Host(dice, seconds)
    fleet = make_fleet(dice, 12, 17)[:200]
    dice.shuffle(fleet)
    refused, silent = int(200 * down * 0.7), int(200 * down)
    fleet = kill(fleet[:refused], "refused") + kill(fleet[refused:silent]) + fleet[silent:]

    def check(at: float, peer: Peer) -> list[Try]:
        host.call(at + 2.0, check, peer)
        return [host.reach(at, peer, 8443)]

    for peer in fleet:
        host.call(dice.uniform(0, 2), check, peer)
    return host.run()


def run_resolver(dice: random.Random, seconds: float) -> Iterator[Try]:
    """Unbound asking 30 questions a second of others' name servers by UDP: Zipf, 6 % dead, each question goes to the
    next server after 400 ms; big answers again by TCP, which some filter.
    """
    host, sites = Host(dice, seconds), Sites()

    def ask(at: float) -> list[Try]:
        host.call(at + host.wait(30.0), ask)
        first, *more = find_site(dice, sites, draw_rank(dice, 50_000), 0.06)
        if first.fate != "answered":
            for step, peer in enumerate(more, 1):
                host.call(at + 0.4 * step, host.dial, peer, 53, "udp")
        elif dice.random() < 0.03:
            blocked = first._replace(fate="silent") if first.address[3] % 8 == 0 else first
            return [host.reach(at, first, 53, "udp"), host.reach(at, blocked, 53)]
        return [host.reach(at, first, 53, "udp")]

    host.call(0.0, ask)
    return host.run()


def run_relay(dice: random.Random, seconds: float) -> Iterator[Try]:
    """A Tor relay, no exit: 7,000 relays of the consensus, by weight, connections kept 3 min and more, 4 % just gone,
    half on 443, a third on 9001."""
    host = Host(dice, seconds)
    relays = [(draw_peer(dice, 0.04), dice.choices((443, 9001, dice.randrange(1024, 65535)), (5, 3, 2))[0])
              for _ in range(7000)]  # fmt: skip
    kept: dict[bytes, float] = {}

    def extend(at: float) -> list[Try]:
        host.call(at + host.wait(6.0), extend)
        peer, port = relays[draw_rank(dice, 7000) - 1]
        if kept.get(peer.address, -1.0) >= at:
            return []
        if peer.fate == "answered":
            kept[peer.address] = at + 180 + dice.expovariate(1 / 600)
        return [host.reach(at, peer, port)]

    host.call(0.0, extend)
    return host.run()


def run_carrier(dice: random.Random, seconds: float) -> Iterator[Try]:
    """The one address that 3,000 telephones share, in a capture behind their name server: 150 a second, sites by Zipf,
    each telephone's pushes and games by address, 4 % dead; one in a hundred plays peer to peer.
    """
    host, sites = Host(dice, seconds, Weather(added=0.03, loss=0.02), "hidden"), Sites()

    def open_one(at: float) -> list[Try]:
        host.call(at + host.wait(150.0), open_one)
        if dice.random() < 0.01:
            return [host.reach(at, Peer(draw_public(dice), draw_trip(dice), "silent"), dice.randrange(1024, 65535))]
        return host.visit(at, dice.choice(find_site(dice, sites, draw_rank(dice, 100_000), 0.04)),
                          dice.choices((443, 80, 5228), (17, 2, 1))[0])  # fmt: skip

    host.call(0.0, open_one)
    return host.run()
