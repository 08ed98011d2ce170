"""An evidence container as a STIX 2.1 bundle. Ids are made of what they stand for: the same container, the same bundle.

Only what the standard defines; names of files are hostile, and stand in JSON strings alone.
"""

import ipaddress
import json
import uuid
from datetime import UTC, datetime

from codered.export.writing.stix_parts import Stix, clean_text, name_object, show_time
from codered.model.evidence import EvidenceItem, EvidenceManifest
from codered.model.finding import UNATTRIBUTED, Finding
from codered.model.report import Report

# The namespace that the standard gives for cyber observables.
_OBSERVABLES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
_FILES = ("file", "log", "program")


def render_stix(manifest: EvidenceManifest, report: Report | None) -> str:
    """The bundle: who collected, what was observed (files, processes, addresses), the threats that were found, and a
    report that holds it all together.
    """
    return json.dumps(_Bundle(manifest, report).build(), indent=2, sort_keys=True) + "\n"


class _Bundle:
    def __init__(self, manifest: EvidenceManifest, report: Report | None) -> None:
        self._manifest, self._report = manifest, report
        self._objects: dict[str, Stix] = {}
        self._now = show_time(manifest.created)
        self._tool = self._add("identity", manifest.heading.tool, name=manifest.heading.tool, identity_class="system")

    def build(self) -> Stix:
        """The whole bundle."""
        for item in self._manifest.items:
            if item.origin.kind in _FILES and not item.full_size:
                self._observe(item.collected, item.collected, 1, self._add_file(item))
        findings = self._report.findings if self._report else ()
        titles = {pack.name: pack.title for pack in self._report.packs} if self._report else {}
        for finding in findings:
            self._add_finding(finding, titles)
        for attacker in self._report.logs.attackers if self._report and self._report.logs else ():
            address = self._add_address(attacker.address)
            if address:
                begin = attacker.first_seen or self._manifest.created
                self._observe(begin, attacker.last_seen or begin, attacker.count, [address])
        heading = self._manifest.heading
        if len(self._objects) > 1:
            references = sorted(key for key in self._objects if key != self._tool)
            self._add(
                "report", self._manifest.id, name=f"Evidence {self._manifest.id} of {heading.host or heading.root}",
                published=self._now, report_types=["malware" if findings else "observed-data"], object_refs=references,
            )  # fmt: skip
        objects = [self._objects[key] for key in sorted(self._objects)]
        return {"type": "bundle", "id": name_object("bundle", self._manifest.id), "objects": objects}

    def _add_file(self, item: EvidenceItem) -> list[str]:
        path = item.origin.path.text if item.origin.path else item.origin.source
        folder, _, name = path.rpartition("/")
        made = {"hashes": {"SHA-256": item.sha256}, "name": clean_text(name or path)}
        parent = self._add_observable("directory", {"path": clean_text(folder or "/")}, {})
        made["parent_directory_ref"] = parent
        seen = item.origin.attributes
        more: Stix = {"size": item.size}
        if seen and 0 <= seen.mtime_ns < 253_402_300_799 * 10**9:
            more["mtime"] = show_time(datetime.fromtimestamp(seen.mtime_ns // 10**9, UTC))
        return [self._add_observable("file", made, more), parent]

    def _add_finding(self, finding: Finding, titles: dict[str, str]) -> None:
        seen: list[str] = []
        subject = finding.subject
        if subject.kind == "address" and subject.address and (address := self._add_address(subject.address)):
            seen.append(address)
        if subject.pid is not None and subject.pid >= 0:
            told = f"{finding.id} {subject.pid} {subject.start}"
            command = clean_text(subject.key or subject.name())
            process = name_object("process", told)
            self._objects[process] = _observable("process", process, {"pid": subject.pid, "command_line": command})
            seen.append(process)
        begin = finding.first_seen or (self._report.started if self._report else self._manifest.created)
        if seen:
            self._observe(begin, finding.last_seen or begin, finding.count, seen)
        if finding.pack != UNATTRIBUTED and finding.confidence != "suspicious" and finding.pack in titles:
            title = clean_text(titles[finding.pack] or finding.pack)
            malware = self._add("malware", finding.pack, name=title, is_family=True, malware_types=["worm"])
            self._add_indicator(finding, malware)

    def _add_indicator(self, finding: Finding, malware: str) -> None:
        """A pattern for a whole file that is the threat."""
        whole = next((one.sha256 for one in finding.evidence if one.source == "file" and one.sha256), "")
        if finding.subject.kind != "file" or len(whole) != 64 or not whole.isalnum():
            return
        pattern = f"[file:hashes.'SHA-256' = '{whole}']"
        indicator = self._add(
            "indicator", pattern, name=f"{clean_text(finding.pack)}: {clean_text(finding.indicator)}", pattern=pattern,
            pattern_type="stix", valid_from=self._now, indicator_types=["malicious-activity"],
        )  # fmt: skip
        self._add(
            "relationship", indicator + malware, relationship_type="indicates", source_ref=indicator, target_ref=malware
        )

    def _add_address(self, text: str) -> str:
        """The address; "" if the text is none."""
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            return ""
        return self._add_observable(f"ipv{address.version}-addr", {"value": str(address)}, {})

    def _observe(self, begin: datetime, end: datetime, number: int, seen: list[str]) -> None:
        self._add(
            "observed-data", f"{seen} {show_time(begin)} {show_time(end)}", first_observed=show_time(min(begin, end)),
            last_observed=show_time(max(begin, end)), number_observed=min(max(number, 1), 999_999_999),
            object_refs=seen,
        )  # fmt: skip

    def _add_observable(self, kind: str, made_of: Stix, more: Stix) -> str:
        """An observable; its id comes from the properties that the standard says."""
        parts = json.dumps(made_of, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        key = f"{kind}--{uuid.uuid5(_OBSERVABLES, parts)}"
        self._objects[key] = _observable(kind, key, made_of | more)
        return key

    def _add(self, kind: str, of: str, **fields: object) -> str:
        key = name_object(kind, f"{kind} {self._manifest.id} {of}")
        head: Stix = {"type": kind, "spec_version": "2.1", "id": key, "created": self._now, "modified": self._now}
        by = {} if kind == "identity" else {"created_by_ref": self._tool}
        self._objects[key] = head | by | fields
        return key


def _observable(kind: str, key: str, fields: Stix) -> Stix:
    return {"type": kind, "spec_version": "2.1", "id": key} | fields
