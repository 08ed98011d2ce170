"""The plan of a response as a CACAO 2.0 playbook: our documented commands, and what people do, in the order of the
steps. What is approved by people comes before an if-condition; nothing that changes a machine is reached without it.
"""

import functools
import hashlib
import json
import shlex
import uuid
from importlib.resources import files
from typing import Any, Final

import msgspec

from codered.export.indicators.techniques import name_technique
from codered.export.writing.stix_parts import clean_text, name_object, show_time
from codered_hq.model.crisis import CSF, SEVERITIES, Step
from codered_hq.standards.happenings import Happenings, PlannedTask, list_techniques, order_steps

Playbook = dict[str, Any]
APPROVED: Final = "__approved__"
_OPEN = ("open", "claimed", "blocked")


class PlannedStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step of every response: `bash` are the words of a command, or `manual` says what people do. `approval` is where
    they approve; what is `approved` is reached only then.
    """

    step: Step
    name: str
    activity: str
    does: str
    bash: tuple[str, ...] = ()
    manual: str = ""
    approval: bool = False
    approved: bool = False


def render_cacao(happened: Happenings) -> str:
    """The playbook as text."""
    return json.dumps(make_playbook(happened), indent=2, sort_keys=True) + "\n"


def make_playbook(happened: Happenings) -> Playbook:
    """The playbook of this incident: the steps of every response, with its open tasks among them."""
    writer = _Writer(happened)
    steps = sorted([*_read_steps(), *map(_plan_task, happened.tasks)], key=lambda one: order_steps(one.step))
    workflow = writer.chain([one for one in steps if one.name])
    severity = ("", *SEVERITIES).index(happened.severity) * 25 if happened.severity in SEVERITIES else 0
    return {
        "type": "playbook", "spec_version": "cacao-2.0", "id": _name("playbook", f"{happened.incident} playbook"),
        "name": clean_text(f"Response to {happened.title}"),
        "description": clean_text(happened.summary or happened.title),
        "playbook_types": ["detection", "mitigation", "remediation"],
        "playbook_activities": sorted({one.activity for one in steps if one.name}),
        "playbook_processing_summary": {"manual_playbook": True, "if_logic": True, "data_markings": True},
        "created_by": name_object("identity", f"identity {happened.headquarters}"),
        "created": show_time(happened.declared_at), "modified": show_time(max(happened.at, happened.declared_at)),
        "severity": severity, "impact": 50, "labels": writer.list_labels(),
        **({"external_references": writer.refer()} if happened.packs else {}),
        "markings": [writer.marking], "data_marking_definitions": {writer.marking: writer.mark()},
        "playbook_variables": {APPROVED: {"type": "string", "value": "no", "external": True, "constant": False,
                                          "description": "yes once every role that the rules name has agreed"}},
        "agent_definitions": writer.agents, "workflow_start": writer.start, "workflow": workflow,
    }  # fmt: skip


class _Writer:
    def __init__(self, happened: Happenings) -> None:
        self._all = happened
        self.marking = _name("marking-tlp", f"{happened.incident} {happened.tlp}")
        self.start = _name("start", f"{happened.incident} start")
        self._end = _name("end", f"{happened.incident} end")
        self._people = _name("group", f"{happened.incident} crisis team")
        self._machine = _name("linux", f"{happened.incident} headquarters")
        self.agents = {
            self._people: {"type": "group", "name": "crisis team"},
            self._machine: {
                "type": "linux",
                "name": clean_text(happened.headquarters),
                "address": {"ipv4": ["127.0.0.1"]},
            },
        }

    def chain(self, steps: list[PlannedStep]) -> Playbook:
        """The workflow: one step after the other. The first that needs approval stands behind the condition; if it is
        not given, the next that needs none goes on.
        """
        keys = [self._key(number, one) for number, one in enumerate(steps)]
        after = [*keys[1:], self._end]
        gate = _name("if-condition", f"{self._all.incident} approved")
        first = next((number for number, one in enumerate(steps) if one.approved), len(steps))
        refused = next((key for key, one in zip(keys[first:], steps[first:], strict=True) if _is_free(one)), self._end)
        begin = gate if first == 0 else keys[0]
        workflow: Playbook = {self.start: {"type": "start", "name": "Start", "on_completion": begin}}
        for number, (key, one) in enumerate(zip(keys, steps, strict=True)):
            workflow[key] = self._act(one, gate if number + 1 == first else after[number])
        workflow[gate] = {
            "type": "if-condition", "name": "Approved?", "condition": f"{APPROVED}:value = 'yes'",
            "on_true": keys[first] if first < len(keys) else self._end, "on_false": refused,
        }  # fmt: skip
        return workflow | {self._end: {"type": "end", "name": "End"}}

    def list_labels(self) -> list[str]:
        """Where in the response it is, by both frameworks."""
        step = self._all.step
        return [f"step:{step}", f"nist-csf:{CSF[step]}", *(f"attack:{one}" for one in list_techniques(self._all.packs))]

    def refer(self) -> list[Playbook]:
        """The techniques it is against."""
        named = map(name_technique, list_techniques(self._all.packs))
        known = [
            {"name": one.name, "source": "mitre-attack", "external_id": one.id, "url": one.address()} for one in named
        ]
        return known or [{"name": pack.title} for pack in self._all.packs]

    def mark(self) -> Playbook:
        """Its marking."""
        return {
            "type": "marking-tlp", "id": self.marking, "tlpv2_level": f"TLP:{self._all.tlp}",
            "created_by": name_object("identity", f"identity {self._all.headquarters}"),
            "created": show_time(self._all.declared_at),
        }  # fmt: skip

    def _key(self, number: int, one: PlannedStep) -> str:
        return _name("action", f"{self._all.incident} {number} {one.name}")

    def _act(self, one: PlannedStep, then: str) -> Playbook:
        kind, text = ("bash", shlex.join(one.bash)) if one.bash else ("manual", one.manual)
        command = {"type": kind, "command": clean_text(text), "playbook_activity": one.activity}
        about = f"{one.does} ({one.step}, NIST CSF 2.0 {CSF[one.step]})"
        made: Playbook = {
            "type": "action", "name": clean_text(one.name), "description": clean_text(about), "commands": [command],
            "agent": self._machine if one.bash else self._people, "on_completion": then,
        }  # fmt: skip
        known = {"external_references": self.refer()} if self._all.packs else {}
        return made | known | ({"out_args": [APPROVED]} if one.approval else {})


def _plan_task(task: PlannedTask) -> PlannedStep:
    """An open task, for people; one that is not open has no name and is left out."""
    about = f"{task.action} {task.target}".strip()
    return PlannedStep(
        step=task.step, name=about if task.state in _OPEN else "", activity="execute-operation", does=task.text,
        manual=task.text or about, approved=task.step in ("eradicate", "recover"),
    )  # fmt: skip


def _is_free(one: PlannedStep) -> bool:
    return not one.approved and one.step == "lessons"


def _name(kind: str, of: str) -> str:
    """An id with a UUID of version 4, as the standard wants it for steps, that is the same for the same thing."""
    digest = hashlib.sha256(f"{kind} {of}".encode(errors="backslashreplace")).digest()
    return f"{kind}--{uuid.UUID(bytes=digest[:16], version=4)}"


@functools.cache
def _read_steps() -> tuple[PlannedStep, ...]:
    return msgspec.json.decode((files(__package__) / "cacao_steps.json").read_bytes(), type=tuple[PlannedStep, ...])
