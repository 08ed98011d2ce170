"""Folders that are given to the network (`LanmanServer\\Shares`)."""

from collections.abc import Iterator

from codered.collect.windows.autostart.entries import of_registry
from codered.collect.windows.autostart.machine import WindowsMachine
from codered.model.persistence import Autostart

SHARES = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\LanmanServer\\Shares"
MOST_SHARES = 5000


def collect_shares(machine: WindowsMachine) -> Iterator[Autostart]:
    """One entry a share, `runs` its folder."""
    for key in machine.registry.expand(SHARES):
        values = machine.registry.values(key)
        if len(values) > MOST_SHARES:
            machine.miss(key, f"more than {MOST_SHARES} shares: the rest was left out")
        for value in values[:MOST_SHARES]:
            told = dict(part.split("=", 1) for part in value.texts() if "=" in part)
            path = told.get("Path", "")
            if not path or told.get("Type", "0") != "0":
                continue  # printers and pipes
            facts = {"win-share-of-drive"} if path[1:].rstrip("\\") == ":" else set()
            facts |= {"win-share-hidden"} if value.name.endswith("$") else set()
            facts |= {"win-share-of-system"} if path[:2].lower() == machine.drive.lower() else set()
            yield of_registry(
                machine, "share", {"key": key, "value": value.name}, path, entry=value.name, runs=(path,),
                files=(None,), facts=frozenset(facts),
            )  # fmt: skip
