"""An incident as a STIX 2.1 bundle. Ids are made of what they stand for: the same incident, the same objects."""

import ipaddress
import json
import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from codered.export.writing.stix_parts import Stix, clean_text, name_object, show_time
from codered_hq.model.crisis import CSF
from codered_hq.standards.happenings import Happenings, SeenFinding, list_techniques
from codered_hq.standards.kinds import name_kind
from codered_hq.standards.tlp import find_marking

OBSERVABLES: Final = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""The namespace that the standard gives for cyber observables."""
MOST_COUNT = 999_999_999
_VERSION = "1.0.0"


def make_bundle(happened: Happenings, signs: Iterable[Stix]) -> Stix:
    """The bundle: the incident, its machines, what was seen on them, what was done. `signs` are the objects of the
    packs' own bundle: malware families, indicators, techniques.
    """
    return _Bundle(happened, signs).build()


def render_stix(happened: Happenings, signs: Iterable[Stix]) -> str:
    """The bundle as text."""
    return json.dumps(make_bundle(happened, signs), indent=2, sort_keys=True) + "\n"


class _Bundle:
    def __init__(self, happened: Happenings, signs: Iterable[Stix]) -> None:
        self._all = happened
        self._now = show_time(happened.declared_at)
        self._objects: dict[str, Stix] = {str(one["id"]): one for one in signs}
        self._marking = find_marking(happened.tlp)
        self._maker = ""
        self._maker = self._add(
            "identity", happened.headquarters, name=clean_text(happened.headquarters), identity_class="organization"
        )
        self._malware = {one["name"]: key for key, one in self._objects.items() if one["type"] == "malware"}
        self._hosts: dict[int, str] = {}
        self._addresses: dict[int, list[str]] = {}

    def build(self) -> Stix:
        """All of it."""
        self._add_hosts()
        self._add_infrastructure()
        incident = self._add_incident()
        self._add_sightings()
        self._add_courses(incident)
        self._objects[self._marking["id"]] = self._marking
        objects = [self._objects[key] for key in sorted(self._objects)]
        return {"type": "bundle", "id": name_object("bundle", f"incident {self._all.incident}"), "objects": objects}

    def _find_malware(self, pack: str) -> str:
        title = next((one.title for one in self._all.packs if one.name == pack), "")
        return self._malware.get(title, "")

    def _add_hosts(self) -> None:
        for host in self._all.hosts:
            told = f"{host.state}, {host.criticality}" + (f", {host.treatment}" if host.treatment else "")
            self._hosts[host.number] = self._add(
                "identity", f"host {host.number}", name=clean_text(host.name), identity_class="system",
                description=clean_text(told), labels=[f"state:{host.state}", f"criticality:{host.criticality}"],
            )  # fmt: skip
            self._addresses[host.number] = [key for text in host.addresses if (key := self._add_address(text))]

    def _add_infrastructure(self) -> None:
        """The machines that the threat sits on, as what it spreads from."""
        infected = {one.host for one in self._all.findings if one.gone_at is None and one.confidence != "suspicious"}
        known = [key for number in sorted(infected & self._addresses.keys()) for key in self._addresses[number]]
        if not known:
            return
        machines = self._add(
            "infrastructure", "infected machines", name=f"Infected machines of {clean_text(self._all.incident)}",
            infrastructure_types=["hosting-malware"], first_seen=self._first(self._all.findings),
        )  # fmt: skip
        for key in dict.fromkeys(known):
            self._relate("consists-of", machines, key)
        for pack in dict.fromkeys(one.pack for one in self._all.findings if one.host in infected):
            if malware := self._find_malware(pack):
                self._relate("hosts", machines, malware)

    def _add_incident(self) -> str:
        one = self._all
        extension = self._add(
            "extension-definition", "incident", name="CodeRed incident", version=_VERSION,
            schema="step, nist_csf, severity, drill, closed, tasks and decisions of an incident as JSON values",
            extension_types=["property-extension"],
        )  # fmt: skip
        del self._objects[extension]["object_marking_refs"]
        incident = self._add(
            "incident", one.incident, name=clean_text(one.title), description=clean_text(one.summary or one.title),
            modified=show_time(max(one.at, one.declared_at)), extensions={extension: self._tell_course()},
        )  # fmt: skip
        for pack in one.packs:
            if malware := self._find_malware(pack.name):
                self._relate("related-to", incident, malware)
        return incident

    def _tell_course(self) -> dict[str, Any]:
        """What STIX has no word for: steps, tasks and decisions, with their place in both frameworks."""
        one, techniques = self._all, list(list_techniques(self._all.packs))
        return {
            "extension_type": "property-extension", "step": one.step, "nist_csf": CSF[one.step],
            "attack": techniques, "severity": one.severity, "drill": one.drill,
            "closed": show_time(one.closed_at) if one.closed_at else "",
            "tasks": [
                {
                    "step": task.step, "nist_csf": CSF[task.step], "attack": techniques, "state": task.state,
                    "text": clean_text(task.text),
                }
                for task in one.tasks
            ],
            "decisions": [
                {
                    "action": each.kind, "nist_csf": CSF[name_kind(each.kind).step], "state": each.state,
                    "attack": techniques,
                    "target": clean_text(each.target), "rule": clean_text(each.rule), "at": show_time(each.at),
                }
                for each in one.decisions
            ],
        }  # fmt: skip

    def _add_sightings(self) -> None:
        """One a threat: where it was seen, from when to when, how many findings."""
        by_pack: dict[str, list[SeenFinding]] = defaultdict(list)
        for finding in self._all.findings:
            by_pack[self._find_malware(finding.pack)].append(finding)
        by_pack.pop("", None)
        for malware, seen in sorted(by_pack.items()):
            where = [self._hosts[number] for number in sorted({one.host for one in seen}) if number in self._hosts]
            self._add(
                "sighting", malware, sighting_of_ref=malware, count=min(len(seen), MOST_COUNT),
                first_seen=self._first(seen),
                last_seen=show_time(max(max(one.last_seen, one.first_seen) for one in seen)),
                **({"where_sighted_refs": where} if where else {}),
            )  # fmt: skip

    def _add_courses(self, incident: str) -> None:
        """What was done against it: a kind of action each, whose decisions were used."""
        for kind in dict.fromkeys(one.kind for one in self._all.decisions if one.state == "taken"):
            course = self._add(
                "course-of-action", kind, name=kind, description=name_kind(kind).does,
                labels=[f"nist-csf:{CSF[name_kind(kind).step]}"],
            )  # fmt: skip
            self._relate("related-to", course, incident)
            for pack in self._all.packs:
                if malware := self._find_malware(pack.name):
                    self._relate("mitigates", course, malware)

    def _first(self, findings: Iterable[SeenFinding]) -> str:
        return show_time(min(one.first_seen for one in findings))

    def _add_address(self, text: str) -> str:
        """The address; "" if the text is none."""
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            return ""
        kind, made_of = f"ipv{address.version}-addr", {"value": str(address)}
        parts = json.dumps(made_of, sort_keys=True, separators=(",", ":"))
        key = f"{kind}--{uuid.uuid5(OBSERVABLES, parts)}"
        self._objects[key] = {"type": kind, "spec_version": "2.1", "id": key} | made_of
        return key

    def _relate(self, how: str, source: str, target: str) -> None:
        pair = {"source_ref": source, "target_ref": target}
        self._add("relationship", f"{how} {source} {target}", relationship_type=how, **pair)

    def _add(self, kind: str, of: str, **fields: object) -> str:
        key = name_object(kind, f"{kind} {self._all.headquarters} {self._all.incident} {of}")
        head: Stix = {"type": kind, "spec_version": "2.1", "id": key, "created": self._now, "modified": self._now}
        by = {"created_by_ref": self._maker} if self._maker else {}
        self._objects[key] = head | by | {"object_marking_refs": [self._marking["id"]]} | fields
        return key
