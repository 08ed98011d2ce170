"""The settings that packs ask about, as they are on a Windows system: registry values and lines of INI files."""

import os
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from codered.model.indicators import SettingIndicator
from codered.model.observation import SettingSeen
from codered.model.paths import path_from_bytes
from codered.model.registry import (
    REG_DWORD,
    REG_DWORD_BIG_ENDIAN,
    REG_MULTI_SZ,
    REG_QWORD,
    Registry,
    RegistryValue,
    escape_name,
)
from codered.model.target import Target
from codered.system.descriptors import read_at

MOST_DATA = 4096  # bytes of a value that are kept
MOST_FILE = 1 << 20  # bytes of an INI file
_SELECT = r"HKLM\SYSTEM\Select"
_CONTROL_SET = re.compile(r"HKLM\\SYSTEM\\ControlSet(\d{3,10})\\", re.IGNORECASE | re.ASCII)
_ROLES = {"Current": "current", "Default": "default", "LastKnownGood": "last known good", "Failed": "failed"}
_NUMBERS = (REG_DWORD, REG_DWORD_BIG_ENDIAN, REG_QWORD)


class SettingsSeen(NamedTuple):
    """The settings that are there, how many were asked for, and what could not be read: where, and why."""

    settings: tuple[SettingSeen, ...]
    asked: int
    unread: tuple[tuple[str, str], ...] = ()


def collect_pack_settings(target: Target, registry: Registry, signs: Iterable[SettingIndicator]) -> SettingsSeen:
    """What the indicators of store `registry` and `file` are about, each once."""
    wanted = tuple(signs)
    unread: list[tuple[str, str]] = []
    values = dict.fromkeys((one.key, one.value) for one in wanted if one.store == "registry")
    lines = dict.fromkeys((one.key, one.value) for one in wanted if one.store == "file" and "\\" in one.key)
    found = [seen for key, name in values for seen in _read_value(registry, key, name)]
    found += [seen for path, name in lines for seen in _read_lines(target, path, name, unread)]
    once = {(one.store, one.path, one.key.lower(), (one.value or "").lower(), one.line): one for one in found}
    return SettingsSeen(tuple(once.values()), len(values) + len(lines), tuple(unread))


def _read_value(registry: Registry, key: str, name: str) -> Iterator[SettingSeen]:
    for concrete in registry.expand(key):
        value = registry.value(concrete, name)
        if value is not None:
            yield _see(registry, concrete, value)


def _see(registry: Registry, key: str, value: RegistryValue) -> SettingSeen:
    hive = registry.hive_of(key)
    number = value.number()
    forms = value.texts() if number is None else (str(number), hex(number))
    return SettingSeen(
        store="registry",
        key=escape_name(key),
        value=escape_name(value.name),
        forms=tuple(form[:MOST_DATA] for form in forms),
        type=_name_type(value.type),
        data=value.data[:MOST_DATA],
        path=hive.path if hive else None,
        shown=hive.shown if hive else None,
        written=registry.written(key),
        hive_state=hive.state if hive else "clean",
        control_set=_name_control_set(registry, key),
    )


def _name_control_set(registry: Registry, key: str) -> str:
    """What the system uses the ControlSet for in which a key lies."""
    found = _CONTROL_SET.match(key)
    if found is None:
        return ""
    chosen = {name: registry.value(_SELECT, name) for name in ("Current", "Default", "LastKnownGood", "Failed")}
    roles = [name for name, value in chosen.items() if value is not None and value.number() == int(found[1])]
    return ", ".join(_ROLES[name] for name in roles) or "unused"


def _name_type(number: int) -> str:
    if number in _NUMBERS:
        return "dword"
    return "multi_string" if number == REG_MULTI_SZ else "string"


def _read_lines(target: Target, path: str, name: str, unread: list[tuple[str, str]]) -> Iterator[SettingSeen]:
    """The lines `name=…` of an INI file, in any section."""
    for rel in target.find(path):
        shown = target.shown(rel)
        try:
            text = _read_file(target, rel)
        except OSError as error:
            unread.append((shown or path, error.strerror or str(error)))
            continue
        for number, line in enumerate(text.split(b"\n"), 1):
            called, equals, data = line.rstrip(b"\r").partition(b"=")
            if equals and called.strip().lower() == name.lower().encode():
                yield SettingSeen(
                    store="file",
                    key=shown or path,
                    value=name,
                    forms=(data.strip().decode("latin-1")[:MOST_DATA],),
                    type="line",
                    data=line,
                    path=path_from_bytes(target.absolute(rel)),
                    shown=shown,
                    line=number,
                )


def _read_file(target: Target, rel: bytes) -> bytes:
    descriptor = target.open_file(rel)
    try:
        data = read_at(descriptor, MOST_FILE + 1, 0)
    finally:
        os.close(descriptor)
    if len(data) > MOST_FILE:
        raise OSError(0, f"larger than {MOST_FILE >> 10} KiB")
    return data
