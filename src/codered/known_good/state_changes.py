"""What else a system is, then and now: packages, autostart entries, accounts, keys, listeners. Only what is new or
another is told, and packages that are gone: an account or listener that is gone lets nobody in.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from codered.model.known_good import (
    AccountRecord,
    AutostartRecord,
    Baseline,
    Deviation,
    KeyRecord,
    ListenerRecord,
    PackageRecord,
)
from codered.model.persistence import Account, AuthorizedKey, Autostart

MOST_TEXT = 256  # bytes of a line that a deviation carries


class SystemSeen(NamedTuple):
    """A system as it is now, as far as a baseline knows of it; `has_listeners`: somebody looked."""

    packages: tuple[PackageRecord, ...] = ()
    autostart: tuple[tuple[AutostartRecord, Autostart], ...] = ()
    accounts: tuple[tuple[AccountRecord, Account], ...] = ()
    keys: tuple[tuple[KeyRecord, AuthorizedKey], ...] = ()
    listeners: tuple[ListenerRecord, ...] = ()
    has_listeners: bool = False


def compare_states(before: Baseline, now: SystemSeen) -> Iterator[Deviation]:
    """What of the system is not as it was."""
    yield from compare_packages(before.packages, now.packages)
    yield from _compare_autostart(before.autostart, now.autostart)
    yield from _compare_accounts(before.accounts, now.accounts)
    known = {(key.account, key.rel, key.sha256) for key in before.keys}
    for record, key in now.keys:
        if (record.account, record.rel, record.sha256) not in known:
            yield _of_key(record, key)
    if now.has_listeners:
        yield from _compare_listeners(before.listeners, now.listeners)


def compare_packages(before: Iterable[PackageRecord], now: Iterable[PackageRecord]) -> Iterator[Deviation]:
    """Packages that are new, gone, or of another version; a package may be installed in several versions (kernels)."""
    old, new = _list_versions(before), _list_versions(now)
    for key in sorted(old.keys() | new.keys()):
        was, is_now = sorted(old.get(key, ())), sorted(new.get(key, ()))
        if was == is_now:
            continue
        yield Deviation(
            kind="changed-package" if was and is_now else "new-package" if is_now else "missing-package",
            truth="baseline",
            name=key[1],
            package=key[1],
            expected=", ".join(was) or "not installed",
            actual=", ".join(is_now) or "not installed",
        )


def _list_versions(packages: Iterable[PackageRecord]) -> dict[tuple[str, str, str], set[str]]:
    found: dict[tuple[str, str, str], set[str]] = {}
    for package in packages:
        found.setdefault((package.manager, package.name, package.architecture), set()).add(package.version)
    return found


def _compare_autostart(
    before: Iterable[AutostartRecord], now: Iterable[tuple[AutostartRecord, Autostart]]
) -> Iterator[Deviation]:
    """What a changed package has on record is told too: nobody signed its records."""
    known = {(entry.kind, entry.rel, entry.sha256) for entry in before}
    whole = {(entry.kind, entry.rel) for entry in before if not entry.line}
    for record, entry in now:
        if (record.kind, record.rel, record.sha256) in known:
            continue
        is_changed = not record.line and (record.kind, record.rel) in whole
        found = Deviation(
            kind="changed-autostart" if is_changed else "new-autostart",
            truth="baseline",
            path=entry.path,
            shown=entry.shown,
            name=record.kind,
            expected="another content" if is_changed else "not there",
            actual=(entry.command or entry.entry or "a file")[:MOST_TEXT],
            sha256=entry.sha256,
            size=entry.size,
            package=entry.package,
            changed=entry.changed,
        )
        yield _with_line(found, record.line, record.sha256, entry.text)


def _compare_accounts(
    before: Iterable[AccountRecord], now: Iterable[tuple[AccountRecord, Account]]
) -> Iterator[Deviation]:
    known: dict[str, list[AccountRecord]] = {}
    for record in before:
        known.setdefault(record.name, []).append(record)
    for record, account in now:
        was = known.get(record.name, [])
        if record in was:
            continue
        found = Deviation(
            kind="changed-account" if was else "new-account",
            truth="baseline",
            path=account.path,
            shown=account.shown,
            name=record.name,
            expected=_describe_account(was[0]) if was else "no such account",
            actual=_describe_account(record),
            changed=account.file_changed,
        )
        yield _with_line(found, account.line, hashlib.sha256(account.text).hexdigest(), account.text)


def _of_key(record: KeyRecord, key: AuthorizedKey) -> Deviation:
    found = Deviation(
        kind="new-key",
        truth="baseline",
        path=key.path,
        shown=key.shown,
        name=record.fingerprint or record.account,
        expected="not there",
        actual=f"a key that opens {record.account}",
        changed=key.file_changed,
    )
    return _with_line(found, key.line, record.sha256, key.text)


def _compare_listeners(before: Iterable[ListenerRecord], now: Iterable[ListenerRecord]) -> Iterator[Deviation]:
    known = set(before)
    for listener in dict.fromkeys(now):
        if listener not in known:
            where = f"[{listener.address}]" if ":" in listener.address else listener.address
            yield Deviation(
                kind="new-listener",
                truth="baseline",
                name=f"listener {listener.protocol} {where}:{listener.port}",
                expected="nothing listens there",
                actual=listener.program or "a program that could not be read",
            )


def _with_line(found: Deviation, line: int, sha256: str, text: bytes) -> Deviation:
    if not line:
        return found
    return msgspec.structs.replace(found, line=line, line_sha256=sha256, text=text[:MOST_TEXT])


def _describe_account(record: AccountRecord) -> str:
    groups = f", groups {' '.join(record.groups)}" if record.groups else ""
    where = f"uid {record.uid}, gid {record.gid}, home {record.home}, shell {record.shell or 'none'}"
    return f"{where}, password {record.password}{groups}"[:1024]
