"""The sweep of 65,536 addresses against nmap, in namespaces of their own: of each 256 52 are web servers, 25 refuse
and 179 are silent. One request each, then the full check of the packs' probes.

    sudo .venv/bin/python -m benchmarks.sweep [--prefix 16] [--runs 1]

The answering side is nginx where it is installed, else a small server on epoll; the table says which. Both sweeps run
through a gateway (the range is never on the scanner's own link), one after the other, on the same machine.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from codered.packs.loading import find_packs_folder, load_packs
from codered_hq.model.sweep import Limits, PackProbe, SweepJob, SweepResult
from tests.fixtures.networks import Namespace, running_network

NETWORK = "198.18.0.0"
OPEN, REFUSING = 52, 25  # of each 256
LIMITS = Limits(per_second=0, per_subnet=0, per_host=0, at_once=15000, connect_seconds=1.5)
_NMAP = "-sT -n -Pn -p80 -T5 --min-rate 20000 --max-retries 1 --min-hostgroup 4096 -oG -"
_NGINX = """daemon off; user root; worker_processes 1; worker_rlimit_nofile 16384; error_log /dev/null;
pid {folder}/pid;
events {{ worker_connections 15000; }}
http {{ access_log off; server {{ listen 80 backlog=8192; location / {{ root {folder}/www; }} }} }}
"""
_SERVER = """
import select, socket
door = socket.create_server(("", 80), backlog=8192)
door.setblocking(False)
poll = select.epoll()
poll.register(door, select.EPOLLIN)
peers = {}
page = b"HTTP/1.1 %s\\r\\nServer: small\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n"
while True:
    for number, _ in poll.poll():
        if number == door.fileno():
            try:
                while True:
                    peer, _ = door.accept()
                    peers[peer.fileno()] = peer
                    poll.register(peer, select.EPOLLIN)
            except BlockingIOError:
                continue
        peer = peers.pop(number)
        asked = peer.recv(4096)
        if asked:
            peer.send(page % (b"200 OK" if asked.startswith(b"GET / ") else b"404 Not Found"))
        peer.close()
"""


class Figures(NamedTuple):
    """One sweep: seconds of wall and CPU, resident MiB at most, how many were open, refusing and silent, requests."""

    name: str
    wall: float
    cpu: float
    resident: float
    counts: tuple[int, int, int]
    requests: int


def main() -> int:
    """Run and print; 1 if a count is not exact."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--prefix", type=int, default=16)
    parser.add_argument("--runs", type=int, default=1)
    chosen = parser.parse_args()
    rows: list[Figures] = []
    with tempfile.TemporaryDirectory() as name, running_network(open_ports=(9,)) as network:
        folder = Path(name)
        _set_up(network.world, network.host, chosen.prefix)
        with _serving(network.world, folder) as engine:
            for _ in range(chosen.runs):
                rows.append(_run_ours(network.host, folder, chosen.prefix, full=False))
                rows.append(_run_nmap(network.host, chosen.prefix))
                rows.append(_run_ours(network.host, folder, chosen.prefix, full=True))
    return _print(rows, chosen.prefix, engine)


def _set_up(world: Namespace, host: Namespace, prefix: int) -> None:
    """Who answers is told by the last byte of the address; the range lies behind a gateway."""
    world.run("ip", "route", "add", "local", f"{NETWORK}/{prefix}", "dev", "lo")
    last = "ip daddr & 0.0.0.255"
    rules = (
        "flush ruleset; add table inet t; add chain inet t c { type filter hook input priority 0; }; "
        f"add rule inet t c ip daddr {NETWORK}/{prefix} {last} > 0.0.0.{OPEN + REFUSING - 1} drop; "
        f"add rule inet t c ip daddr {NETWORK}/{prefix} {last} > 0.0.0.{OPEN - 1} reject with tcp reset"
    )
    world.run("nft", rules)
    for space in (world, host):
        for place, value in (("core/somaxconn", "8192"), ("ipv4/tcp_max_syn_backlog", "8192")):
            space.run("sh", "-c", f"echo {value} >/proc/sys/net/{place}")


@contextmanager
def _serving(world: Namespace, folder: Path) -> Iterator[str]:
    """nginx if it is here, else the small server; which one."""
    nginx = shutil.which("nginx")
    (folder / "www").mkdir()
    (folder / "www" / "index.html").write_text("<html><title>inert</title>ok</html>\n")
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder))
    os.chmod(folder, 0o755)
    words = [nginx, "-c", str(folder / "nginx.conf")] if nginx else [sys.executable, "-c", _SERVER]
    process = subprocess.Popen(world.command(*words), stderr=subprocess.DEVNULL)
    try:
        world.run("sh", "-c", "while ! ss -Hltn sport = :80 | grep -q .; do sleep 0.1; done")
        yield "nginx" if nginx else "a small server on epoll (no nginx here)"
    finally:
        process.terminate()
        process.wait()


def _run_ours(host: Namespace, folder: Path, prefix: int, *, full: bool) -> Figures:
    packs = load_packs(find_packs_folder())
    probes = [
        PackProbe(pack=one.pack.name, version=one.pack.version, probe=p) for one in packs for p in one.pack.probes
    ]
    job = SweepJob(
        format="codered/sweep-job/1", id="bench", ranges=(f"{NETWORK}/{prefix}",), seed=7, limits=LIMITS,
        probes=tuple(probes) if full else (),
    )  # fmt: skip
    (folder / "job.json").write_bytes(msgspec.json.encode(job))
    words = [sys.executable, "-m", "codered_hq.probing", str(folder / "job.json"), "-o", str(folder / "result.json")]
    wall, cpu, resident, _ = _time(host.command(*words))
    end = msgspec.json.decode((folder / "result.json").read_bytes(), type=SweepResult).end
    counted = end.counts
    if set(counted) - {"clean", "web", "not_web", "no_answer"}:
        print(f"unexpected: {counted}", file=sys.stderr)
    web = counted.get("clean", 0) if full else counted.get("web", 0)
    counts = (web, counted.get("not_web", 0), counted.get("no_answer", 0))
    return Figures("ours, full check" if full else "ours, one request", wall, cpu, resident, counts, end.requests)


def _run_nmap(host: Namespace, prefix: int) -> Figures:
    wall, cpu, resident, text = _time(host.command("nmap", *_NMAP.split(), f"{NETWORK}/{prefix}"))
    found = [len(re.findall(rf"80/{state}/", text)) for state in ("open", "closed", "filtered")]
    return Figures("nmap -sT, connect only", wall, cpu, resident, (found[0], found[1], found[2]), 0)


def _time(command: list[str]) -> tuple[float, float, float, str]:
    """Wall, CPU and memory of a program, as the kernel counted them for it alone."""
    with tempfile.TemporaryFile("w+") as out:
        begun = time.monotonic()
        process = subprocess.Popen(command, stdout=out)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        out.seek(0)
        return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, out.read()


def _print(rows: list[Figures], prefix: int, engine: str) -> int:
    blocks = max(1, (1 << (32 - prefix)) // 256)
    truth = (OPEN * blocks, REFUSING * blocks, (256 - OPEN - REFUSING) * blocks)
    print(f"{sum(truth):,} addresses through a gateway, answered by {engine}; truth {truth}")
    print(f"{'':24}{'wall s':>8}{'CPU s':>8}{'MiB':>6}{'requests':>10}  open, refusing, silent")
    for row in rows:
        exact = "exact" if row.counts == truth else "NOT EXACT"
        told = f"{row.wall:8.2f}{row.cpu:8.2f}{row.resident:6.0f}{row.requests:10,}"
        print(f"{row.name:24}{told}  {row.counts} {exact}")
    for ours, nmap in zip(rows[::3], rows[1::3], strict=True):
        print(f"ratio to nmap: wall {ours.wall / nmap.wall:.2f}, CPU {ours.cpu / nmap.cpu:.2f}")
    return int(any(row.counts != truth for row in rows))


if __name__ == "__main__":
    sys.exit(main())
