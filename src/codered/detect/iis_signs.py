"""The packs' own signs in the configuration of a web server: metabase keys, and the sections of later versions."""

import re
from typing import NamedTuple

from codered.engine import GaveUp, Matcher, RuleSource, compile_sources
from codered.model.indicators import SettingIndicator
from codered.model.pack import LoadedPack
from codered.model.windows import IisItem, VirtualDirectory

SECONDS = 5
_VIRTUAL_ROOTS = "\\virtual roots"


class _Row(NamedTuple):
    pack: str
    sign: SettingIndicator
    key: "re.Pattern[str]"
    matcher: Matcher | None


class IisSigns:
    """The settings of all packs that are about a metabase, a configuration of IIS 7 and later, or virtual roots. A key
    of the first is a metabase path, of the second the name of a directory (`Default Web Site/x`) or of a section
    (`globalModules`); `*` stands for anything within a component.
    """

    def __init__(self, packs: tuple[LoadedPack, ...]) -> None:
        self._rows: dict[str, list[_Row]] = {"metabase": [], "iis_config": []}
        self._roots: list[SettingIndicator] = []
        for item in packs:
            for sign in item.pack.settings:
                if sign.store in self._rows:
                    self._rows[sign.store].append(_Row(item.pack.name, sign, _compile_key(sign.key), _compile(sign)))
                elif sign.store == "registry" and sign.key.lower().endswith(_VIRTUAL_ROOTS):
                    self._roots.append(sign)

    def of_directory(self, item: VirtualDirectory) -> list[tuple[str, SettingIndicator]]:
        """The signs of a published folder in a file."""
        if item.value is not None or not item.key:
            return []
        flags = item.access_flags
        values: dict[str, tuple[str, ...]] = {
            "path": (item.physical, item.physical.rstrip("\\")),
            "physicalpath": (item.physical,),
        }
        if flags is not None:
            values["accessflags"] = (str(flags), hex(flags))
        return self._find("metabase" if item.key.upper().startswith("/LM/") else "iis_config", item.key, values)

    def of_item(self, item: IisItem) -> list[tuple[str, SettingIndicator]]:
        """The signs of what is run or allowed."""
        if "section" not in item.attributes:
            return []
        values: dict[str, tuple[str, ...]] = {name.lower(): (value,) for name, value in item.attributes.items()}
        for name in ("image", "scriptprocessor", "program"):
            values[name] = (item.program,)
        values["path"] = (item.name, item.program)
        return self._find("iis_config", item.attributes["section"], values)

    def names_registry_value(self, item: VirtualDirectory) -> bool:
        """Whether a pack names this very virtual root of the registry: it is found as its setting then."""
        if item.value is None:
            return False
        text = f"{item.physical},,{item.access_flags or 0:x}".lower()
        return any(
            sign.value.lower() == item.value.lower() and text in [each.lower() for each in sign.equals]
            for sign in self._roots
        )

    def _find(self, store: str, key: str, values: dict[str, tuple[str, ...]]) -> list[tuple[str, SettingIndicator]]:
        low = key.lower()
        return [
            (row.pack, row.sign)
            for row in self._rows[store]
            if row.key.fullmatch(low) and any(_holds(row, text) for text in values.get(row.sign.value.lower(), ()))
        ]


def _holds(row: _Row, text: str) -> bool:
    if text.lower() in [each.lower() for each in row.sign.equals]:
        return True
    try:
        return row.matcher is not None and row.matcher.hits(text.encode(errors="replace"))
    except GaveUp:
        return False


def _compile_key(key: str) -> "re.Pattern[str]":
    """Components match one by one."""
    parts = ("[^/]*".join(map(re.escape, part.split("*"))) for part in key.lower().split("/"))
    return re.compile("/".join(parts))


def _compile(sign: SettingIndicator) -> Matcher | None:
    if not sign.pattern:
        return None
    escaped = re.sub(r"\\.|/", lambda found: found[0] if len(found[0]) == 2 else r"\/", sign.pattern)
    text = f"rule setting {{ strings: $p = /{escaped}/ nocase condition: $p }}"
    return Matcher(compile_sources([RuleSource("settings", text, sign.id)]), seconds=SECONDS, most=1)
