"""Accounts of a Windows system (SAM): who may come in, who is an administrator. No password hash is read."""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import msgspec

from codered.collect.walking import Unwalked
from codered.model.paths import FilePath
from codered.model.persistence import WindowsAccount
from codered.model.registry import Registry
from codered.model.target import Target

USERS = "HKLM\\SAM\\SAM\\Domains\\Account\\Users"
ALIASES = "HKLM\\SAM\\SAM\\Domains\\Builtin\\Aliases"
ADMINISTRATORS, GUEST, ADMINISTRATOR = 0x220, 501, 500
MOST_ACCOUNTS = 50_000
MOST_ALIASES = 1000
MOST_MEMBERS = 50_000
_V_BODY = 0xCC  # the texts of a V structure are counted from here
_C_BODY = 0x34  # the same of a C structure
_DISABLED, _NO_PASSWORD_NEEDED = 0x0001, 0x0004
_FIRST = datetime(1601, 1, 1, tzinfo=UTC)
_NEVER = 0x7FFFFFFFFFFFFFFF


class WindowsAccountsSeen(msgspec.Struct, frozen=True):
    """All accounts of the system's own, and what could not be read."""

    accounts: tuple[WindowsAccount, ...]
    unread: tuple[Unwalked, ...] = ()


def collect_windows_accounts(target: Target, registry: Registry) -> WindowsAccountsSeen:
    """The accounts of the SAM. Those of a domain are on its controllers, in a database that is not read here."""
    unread: list[Unwalked] = []
    groups = _read_groups(registry, unread)
    names = _read_names(registry)
    keys = [name for name in registry.subkeys(USERS) if name.lower() != "names"]
    if len(keys) > MOST_ACCOUNTS:
        unread.append(Unwalked(b"", "failed", f"more than {MOST_ACCOUNTS} accounts: the rest was left out"))
    found = []
    for key in keys[:MOST_ACCOUNTS]:
        try:
            found.append(_read_account(registry, key, names, groups))
        except (ValueError, struct.error) as error:
            unread.append(Unwalked(b"", "failed", f"{USERS}\\{key[:64]}: {error}"))
    if registry.hive_of(USERS) is not None and not keys and target.info.kind != "live_windows":
        unread.append(Unwalked(b"", "skipped", "the SAM lists no accounts of the system's own"))
    return WindowsAccountsSeen(tuple(found), tuple(unread))


def _read_names(registry: Registry) -> dict[int, str]:
    """The names by their RID, which is the type of the default value of a name's key."""
    names: dict[int, str] = {}
    for name in islice(registry.subkeys(f"{USERS}\\Names"), MOST_ACCOUNTS):
        value = registry.value(f"{USERS}\\Names\\{name}", "")
        if value is not None:
            names[value.type & 0xFFFFFFFF] = name
    return names


def _read_account(
    registry: Registry, key: str, names: dict[int, str], groups: dict[int, tuple[str, ...]]
) -> WindowsAccount:
    """Raises ValueError, struct.error for structures that are cut short."""
    rid = int(key, 16)
    where = f"{USERS}\\{key}"
    f, v = registry.value(where, "F"), registry.value(where, "V")
    if f is None or len(f.data) < 0x3A:
        raise ValueError("its F value is missing or cut short")
    logon, password = struct.unpack_from("<Q8xQ", f.data, 0x08)
    (inner_rid,) = struct.unpack_from("<I", f.data, 0x30)
    (flags,) = struct.unpack_from("<H", f.data, 0x38)
    told = _text_at(v.data, _V_BODY, 0x0C) if v is not None else ""
    facts = set()
    if inner_rid != rid:
        facts.add("win-rid-of-another")
        facts |= {"win-rid-of-administrator"} if inner_rid == ADMINISTRATOR else set()
    if rid not in names:
        facts.add("win-not-listed")
    elif told and told.lower() != names[rid].lower():
        facts.add("win-name-differs")
    facts |= {"win-no-password-needed"} if flags & _NO_PASSWORD_NEEDED else set()
    hive = registry.hive_of(where)
    return WindowsAccount(
        name=told or names.get(rid, f"RID {rid}"), rid=rid, registry=where,
        path=hive.path if hive is not None and hive.path is not None else FilePath(""),
        shown=hive.shown if hive is not None else None, disabled=bool(flags & _DISABLED), groups=groups.get(rid, ()),
        last_logon=_as_time(logon), password_set=_as_time(password), changed=registry.written(where),
        facts=frozenset(facts),
    )  # fmt: skip


def _text_at(data: bytes, body: int, at: int) -> str:
    """A text that a table at the start of a structure names by offset and length. Raises ValueError, struct.error."""
    offset, length = struct.unpack_from("<II", data, at)
    start = body + offset
    if length > 512 or start + length > len(data):
        raise ValueError("a text in it lies outside of it")
    return data[start : start + length].decode("utf-16-le", "replace")


def _read_groups(registry: Registry, unread: list[Unwalked]) -> dict[int, tuple[str, ...]]:
    """The local groups of each account of this system, by its RID."""
    found: dict[int, tuple[str, ...]] = {}
    for key in islice(registry.subkeys(ALIASES), MOST_ALIASES):
        value = registry.value(f"{ALIASES}\\{key}", "C")
        if value is None:
            continue
        try:
            name = _text_at(value.data, _C_BODY, 0x10)
            name = "Administrators" if int(key, 16) == ADMINISTRATORS else name
            for rid in _members(value.data):
                found[rid] = (*found.get(rid, ()), name)
        except (ValueError, struct.error) as error:
            unread.append(Unwalked(b"", "failed", f"{ALIASES}\\{key[:64]}: {error}"))
    return found


def _members(data: bytes) -> Iterator[int]:
    """The RIDs of members that are accounts of a machine or domain (S-1-5-21-…)."""
    offset, length, count = struct.unpack_from("<III", data, 0x28)
    at, end = _C_BODY + offset, min(len(data), _C_BODY + offset + length)
    for _ in range(min(count, MOST_MEMBERS)):
        if at + 8 > end:
            raise ValueError("its list of members is cut short")
        parts = data[at + 1]
        size = 8 + 4 * parts
        if parts > 15 or at + size > end:
            raise ValueError("a member in it lies outside of it")
        numbers = struct.unpack_from(f"<{parts}I", data, at + 8)
        if parts == 5 and numbers[0] == 21:
            yield numbers[4]
        at += size


def _as_time(filetime: int) -> datetime | None:
    if filetime in (0, _NEVER):
        return None
    try:
        return _FIRST + timedelta(microseconds=filetime // 10)
    except OverflowError:
        return None
