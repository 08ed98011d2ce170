"""Packs as a STIX 2.1 bundle. Ids are made of what they stand for: the same pack, the same objects."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

from codered.export.indicators.exported import Export, ExportFile, LeftOut, list_header
from codered.export.indicators.leaving_out import leave_layers
from codered.export.indicators.rule_texts import cut_rules
from codered.export.indicators.shared_signs import Shared, Sign, share_signs, show_day
from codered.export.indicators.stix_patterns import (
    pattern_autostart,
    pattern_file,
    pattern_process,
    pattern_request,
    pattern_setting,
)
from codered.export.indicators.techniques import name_technique
from codered.export.writing.stix_parts import Stix, clean_text, name_object, show_time
from codered.model.pack import ThreatPack
from codered.model.rule import ParsedPack

CHECKED_WITH = "the stix2 library, strictly, and its parser of patterns"
_KINDS = {"web-shell": "webshell", "miner": "resource-exploitation"}
_SURE = {"confirmed": 95, "likely": 75, "suspicious": 40}
_MAKER = "CodeRed Detection and Removal"


def make_stix(packs: tuple[ParsedPack, ...]) -> Export:
    """One bundle: the threats, what they use, how they show, and a report that says what all this is."""
    if not packs:
        return Export(())
    bundle = _Bundle(packs)
    left = bundle.add_signs()
    left += leave_layers(packs, bundle.carried, "STIX has no pattern for this")
    document = {"type": "bundle", "id": bundle.name(), "objects": bundle.close()}
    text = json.dumps(document, indent=2, sort_keys=True) + "\n"
    return Export((ExportFile("codered.stix.json", text.encode()),), tuple(left))


class _Bundle:
    carried = ("files", "content", "logs", "settings", "autostart", "processes")

    def __init__(self, packs: tuple[ParsedPack, ...]) -> None:
        self._packs = packs
        self._now = max(_show_version(one.loaded.pack) for one in packs)
        self._objects: dict[str, Stix] = {}
        self._maker = self._add("identity", _MAKER, self._now, name=_MAKER, identity_class="organization")
        for one in packs:
            self._add_threat(one.loaded.pack)

    def name(self) -> str:
        """The id of the bundle."""
        return name_object("bundle", " ".join(one.loaded.digest for one in self._packs))

    def close(self) -> list[Stix]:
        """All objects, with the report that heads them."""
        header = list_header("A STIX 2.1 bundle", CHECKED_WITH, self._packs)
        references = sorted(key for key in self._objects if key != self._maker)
        named = " ".join(one.loaded.pack.name for one in self._packs)
        self._add(
            "report", named, self._now, name="Signs of threats", description=" ".join(header), published=self._now,
            report_types=["indicator"], object_refs=references,
        )  # fmt: skip
        return [self._objects[key] for key in sorted(self._objects)]

    def add_signs(self) -> list[LeftOut]:
        """An indicator for each sign that a pattern can say; what none can say is returned."""
        left: list[LeftOut] = []
        self._add_layer(lambda pack: pack.files, lambda one: (pattern_file(one.sign), "stix"), left)
        self._add_layer(lambda pack: pack.logs, lambda one: (pattern_request(one.sign), "stix"), left)
        self._add_layer(lambda pack: pack.processes, lambda one: (pattern_process(one.sign), "stix"), left)
        self._add_layer(lambda pack: pack.settings, lambda one: (pattern_setting(one.sign), "stix"), left)
        self._add_layer(lambda pack: pack.autostart, lambda one: (pattern_autostart(one.sign), "stix"), left)
        self._add_layer(lambda pack: pack.content, lambda one: (self._find_rule(one), "yara"), left)
        return left

    def _find_rule(self, one: Shared[Sign]) -> str:
        rule = str(getattr(one.sign, "rule", ""))
        holder = next(parsed for parsed in self._packs if parsed.loaded.pack.name == one.packs[0].name)
        text = cut_rules(holder, (rule,))
        if not text:
            raise ValueError("its rule is missing")
        return text

    def _add_layer(
        self,
        signs_of: Callable[[ThreatPack], tuple[Sign, ...]],
        pattern_of: Callable[[Shared[Sign]], tuple[str, str]],
        left: list[LeftOut],
    ) -> None:
        for one in share_signs(self._packs, signs_of):
            try:
                pattern, kind = pattern_of(one)
            except ValueError as error:
                left += one.leave_out(str(error))
                continue
            self._add_indicator(one, pattern, kind)

    def _add_indicator(self, one: Shared[Sign], pattern: str, kind: str) -> None:
        sign = one.sign
        tactics = dict.fromkeys(name_technique(technique).tactic for technique in sign.attack)
        phases = [{"kill_chain_name": "mitre-attack", "phase_name": tactic} for tactic in tactics if tactic]
        indicator = self._add(
            "indicator", one.key, max(map(_show_version, one.packs)), name=one.title(),
            description=clean_text(sign.because), indicator_types=["malicious-activity"], pattern=pattern,
            pattern_type=kind, valid_from=min(_show_day(pack.active.first_seen) for pack in one.packs),
            confidence=_SURE[sign.confidence], **({"kill_chain_phases": phases} if phases else {}),
        )  # fmt: skip
        for pack in one.packs:
            self._relate("indicates", indicator, name_object("malware", f"malware {pack.name}"), _show_version(pack))

    def _add_threat(self, pack: ThreatPack) -> None:
        made = _show_version(pack)
        sources = [{"source_name": one.id, "description": clean_text(one.title)} for one in pack.references]
        malware = self._add(
            "malware", pack.name, made, name=pack.title, is_family=True,
            description=clean_text(pack.summary), malware_types=[_KINDS.get(pack.kind, pack.kind)],
            first_seen=_show_day(pack.active.first_seen), **({"external_references": sources} if sources else {}),
            **({"aliases": list(dict.fromkeys(pack.aliases))} if pack.aliases else {}),
        )  # fmt: skip
        for hole in pack.cves:
            known = [{"source_name": "cve", "external_id": hole}]
            vulnerability = self._add("vulnerability", hole, made, name=hole, external_references=known)
            self._relate("exploits", malware, vulnerability, made)
        for technique in pack.attack:
            self._relate("uses", malware, self._add_technique(technique, made), made)

    def _add_technique(self, technique: str, made: str) -> str:
        named = name_technique(technique)
        known = [{"source_name": "mitre-attack", "external_id": named.id, "url": named.address()}]
        phases = [{"kill_chain_name": "mitre-attack", "phase_name": named.tactic}]
        more = {"kill_chain_phases": phases} if named.tactic else {}
        return self._add("attack-pattern", technique, made, name=named.name, external_references=known, **more)

    def _relate(self, how: str, source: str, target: str, made: str) -> None:
        pair = {"source_ref": source, "target_ref": target}
        self._add("relationship", f"{how} {source} {target}", made, relationship_type=how, **pair)

    def _add(self, kind: str, of: str, made: str, **fields: object) -> str:
        key = name_object(kind, f"{kind} {of}")
        head: Stix = {"type": kind, "spec_version": "2.1", "id": key, "created": made, "modified": made}
        by = {} if kind == "identity" else {"created_by_ref": self._maker}
        self._objects[key] = head | by | fields
        return key


def _show_version(pack: ThreatPack) -> str:
    return _show_day(show_day(pack))


def _show_day(day: date) -> str:
    return show_time(datetime(max(day.year, 1970), day.month, day.day, tzinfo=UTC))
