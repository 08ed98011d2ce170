"""Accounts of a target: passwd, shadow and group as they stand, every line of them hostile."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec

from codered.collect.authorized_keys import collect_authorized_keys
from codered.collect.autostart.first_person import OLDEST, read_first_person
from codered.collect.autostart.installed import find_installed
from codered.collect.autostart.known_names import is_known
from codered.collect.autostart.places import resolve, to_rel
from codered.collect.autostart.reading import Reader, SmallFile, as_text
from codered.collect.packages import PackageDatabase
from codered.collect.walking import Unwalked
from codered.model.persistence import Account, AuthorizedKey, PasswordState
from codered.model.target import Target

PASSWD, SHADOW, GROUP, SHELLS = b"etc/passwd", b"etc/shadow", b"etc/group", b"etc/shells"
NOBODY = 65534
CLASSIC = 100  # uids below are the same on every system and belong to no person
MOST_ACCOUNTS = 50_000
_EPOCH = date(1970, 1, 1)
_MOST_DAYS = 100_000


class AccountsSeen(msgspec.Struct, frozen=True):
    """All accounts and keys, what could not be read, how much was, and when the system was installed as far as that can
    be told (UTC).
    """

    accounts: tuple[Account, ...]
    keys: tuple[AuthorizedKey, ...]
    unread: tuple[Unwalked, ...] = ()
    files: int = 0
    bytes: int = 0
    installed: datetime | None = None


class _Secret(NamedTuple):
    password: PasswordState
    changed: date | None


def collect_accounts(target: Target) -> AccountsSeen:
    """The accounts of a Linux target and the keys that open them. No error of a single file ends it."""
    reader = Reader(target)
    accounts = _Collector(reader, PackageDatabase(reader)).collect()
    keys = collect_authorized_keys(reader, accounts)
    unread = tuple(dict.fromkeys(reader.unread))
    return AccountsSeen(accounts, keys, unread, reader.files, reader.bytes, find_installed(reader))


class _Collector:
    def __init__(self, reader: Reader, packages: PackageDatabase) -> None:
        self._reader = reader
        self._packages = packages
        self._secrets = _read_secrets(reader)
        self._groups = _read_groups(reader)
        self._first_person = read_first_person(reader)
        listed = reader.read(SHELLS)
        self._shells = {line.rstrip(b"\r") for _, line in listed.lines()} if listed is not None else set()

    def collect(self) -> tuple[Account, ...]:
        file = self._reader.read(PASSWD)
        if file is None:
            if self._reader.stat(PASSWD) is None:
                self._reader.miss(PASSWD, "there is no list of accounts here")
            return ()
        found: list[Account] = []
        for number, line in file.lines():
            if not line.strip() or line.startswith(b"#"):
                continue
            if len(found) == MOST_ACCOUNTS:
                self._reader.miss(PASSWD, f"more than {MOST_ACCOUNTS} accounts: the rest was left out")
                break
            found.append(self._make(file, number, line))
        return tuple(_mark_twins(found))

    def _make(self, file: SmallFile, number: int, line: bytes) -> Account:
        fields = [as_text(part, 1024) for part in line[:8192].split(b":")]
        name, password, uid, gid, _, home, shell = (*fields, *[""] * 7)[:7]
        facts = set()
        if line.startswith((b"+", b"-")):
            facts.add("from-network")
        elif len(fields) != 7 or not uid.isdigit() or not gid.isdigit() or len(uid) > 10 or len(gid) > 10:
            facts.add("does-not-parse")
        number_of = int(uid) if uid.isdigit() and len(uid) <= 10 else -1
        group = int(gid) if gid.isdigit() and len(gid) <= 10 else -1
        if file.mode & 0o002:
            facts.add("file-writable")
        secret = self._find_secret(name, password, facts)
        return Account(
            name=name, uid=number_of, gid=group, path=self._reader.path(file.rel), line=number, text=line,
            shown=self._reader.target.shown(file.rel), home=home, shell=shell, password=secret.password,
            changed=secret.changed, file_changed=file.changed, groups=self._groups.of(name, group),
            system=self._is_system(number_of, home),
            facts=frozenset(facts | self._judge_shell(shell) | self._judge_uid(number_of) | self._judge_home(home)),
        )  # fmt: skip

    def _find_secret(self, name: str, password: str, facts: set[str]) -> _Secret:
        if password == "x":  # noqa: S105 - the mark of a password that is in shadow
            missing = _Secret("locked" if self._secrets else "unknown", None)
            return self._secrets.get(name, missing)
        state = _judge_password(password.encode(errors="replace"))
        if state == "set":
            facts.add("hash-in-passwd")
        return _Secret(state, None)

    def _is_system(self, uid: int, home: str) -> bool:
        """Whether it is no person. One from OLDEST with a home in /home may have come before the system was renewed."""
        if uid >= OLDEST and home.startswith("/home/") and not self._judge_home(home):
            return uid == NOBODY
        return 0 < uid < self._first_person or uid == NOBODY

    def _judge_uid(self, uid: int) -> set[str]:
        return {"classic-system"} if 0 < uid < CLASSIC or uid == NOBODY else set()

    def _judge_shell(self, shell: str) -> set[str]:
        raw = shell.encode(errors="replace")
        if is_known("no-shells", raw) and shell:
            return set()
        facts = {"login-shell"}
        if not shell or is_known("usual-shells", raw):
            return facts
        if shell != shell.strip() or not shell.isprintable():
            facts.add("shell-deceptive")
        if raw not in self._shells:
            facts.add("shell-not-listed")
        rel = to_rel(raw)
        real = resolve(self._reader, rel)
        if real is None:
            return (facts - {"login-shell"}) | {"shell-missing"}
        if self._packages.known and not self._packages.owner(real):
            facts.add("shell-foreign")
        if rel.startswith((b"tmp/", b"var/tmp/", b"dev/shm/")) or b"/." in rel:
            facts.add("shell-in-odd-place")
        return facts

    def _judge_home(self, home: str) -> set[str]:
        if not home.startswith("/"):
            return {"home-missing"}
        rel = to_rel(home.encode(errors="replace"))
        return set() if resolve(self._reader, rel) is not None else {"home-missing"}


def _mark_twins(accounts: list[Account]) -> Iterable[Account]:
    seen: dict[int, str] = {}
    for account in accounts:
        facts = set(account.facts)
        if account.uid == 0 and (account.name != "root" or 0 in seen):
            facts.add("uid-0-twin")
        elif account.uid > 0 and account.uid in seen:
            facts.add("uid-twin")
        seen.setdefault(account.uid, account.name)
        yield msgspec.structs.replace(account, facts=frozenset(facts))


class _Groups(NamedTuple):
    """Who is in the groups that give rights: by name, and by the number of the first group."""

    members: dict[str, list[str]]
    numbers: dict[int, str]

    def of(self, name: str, gid: int) -> tuple[str, ...]:
        own = [self.numbers[gid]] if gid in self.numbers else []
        return tuple(dict.fromkeys((*own, *self.members.get(name, ()))))


def _read_groups(reader: Reader) -> _Groups:
    members: dict[str, list[str]] = {}
    numbers: dict[int, str] = {}
    file = reader.read(GROUP)
    for _, line in file.lines() if file is not None else ():
        parts = line.split(b":")
        if len(parts) < 4 or not is_known("admin-groups", parts[0]):
            continue
        group = as_text(parts[0], 64)
        if parts[2].isdigit() and len(parts[2]) <= 10:
            numbers[int(parts[2])] = group
        for member in parts[3].split(b",")[:10_000]:
            if member.strip():
                members.setdefault(as_text(member.strip(), 64), []).append(group)
    return _Groups(members, numbers)


def _read_secrets(reader: Reader) -> dict[str, _Secret]:
    file = reader.read(SHADOW)
    found = {}
    for _, line in file.lines() if file is not None else ():
        parts = line.split(b":")
        if len(parts) >= 3 and parts[0]:
            days = int(parts[2]) if parts[2].isdigit() and len(parts[2]) <= 6 else 0
            day = _EPOCH + timedelta(days=days) if 0 < days < _MOST_DAYS else None
            found[as_text(parts[0], 1024)] = _Secret(_judge_password(parts[1]), day)
    return found


def _judge_password(field: bytes) -> PasswordState:
    if not field:
        return "empty"
    if field[:1] in (b"!", b"*") or len(field) < 4:
        return "locked"
    return "set"
