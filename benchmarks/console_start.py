"""From nothing to the demonstration on the screen: a new environment with its pins, `codered serve --demo`, a page.

    .venv/bin/python benchmarks/console_start.py [--own]

Packages come from pip's own cache where it has them (say whether it was warm when you quote this). `--own`: in
this environment, none is made. Each line in seconds, the sum beside the limit of 60 s. Exit code 1: over the limit.
"""

import os
import platform
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 60.0
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.fixtures.served_consoles import COOKIE, ServedConsole, serve_console  # noqa: E402


def make_environment(top: Path) -> str:
    """The Python of a new environment with what headquarters needs."""
    venv = top / "venv"
    subprocess.run([ROOT / "scripts" / "set-up-venv", "hq"], env={**os.environ, "CODERED_VENV": str(venv)}, check=True)
    return str(venv / "bin" / "python")


def open_war_room(served: ServedConsole, cookie: str) -> int:
    """Bytes of the page."""
    context = ssl.create_default_context(cafile=str(served.folder / "keys" / "console.crt"))
    asked = urllib.request.Request(f"{served.address}/", headers={"Cookie": f"{COOKIE}={cookie}"})
    with urllib.request.urlopen(asked, timeout=60, context=context) as answer:
        text = answer.read()
    assert b"<h1" in text
    assert "/account/login" not in answer.url
    return len(text)


def main() -> int:
    total = 0.0

    def tell(what: str, since: float) -> None:
        nonlocal total
        seconds = time.perf_counter() - since
        total += seconds
        print(f"{what:42} {seconds:7.1f} s", flush=True)

    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        top, python = Path(name), sys.executable
        if "--own" not in sys.argv:
            began = time.perf_counter()
            python = make_environment(top)
            tell("a fresh environment with its pins", began)
        began = time.perf_counter()
        with serve_console(top, "--demo", python=python) as served:
            tell("codered serve --demo, until it listens", began)
            cookie = served.sign_in("Ben", "incident_commander")  # not counted: people take their own time
            began = time.perf_counter()
            size = open_war_room(served, cookie)
            tell(f"the war room ({size / 1024:.0f} KiB)", began)
            served.end()
    print(f"{'together':42} {total:7.1f} s, {total / LIMIT:.0%} of {LIMIT:.0f} s")
    return int(total > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
