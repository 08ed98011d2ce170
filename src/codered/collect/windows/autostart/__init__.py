"""What a Windows system starts or loads by itself: one collector a kind, in an explicit list."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import msgspec

from codered.collect.walking import Unwalked
from codered.collect.windows.autostart.com_hijacks import collect_com_hijacks
from codered.collect.windows.autostart.hosts_file import collect_hosts
from codered.collect.windows.autostart.ini_files import collect_ini_files
from codered.collect.windows.autostart.job_files import collect_job_files
from codered.collect.windows.autostart.known_keys import collect_known_keys
from codered.collect.windows.autostart.machine import WindowsMachine
from codered.collect.windows.autostart.services import collect_services
from codered.collect.windows.autostart.shares import collect_shares
from codered.collect.windows.autostart.shell_path import collect_shell_path
from codered.collect.windows.autostart.startup_folders import collect_startup_folders
from codered.collect.windows.autostart.tasks import collect_tasks
from codered.collect.windows.autostart.wmi import collect_wmi
from codered.model.persistence import Autostart
from codered.model.registry import Registry
from codered.model.target import Target
from codered.model.windows import WindowsSystem

__all__ = ["COLLECTORS", "MOST_ENTRIES", "WindowsAutostartSeen", "WindowsMachine", "collect_windows_autostart"]

Collector = Callable[[WindowsMachine], Iterator[Autostart]]
MOST_ENTRIES = 100_000  # of one kind
UNFORESEEN = (ValueError, LookupError, ArithmeticError, RecursionError, TypeError, AttributeError)
_CURRENT = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"

COLLECTORS: tuple[tuple[str, Collector], ...] = (
    ("services", collect_services),
    ("keys of the registry", collect_known_keys),
    ("the path of the shell", collect_shell_path),
    ("COM classes of users", collect_com_hijacks),
    ("scheduled tasks", collect_tasks),
    ("job files", collect_job_files),
    ("WMI", collect_wmi),
    ("startup folders", collect_startup_folders),
    ("configuration files", collect_ini_files),
    ("hosts file", collect_hosts),
    ("shares", collect_shares),
)


class WindowsAutostartSeen(msgspec.Struct, frozen=True):
    """All entries of a Windows system, what could not be read, how much was read from files (bytes), when the
    system was installed (UTC, None = not known), and its folder (`C:\\WINNT`, "" = there is none of that name).
    """

    entries: tuple[Autostart, ...]
    unread: tuple[Unwalked, ...] = ()
    bytes: int = 0
    installed: datetime | None = None
    root: str = ""


def collect_windows_autostart(
    target: Target, registry: Registry, system: WindowsSystem | None = None
) -> WindowsAutostartSeen:
    """Everything that starts by itself on a Windows system. What can't be read of a hive is the registry's to say."""
    machine = WindowsMachine(target, registry, system)
    entries: list[Autostart] = []
    for name, collector in COLLECTORS:
        entries += _collect_kind(name, collector, machine)
    reader = machine.reader
    unread = tuple(dict.fromkeys(reader.unread))
    root = machine.root if machine.has_system_root() else ""
    return WindowsAutostartSeen(tuple(entries), unread, reader.bytes, find_installed(registry), root)


def _collect_kind(name: str, collector: Collector, machine: WindowsMachine) -> Iterator[Autostart]:
    """The entries of one kind. Text that a collector was not made for costs the rest of its kind, not the others."""
    number = 0
    try:
        for number, entry in enumerate(collector(machine), 1):
            if number > MOST_ENTRIES:
                machine.miss(name, f"more than {MOST_ENTRIES} entries: the rest was left out")
                return
            yield entry
    except UNFORESEEN as error:
        machine.miss(name, f"gave up after {number} entries ({type(error).__name__})")


def find_installed(registry: Registry) -> datetime | None:
    """When the system was installed, as it says itself."""
    value = registry.value(_CURRENT, "InstallDate")
    seconds = value.number() if value is not None else None
    return datetime.fromtimestamp(seconds, UTC) if seconds and seconds < 1 << 32 else None
