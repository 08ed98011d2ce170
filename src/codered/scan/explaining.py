"""Deviations that say the same: a file whose new lines are told by themselves is not told again as a whole."""

import os
from collections.abc import Iterable

from blake3 import blake3

from codered.collect.file_hashing import MOST_KEPT, read_file
from codered.collect.walking import Unwalked
from codered.known_good.looking_up import find_record
from codered.model.known_good import Baseline, Deviation
from codered.model.target import Target
from codered.scan.system_state import rel_of

_LINES = ("new-autostart", "new-key", "new-account")
_WHOLE = ("new-executable", "new-file", "new-web-file", "content")
_RIGHTS = ("mode", "owner", "capabilities")
_ACCOUNT_FILES = (b"etc/passwd", b"etc/shadow", b"etc/group", b"etc/gshadow", b"etc/subuid", b"etc/subgid")


def drop_explained(target: Target, before: Baseline, found: tuple[Deviation, ...]) -> tuple[Deviation, ...]:
    """The deviations, each thing once. Where new lines are all that a file has more than it had, the lines are told;
    where other lines changed too, so is the file, which can be restored whole. A file that starts by itself is told so.
    """
    by_path: dict[bytes, list[Deviation]] = {}
    for item in found:
        if item.path is not None:
            by_path.setdefault(rel_of(target, item.path), []).append(item)
    names = {item.name.encode() for item in found if item.kind == "new-account"}
    dropped: set[int] = set()
    for rel, items in by_path.items():
        dropped |= {id(item) for item in _find_explained(target, before, rel, items, names)}
    return tuple(item for item in found if id(item) not in dropped)


def _find_explained(
    target: Target, before: Baseline, rel: bytes, items: list[Deviation], accounts: set[bytes]
) -> Iterable[Deviation]:
    lines = [item for item in items if item.kind in _LINES and item.line]
    files = [item for item in items if item.kind in _WHOLE]
    wholes = [item for item in items if item.kind in ("new-autostart", "changed-autostart") and not item.line]
    if any(item.kind in _RIGHTS for item in items):
        return wholes  # it was there before: its rights are given back, and it is not taken away
    if any(item.kind == "new-autostart" for item in wholes):
        return [item for item in files if item.kind != "content"]
    content = [item for item in files if item.kind == "content"]
    if not content:
        return [*(files if lines else ()), *wholes[1:]]
    if lines or (accounts and rel in _ACCOUNT_FILES):
        numbers = {item.line for item in lines}
        names = accounts if rel in _ACCOUNT_FILES else set()
        if _is_as_before_without(target, before, rel, numbers, names):
            return content
    return wholes  # a line that starts something is named, whatever else changed around it


def _is_as_before_without(target: Target, before: Baseline, rel: bytes, lines: set[int], accounts: set[bytes]) -> bool:
    """Whether the file is what it was but for these lines (from 1), and those of these accounts."""
    record = find_record(before, rel)
    data = _read(target, rel)
    if record is None or data is None:
        return False
    kept = [
        line
        for number, line in enumerate(data.split(b"\n"), 1)
        if number not in lines and line.partition(b":")[0] not in accounts
    ]
    text = b"\n".join(kept)
    return any(blake3(form).digest() == record.digest for form in (text, text + b"\n", text.rstrip(b"\n")))


def _read(target: Target, rel: bytes) -> bytes | None:
    folder, name = os.path.split(rel)
    try:
        directory = target.open_dir(folder)
    except OSError:
        return None
    try:
        read = read_file(target, directory, name)
    finally:
        os.close(directory)
    return None if isinstance(read, Unwalked) or read.record.size > MOST_KEPT else read.data
