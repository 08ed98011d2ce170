"""The hosts file: names that are told to have other addresses than they have."""

from collections.abc import Iterator

from codered.collect.windows.autostart.entries import DEFAULT, of_file
from codered.collect.windows.autostart.machine import WindowsMachine
from codered.model.persistence import Autostart

MOST_LINES = 100_000
MOST_READ = 8 << 20
_OWN = (b"localhost", b"localhost.localdomain")
_PARAMETERS = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters"


def collect_hosts(machine: WindowsMachine) -> Iterator[Autostart]:
    """One entry a line that gives a name an address."""
    folders = {f"{machine.root}\\System32\\drivers\\etc".lower(): False}
    for key in machine.registry.expand(_PARAMETERS):
        value = machine.registry.value(key, "DataBasePath")
        if value is not None and value.text():
            folders.setdefault(machine.expand(value.text())[0].rstrip("\\").lower(), True)
    for folder, moved in folders.items():
        rel = machine.find_file(f"{folder}\\hosts")
        if rel is not None:
            yield from _of_file(machine, rel, frozenset(("win-hosts-moved",)) if moved else frozenset())


def _of_file(machine: WindowsMachine, rel: bytes, facts: frozenset[str]) -> Iterator[Autostart]:
    file = machine.read(rel, MOST_READ)
    if file is None:
        return
    if file.cut:
        machine.miss("hosts", f"larger than {MOST_READ >> 20} MiB: only its start was read")
    for number, line in file.lines():
        words = line.partition(b"#")[0].split()
        if len(words) < 2:
            continue
        if number > MOST_LINES:
            machine.miss("hosts", f"more than {MOST_LINES} lines: the rest was left out")
            return
        own = {DEFAULT} if all(word.lower() in _OWN for word in words[1:]) else set()
        yield of_file(
            machine, "hosts", file, "", entry=words[1].decode(errors="replace"), line=number,
            text=line.rstrip(b"\r")[:4096], facts=facts | own,
        )  # fmt: skip
