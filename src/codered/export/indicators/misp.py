"""Packs as MISP events, one a pack. Ids are made of what they stand for, so that an event can be brought up to date."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from codered.export.indicators.exported import Export, ExportFile, LeftOut, list_header
from codered.export.indicators.leaving_out import leave_layers, leave_sign
from codered.export.indicators.log_lines import spell_address
from codered.export.indicators.patterns import Spelling, parse_pattern, spell_pattern
from codered.export.indicators.rule_texts import cut_rules
from codered.export.indicators.shared_signs import name_uuid, show_day
from codered.export.indicators.techniques import name_technique
from codered.model.indicators import FileIndicator, Indicator, LogIndicator, SettingIndicator
from codered.model.pack import ThreatPack
from codered.model.rule import ParsedPack

CHECKED_WITH = "PyMISP and its list of types"
_THREAT_LEVEL = "2"  # medium; 1 is high
_COMPLETED = "2"
_HIVES = {"HKLM": "HKEY_LOCAL_MACHINE", "HKU": "HKEY_USERS", "HKCU": "HKEY_CURRENT_USER", "HKCR": "HKEY_CLASSES_ROOT"}
Attribute = dict[str, Any]
Said = tuple[str, str, str]  # category, type, value


def make_misp(packs: tuple[ParsedPack, ...]) -> Export:
    """One event a pack, tagged tlp:clear. A pattern or a name is never set for detection by itself (`to_ids`)."""
    left: list[LeftOut] = []
    files = tuple(ExportFile(f"{one.loaded.pack.name}.json", _write_event(one, left)) for one in packs)
    carried = ("files", "content", "logs", "settings", "processes")
    left += leave_layers(packs, carried, "MISP's attributes have no type for this")
    return Export(files, tuple(left))


def _write_event(one: ParsedPack, left: list[LeftOut]) -> bytes:
    pack = one.loaded.pack
    day = show_day(pack)
    moment = str(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()))
    event = {
        "uuid": name_uuid("misp-event", pack.name),
        "info": f"{pack.title}: signs of a {pack.kind}",
        "date": day.isoformat(),
        "timestamp": moment,
        "threat_level_id": _THREAT_LEVEL,
        "analysis": _COMPLETED,
        "distribution": "0",
        "Tag": [{"name": tag} for tag in ("tlp:clear", *_list_techniques(pack))],
        "Attribute": [attribute | {"timestamp": moment} for attribute in _list_attributes(one, left)],
    }
    return (json.dumps({"Event": event}, indent=2) + "\n").encode()


def _list_techniques(pack: ThreatPack) -> Iterator[str]:
    for technique in pack.attack:
        named = name_technique(technique)
        name = named.name.partition(": ")[2] or named.name
        yield f'misp-galaxy:mitre-attack-pattern="{name} - {named.id}"'


def _list_attributes(one: ParsedPack, left: list[LeftOut]) -> Iterator[Attribute]:
    pack = one.loaded.pack
    header = " ".join(list_header("A MISP event", CHECKED_WITH, (one,)))
    yield _attribute(pack, ("Internal reference", "comment", header), "")
    yield _attribute(pack, ("External analysis", "text", pack.summary), "what it is")
    for hole in pack.cves:
        yield _attribute(pack, ("External analysis", "vulnerability", hole), "")
    for layer in (pack.files, pack.logs, pack.settings, pack.processes, pack.content):
        for sign in layer:
            try:
                said = _say_sign(one, sign)
            except ValueError as error:
                left.append(leave_sign(pack, sign, str(error)))
                continue
            for number, item in enumerate(dict.fromkeys(said)):
                yield _attribute(pack, item, f"{sign.id} ({sign.confidence}): {sign.because}", f"{sign.id} {number}")


def _say_sign(one: ParsedPack, sign: Indicator) -> list[Said]:
    """What MISP's types can say of a sign. Raises ValueError, in words for people, for nothing."""
    said: list[Said] = []
    if isinstance(sign, FileIndicator):
        said = [("Artifacts dropped", "filename", name) for name in (*sign.paths, *sign.names)]
        said += [("Payload delivery", "sha256", digest) for digest in sign.sha256]
    elif isinstance(sign, LogIndicator):
        said = [("Network activity", "pattern-in-traffic", _say_request(sign))]
    elif isinstance(sign, SettingIndicator):
        if sign.store != "registry":
            raise ValueError("MISP's types know the registry only")
        hive, _, rest = sign.key.partition("\\")
        key = f"{_HIVES.get(hive, hive)}\\{rest}\\{sign.value}"
        said = [("Persistence mechanism", "regkey|value", f"{key}|{text}") for text in sign.equals]
    elif objects := getattr(sign, "objects", ()):
        said = [("Artifacts dropped", "mutex", name) for name in objects]
    elif rule := str(getattr(sign, "rule", "")):
        text = cut_rules(one, (rule,))
        said = [("Artifacts dropped", "yara", text)] if text else []
    if not said:
        raise ValueError("MISP's attributes have no type for this")
    return said


def _say_request(sign: LogIndicator) -> str:
    if sign.part == "error":
        raise ValueError("MISP's attributes have no type for the message of an error log")
    if sign.part == "request":
        method, address = spell_address(sign)
        return f"{method} (?i){address}".strip()
    return f"{'User-Agent' if sign.part == 'agent' else 'Referer'}: (?i){_spell(sign.pattern)}"


def _spell(pattern: str) -> str:
    return spell_pattern(parse_pattern(pattern), Spelling())


def _attribute(pack: ThreatPack, said: Said, comment: str, of: str = "") -> Attribute:
    category, kind, value = said
    return {
        "uuid": name_uuid("misp-attribute", f"{pack.name} {of} {kind} {value}"),
        "category": category,
        "type": kind,
        "value": value.strip(),
        "comment": comment,
        "to_ids": kind in {"sha256", "yara", "mutex"},
        "disable_correlation": kind in {"text", "comment"},
    }
