"""Which packages are installed at which version, and what they were built from: advisories name the source."""

import re
from collections.abc import Iterator

from codered.collect.autostart.reading import Reader
from codered.collect.dpkg_records import STATUS, is_cut, read_record
from codered.collect.rpm_records import read_rpm_packages
from codered.collect.walking import Unwalked
from codered.model.patches import InstalledPackage

MOST_PACKAGES = 50_000
_FIELD = re.compile(rb"^(Package|Status|Architecture|Version|Source): (\S[^\n]*)$", re.MULTILINE)
_HALF = (b"half-installed", b"unpacked", b"half-configured")
_SOURCE = re.compile(rb"(\S{1,128})(?: \((\S{1,128})\))?")


def list_packages(reader: Reader) -> tuple[InstalledPackage, ...] | None:
    """Every installed package; None if there are no records. What can't be read is remembered in the reader."""
    rpm = (InstalledPackage("rpm", one.name, one.version, one.architecture) for one in read_rpm_packages(reader))
    return (*_read_dpkg(reader), *rpm) or None


def _read_dpkg(reader: Reader) -> Iterator[InstalledPackage]:
    status = read_record(reader, STATUS)
    if is_cut(status):
        reader.unread.append(Unwalked(STATUS, "failed", "too large: the packages at its end are not known"))
    for number, part in enumerate(status.split(b"\n\n")):
        if number == MOST_PACKAGES:
            reader.unread.append(Unwalked(STATUS, "failed", f"more than {MOST_PACKAGES:,} packages"))
            return
        fields = dict(_FIELD.findall(part))
        state = b"".join(fields.get(b"Status", b"").split()[-1:])
        if state in (b"", b"config-files", b"not-installed") or not {b"Package", b"Version"} <= fields.keys():
            continue
        name, version, architecture = (
            _as_word(fields.get(key, b"")) for key in (b"Package", b"Version", b"Architecture")
        )
        built = _SOURCE.fullmatch(fields.get(b"Source", b""))
        source = _as_word(built[1]) if built else name
        yield InstalledPackage(
            "dpkg", name, version, architecture, source, _as_word(built[2]) if built and built[2] else version,
            _as_word(state) if state in _HALF or b"reinstreq" in fields.get(b"Status", b"").split() else "",
        )  # fmt: skip


def _as_word(data: bytes) -> str:
    return data[:128].decode(errors="backslashreplace")
