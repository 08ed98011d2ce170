"""COM classes that a user's hive names anew: Windows takes them before those of the machine."""

from collections.abc import Iterator
from itertools import islice

from codered.collect.windows.autostart.entries import of_registry
from codered.collect.windows.autostart.machine import WindowsMachine
from codered.model.persistence import Autostart

MOST_CLASSES = 20_000  # of one user
_SERVERS = ("InprocServer32", "LocalServer32", "TreatAs")
_MACHINE = "HKLM\\SOFTWARE\\Classes\\CLSID"


def collect_com_hijacks(machine: WindowsMachine) -> Iterator[Autostart]:
    """The classes of users that name a server, with a fact for those that shadow one of the machine."""
    registry = machine.registry
    for root in registry.expand("HKCU\\Software\\Classes\\CLSID"):
        yield from _of_user(machine, root)
        yield from _of_user(machine, root.removesuffix("CLSID") + "Wow6432Node\\CLSID")
    for hive in registry.hives:
        if hive.root.upper().startswith("HKU\\") and hive.root.lower().endswith("_classes"):
            yield from _of_user(machine, f"{hive.root}\\CLSID")
            yield from _of_user(machine, f"{hive.root}\\Wow6432Node\\CLSID")


def _of_user(machine: WindowsMachine, root: str) -> Iterator[Autostart]:
    registry = machine.registry
    names = registry.subkeys(root)
    if len(names) > MOST_CLASSES:
        machine.miss(root, f"more than {MOST_CLASSES} classes: the rest was left out")
    for name in islice(names, MOST_CLASSES):
        for server in _SERVERS:
            value = registry.value(f"{root}\\{name}\\{server}", "")
            command = value.text().strip() if value is not None else ""
            if command:
                shadows = registry.exists(f"{_MACHINE}\\{name}")
                facts = frozenset(("win-shadows",)) if shadows else frozenset()
                stand = f"{root}\\{name}\\{server}"
                yield of_registry(
                    machine, "com_hijack", {"key": stand, "value": None}, command, entry=name, facts=facts
                )
