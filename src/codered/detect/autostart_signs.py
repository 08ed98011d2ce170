"""The packs' own signs in autostart entries and in settings that are lines of files."""

import fnmatch
import re
from collections.abc import Iterator
from typing import NamedTuple

from codered.engine import GaveUp, Matcher, RuleSource, compile_sources
from codered.model.indicators import AutostartIndicator, Indicator, SettingIndicator
from codered.model.pack import LoadedPack
from codered.model.persistence import Autostart

SECONDS = 5


class Sign(NamedTuple):
    """A pack's indicator that fits, and the line of the file it fits (0 = the entry as it is)."""

    pack: str
    indicator: Indicator
    line: int = 0
    text: bytes = b""


class AutostartSigns:
    """The autostart and file-setting indicators of all packs."""

    def __init__(self, packs: tuple[LoadedPack, ...]) -> None:
        self._entries = [(p.pack.name, sign) for p in packs for sign in p.pack.autostart]
        self._settings: dict[str, list[tuple[str, SettingIndicator, Matcher | None]]] = {}
        for loaded in packs:
            for sign in loaded.pack.settings:
                if sign.store == "file" and sign.key.startswith("/"):
                    row = (loaded.pack.name, sign, _compile(sign))
                    self._settings.setdefault(sign.key, []).append(row)

    def find(self, entry: Autostart) -> list[Sign]:
        """The signs of an entry."""
        found = [Sign(pack, sign) for pack, sign in self._entries if _fits(sign, entry)]
        return [*found, *self._find_settings(entry)]

    def _find_settings(self, entry: Autostart) -> Iterator[Sign]:
        rows = self._settings.get(entry.system_path(), ())
        if not rows:
            return
        lines = [(0, entry.text)] if entry.line else enumerate(entry.text.split(b"\n"), 1)
        for number, line in lines:
            for pack, sign, matcher in rows if line.strip() else ():
                if _holds(sign, matcher, line):
                    yield Sign(pack, sign, number, line)


def _fits(sign: AutostartIndicator, entry: Autostart) -> bool:
    if sign.kind != entry.kind or not (sign.name or sign.command):
        return False
    if sign.name and not _is_like(sign.name, entry.entry):
        return False
    text = entry.text.decode(errors="backslashreplace")
    return not sign.command or _is_like(sign.command, entry.command) or _holds_text(sign.command, text)


def _is_like(pattern: str, text: str) -> bool:
    return re.match(fnmatch.translate(_as_glob(pattern)), text.lower()) is not None


def _holds_text(pattern: str, text: str) -> bool:
    """A pattern with `*` fits one of the lines; without, the text stands in it somewhere."""
    if "*" not in pattern:
        return pattern.lower() in text.lower()
    compiled = re.compile(fnmatch.translate(_as_glob(pattern)))
    return any(compiled.match(line) for line in text.lower().split("\n"))


def _as_glob(pattern: str) -> str:
    """Only `*` stands for anything; fnmatch's form of it needs no backtracking."""
    return re.sub(r"[\[?]", r"[\g<0>]", pattern.lower())


def _compile(sign: SettingIndicator) -> Matcher | None:
    if not sign.pattern:
        return None
    escaped = re.sub(r"\\.|/", lambda found: found[0] if len(found[0]) == 2 else r"\/", sign.pattern)
    text = f"rule setting {{ strings: $p = /{escaped}/ nocase condition: $p }}"
    return Matcher(compile_sources([RuleSource("settings", text, sign.id)]), seconds=SECONDS, most=1)


def _holds(sign: SettingIndicator, matcher: Matcher | None, line: bytes) -> bool:
    data = line.strip()
    if sign.value:
        name, _, data = data.replace(b"=", b" ", 1).partition(b" ")
        if name.strip().lower() != sign.value.lower().encode():
            return False
        data = data.strip()
    if data.lower() in [value.lower().encode() for value in sign.equals]:
        return True
    try:
        return matcher is not None and bool(data) and bool(list(matcher.match(data)))
    except GaveUp:
        return False
