"""What a COM class runs: the library or program that the machine or a user names for its number."""

import re

from codered.collect.windows.autostart.machine import WindowsMachine

_NUMBER = re.compile(r"\{[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}")
_VIEWS = ("HKCR\\CLSID", "HKCR\\Wow6432Node\\CLSID")
_SERVERS = ("InprocServer32", "LocalServer32")


def find_servers(machine: WindowsMachine, number: str) -> tuple[str, ...]:
    """The commands of the class `{…}`, each once; none if nobody names one, or if that is no number of a class."""
    if not _NUMBER.fullmatch(number):
        return ()
    found: dict[str, None] = {}
    for view in _VIEWS:
        for key in machine.registry.expand(f"{view}\\{number}"):
            for server in _SERVERS:
                value = machine.registry.value(f"{key}\\{server}", "")
                command = value.text().strip() if value is not None else ""
                if command:
                    found[command] = None
    return tuple(found)
