"""polkit: rules by which somebody may act as root without a password."""

import re
from collections.abc import Iterator

from codered.collect.autostart.config_lines import drop_between
from codered.collect.autostart.entries import make_entry
from codered.collect.autostart.known_names import known_names
from codered.collect.autostart.places import read_folder, resolve_folders, walk_folders
from codered.collect.autostart.reading import Reader, as_text
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

_LINE_COMMENT = re.compile(rb"//[^\n]*")
_YES = re.compile(rb"polkit\.Result\.YES|return\s*\(?\s*[\"']yes[\"']")
_CONDITION = re.compile(rb"\b(?:if|switch)\b|\?|&&|\|\|")
_RESULT = re.compile(rb"^[ \t]*Result(?:Any|Inactive|Active)[ \t]*=[ \t]*yes", re.MULTILINE)
_EVERY_ACTION = re.compile(rb"^[ \t]*Action[ \t]*=[^\n]*?(?<=[=;\t ])\*[ \t]*(?:;|$)", re.MULTILINE)
_ANYBODY = re.compile(rb"^[ \t]*Identity[ \t]*=[^\n]*unix-(?:user|group):\*", re.MULTILINE)
_ALLOW_ANY = re.compile(rb"<allow_any>[ \t\n]*yes[ \t\n]*<", re.IGNORECASE)
DEPTH = 2


def collect_polkit(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Files of rules, authorities and actions that are not as a package has them and say yes."""
    for folder in resolve_folders(reader, known_names("polkit-rule-folders")):
        yield from _collect(reader, packages, folder, b".rules")
    for top in resolve_folders(reader, known_names("polkit-authority-folders")):
        for folder in walk_folders(reader, top, DEPTH):
            yield from _collect(reader, packages, folder, b".pkla")
    for folder in resolve_folders(reader, known_names("polkit-action-folders")):
        yield from _collect(reader, packages, folder, b".policy")


def _collect(reader: Reader, packages: PackageDatabase, folder: bytes, ending: bytes) -> Iterator[Autostart]:
    for file, _ in read_folder(reader, folder, (ending,)):
        facts = _JUDGES[ending](file.data)
        if facts and packages.origin(file)[0] != "package":
            name = as_text(file.rel.rpartition(b"/")[2], 255)
            yield make_entry(reader, packages, file, "polkit", entry=name, user="root", facts=frozenset(facts))


def _judge_rules(data: bytes) -> set[str]:
    text = _LINE_COMMENT.sub(b"", drop_between(data, b"/*", b"*/"))
    if not _YES.search(text):
        return set()
    is_bound = _CONDITION.search(text) or b"action.id" in text or b"subject." in text
    return {"polkit-yes"} if is_bound else {"polkit-yes", "polkit-yes-for-all"}


def _judge_authority(data: bytes) -> set[str]:
    if not _RESULT.search(data):
        return set()
    anybody, every = _ANYBODY.search(data), _EVERY_ACTION.search(data)
    if anybody and every:
        return {"polkit-yes", "polkit-yes-for-all"}
    return {"polkit-yes", "polkit-every-action"} if every else {"polkit-yes"}


def _judge_actions(data: bytes) -> set[str]:
    return {"polkit-yes", "polkit-action-for-anybody"} if _ALLOW_ANY.search(data) else set()


_JUDGES = {b".rules": _judge_rules, b".pkla": _judge_authority, b".policy": _judge_actions}
