"""Services and drivers of every ControlSet: what they run, the libraries of shared hosts, what runs when they fail."""

from collections.abc import Iterator
from itertools import islice

from codered.collect.windows.autostart.entries import Stand, of_registry
from codered.collect.windows.autostart.machine import WindowsMachine
from codered.model.persistence import Autostart, WindowsKind
from codered.model.registry import RegistryValue

SERVICES = "HKLM\\SYSTEM\\CurrentControlSet\\Services"
MOST_SERVICES = 20_000  # of one ControlSet
_DRIVERS = (1, 2, 8)  # of the kernel, of file systems, recognizers
_STARTS = {0: "win-start-boot", 1: "win-start-boot", 2: "win-start-auto", 3: "win-start-demand", 4: "win-disabled"}


def collect_services(machine: WindowsMachine) -> Iterator[Autostart]:
    """All that name a program. What stands below `Services` and names none starts nothing."""
    for root in machine.registry.expand(SERVICES):
        names = machine.registry.subkeys(root)
        if len(names) > MOST_SERVICES:
            machine.miss(root, f"more than {MOST_SERVICES} services: the rest was left out")
        for name in islice(names, MOST_SERVICES):
            yield from _collect_one(machine, f"{root}\\{name}", name)


def _collect_one(machine: WindowsMachine, key: str, name: str) -> Iterator[Autostart]:
    values = {value.name.lower(): value for value in machine.registry.values(key)}
    kind_number = _number(values.get("type"))
    kind: WindowsKind = "driver" if kind_number in _DRIVERS else "service"
    start = _number(values.get("start"))
    facts = frozenset((_STARTS[start],)) if start in _STARTS else frozenset()
    command = _text(values.get("imagepath"))
    if not command and kind_number in _DRIVERS and start in (0, 1, 2, 3):
        command = f"\\SystemRoot\\System32\\drivers\\{name}.sys"
        facts |= {"win-path-by-name"}
    if command:
        yield of_registry(machine, kind, {"key": key, "value": None}, command, entry=name, facts=facts)
    yield from _find_library(machine, key, values, facts)
    failing = _text(values.get("failurecommand"))
    if failing:
        more = facts | {"win-failure-command"}
        yield of_registry(machine, kind, {"key": key, "value": "FailureCommand"}, failing, entry=name, facts=more)


def _find_library(
    machine: WindowsMachine, key: str, values: dict[str, RegistryValue], facts: frozenset[str]
) -> Iterator[Autostart]:
    below = f"{key}\\Parameters"
    for where, value in ((below, machine.registry.value(below, "ServiceDll")), (key, values.get("servicedll"))):
        library = _text(value)
        if library:
            name, more = key.rpartition("\\")[2], facts | {"win-service-library"}
            stand: Stand = {"key": where, "value": "ServiceDll"}
            yield of_registry(machine, "service", stand, library, entry=name, facts=more)


def _number(value: RegistryValue | None) -> int | None:
    return value.number() if value is not None else None


def _text(value: RegistryValue | None) -> str:
    return value.text().strip() if value is not None else ""
