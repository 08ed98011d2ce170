"""A million findings of 50,000 hosts: rates at first and at last, memory of the server, sizes, pages, exact counts."""

import argparse
import hashlib
import http.client
import json
import os
import queue
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.console_ingest import start_server  # noqa: E402
from benchmarks.soak_monitor import Row, show_rows  # noqa: E402

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

AGENTS = 20
MOST_A_POST = 1000
"""Findings that a post may carry, and so how many hosts are in one; at most 100 hosts."""
PAGES = ("/", "/hosts/", "/hosts/?page=500", "/hosts/?fits=host-4999", "/findings/", "/findings/?page=100")
TIMES = 20
MOST_SLOWER = 2.0
"""How much more CPU the last tenth of the findings may cost than the first: seconds tell of what else runs, too."""
MOST_PAGE = 1.0
"""Seconds that 95 of 100 pages may take at the end."""
MOST_MIB = 256.0
"""What the server's memory may grow from the first tenth to the end."""
MAKE, ASK = "--make", "--ask"
WAIT = 900.0


class Poster:
    """20 agents against one server; each signs and posts what it takes from the queue. `refused`: the first lines."""

    def __init__(self, port: int, keys: list[str]) -> None:
        self.port, self.keys = port, keys
        self.numbers = [0] * len(keys)
        self.refused: list[str] = []
        self._context = ssl._create_unverified_context()

    def post(self, bodies: "queue.SimpleQueue[bytes | None]") -> float:
        """Everything in the queue; the seconds it took."""
        threads = [threading.Thread(target=self._work, args=(agent, bodies)) for agent in range(len(self.keys))]
        began = time.monotonic()
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        return time.monotonic() - began

    def _work(self, agent: int, bodies: "queue.SimpleQueue[bytes | None]") -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self.keys[agent]))
        line = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=120, context=self._context)
        while (body := bodies.get()) is not None:
            self.numbers[agent] += 1
            line.request("POST", "/api/v1/ingest/findings", body, self._sign(agent, key, body))
            answer = line.getresponse()
            told = answer.read()
            if answer.status != 200:
                self.refused.append(told.decode(errors="replace")[:200])
        line.close()

    def _sign(self, agent: int, key: "Ed25519PrivateKey", body: bytes) -> dict[str, str]:
        from codered_hq.model.posting import write_signed

        name, number, now = f"agent-{agent}", str(self.numbers[agent]), datetime.now(UTC).isoformat()
        signed = write_signed(name, number, now, hashlib.sha256(body).hexdigest())
        return {
            "Content-Type": "application/json", "CodeRed-Agent": name, "CodeRed-Number": number,
            "CodeRed-Time": now, "CodeRed-Signature": key.sign(signed).hex(),
        }  # fmt: skip


def make_body(hosts: list[tuple[int, int]], findings: int) -> bytes:
    """A post: for each of these hosts a report with so many findings, numbered from what stands beside it."""
    reports = []
    for host, first in hosts:
        name = f"host-{host:05}"
        found = [
            {
                "id": f"f{place}", "pack": "codered2", "indicator": "root-exe", "layer": "files", "severity": "high",
                "subject": {"kind": "file", "path": f"/var/www/{host}/{place}.php"}, "confidence": "confirmed",
                "because": "its bytes are those of the shell that the worm leaves",
            }
            for place in range(first, first + findings)
        ]  # fmt: skip
        about = {
            "name": name, "machine_id": hashlib.sha256(name.encode()).hexdigest()[:32],
            "address": f"10.{host >> 14}.{host >> 7 & 127}.{host & 127}",
        }  # fmt: skip
        ended = datetime.now(UTC).isoformat()
        reports.append({"host": about, "tool": "codered", "ended": ended, "complete": False, "findings": found})
    return json.dumps({"reports": reports}).encode()


def fill_queue(hosts: int, each: int, first: int, most: int) -> "queue.SimpleQueue[bytes | None]":
    """Posts of the findings numbered `first` to `first + most`, `each` of them a host at a time, round after round
    (each 0: `most` reports without a finding), and an end for each agent.
    """
    bodies: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    together = min(100, MOST_A_POST // each if each else 100)
    reports = range(first // (each or 1), (first + most) // (each or 1))
    for begin in reports[::together]:
        numbers = range(begin, min(begin + together, reports.stop))
        bodies.put(make_body([(number % hosts, number // hosts * each) for number in numbers], each))
    for _ in range(AGENTS):
        bodies.put(None)
    return bodies


def soak_headquarters(findings: int, hosts: int, each: int) -> list[Row]:
    """Post all of it, `each` findings of a host at a time; the rows of the table, printed as well."""
    findings -= findings % (10 * each)
    with tempfile.TemporaryDirectory(prefix="soak-") as base:
        folder = Path(base)
        environment = os.environ | {f"CODERED_{each}": f"{base}/{each}" for each in ("HQ", "STATE", "CACHE")}
        environment["PYTHONPATH"] = f"{ROOT / 'src'}:{ROOT}"
        keys = _ask(environment, MAKE)
        server, port = start_server(environment, folder / "server.log")
        try:
            rows = _post_all((findings, hosts, each), Poster(port, keys), (server.pid, environment, folder))
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)
        return rows


def _post_all(size: tuple[int, int, int], poster: Poster, place: tuple[int, dict[str, str], Path]) -> list[Row]:
    (findings, hosts, each), (pid, environment, folder) = size, place
    entered = poster.post(fill_queue(hosts, 0, 0, hosts))
    before = _ask(environment)
    tenth = findings // 10
    rates, memory, spent = list[float](), list[float](), list[float]()
    for turn in range(10):
        bodies, began = fill_queue(hosts, each, turn * tenth, tenth), _read_cpu(pid)
        rates.append(tenth / poster.post(bodies))
        spent.append((_read_cpu(pid) - began) / tenth * 1000)
        memory.append(_read_rss(pid))
        seen = f"{rates[-1]:,.0f}/s, {spent[-1]:.2f} s of CPU a thousand, server {memory[-1]:.0f} MiB"
        print(f"<!-- {turn + 1}0 %: {seen}, load {os.getloadavg()[0]:.0f} -->", flush=True)
    after = _ask(environment)
    stored = sum(part.stat().st_size for part in (folder / "HQ").glob("headquarters.sqlite3*")) / 2**20
    wanted = [findings, findings, hosts]
    rows: list[Row] = [
        ("hosts entered by posts", f"{hosts:,} in {entered:.0f} s, {hosts / entered:,.0f}/s", "", True),
        ("findings taken, first tenth and last", f"{rates[0]:,.0f}/s and {rates[-1]:,.0f}/s", "", True),
        ("CPU of the server for a thousand of them", f"{spent[0]:.2f} s and {spent[-1]:.2f} s",
         f"{MOST_SLOWER:.0f} times", spent[-1] <= spent[0] * MOST_SLOWER),
        ("stored: findings, different ones, hosts", ", ".join(f"{one:,}" for one in after["counts"]),
         ", ".join(f"{one:,}" for one in wanted), after["counts"] == wanted),
        ("posts refused", str(len(poster.refused)), "0", not poster.refused),
        ("memory of the server, after a tenth and at the end", f"{memory[0]:.0f} and {memory[-1]:.0f} MiB",
         f"+{MOST_MIB:.0f} MiB", memory[-1] - memory[0] <= MOST_MIB),
        ("database", f"{stored:,.0f} MiB, {stored * 2**20 / findings:,.0f} bytes a finding, {after['whole']}", "ok",
         after["whole"] == "ok"),
        ("the ledger's chain", after["ledger"], "whole", after["ledger"].endswith("whole")),
    ]  # fmt: skip
    for page in PAGES:
        seen = f"{before['pages'][page] * 1000:,.0f} and {after['pages'][page] * 1000:,.0f} ms"
        kept = after["pages"][page] <= MOST_PAGE
        rows.append((f"page {page}: p95 without findings and at the end", seen, f"{MOST_PAGE:.0f} s", kept))
    show_rows(rows)
    for line in poster.refused[:3]:
        print(f"<!-- refused: {line} -->")
    return rows


def _read_cpu(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _read_rss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def _ask(environment: dict[str, str], what: str = ASK) -> Any:  # noqa: ANN401
    done = subprocess.run(
        [sys.executable, __file__, what], env=environment, stdout=subprocess.PIPE, check=True, timeout=WAIT
    )
    return json.loads(done.stdout.decode().strip().splitlines()[-1])


def make() -> None:
    """Enter the agents as collectors: their private keys as JSON on stdout."""
    from codered_hq.cli.entering import enter_headquarters

    enter_headquarters("codered_hq.console_settings")
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from codered.signing.keys import public_bytes
    from codered_hq.accounts.models import AgentKey

    keys = [Ed25519PrivateKey.generate() for _ in range(AGENTS)]
    for number, key in enumerate(keys):
        AgentKey.objects.create(
            name=f"agent-{number}", public_key=public_bytes(key).hex(), made_by="benchmark", collector=True,
            made_at=datetime.now(UTC),
        )  # fmt: skip
    print(json.dumps([key.private_bytes_raw().hex() for key in keys]))


def answer() -> None:
    """Counts, whether the database and the ledger are whole, and the p95 of each page in seconds, as JSON on stdout."""
    from codered_hq.cli.entering import enter_headquarters

    enter_headquarters("codered_hq.console_settings")
    from django.conf import settings
    from django.db import connection

    settings.ALLOWED_HOSTS = ["testserver"]
    from codered_hq.fleet.models import StoredFinding
    from codered_hq.hosts.models import Host
    from codered_hq.ledger.reading import verify_ledger
    from tests.fixtures.console_desk import make_viewer_client

    desk = make_viewer_client("Kim", "security")
    pages = {}
    for page in PAGES:
        taken = []
        for turn in range(TIMES + 1):
            began = time.perf_counter()
            found = desk.get(page, secure=True)
            if found.status_code != 200:
                raise SystemExit(f"{page}: {found.status_code}")
            taken += [time.perf_counter() - began] if turn else []  # templates are read once
        pages[page] = statistics.quantiles(taken, n=20)[18]
    with connection.cursor() as cursor:
        whole = cursor.execute("PRAGMA quick_check").fetchone()[0]
    rows = StoredFinding.objects
    counts = [rows.count(), rows.values("uid").distinct().count(), Host.objects.count()]
    verdict = verify_ledger()
    ledger = f"{verdict.entries} entries, {verdict.problem or 'whole'}"
    print(json.dumps({"pages": pages, "whole": whole, "counts": counts, "ledger": ledger}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument(ASK, action="store_true")
    parser.add_argument(MAKE, action="store_true")
    make() if parser.parse_args().make else answer()
