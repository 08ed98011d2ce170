"""D-Bus: programs that the system bus starts as root when somebody asks, and who may ask."""

import re
from collections.abc import Iterator

from codered.collect.autostart.config_lines import drop_between, read_lines
from codered.collect.autostart.entries import make_entry
from codered.collect.autostart.known_names import known_names
from codered.collect.autostart.places import read_folder, read_linked, resolve_folders
from codered.collect.autostart.reading import Reader, SmallFile, as_text
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

MOST_POLICY = 256 << 10
_OWN = re.compile(rb"<allow\b[^>]{0,500}\bown(?:_prefix)?[ \t\n]*=")


def collect_dbus(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Services of the system bus and policies, where no package has them or not so."""
    for folder in resolve_folders(reader, known_names("dbus-service-folders")):
        for file, _ in read_folder(reader, folder, (b".service",)):
            if packages.origin(file)[0] != "package":
                yield _make_service(reader, packages, file)
    for file in _read_policies(reader):
        if packages.origin(file)[0] != "package" and _lets_anybody_own(file.data):
            yield make_entry(
                reader, packages, file, "dbus", entry=as_text(file.rel.rpartition(b"/")[2], 255),
                facts=frozenset(("dbus-anybody-owns",)),
            )  # fmt: skip


def _make_service(reader: Reader, packages: PackageDatabase, file: SmallFile) -> Autostart:
    fields: dict[str, str] = {}
    for line in read_lines(file, ("#", ";", "[")):
        key, _, value = line.text.partition("=")
        fields.setdefault(key.strip(), value.strip())
    facts = {"dbus-service"}
    if fields.get("User") in ("root", "0"):
        facts.add("dbus-as-root")
    return make_entry(
        reader, packages, file, "dbus", entry=fields.get("Name", ""), command=fields.get("Exec", ""),
        user=fields.get("User", ""), facts=frozenset(facts),
    )  # fmt: skip


def _read_policies(reader: Reader) -> Iterator[SmallFile]:
    for rel in known_names("dbus-policy-files"):
        found = read_linked(reader, rel)
        if found is not None:
            yield found[0]
    for folder in resolve_folders(reader, known_names("dbus-policy-folders")):
        for file, _ in read_folder(reader, folder, (b".conf",)):
            yield file


def _lets_anybody_own(data: bytes) -> bool:
    for part in drop_between(data[:MOST_POLICY], b"<!--", b"-->").split(b"</policy>"):
        where, _, rules = part.rpartition(b"<policy")[2].partition(b">")
        if b"default" in where and _OWN.search(rules):
            return True
    return False
