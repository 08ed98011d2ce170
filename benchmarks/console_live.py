"""How soon those who watch the console see that something moved: `python benchmarks/console_live.py [CHANGES]`.

`codered serve` is one process beside this one, with a certificate of its own making. Each viewer holds the stream of
the war room open, and asks for the numbers as soon as it hears that they moved. Measured is from the commit of a change
(a host turns ill) to the bytes of the numbers, at every viewer; all of them are in this process, so what they take of
the machine is in it.
"""

import asyncio
import os
import platform
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.fixtures.served_consoles import CHECKOUT, COOKIE, ServedConsole, serve_console  # noqa: E402

LIMIT = 1.0
"""Seconds from the commit until 95 of 100 numbers are there."""
VIEWERS = (1, 50)
SECONDS = 30.0
"""That one viewer may take before it counts as lost."""
PAUSE = 2.0
"""Seconds between changes: more often nobody looks."""
_CHANGE = """
import sys
import time
from datetime import UTC, datetime
from codered_hq.cli.entering import enter_headquarters
enter_headquarters("codered_hq.console_settings")
from django.contrib.auth.models import User
from tests.fixtures.console_desk import make_person
from codered_hq.hosts.models import Host
from codered_hq.incidents.declaring import Declaration, declare
from codered_hq.incidents.people import Speaker
person = make_person("Cora", "incident_commander")
declare(Declaration("worm-1", "A worm"), Speaker(person, "Cora", None, "benchmark"), datetime.now(UTC))
print("ready", flush=True)
for number, _line in enumerate(sys.stdin):
    now = datetime.now(UTC)
    Host.objects.create(label=f"pc{number}", state="infected", state_since=now, first_seen=now, last_seen=now)
    print(time.monotonic(), flush=True)
"""


class Viewer:
    """One that watches the war room: its stream, and the numbers that were shown with the time of each."""

    def __init__(self, served: ServedConsole, cookie: str) -> None:
        self._port, self._cookie = served.port, cookie
        self._tls = ssl.create_default_context(cafile=str(served.folder / "keys" / "console.crt"))
        self.shown: asyncio.Queue[tuple[int, float]] = asyncio.Queue()

    async def watch(self) -> None:
        """Until it is cancelled: what moved is asked for at once, as the page does."""
        (stream, writer), asking = await self._connect(), await self._connect()
        await self._ask(stream, writer, "/live/")
        try:
            while line := await stream.readline():
                if line.strip() == b"event: numbers":
                    await self.shown.put((await self._count_ill(*asking), time.monotonic()))
        finally:
            writer.close()
            asking[1].close()

    async def wait_for(self, ill: int) -> float:
        """When so many infected hosts were shown."""
        while True:
            shown, at = await asyncio.wait_for(self.shown.get(), SECONDS)
            if shown >= ill:
                return at

    async def _count_ill(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        """By a connection that is kept, as a browser's is."""
        await self._ask(reader, writer, "/war/numbers/")
        text = (await reader.readuntil(b"</section>")).decode()
        await reader.readuntil(b"\r\n0\r\n\r\n")  # it is sent in chunks, of which this is the last
        return int(text.split(">infected</span>")[1].split('"value">')[1].split("<")[0].replace(",", ""))

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("localhost", self._port, ssl=self._tls)

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> None:
        """Up to where the answer's head ends."""
        head = f"GET {path} HTTP/1.1\r\nHost: localhost:{self._port}\r\nCookie: {COOKIE}={self._cookie}\r\n\r\n"
        writer.write(head.encode())
        first = (await reader.readuntil(b"\r\n\r\n")).decode().partition("\r\n")[0]
        if " 200 " not in first:
            raise SystemExit(f"{path}: {first}")


class Changer:
    """A process that turns a host ill whenever it is told to."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.ill = 0
        self._read()

    def change(self) -> float:
        """One more; when it was committed."""
        assert self._process.stdin
        self._process.stdin.write("one more\n")
        self._process.stdin.flush()
        self.ill += 1
        return float(self._read())

    def _read(self) -> str:
        assert self._process.stdout
        if not (line := self._process.stdout.readline()):
            raise SystemExit("the process that changes things has ended")
        return line.strip()


@contextmanager
def start_changer(served: ServedConsole) -> Iterator[Changer]:
    """It ends with its input."""
    words = [sys.executable, "-c", _CHANGE]
    with subprocess.Popen(
        words, cwd=CHECKOUT, env=served.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Changer(process)


async def measure(
    served: ServedConsole, cookies: list[str], viewers: int, changer: Changer, changes: int
) -> list[float]:
    """Seconds from each commit until each viewer had the numbers, the least first."""
    watching = [Viewer(served, cookies[number % len(cookies)]) for number in range(viewers)]
    tasks = [asyncio.create_task(each.watch()) for each in watching]
    await asyncio.gather(*(each.wait_for(changer.ill) for each in watching))  # a new stream tells all there is
    taken = []
    for _ in range(changes):
        await asyncio.sleep(PAUSE)
        committed = await asyncio.to_thread(changer.change)
        shown = await asyncio.gather(*(each.wait_for(changer.ill) for each in watching))
        taken += [at - committed for at in shown]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return sorted(taken)


def main(changes: int) -> int:
    """Print a line for each number of viewers; 1 if one is over the limit."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {changes} changes each")
    print(f"{'viewers':>8}{'p50':>10}{'p95':>10}{'max':>10}{'p95 of the limit':>20}")
    slow = 0
    with tempfile.TemporaryDirectory() as name, serve_console(Path(name), "--no-worker") as served:
        cookies = [served.sign_in(f"Vera {number}", "security") for number in range(5)]  # an account has 20 streams
        with start_changer(served) as changer:
            for viewers in VIEWERS:
                taken = asyncio.run(measure(served, cookies, viewers, changer, changes))
                p95 = taken[min(len(taken) - 1, int(len(taken) * 0.95))]
                slow += p95 > LIMIT
                told = "".join(f"{each * 1000:>7.0f} ms" for each in (statistics.median(taken), p95, taken[-1]))
                print(f"{viewers:>8}{told}{p95 / LIMIT:>20.2f}", flush=True)
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
