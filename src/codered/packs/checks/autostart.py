"""Signs of what starts by itself."""

import re
from collections.abc import Iterator
from typing import get_args

from codered.model.persistence import LinuxKind
from codered.packs.problems import CheckedPack, Problem
from codered.packs.strict_yaml import shorten

LINUX_KINDS: frozenset[str] = frozenset(get_args(LinuxKind))
_WINDOWS_PATH = re.compile(r"[A-Za-z?]:\\")
_UNIX_PATH = re.compile(r"(^|[ *])/[A-Za-z]+/")


def check_autostart(checked: CheckedPack) -> Iterator[Problem]:
    """That an autostart sign says what to find, on the system its kind belongs to."""
    for number, sign in enumerate(checked.pack.autostart):
        if not (sign.name.strip("* ") or sign.command.strip("* ")):
            advice = "give the entry's name, or a part of what it starts"
            yield Problem(checked.at("autostart", number), f"`{sign.id}` finds nothing", advice)
        linux = sign.kind in LINUX_KINDS
        if (_WINDOWS_PATH if linux else _UNIX_PATH).search(sign.command):
            system = "Linux" if linux else "Windows"
            what = f"`{shorten(sign.command)}` is no command on {system}, where {sign.kind} belongs"
            yield Problem(checked.at("autostart", number, "command"), what, "correct the kind or the command")
