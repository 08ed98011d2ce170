"""Scripts that are run when the network comes up or goes down: NetworkManager, networkd, ifupdown, dhclient, ppp."""

import re
from collections.abc import Iterator

from codered.collect.autostart.entries import make_entry
from codered.collect.autostart.motd import read_scripts
from codered.collect.autostart.places import read_folder, read_linked, resolve_folders
from codered.collect.autostart.reading import Reader, as_text
from codered.collect.autostart.tables import table
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

_COMMAND = re.compile(rb"[ \t]*(pre-up|up|post-up|pre-down|down|post-down)[ \t]+(\S.*)", re.DOTALL)


def collect_network_dispatcher(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Every script of the dispatchers, and every command of /etc/network/interfaces."""
    for folder in resolve_folders(reader, table("dispatcher-folders")):
        yield from read_scripts(reader, packages, folder, "network_dispatcher")
    files = [read_linked(reader, rel) for rel in table("dispatcher-files")]
    for found in files:
        if found is not None:
            name = as_text(found[0].rel.rpartition(b"/")[2], 255)
            yield make_entry(reader, packages, found[0], "network_dispatcher", entry=name, user="root")
    tables = [read_linked(reader, rel) for rel in table("interface-files")]
    for folder in resolve_folders(reader, table("interface-folders")):
        tables += list(read_folder(reader, folder))
    for found in tables:
        for number, line in found[0].lines() if found is not None else ():
            match = _COMMAND.match(line)
            if match and found is not None:
                yield make_entry(
                    reader, packages, found[0], "network_dispatcher", entry=as_text(match[1]), user="root",
                    command=as_text(match[2]), line=number, text=line,
                )  # fmt: skip
