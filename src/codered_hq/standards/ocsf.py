"""An incident as OCSF 1.5.0 events, JSON lines: Detection Finding (2004), Incident Finding (2005), Remediation
Activity (7001: decisions and tasks) and Network Remediation Activity (7004: containments).
"""

import functools
import ipaddress
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from codered.export.indicators.techniques import name_technique
from codered.model.pack import ThreatPack
from codered_hq.model.crisis import CSF, Step
from codered_hq.standards.happenings import (
    AffectedHost,
    DoneContainment,
    Happenings,
    MadeDecision,
    PlannedTask,
    SeenFinding,
    list_techniques,
)
from codered_hq.standards.kinds import name_kind

Event = dict[str, Any]
DETECTION, INCIDENT, REMEDIATION, NETWORK_REMEDIATION = 2004, 2005, 7001, 7004
_CREATE, _CLOSE = 1, 3
_RESTORE = 3
_OTHER = 99


def iterate_lines(happened: Happenings) -> Iterator[str]:
    """One line an event."""
    for event in make_events(happened):
        yield json.dumps(event, sort_keys=True, separators=(",", ":")) + "\n"


def make_events(happened: Happenings) -> Iterator[Event]:
    """The incident first, then findings, containments (one more when it was taken back), decisions and tasks."""
    writer = _Writer(happened)
    yield writer.tell_incident()
    yield from map(writer.tell_finding, happened.findings)
    for one in happened.containments:
        yield writer.tell_containment(one)
        if one.undone_at is not None:
            yield writer.tell_undoing(one, one.undone_at)
    yield from map(writer.tell_decision, happened.decisions)
    yield from map(writer.tell_task, happened.tasks)


class _Writer:
    def __init__(self, happened: Happenings) -> None:
        self._all = happened
        self._hosts = {host.number: host for host in happened.hosts}
        self._packs = {pack.name: pack for pack in happened.packs}
        self._techniques = [f"attack:{technique}" for technique in list_techniques(happened.packs)]

    def tell_incident(self) -> Event:
        """2005."""
        one = self._all
        activity, at = (_CLOSE, one.closed_at) if one.closed_at else (_CREATE, one.declared_at)
        event = self._begin(INCIDENT, activity, at, one.severity)
        event["metadata"] |= {"uid": one.incident, "profiles": ["incident"], "labels": self._label(one.step)}
        seen = [*(finding.first_seen for finding in one.findings), one.declared_at]
        infos = [self._describe_pack(pack) for pack in one.packs]
        return event | {
            "finding_info_list": infos or [{"uid": one.incident, "title": one.title}], "desc": one.title,
            "message": one.summary or one.title, "status_id": 5 if one.closed_at else 2,
            "start_time": _show(min(seen)), "assignee": {"name": one.commander or one.declared_by},
            "verdict_id": 6 if one.drill else 2, "priority_id": _ids()["priorities"].get(one.severity, 0),
            "attacks": _describe_attacks(list_techniques(one.packs)),
        }  # fmt: skip

    def tell_finding(self, one: SeenFinding) -> Event:
        """2004."""
        event = self._begin(DETECTION, _CLOSE if one.gone_at else _CREATE, one.first_seen, one.severity)
        event["metadata"] |= {"uid": one.uid, "labels": self._label("detect", *self._of_pack(one.pack))}
        pack = self._packs.get(one.pack)
        info: Event = {
            "uid": one.uid, "title": f"{pack.title if pack else one.pack}: {one.indicator}", "desc": one.subject,
            "first_seen_time": _show(one.first_seen), "last_seen_time": _show(one.last_seen), "types": [one.layer],
        }  # fmt: skip
        if pack and pack.attack:
            info["attacks"] = _describe_attacks(pack.attack)
        event |= {"finding_info": info, "confidence_id": _ids()["confidences"].get(one.confidence, 0)}
        event |= {"status_id": 4 if one.gone_at else 1, "is_alert": one.confidence != "suspicious"}
        if pack:
            event["malware"] = [{"name": pack.title, "classification_ids": [_ids()["malware"].get(pack.kind, 0)]}]
        if host := self._hosts.get(one.host):
            event["resources"] = [_describe_host(host)]
        return event

    def tell_containment(self, one: DoneContainment) -> Event:
        """7004."""
        event = self._remedy(NETWORK_REMEDIATION, name_kind(one.kind).ocsf, one.begun_at, one.uid, one.decision)
        state = "holding" if one.undone_at and one.state == "undone" else one.state
        event["message"] = f"{name_kind(one.kind).does}: {one.device} {one.where}"
        event |= self._settle("containment_states", state, one.error or one.proof)
        if one.held_at:
            event |= {"start_time": _show(one.begun_at), "end_time": _show(one.held_at)}
        return event | self._describe_change(one)

    def tell_undoing(self, one: DoneContainment, at: datetime) -> Event:
        """7004, when it was taken back."""
        event = self._remedy(NETWORK_REMEDIATION, _RESTORE, at, f"{one.uid}/undone", one.decision)
        event["metadata"]["labels"] = self._label("recover", *self._techniques)
        event["message"] = f"Taken back: {name_kind(one.kind).does}: {one.device} {one.where}"
        return event | self._settle("containment_states", "undone", "") | self._describe_change(one)

    def tell_decision(self, one: MadeDecision) -> Event:
        """7001: what was asked for, and what the rules answered."""
        kind = name_kind(one.kind)
        event = self._remedy(REMEDIATION, kind.ocsf, one.at, f"decision/{one.uid}", one.uid)
        event["metadata"]["labels"] = self._label(kind.step, *self._techniques)
        event["message"] = f"{kind.does}: {one.target} ({one.answer} by rule {one.rule}: {one.why})"
        event |= self._settle("decision_states", one.state, one.why)
        rules = {"rule": one.rule, "rules_version": one.rules_version, "answer": one.answer, "needs": list(one.needs)}
        return event | {"unmapped": rules | {"requested_by": one.requested_by, "reason": one.reason}}

    def tell_task(self, one: PlannedTask) -> Event:
        """7001."""
        uid = f"task/{one.number}"
        event = self._remedy(REMEDIATION, _ids()["steps"][one.step], one.ended_at or one.added_at, uid, uid)
        event["metadata"]["labels"] = self._label(one.step, *self._techniques)
        event["message"] = one.text
        event |= self._settle("task_states", one.state, "")
        return event | {"unmapped": {"action": one.action, "target": one.target, "role": one.role, "owner": one.owner}}

    def _begin(self, class_uid: int, activity: int, at: datetime, severity: str) -> Event:
        product, _, version = self._all.maker.rpartition(" ")
        return {
            "class_uid": class_uid, "category_uid": class_uid // 1000, "activity_id": activity,
            "class_name": _ids()["classes"][str(class_uid)],
            "category_name": _ids()["categories"][str(class_uid // 1000)],
            "type_uid": class_uid * 100 + activity, "time": _show(at),
            "severity_id": _ids()["severities"].get(severity, 0),
            "metadata": {
                "version": _ids()["version"], "correlation_uid": self._all.incident, "logged_time": _show(self._all.at),
                "product": {"name": product or version, "vendor_name": product or version, "version": version},
            },
        }  # fmt: skip

    def _remedy(self, class_uid: int, activity: int, at: datetime, uid: str, command: str) -> Event:
        event = self._begin(class_uid, activity, at, "info") | {"command_uid": command or uid}
        event["metadata"] |= {"uid": uid, "labels": self._label("contain", *self._techniques)}
        if activity == _OTHER:
            event["activity_name"] = "Other"
        return event

    def _settle(self, table: str, state: str, detail: str) -> Event:
        number = _ids()[table].get(state, _OTHER)
        return {"status_id": number, "status": state} | ({"status_detail": detail} if detail else {})

    def _describe_change(self, one: DoneContainment) -> Event:
        host = self._hosts.get(one.host)
        about = {"device": one.device, "where": one.where, "requested_by": one.requested_by, "kind": one.kind}
        return {"connection_info": {"direction_id": 0}, "unmapped": about | ({"host": host.name} if host else {})}

    def _describe_pack(self, pack: ThreatPack) -> Event:
        count = sum(finding.pack == pack.name for finding in self._all.findings)
        about = {"uid": pack.name, "title": pack.title, "desc": pack.summary, "related_events_count": count}
        return about | ({"attacks": _describe_attacks(pack.attack)} if pack.attack else {})

    def _of_pack(self, name: str) -> list[str]:
        pack = self._packs.get(name)
        return [f"attack:{technique}" for technique in pack.attack] if pack else []

    def _label(self, step: Step, *more: str) -> list[str]:
        return [f"step:{step}", f"nist-csf:{CSF[step]}", *more]


def _describe_host(host: AffectedHost) -> Event:
    about: Event = {"uid": f"#{host.number}", "name": host.name, "type": "host", "criticality": host.criticality}
    if known := next(filter(None, map(_read_address, host.addresses)), ""):
        about["ip"] = known
    told = {"state": host.state, "owner": host.owner, "treatment": host.treatment}
    return about | {"labels": [f"{name}:{text}" for name, text in told.items() if text]}


def _read_address(text: str) -> str:
    """The address without its zone; "" if the text is none."""
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return ""


def _describe_attacks(techniques: tuple[str, ...]) -> list[Event]:
    named = map(name_technique, techniques)
    return [{"technique": {"uid": one.id, "name": one.name, "src_url": one.address()}} for one in named]


def _show(at: datetime) -> int:
    """Milliseconds since 1970."""
    return int(at.astimezone(UTC).timestamp() * 1000)


@functools.cache
def _ids() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((files(__package__) / "ocsf_ids.json").read_bytes())
    return found
