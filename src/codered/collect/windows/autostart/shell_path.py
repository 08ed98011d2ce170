"""The shell named without a path (MS00-052): Windows NT 4 and 2000 take an explorer.exe on the drive's root first."""

from collections.abc import Iterator

from codered.collect.windows.autostart.entries import as_bytes, of_registry
from codered.collect.windows.autostart.machine import WindowsMachine
from codered.model.persistence import Autostart

WINLOGON = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon"
_AFFECTED = ("nt4", "nt4-terminal-server", "windows2000", "windows")  # "windows": which one is not known


def collect_shell_path(machine: WindowsMachine) -> Iterator[Autostart]:
    """An entry if the shell has no path and a file of that name lies on the root of the system's drive."""
    value = machine.registry.value(WINLOGON, "Shell")
    says = value.text() if value is not None else ""
    name = says.split(",")[0].strip()
    if not name or "\\" in name or machine.system.platform not in _AFFECTED:
        return
    path = f"{machine.drive}\\{name}"
    rel = machine.find_file(path)
    if rel is not None:
        yield of_registry(
            machine, "relative_shell_path", {"key": WINLOGON, "value": "Shell"}, path, entry="Shell", runs=(path,),
            text=as_bytes(says), files=(machine.path(rel),), facts=frozenset(("win-shell-on-root",)),
        )  # fmt: skip
