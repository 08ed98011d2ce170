"""The allow-list of a host, read strictly: what is not understood allows nothing."""

import os
from collections.abc import Iterator
from pathlib import Path

from codered.model.allow_list import AllowedProcess, AllowList
from codered.model.errors import WrongUse
from codered.packs.decoding import decode_document
from codered.packs.strict_yaml import Document, parse_document, read_bytes, shorten
from codered.system.private_files import TAKE_FROM_OTHERS, is_open_to_others, is_owned, name_owner

MOST_ENTRIES = 10_000
_PARTS = ("processes", "keys", "files", "scanners", "entries")
_SEE = "docs/allow-list.md shows one"


def load_allow_list(path: Path) -> AllowList:
    """The allow-list of the file. Raises WrongUse with file and line, and for one that somebody else could write."""
    _refuse_writable(path)
    document = _read(Path(os.path.abspath(path)))
    try:
        allowed = decode_document(document, AllowList)
    except WrongUse as error:
        advice = error.advice.replace("docs/pack-format.md", "docs/allow-list.md")
        raise WrongUse(error.what, where=error.where, advice=advice) from None
    _refuse_faults(document, allowed)
    return allowed


def _read(path: Path) -> Document:
    """The file, called by its whole path."""
    where = str(path)
    if os.path.islink(path):
        raise WrongUse("is a link", where=where, advice="put the file itself there, or name the file it leads to")
    if not os.path.lexists(path):
        advice = f"check CODERED_ALLOW, or take it away for the one in /etc/codered; {_SEE}"
        raise WrongUse("no such allow-list", where=where, advice=advice)
    try:
        data = read_bytes(path)
    except WrongUse as error:
        raise WrongUse(error.what, where=where, advice=f"an allow-list is a plain file; {_SEE}") from None
    if not any(line.split(b"#")[0].strip() for line in data.splitlines()):
        raise WrongUse("the allow-list is empty", where=where, advice=f"start with `format: 1`, or remove it; {_SEE}")
    return parse_document(data, where)


def _refuse_writable(path: Path) -> None:
    """Whoever can write it can hide from the tool: it, its folders and the links to them must be root's or our own."""
    for place in _list_way(path):
        try:
            status = os.lstat(place)
        except OSError:
            return  # reading it says why
        what = ""
        if not is_owned(status, place):
            what = f"belongs to {name_owner(status, place)}, who could vouch for anything with it"
        elif is_open_to_others(status, place):
            what = "others than its owner may write it, and so vouch for anything"
        if what:
            advice = f"make root its owner, and take the right to write from everybody else ({TAKE_FROM_OTHERS})"
            raise WrongUse(what, where=place, advice=advice)


def _list_way(path: Path) -> Iterator[str]:
    """The folders, the links among them and what these lead to, then the file."""
    whole = Path(os.path.abspath(path))
    real = Path(os.path.realpath(whole.parent))
    yield from dict.fromkeys(str(place) for place in (*reversed(whole.parents), *reversed(real.parents), real, whole))


def _refuse_faults(document: Document, allowed: AllowList) -> None:
    if not isinstance(document.value, dict) or "format" not in document.value:
        raise WrongUse("no `format`", where=document.place_of(), advice=f"start with `format: 1`; {_SEE}")
    if sum(len(getattr(allowed, part)) for part in _PARTS) > MOST_ENTRIES:
        raise WrongUse(f"more than {MOST_ENTRIES} entries", where=document.where, advice="take the expired ones out")
    scheduled: dict[str, tuple[AllowedProcess, ...]] = {"processes": allowed.processes, "scanners": allowed.scanners}
    for part, entries in scheduled.items():
        for number, entry in enumerate(entries):
            if entry.start == entry.end:
                where = document.place_of(part, number, "start")
                advice = "leave both out for the whole day"
                raise WrongUse("`start` and `end` are the same hour", where=where, advice=advice)
    for part in _PARTS:
        seen: set[object] = set()
        for number, known in enumerate(getattr(allowed, part)):
            if known in seen:
                where = document.place_of(part, number)
                raise WrongUse(f"the same entry a second time: {shorten(known.because)}", where=where, advice="drop it")
            seen.add(known)
