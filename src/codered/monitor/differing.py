"""What is new in what starts by itself, who may log in and what listens: told even where nothing else speaks against
it, for on a host that was just cleaned nothing new is expected.
"""

import hashlib
import os
from collections.abc import Iterator
from typing import NamedTuple

from codered.model.finding import Evidence, Finding, Layer, Subject
from codered.model.heuristics import HEURISTICS
from codered.model.known_good import AutostartRecord, ListenerRecord
from codered.model.monitoring import EventKind, Snapshot
from codered.model.paths import FilePath, path_from_bytes
from codered.model.target import Target

MOST_TEXT = 1 << 20  # bytes of a file in which a line is looked for
DATA = 256
PASSWD = b"etc/passwd"


class Difference(NamedTuple):
    """Something new: what it is, and as a finding."""

    kind: EventKind
    finding: Finding


class _New(NamedTuple):
    kind: EventKind
    layer: Layer
    subject: Subject
    because: str
    evidence: tuple[Evidence, ...] = ()
    remedy: str = ""


def compare_snapshots(before: Snapshot, now: Snapshot, target: Target) -> tuple[Difference, ...]:
    """What `now` has and `before` had not. What is gone is no news here."""
    found = [*_compare_autostart(before, now, target), *_compare_access(before, now, target)]
    return tuple(Difference(new.kind, _make_finding(new)) for new in (*found, *_compare_listeners(before, now)))


def _compare_autostart(before: Snapshot, now: Snapshot, target: Target) -> Iterator[_New]:
    # What a package brings is no news; its lines are no news either where others were written beside them.
    there = (*before.autostart, *before.packaged)
    known = {(one.kind, one.rel, one.entry, one.sha256) for one in there}
    files = {(one.kind, one.rel) for one in there if not one.line}
    for one in now.autostart:
        if (one.kind, one.rel, one.entry, one.sha256) in known:
            continue
        changed = not one.line and (one.kind, one.rel) in files
        kind: EventKind = "changed-autostart" if changed else "new-autostart"
        path = _at(target, one.rel)
        subject = Subject(kind="autostart", path=path.text, path_raw=path.raw, key=one.kind, line=one.line or None)
        story = f"{'changed' if changed else 'new'} since the watch began: {one.kind} {one.entry}".rstrip()
        remedy = "" if changed else "remove_line" if one.line else "quarantine_file"
        yield _New(kind, "autostart", subject, story, (_prove(one, target),), remedy)


def _compare_access(before: Snapshot, now: Snapshot, target: Target) -> Iterator[_New]:
    names = {one.name: one for one in before.accounts}
    path = _at(target, PASSWD)
    for one in now.accounts:
        old = names.get(one.name)
        if old == one:
            continue
        subject = Subject(kind="account", path=path.text, path_raw=path.raw, key=one.name)
        if old is None:
            yield _New("new-account", "accounts", subject, "an account that was not there", remedy="lock_account")
        else:
            was, became = f"{old.uid}:{old.gid} {old.shell}", f"{one.uid}:{one.gid} {one.shell}"
            story = f"an account that was changed: {was}, password {old.password}; now {became}, {one.password}"
            yield _New("changed-account", "accounts", subject, story)
    known = {(one.account, one.sha256) for one in before.keys}
    for key in now.keys:
        if (key.account, key.sha256) not in known:
            where = _at(target, key.rel)
            subject = Subject(kind="key", path=where.text, path_raw=where.raw, key=key.fingerprint or key.account)
            evidence = Evidence(what="the line", sha256=key.sha256, source="line")
            story = f"a key that was not there opens the account {key.account}"
            yield _New("new-key", "accounts", subject, story, (evidence,), "remove_key")


def _compare_listeners(before: Snapshot, now: Snapshot) -> Iterator[_New]:
    known = {identify_listener(one) for one in before.listeners}
    ports = {where for where, _ in known}
    for one in now.listeners:
        where, program = identify_listener(one)
        # Who can't be seen is no other program: another user's, or one that ended since.
        if (where, program) not in known and (program or where not in ports):
            subject = Subject(kind="setting", key=name_listener(one))
            by = f"by {one.program}" if one.program else "by a program that can't be seen"
            story = "another program waits for connections here" if where in ports else "waits for connections"
            yield _New("new-listener", "network", subject, f"{story} since the watch began, {by}")


def identify_listener(one: ListenerRecord) -> tuple[tuple[str, str, int], str]:
    """Where it waits, and its program; one that an upgrade replaced under it is still the same."""
    return (one.protocol, one.address, one.port), one.program.removesuffix(" (deleted)")


def name_listener(one: ListenerRecord) -> str:
    """The listener in a few words."""
    address = f"[{one.address}]" if ":" in one.address else one.address
    return f"listener {one.protocol} {address}:{one.port}"


def _prove(one: AutostartRecord, target: Target) -> Evidence:
    if not one.line:
        return Evidence(what="the whole file", sha256=one.sha256 or None, source="file")
    text = _read_line(target, one.rel, one.line)
    data = text[:DATA] if text is not None and hashlib.sha256(text).hexdigest() == one.sha256 else None
    return Evidence(what=f"line {one.line}", line=one.line, data=data, sha256=one.sha256, source="line")


def _read_line(target: Target, rel: bytes, number: int) -> bytes | None:
    try:
        descriptor = target.open_file(rel)
    except OSError:
        return None
    try:
        lines = os.read(descriptor, MOST_TEXT).split(b"\n")
        return lines[number - 1] if number <= len(lines) else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _make_finding(new: _New) -> Finding:
    proof = new.evidence[0].sha256 if new.evidence else ""
    parts = (HEURISTICS, new.kind, new.subject.path or "", new.subject.key or "", proof or "", new.because)
    return Finding(
        id=hashlib.sha256("\0".join(parts).encode(errors="backslashreplace")).hexdigest()[:12],
        pack=HEURISTICS,
        indicator=new.kind,
        layer=new.layer,
        subject=new.subject,
        confidence="suspicious",
        severity="medium",
        because=new.because,
        evidence=new.evidence,
        remedy=new.remedy,
    )


def _at(target: Target, rel: bytes) -> FilePath:
    return path_from_bytes(target.absolute(rel))
