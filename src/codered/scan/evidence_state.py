"""The state of a system for the evidence: what starts by itself, accounts, packages, firewall, mounts."""

import os
import subprocess

import msgspec

from codered.collect.accounts import collect_accounts
from codered.collect.autostart import collect_autostart
from codered.collect.walking import Unwalked
from codered.evidence.container import EvidenceContainer
from codered.model.evidence import ItemOrigin
from codered.model.paths import path_from_bytes
from codered.model.target import Target
from codered.scan.evidence_files import collect_below

SECONDS = 20
MOST_RULES = 64 << 20
_PACKAGES = (b"var/lib/dpkg/status", b"var/lib/rpm/rpmdb.sqlite", b"var/lib/rpm/Packages", b"var/lib/rpm/Packages.db")
_FIREWALLS = (("nft", "list", "ruleset"), ("iptables-save",), ("ip6tables-save",))
_FOLDERS = ("/usr/sbin", "/sbin", "/usr/bin")


def collect_state(container: EvidenceContainer, target: Target) -> None:
    """All that the target offers. Raises DiskFull."""
    is_unix = target.info.system != "windows"  # hives and the files of tasks are kept as files
    if is_unix and "autostart" in target.info.offers:
        seen = collect_autostart(target)
        _keep_list(container, ItemOrigin(kind="autostart", source="what starts by itself"), seen.entries)
        _tell_unread(container, seen.unread)
    if is_unix and "accounts" in target.info.offers:
        people = collect_accounts(target)
        # A line of passwd may hold a hash.
        accounts = tuple(msgspec.structs.replace(one, text=b"") for one in people.accounts)
        _keep_list(container, ItemOrigin(kind="accounts", source="accounts, no hashes"), accounts)
        _keep_list(container, ItemOrigin(kind="accounts", source="keys that open them"), people.keys)
        _tell_unread(container, people.unread)
    for rel in _PACKAGES:
        collect_below(container, target, rel, path_from_bytes(target.absolute(rel)), "packages")
    if "processes" in target.info.offers:
        _collect_mounts(container)
        _collect_firewall(container)


def _collect_mounts(container: EvidenceContainer) -> None:
    source = "/proc/self/mountinfo"
    try:
        with open(source, "rb") as file:
            container.add(ItemOrigin(kind="mounts", source=source), (file.read(MOST_RULES),))
    except OSError as error:
        container.leave_out(source, error.strerror or str(error))


def _collect_firewall(container: EvidenceContainer) -> None:
    asked = False
    for name, *words in _FIREWALLS:
        program = next((path for path in (f"{folder}/{name}" for folder in _FOLDERS) if os.access(path, os.X_OK)), "")
        if program:
            asked = True
            _ask_firewall(container, [program, *words])
    if not asked:
        container.leave_out("firewall rules", "neither nft nor iptables-save is on this machine")


def _ask_firewall(container: EvidenceContainer, command: list[str]) -> None:
    shown = " ".join(command)
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command of the system
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        container.leave_out(shown, str(error))
        return
    if done.returncode:
        said = done.stderr[:200].decode(errors="backslashreplace").strip()
        container.leave_out(shown, f"it ended with {done.returncode}: {said}")
        return
    container.add(ItemOrigin(kind="firewall", source=shown), (done.stdout[:MOST_RULES],))


def _keep_list(container: EvidenceContainer, origin: ItemOrigin, entries: tuple[msgspec.Struct, ...]) -> None:
    container.add(origin, (b"[" + b",\n".join(msgspec.json.encode(entry) for entry in entries) + b"]\n",))


def _tell_unread(container: EvidenceContainer, unread: tuple[Unwalked, ...]) -> None:
    for gap in unread:
        container.leave_out(gap.rel.decode(errors="backslashreplace") or "the system", gap.why)
