"""Whose a file is: what the records of dpkg say, or those of rpm where there are none of dpkg. They lie on the suspect
machine, so they are hostile too: sizes and numbers are capped, and a list of files counts only if the status file knows
its package as installed.
"""

import hashlib
import os
from datetime import UTC, datetime
from typing import Protocol

from codered.collect.dpkg_layout import DpkgLayout
from codered.collect.dpkg_records import (
    CONFFILE,
    FORMAT,
    INFO,
    STATUS,
    SUM,
    RecordReader,
    as_bytes,
    is_cut,
    read_info,
    read_installed,
    read_record,
)
from codered.collect.rpm_records import RpmFile, RpmRecords
from codered.collect.walking import Unwalked
from codered.model.persistence import Origin

NOT_KNOWN = "package ownership is not known here: no records of dpkg or rpm that could be read"
# No package brings files there: whoever claims them lies.
_NOBODYS = (b"tmp/", b"var/tmp/", b"dev/shm/", b"home/", b"root/")


class ReadFile(Protocol):
    """What the database needs of a file that was read."""

    @property
    def rel(self) -> bytes:
        """Its path below the root."""
        ...

    @property
    def data(self) -> bytes:
        """Its content."""
        ...

    @property
    def cut(self) -> bool:
        """True if that is not all of it."""
        ...

    @property
    def sha256(self) -> str:
        """SHA-256 of all of it."""
        ...


class PackageDatabase:
    """Answers from the records of dpkg or rpm below a target's root. Nothing is read before the first question."""

    def __init__(self, reader: RecordReader) -> None:
        self._reader = reader
        self._owners: dict[bytes, str] | None = None  # path below the root -> name of the list that has it
        self._diverted: dict[bytes, bytes] = {}  # where a diverted file really lies -> what its package calls it
        self._conffiles: dict[bytes, bytes] = {}
        self._installed: dict[str, bool] = {}  # name of a list -> False if only its configuration is left
        self._strangers: list[bytes] = []
        self._sums: dict[str, dict[bytes, bytes]] = {}
        self._layout: DpkgLayout | None = None
        self._rpm: dict[bytes, RpmFile] = {}
        self._last: tuple[tuple[bytes, str], tuple[Origin, str]] | None = None

    @property
    def known(self) -> bool:
        """False if there are no records: then nothing can be said of any file."""
        return bool(self._load())

    def owner(self, rel: bytes) -> str:
        """The package that has a file or folder of this path below the root; "" if none has."""
        return self._find_list(rel).partition(":")[0]

    def strangers(self) -> tuple[bytes, ...]:
        """The lists of packages that are not installed (paths below the root): they are not believed."""
        self._load()
        return tuple(self._strangers)

    def origin(self, file: ReadFile) -> tuple[Origin, str]:
        """What the records say of a file as it is, and the package ("" = none). A package's file whose hash is nowhere
        on record is "unknown".
        """
        key = (file.rel, file.sha256)
        if self._last is None or self._last[0] != key:  # the lines of one file ask one after the other
            self._last = (key, self._find_origin(file))
        return self._last[1]

    def recorded_sum(self, rel: bytes) -> str:
        """The MD5 (hexadecimal) that its package has on record for a file; "" if there is none."""
        info = self._find_list(rel)
        if not info:
            return ""
        if self._rpm:
            file = self._rpm[self._merge(rel)].recorded
            return file.digest if file.algorithm == "md5" else ""
        name = self._merge(self._diverted.get(self._merge(rel), rel))
        return (self._conffiles.get(name) or self._sums_of(info).get(name, b"")).decode()

    def listed_at(self, rel: bytes) -> datetime | None:
        """When the list of the package that has this path was written (UTC): each upgrade writes it anew. None if no
        package has it. The older of two times of the list counts, for one of them can be set at will.
        """
        info = self._find_list(rel)
        if not info:
            return None
        if self._rpm:
            return self._rpm[self._merge(rel)].package.installed
        try:
            descriptor = self._reader.target.open_file(INFO + b"/" + as_bytes(info) + b".list")
        except OSError:
            return None
        try:
            status = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        return datetime.fromtimestamp(min(status.st_ctime, status.st_mtime), UTC)

    def _find_origin(self, file: ReadFile) -> tuple[Origin, str]:
        if not self._load():
            return "unknown", ""
        package = self.owner(file.rel)
        if not package:
            return "foreign", ""
        if self._rpm:
            record = self._rpm[self._merge(file.rel)].recorded
            wanted, algorithm, is_conffile = record.digest, record.algorithm, record.config
        else:
            wanted, algorithm = self.recorded_sum(file.rel), "md5"
            is_conffile = self._merge(file.rel) in self._conffiles
        if not wanted or file.cut:
            return "unknown", package
        if hashlib.new(algorithm, file.data, usedforsecurity=False).hexdigest() == wanted:
            return "package", package
        return ("conffile" if is_conffile else "changed"), package

    def _find_list(self, rel: bytes) -> str:
        """The name of the list that has it; "" if none has, or none may."""
        owners = self._load()
        merged = self._merge(rel)
        return "" if merged.startswith(_NOBODYS) else owners.get(merged, "")

    def _merge(self, rel: bytes) -> bytes:
        if self._layout is None:
            self._layout = DpkgLayout(self._reader)
        return self._layout.merge(rel)

    def _load(self) -> dict[bytes, str]:
        if self._owners is None:
            self._layout = layout = DpkgLayout(self._reader)
            status = read_record(self._reader, STATUS)
            self._conffiles = {self._merge(path[1:]): digest for path, digest in CONFFILE.findall(status)}
            self._installed = read_installed(status, read_record(self._reader, FORMAT))
            self._owners = self._read_lists(layout)
            if is_cut(status):
                self._reader.unread.append(
                    Unwalked(STATUS, "failed", "too large: the packages at its end are not known")
                )
                self._strangers = []
            if not self._owners:
                self._rpm = {layout.merge(file.recorded.rel): file for file in RpmRecords(self._reader).read_files()}
                self._owners = {rel: file.recorded.package for rel, file in self._rpm.items()}
            if not self._owners:
                self._reader.unread.append(Unwalked(INFO, "failed", NOT_KNOWN))
        return self._owners

    def _read_lists(self, layout: DpkgLayout) -> dict[bytes, str]:
        diversions = layout.diversions
        owners: dict[bytes, str] = {}
        at_diverted: dict[bytes, list[str]] = {}
        for info, data in read_info(self._reader, b".list"):
            if info not in self._installed:
                self._strangers += [INFO + b"/" + as_bytes(info) + b".list"] if self._installed else []
                continue
            paths = layout.split(data)
            if not self._installed[info]:
                paths = [path for path in paths if self._merge(path) in self._conffiles]
            owners.update(dict.fromkeys(paths, info))
            for path in diversions.keys() & set(paths) if diversions else ():
                at_diverted.setdefault(path, []).append(info)
        for path, names in at_diverted.items():
            self._divert(owners, path, names, diversions[path])
        return owners

    def _divert(self, owners: dict[bytes, str], path: bytes, names: list[str], way: tuple[bytes, str]) -> None:
        to, by = way
        others = [name for name in names if name.partition(":")[0] != by]
        if others:
            owners[to] = others[0]
            self._diverted[to] = path
        own = [name for name in names if name not in others]
        if own:
            owners[path] = own[0]
        else:
            owners.pop(path, None)  # what lies there now is of no package

    def _sums_of(self, info: str) -> dict[bytes, bytes]:
        if info not in self._sums:
            record = read_record(self._reader, INFO + b"/" + as_bytes(info) + b".md5sums")
            self._sums[info] = {self._merge(path.lstrip(b"/")): digest for digest, path in SUM.findall(record)}
        return self._sums[info]
