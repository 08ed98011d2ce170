"""Findings a second into the API of the console: 20 agents, keep-alive, 100 findings a post, each signed.

    .venv/bin/python benchmarks/console_ingest.py [--agents 20] [--posts 25] [--findings 100] [--kill]

The agents are one process with a thread each; signatures are made before the clock runs. The server is `codered serve`
on a headquarters of its own, behind no proxy, by TLS. With --kill it is killed (-9) in the middle: each post that was
acknowledged must be there, whole. Exits 1 below 5,000 findings a second, or if one is lost.
"""

import argparse
import hashlib
import http.client
import json
import os
import platform
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
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "src")]
LIMIT = 5000.0
MAKE, COUNT = "--make", "--count"
START = 90.0


def make(agents: int) -> None:
    """Enter the agents: their private keys on stdout, as hexadecimal."""
    from codered_hq.cli.entering import enter_headquarters

    enter_headquarters("codered_hq.console_settings")
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from codered.signing.keys import public_bytes
    from codered_hq.accounts.models import AgentKey

    keys = []
    for number in range(agents):
        key = Ed25519PrivateKey.generate()
        public = public_bytes(key).hex()
        AgentKey.objects.create(
            name=f"agent-{number}", public_key=public, made_by="benchmark", made_at=datetime.now(UTC)
        )
        keys.append(key.private_bytes_raw().hex())
    print(json.dumps(keys))


def count() -> None:
    """Findings by the SHA-256 of the report that they came first with, and whether the database is unharmed."""
    from codered_hq.cli.entering import enter_headquarters

    enter_headquarters("codered_hq.console_settings")
    from django.db import connection

    from codered_hq.fleet.models import StoredFinding

    with connection.cursor() as cursor:
        whole = cursor.execute("PRAGMA integrity_check").fetchone()[0]
    print(json.dumps([sorted(StoredFinding.objects.values_list("subject", flat=True)), whole]))


def run_self(environment: dict[str, str], *words: str) -> list[Any]:
    done = subprocess.run(
        [sys.executable, __file__, *words], env=environment, stdout=subprocess.PIPE, check=True, timeout=START
    )
    return json.loads(done.stdout.decode().strip().splitlines()[-1])


def make_posts(number: int, key: str, posts: int, findings: int) -> list[tuple[bytes, dict[str, str], list[str]]]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from codered_hq.model.posting import write_signed

    private, name, now = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key)), f"agent-{number}", datetime.now(UTC)
    made = []
    for turn in range(1, posts + 1):
        paths = [f"/var/www/{number}/{turn}/{place}.php" for place in range(findings)]
        found = [
            {
                "id": f"f{place}", "pack": "codered2", "indicator": "root-exe", "layer": "files", "severity": "high",
                "subject": {"kind": "file", "path": path}, "confidence": "confirmed",
                "because": "its bytes are those of the shell that the worm leaves",
            }
            for place, path in enumerate(paths)
        ]  # fmt: skip
        host = {
            "name": name,
            "machine_id": hashlib.sha256(name.encode()).hexdigest()[:32],
            "address": f"10.0.0.{number}",
        }
        report = {"host": host, "tool": "codered", "ended": now.isoformat(), "complete": False, "findings": found}
        body = json.dumps({"reports": [report]}).encode()
        signed = write_signed(name, str(turn), now.isoformat(), hashlib.sha256(body).hexdigest())
        headers = {
            "Content-Type": "application/json", "CodeRed-Agent": name, "CodeRed-Number": str(turn),
            "CodeRed-Time": now.isoformat(), "CodeRed-Signature": private.sign(signed).hex(),
        }  # fmt: skip
        made.append((body, headers, paths))
    return made


class Agents:
    """All of them, against one server; `taken` are the subjects of what was acknowledged."""

    def __init__(self, port: int, posts: list[list[tuple[bytes, dict[str, str], list[str]]]]) -> None:
        self.port, self.posts = port, posts
        self.taken: list[str] = []
        self.seconds: list[float] = []
        self.refused: list[str] = []
        self._context = ssl._create_unverified_context()

    def run(self) -> float:
        threads = [threading.Thread(target=self._post, args=(each,)) for each in self.posts]
        began = time.monotonic()
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        return time.monotonic() - began

    def _post(self, posts: list[tuple[bytes, dict[str, str], list[str]]]) -> None:
        line = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self._context)
        for body, headers, paths in posts:
            began = time.monotonic()
            try:
                line.request("POST", "/api/v1/ingest/findings", body, headers)
                answer = line.getresponse()
                told = answer.read()
            except (OSError, http.client.HTTPException):
                return
            if answer.status != 200:
                self.refused.append(told.decode(errors="replace")[:200])
                continue
            self.seconds.append(time.monotonic() - began)
            self.taken += paths


def start_server(environment: dict[str, str], log: Path) -> tuple[subprocess.Popen[bytes], int]:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "codered", "serve", "--no-worker", "--port", str(port)]
    server = subprocess.Popen(words, env=environment, stderr=log.open("wb"), stdout=subprocess.DEVNULL)
    until = time.monotonic() + START
    while time.monotonic() < until:
        try:
            line = http.client.HTTPSConnection("127.0.0.1", port, timeout=5, context=ssl._create_unverified_context())
            line.request("GET", "/api/v1/openapi.json")
            if line.getresponse().status == 200:
                return server, port
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"the server does not answer: {log.read_text(errors='replace')[-2000:]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", type=int, default=20)
    parser.add_argument("--posts", type=int, default=25)
    parser.add_argument("--findings", type=int, default=100)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument(MAKE, action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(COUNT, action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.make or given.count:
        make(given.agents) if given.make else count()
        return 0
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {f"CODERED_{each}": f"{folder}/{each}" for each in ("HQ", "STATE", "CACHE")}
        environment["PYTHONPATH"] = f"{REPOSITORY / 'src'}:{REPOSITORY}"
        return measure(given, environment, Path(folder))


def measure(given: argparse.Namespace, environment: dict[str, str], folder: Path) -> int:
    keys = run_self(environment, MAKE, "--agents", str(given.agents))
    posts = [make_posts(number, key, given.posts, given.findings) for number, key in enumerate(keys)]
    server, port = start_server(environment, folder / "server.log")
    try:
        agents = Agents(port, posts)
        if given.kill:
            timer = threading.Timer(1.0, lambda: server.send_signal(signal.SIGKILL))
            timer.start()
        seconds = agents.run()
    finally:
        server.kill()
        server.wait()
    stored, whole = run_self(environment, COUNT)
    lost = len(set(agents.taken) - set(stored))
    rate = len(agents.taken) / seconds
    cuts = statistics.quantiles(agents.seconds, n=100) if len(agents.seconds) > 1 else [0.0] * 99
    print(f"machine     {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"agents      {given.agents}, {given.findings} findings a post{', killed after 1 s' if given.kill else ''}")
    print(f"taken       {len(agents.taken):,} findings in {seconds:.1f} s; refused posts: {len(agents.refused)}")
    print(f"rate        {rate:,.0f} findings/s (limit {LIMIT:,.0f}, ratio {rate / LIMIT:.2f})")
    print(f"answer      p50 {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms")
    print(f"lost        {lost}; stored {len(stored):,}; database {whole}")
    for each in agents.refused[:3]:
        print(f"refused     {each}")
    return int(bool(lost) or whole != "ok" or (rate < LIMIT and not given.kill))


if __name__ == "__main__":
    sys.exit(main())
