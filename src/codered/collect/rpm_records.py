"""What rpm has on record: packages, and for each file its digest, mode, owner, link and capabilities."""

import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import NamedTuple

import msgspec

from codered.collect.dpkg_records import RecordReader, as_name, read_record
from codered.collect.recorded_files import Recorded, Share
from codered.collect.rpm_asking import ask
from codered.collect.rpm_program import RpmPlace, RpmTrouble, find_database
from codered.collect.walking import Unwalked
from codered.model.known_good import PackageRecord

MOST_FILES = 4_000_000
DAMAGED = "lines of the rpm database that make no sense: a part of its files can't be verified"
NONE = b"(none)"
_PACKAGE = r"P\t%{NAME}\t%{EPOCHNUM}\t%{VERSION}-%{RELEASE}\t%{ARCH}\t%{INSTALLTIME}\t%{FILEDIGESTALGO}\n"
_FILES = (
    r"[F\t%{FILEDIGESTS}\t%{FILEMODES}\t%{FILEUSERNAME}\t%{FILEGROUPNAME}\t%{FILEFLAGS}\t%{FILEVERIFYFLAGS}"
    r"\t%{FILESTATES}\t%{FILECAPS}\t%{FILELINKTOS}\t%{FILENAMES}\n]"
)
QUERIES = (_PACKAGE, _PACKAGE + _FILES)
_NUMBER = rb"-?[0-9]{1,10}"
_FILE = re.compile(
    rb"F\t([0-9a-f]{32,128}|\(none\)|)\t(" + _NUMBER + rb")\t([^\t]*)\t([^\t]*)\t(" + _NUMBER + rb")\t("
    + _NUMBER + rb")\t([^\t]*)\t([^\t]*)\t([^\t]*)\t/(.*)", re.DOTALL,
)  # fmt: skip
_ALGORITHMS = {b"2": "sha1", b"8": "sha256", b"9": "sha384", b"10": "sha512", b"11": "sha224"}
_CONFIG, _MISSING_OK, _GHOST = 1, 8, 64  # of FILEFLAGS
_DIGEST, _LINK, _USER, _GROUP, _MODE, _CAPS = 1, 4, 8, 16, 64, 256  # of FILEVERIFYFLAGS
_NORMAL = b"normal"
_CAPABILITY = re.compile(rb"cap_[a-z_]{1,40}")


class RpmPackage(NamedTuple):
    """A package, when it was installed (UTC, None = not known), and the algorithm of its digests."""

    record: PackageRecord
    installed: datetime | None
    algorithm: str


class RpmFile(NamedTuple):
    """A file on record and its package; `checked`: it was installed and is no mere name (a ghost)."""

    package: RpmPackage
    recorded: Recorded
    checked: bool


class RpmRecords:
    """The database of one target, read when it is first asked; `present` says that there is one."""

    def __init__(self, reader: RecordReader) -> None:
        self._reader = reader
        self._place = find_database(reader.target)

    @property
    def present(self) -> bool:
        """Whether the target has an rpm database."""
        return self._place is not None

    def read_packages(self) -> tuple[RpmPackage, ...]:
        """All packages; none, and why in the reader's `unread`, if it can't be asked."""
        found = (_parse_package(line) for line in self._ask(_PACKAGE))
        return tuple(package for package in found if package is not None)

    def read_files(self) -> Iterator[RpmFile]:
        """All files of all packages."""
        owners = _Owners(self._reader)
        package: RpmPackage | None = None
        odd = 0
        for line in self._ask(_PACKAGE + _FILES):
            if line.startswith(b"P\t"):
                package = _parse_package(line)
                odd += package is None
                continue
            file = _parse_file(line, package, owners) if package else None
            if file is None:
                odd += 1
            else:
                yield file
        if odd and self._place:
            self._reader.unread.append(Unwalked(_path(self._place), "failed", f"{odd} {DAMAGED}"))

    def _ask(self, query: str) -> list[bytes]:
        if self._place is None:
            return []
        try:
            lines = ask(self._reader.target, self._place, query).split(b"\n")[:-1]
        except RpmTrouble as trouble:
            self._reader.unread.append(Unwalked(_path(self._place), "failed", str(trouble)))
            return []
        if len(lines) > MOST_FILES:
            why = f"more than {MOST_FILES} files: the rest was left out"
            self._reader.unread.append(Unwalked(_path(self._place), "failed", why))
        return lines[:MOST_FILES]


class RpmFiles:
    """The files of one share; the same shape as `dpkg_files.DpkgFiles`."""

    def __init__(self, reader: RecordReader, share: Share) -> None:
        self._share = share
        self._records = RpmRecords(reader)
        self.packages = 0

    def read(self) -> Iterator[Recorded]:
        """Every so many-th file that was installed."""
        seen: set[PackageRecord] = set()
        for number, file in enumerate(self._records.read_files()):
            seen.add(file.package.record)
            if number % self._share.parts == self._share.part and file.checked:
                yield file.recorded
        self.packages = len(seen) if self._share.part == 0 else 0


def read_rpm_packages(reader: RecordReader) -> list[PackageRecord]:
    """The packages of the target's rpm database, if it has one."""
    return [package.record for package in RpmRecords(reader).read_packages()]


class _Owners:
    """Names of users and groups as numbers, by the target's own lists; -1 = not known there."""

    def __init__(self, reader: RecordReader) -> None:
        self._users = _read_names(read_record(reader, b"etc/passwd"))
        self._groups = _read_names(read_record(reader, b"etc/group"))

    def user(self, name: bytes) -> int:
        return 0 if name == b"root" else self._users.get(name, -1)

    def group(self, name: bytes) -> int:
        return 0 if name == b"root" else self._groups.get(name, -1)


def _read_names(record: bytes) -> dict[bytes, int]:
    fields = (line.split(b":") for line in record.split(b"\n"))
    return {part[0]: int(part[2]) for part in fields if len(part) > 2 and re.fullmatch(rb"[0-9]{1,10}", part[2])}


def _path(place: RpmPlace) -> bytes:
    return place.folder + b"/" + place.name


def _parse_package(line: bytes) -> RpmPackage | None:
    fields = line.split(b"\t")
    if len(fields) != 7 or fields[0] != b"P" or not fields[1]:
        return None
    name, epoch, version, architecture, seconds, algorithm = fields[1:]
    full = version if epoch in (b"0", NONE, b"") else epoch + b":" + version
    record = PackageRecord("rpm", _show(name), _show(full), "" if architecture == NONE else _show(architecture))
    known = re.fullmatch(rb"[0-9]{1,10}", seconds)
    installed = datetime.fromtimestamp(int(seconds), UTC) if known else None
    return RpmPackage(record, installed, _ALGORITHMS.get(algorithm, "md5"))


def _parse_file(line: bytes, package: RpmPackage, owners: _Owners) -> RpmFile | None:
    fields = _FILE.fullmatch(line)
    if fields is None:
        return None
    digest, mode_text, user, group, flags_text, checks_text, state, capabilities, link, rel = fields.groups()
    mode, flags, checks = int(mode_text) & 0xFFFF, int(flags_text), int(checks_text)
    is_link = stat.S_ISLNK(mode)
    recorded = Recorded(
        rel=rel, package=as_name(package.record.name.encode()),
        digest="" if digest == NONE or not checks & _DIGEST else digest.decode(), algorithm=package.algorithm,
        mode=mode if checks & _MODE or not stat.S_ISREG(mode) else -1,
        uid=owners.user(user) if checks & _USER else -1, gid=owners.group(group) if checks & _GROUP else -1,
        link=link if is_link and checks & _LINK else b"",
        capabilities=_read_capabilities(capabilities) if stat.S_ISREG(mode) and checks & _CAPS else -1,
        config=bool(flags & _CONFIG), may_miss=bool(flags & _MISSING_OK),
    )  # fmt: skip
    checked = not flags & _GHOST and state in (_NORMAL, b"0", NONE)
    return RpmFile(package, recorded, checked)


def _read_capabilities(text: bytes) -> int:
    """The mask of "cap_a,cap_b=ep"; 0 for none."""
    numbers = _capability_numbers()
    clauses = (part for part in text.split() if b"p" in re.split(rb"[=+]", part)[-1])
    return sum(
        1 << numbers[name] for name in {n for part in clauses for n in _CAPABILITY.findall(part) if n in numbers}
    )


@cache
def _capability_numbers() -> dict[bytes, int]:
    text = resources.files("codered.collect").joinpath("capability_names.json").read_bytes()
    return {name.encode(): number for number, name in enumerate(msgspec.json.decode(text, type=list[str]))}


def _show(field: bytes) -> str:
    return field[:256].decode(errors="backslashreplace")
