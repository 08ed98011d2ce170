"""The allow-list of a host, read strictly: what is not understood allows nothing."""

from pathlib import Path

from codered.model.allow_list import AllowList
from codered.model.errors import WrongUse
from codered.packs.decoding import decode_document
from codered.packs.strict_yaml import Document, read_document, shorten

MOST_ENTRIES = 10_000


def load_allow_list(path: Path) -> AllowList:
    """The allow-list of the file. Raises WrongUse with file and line."""
    document = read_document(path)
    allowed = decode_document(document, AllowList)
    _refuse_faults(document, allowed)
    return allowed


def _refuse_faults(document: Document, allowed: AllowList) -> None:
    if not isinstance(document.value, dict) or "format" not in document.value:
        raise WrongUse("no `format`", where=document.place_of(), advice="start with `format: 1`")
    if len(allowed.processes) + len(allowed.keys) + len(allowed.files) > MOST_ENTRIES:
        raise WrongUse(f"more than {MOST_ENTRIES} entries", where=document.where, advice="take the expired ones out")
    for number, process in enumerate(allowed.processes):
        if process.start == process.end:
            where = document.place_of("processes", number, "start")
            raise WrongUse(
                "`start` and `end` are the same hour", where=where, advice="leave both out for the whole day"
            )
    for part in ("processes", "keys", "files"):
        seen: set[object] = set()
        for number, entry in enumerate(getattr(allowed, part)):
            if entry in seen:
                where = document.place_of(part, number)
                raise WrongUse(f"the same entry a second time: {shorten(entry.because)}", where=where, advice="drop it")
            seen.add(entry)
