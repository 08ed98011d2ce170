"""Which packages are installed, by the records of dpkg or rpm."""

import re

from codered.collect.autostart.reading import Reader
from codered.collect.dpkg_records import STATUS, is_cut, read_record
from codered.collect.rpm_records import read_rpm_packages
from codered.collect.walking import Unwalked
from codered.model.known_good import PackageRecord
from codered.model.target import Target

MOST_PACKAGES = 50_000
CUT = "too large: the packages at its end are not listed"
_FIELD = re.compile(rb"^(Package|Status|Version|Architecture): (\S[^\n]*)$", re.MULTILINE)
_NOT_THERE = (b"config-files", b"not-installed")


def list_packages(target: Target) -> tuple[PackageRecord, ...]:
    """The installed packages, by name. What can't be read is missing here: `list_packages_with_gaps` says so."""
    return list_packages_with_gaps(target)[0]


def list_packages_with_gaps(target: Target) -> tuple[tuple[PackageRecord, ...], tuple[Unwalked, ...]]:
    """The installed packages by name, and what of the records could not be read."""
    reader = Reader(target)
    status = read_record(reader, STATUS)
    if is_cut(status):
        reader.unread.append(Unwalked(STATUS, "failed", CUT))
    found = []
    for part in status.split(b"\n\n"):
        fields = dict(_FIELD.findall(part))
        state = b"".join(fields.get(b"Status", b"").split()[-1:])
        if b"Package" in fields and b"Version" in fields and state and state not in _NOT_THERE:
            name, version, architecture = (
                _show(fields.get(key, b"")) for key in (b"Package", b"Version", b"Architecture")
            )
            found.append(PackageRecord("dpkg", name, version, architecture))
        if len(found) == MOST_PACKAGES:
            reader.unread.append(
                Unwalked(STATUS, "failed", f"more than {MOST_PACKAGES} packages: the rest was left out")
            )
            break
    found += read_rpm_packages(reader)
    return tuple(sorted(found, key=lambda item: (item.name, item.version, item.architecture))), tuple(reader.unread)


def _show(field: bytes) -> str:
    return field.strip()[:256].decode(errors="backslashreplace")
