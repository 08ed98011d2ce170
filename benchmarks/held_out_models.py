"""The held-out suite: honest programs and worms that nobody tuned the detector on, each with hosts and hours.

Written from what is known of the programs (their manuals, their defaults, what their users report), apart from the
profiles of the tuning: benchmarks/traffic_models.py gave only its worms and how addresses are drawn.
"""

import random
from functools import partial
from typing import NamedTuple

from benchmarks.held_out_clients import (
    run_administration,
    run_bitcoin,
    run_broken_six,
    run_browser,
    run_calls,
    run_delivery,
    run_directory,
    run_discovery,
    run_sweep,
    run_torrent,
)
from benchmarks.held_out_servers import (
    run_balancer,
    run_carrier,
    run_cluster,
    run_crawler,
    run_mail,
    run_nagios,
    run_prometheus,
    run_proxy,
    run_relay,
    run_resolver,
)
from benchmarks.held_out_world import Model, Weather
from benchmarks.traffic_models import SATELLITE, WORMS, Worm, draw_near, draw_public

SIX = bytes.fromhex("20010db8000000000000000000000040")


class HeldOut(NamedTuple):
    """An honest program: how many hosts run it, for how many hours each. `hard`: its failures look as a scan's do (it
    reaches for many hosts on one port, most of them dead, and asks for no name); `asked`: it is a scan, by order.
    """

    model: Model
    hosts: int
    hours: float
    hard: bool = False
    asked: bool = False
    source: bytes = bytes((10, 20, 30, 40))


class Sweep:
    """One address after the other, from where it begins with each dice anew, as Blaster."""

    def __init__(self) -> None:
        self._dice = random.Random(0)
        self._next = 0

    def __call__(self, dice: random.Random) -> bytes:
        """The next address."""
        if dice is not self._dice:
            self._dice, self._next = dice, int.from_bytes(draw_public(dice)[:3] + bytes(1), "big")
        self._next += 1
        return self._next.to_bytes(4, "big")


def cut(minutes: float, begin: float = 900.0, **more: object) -> Weather:
    """A line that is cut for so long."""
    return Weather(cut=(begin, begin + 60 * minutes), **more)  # type: ignore[arg-type]


RESUMED = Weather(cut=(180.0, 215.0), congested=(215.0, 260.0, 0.9))
PORTAL = Weather(cut=(900.0, 1500.0), cut_says="refused")
SCANNED = (22, 80, 443, 445, 3389)

BENIGN: dict[str, HeldOut] = {
    "proxy 60/s": HeldOut(run_proxy, 4, 1.0),
    "proxy 60/s, names hidden": HeldOut(partial(run_proxy, names="hidden"), 4, 1.0),
    "proxy 40/s, satellite 300 ms": HeldOut(partial(run_proxy, rate=40.0, weather=Weather(0.3, 0.01)), 4, 1.0),
    "proxy 40/s, satellite, names hidden": HeldOut(
        partial(run_proxy, rate=40.0, weather=Weather(0.3, 0.01), names="hidden"), 4, 2.0
    ),
    "proxy, line cut 5 min": HeldOut(partial(run_proxy, rate=20.0, weather=cut(5)), 4, 1.0),
    "crawler": HeldOut(run_crawler, 3, 0.75),
    "crawler, names hidden": HeldOut(partial(run_crawler, names="hidden"), 3, 0.75),
    "crawler, names hidden, cut 5 min": HeldOut(partial(run_crawler, names="hidden", weather=cut(5)), 3, 0.75),
    "mail relay": HeldOut(run_mail, 10, 4.0),
    "mail relay, names hidden": HeldOut(partial(run_mail, names="hidden"), 10, 4.0),
    "mail relay, bounces": HeldOut(partial(run_mail, bounces=True), 10, 3.0),
    "mail relay, bounces, names hidden": HeldOut(partial(run_mail, names="hidden", bounces=True), 10, 3.0),
    "Nagios, half dies": HeldOut(run_nagios, 10, 6.0),
    "Nagios cold, half dead": HeldOut(partial(run_nagios, cold=True), 10, 6.0),
    "Nagios cold, in order of sites": HeldOut(partial(run_nagios, cold=True, ordered=True), 10, 2.0, hard=True),
    "Prometheus, half a rack dies": HeldOut(run_prometheus, 4, 2.0),
    "Prometheus, a third dies": HeldOut(partial(run_prometheus, dead=0.33), 4, 1.0),
    "Prometheus cold, half dead": HeldOut(partial(run_prometheus, dead=0.5, cold=True), 4, 0.5),
    "Prometheus cold, 80 % dead": HeldOut(partial(run_prometheus, dead=0.8, cold=True), 4, 0.5, hard=True),
    "k8s node": HeldOut(run_cluster, 6, 4.0),
    "k8s proxy cold, zone lost": HeldOut(partial(run_cluster, zone=True), 6, 4.0),
    "balancer reloaded, half down": HeldOut(run_balancer, 4, 0.5),
    "balancer reloaded, 80 % down": HeldOut(partial(run_balancer, down=0.8), 4, 0.5, hard=True),
    "DNS resolver 30/s": HeldOut(run_resolver, 4, 3.0),
    "Tor relay": HeldOut(run_relay, 6, 4.0),
    "carrier NAT 150/s, names hidden": HeldOut(run_carrier, 3, 1.0),
    "browser": HeldOut(run_browser, 20, 5.0),
    "browser, DoH": HeldOut(partial(run_browser, names="hidden"), 20, 5.0),
    "150 tabs after a resume, DoH": HeldOut(partial(run_browser, names="hidden", weather=RESUMED, tabs=150), 40, 0.5),
    "browser starts, 12 tabs, DoH, 600 ms": HeldOut(
        partial(run_browser, names="hidden", weather=Weather(0.55, 0.01), tabs=-12), 40, 0.5
    ),
    "browser, DoH, cut 5 min": HeldOut(partial(run_browser, names="hidden", weather=cut(5)), 40, 1.0),
    "browser, cut 30 min": HeldOut(partial(run_browser, weather=cut(30)), 40, 1.0),
    "browser, DoH, captive portal": HeldOut(partial(run_browser, names="hidden", weather=PORTAL), 40, 1.0),
    "browser, broken IPv6, captured": HeldOut(run_broken_six, 20, 1.0, source=SIX),
    "BitTorrent": HeldOut(run_torrent, 10, 3.0),
    "BitTorrent, all on 6881": HeldOut(partial(run_torrent, port=6881), 10, 2.0, hard=True),
    "Bitcoin node, old addresses": HeldOut(run_bitcoin, 10, 4.0, hard=True),
    "Ethereum node": HeldOut(run_discovery, 10, 3.0, hard=True),
    "IPFS node, 20 % alive": HeldOut(partial(run_discovery, port=4001, alive=0.2), 10, 2.0, hard=True),
    "Ansible, 400 of 1,000 off, by name": HeldOut(run_administration, 10, 4.0),
    "Ansible, by address, mixed": HeldOut(partial(run_administration, names="hidden", ordered=False), 10, 4.0),
    "Ansible, by address, off ones in a row": HeldOut(partial(run_administration, names="hidden"), 10, 4.0, hard=True),
    "software push to 445, off in a row": HeldOut(
        partial(run_administration, names="hidden", port=445), 10, 2.0, hard=True
    ),
    "directory client, 11 of 14 lost": HeldOut(run_directory, 20, 4.0),
    "directory client, names hidden": HeldOut(partial(run_directory, names="hidden"), 20, 4.0),
    "Delivery Optimization, 6 networks": HeldOut(run_delivery, 10, 6.0),
    "Delivery Optimization, 40 networks": HeldOut(partial(run_delivery, networks=40), 10, 6.0),
    "calls (WebRTC, SIP)": HeldOut(run_calls, 10, 6.0),
    "printer search in the /24": HeldOut(partial(run_sweep, ports=(9100, 515, 631)), 10, 2.0),
    "vulnerability scanner, 5 ports": HeldOut(partial(run_sweep, ports=SCANNED, nets=64), 4, 1.0, asked=True),
    "vulnerability scanner, any order": HeldOut(
        partial(run_sweep, ports=(445,), nets=64, mixed=True), 4, 1.0, asked=True
    ),
    "vulnerability scanner, 1 port": HeldOut(partial(run_sweep, ports=(445,), nets=64), 4, 1.0, asked=True),
}

HELD_OUT_WORMS: dict[str, tuple[Worm, float]] = {
    "0.1/s": (Worm(0.1), 600.0),
    "1/s": (Worm(1), 90.0),
    "14/s (Code Red)": (Worm(14), 30.0),
    "14/s, 300 ms": (Worm(14, line=SATELLITE), 30.0),
    "14/s, 10 % answer": (Worm(14, answering=0.1), 30.0),
    "14/s, half of the rest refuse": (Worm(14, refusing=0.5), 30.0),
    "14/s, address by address (Blaster)": (Worm(14, draw=Sweep(), port=135), 120.0),
    "100/s, near (Code Red II)": (Worm(100, draw=draw_near), 10.0),
    "100/s, near, 40 % of the LAN answer": (Worm(100, draw=draw_near, local_answering=0.4), 10.0),
    "100/s, near, 60 % of the LAN answer": (Worm(100, draw=draw_near, local_answering=0.6), 10.0),
    "300/s, near": (Worm(300, draw=draw_near), 5.0),
    "UDP 300/s": (WORMS["UDP 100/s"]._replace(rate=300.0), 5.0),
    "hit list 90 %, payload": (Worm(5, answering=0.9, convicts=True), 20.0),
    "hit list 50 %, payload": (Worm(5, answering=0.5, convicts=True), 20.0),
    "hit list 90 %, no payload": (Worm(5, answering=0.9), 120.0),
}

INFECTED: dict[str, tuple[Model, Worm]] = {
    "14/s from a busy proxy's address": (partial(run_proxy, rate=30.0, names="hidden"), Worm(14, port=443)),
    "100/s from a busy proxy's address": (partial(run_proxy, rate=30.0, names="hidden"), Worm(100, port=443)),
    "1/s from a browser's address": (partial(run_browser, names="hidden"), Worm(1, port=443)),
    "14/s from a node of Kubernetes": (run_cluster, Worm(14, port=8080)),
}
"""Worms on the port, and from the address, of an honest program that has been at work for ten minutes."""
