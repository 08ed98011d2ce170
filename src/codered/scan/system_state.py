"""What a system is besides its files, for a baseline: packages, autostart, accounts and keys, listeners."""

import hashlib
import os

import msgspec

from codered.collect.accounts import collect_accounts
from codered.collect.autostart import collect_autostart
from codered.collect.package_list import list_packages_with_gaps
from codered.collect.walking import Unwalked
from codered.collect.watching.listeners import list_listeners, name_listeners
from codered.known_good.state_changes import SystemSeen
from codered.model.known_good import AccountRecord, AutostartRecord, KeyRecord, ListenerRecord
from codered.model.paths import FilePath
from codered.model.persistence import Account, AuthorizedKey, Autostart
from codered.model.target import Target


class StateSeen(msgspec.Struct, frozen=True):
    """A system's state, and what of it could not be read."""

    system: SystemSeen
    unread: tuple[Unwalked, ...] = ()
    troubles: tuple[str, ...] = ()


def collect_state(target: Target) -> StateSeen:
    """The state of a Linux system; listeners only of a live one."""
    started, people = collect_autostart(target), collect_accounts(target)
    packages, damaged = list_packages_with_gaps(target)
    listeners, troubles = _list_listeners() if target.info.kind == "live_linux" else ((), ())
    system = SystemSeen(
        packages=packages,
        autostart=tuple((_record_autostart(target, entry), entry) for entry in started.entries),
        accounts=tuple((_record_account(account), account) for account in people.accounts),
        keys=tuple((_record_key(target, key), key) for key in people.keys),
        listeners=listeners,
        has_listeners=target.info.kind == "live_linux",
    )
    return StateSeen(system, (*started.unread, *people.unread, *damaged), troubles)


def rel_of(target: Target, path: FilePath) -> bytes:
    """The path below the target's root."""
    root = os.fsencode(target.info.root).rstrip(b"/")
    return path.to_bytes().removeprefix(root).lstrip(b"/")


def _record_autostart(target: Target, entry: Autostart) -> AutostartRecord:
    digest = hashlib.sha256(entry.text).hexdigest() if entry.line else entry.sha256
    return AutostartRecord(entry.kind, rel_of(target, entry.path), entry.line, entry.entry, digest)


def _record_account(one: Account) -> AccountRecord:
    return AccountRecord(one.name, one.uid, one.gid, one.home, one.shell, one.password, one.groups)


def _record_key(target: Target, key: AuthorizedKey) -> KeyRecord:
    return KeyRecord(key.account, rel_of(target, key.path), key.fingerprint, hashlib.sha256(key.text).hexdigest())


def _list_listeners() -> tuple[tuple[ListenerRecord, ...], tuple[str, ...]]:
    try:
        return name_listeners(list_listeners()), ()
    except OSError as error:
        return (), (f"listening sockets: {error.strerror}",)
