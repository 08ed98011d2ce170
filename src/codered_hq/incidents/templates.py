"""What is to be done in each step: the templates of a crisis team, and what the packs know of their threat."""

from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple

import msgspec

from codered.model.pack import ThreatPack
from codered.packs.loading import choose_packs_folder, load_packs
from codered.packs.strict_yaml import parse_document
from codered_hq.incidents.models import Incident
from codered_hq.model.crisis import Step

SOURCE = "task_templates.yaml"
LONGEST_ACTION = 64


class Draft(NamedTuple):
    """A task that is to be opened; `minutes` until it is due (0 = no time), `priority` 1 (first) to 9."""

    step: str
    action: str
    text: str
    target: str = ""
    role: str = ""
    priority: int = 5
    minutes: int = 0
    source: str = ""


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A task as it stands in the data file. `per` pack: one for each pack of the incident, {pack} and {title} stand for
    it; `when`: in drills only, or in the real thing only.
    """

    step: Step
    action: str
    text: str
    role: str
    priority: int = 5
    minutes: int = 0
    per: Literal["incident", "pack"] = "incident"
    when: Literal["always", "drill", "real"] = "always"


class FactTemplate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A task that is opened for each fact of a pack of this kind; {fact} and {target} stand for what the pack says."""

    fact: Literal["block", "advice", "patch", "not_a_fix", "removal", "rebuild", "reboot", "afterwards"]
    step: Step
    action: str
    text: str
    role: str
    priority: int = 5
    minutes: int = 0


class Templates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The data file."""

    tasks: tuple[Template, ...]
    facts: tuple[FactTemplate, ...]


def find_packs(names: tuple[str, ...]) -> tuple[ThreatPack, ...]:
    """The packs of an incident; none for an unknown threat. Raises WrongUse for a name that no pack has."""
    wanted = tuple(dict.fromkeys(names))
    return tuple(loaded.pack for loaded in load_packs(choose_packs_folder()[0], wanted)) if wanted else ()


def make_drafts(incident: Incident, step: Step, packs: tuple[ThreatPack, ...]) -> tuple[Draft, ...]:
    """The tasks of a step, those that everybody has before those that only this threat needs."""
    templates = read_templates()
    return (*_make_general(templates, incident, step, packs), *_make_specific(templates, step, packs))


@lru_cache(maxsize=1)
def read_templates() -> Templates:
    """The data file, read once."""
    raw = files("codered_hq.incidents").joinpath(SOURCE).read_bytes()
    return msgspec.convert(parse_document(raw, SOURCE).value, Templates, strict=False)


def _make_general(
    templates: Templates, incident: Incident, step: Step, packs: tuple[ThreatPack, ...]
) -> Iterator[Draft]:
    kind = "drill" if incident.drill else "real"
    for each in templates.tasks:
        if each.step != step or each.when not in ("always", kind):
            continue
        if each.per == "incident":
            yield _make(each, "", each.text, f"template {step}")
            continue
        for pack in packs:
            text = each.text.replace("{title}", pack.title).replace("{pack}", pack.name)
            yield _make(each, pack.name, text, f"{pack.name} {step}")


def _make_specific(templates: Templates, step: Step, packs: tuple[ThreatPack, ...]) -> Iterator[Draft]:
    for pack in packs:
        facts = list(_list_facts(pack))
        for each in (found for found in templates.facts if found.step == step):
            for kind, target, fact in facts:
                if kind == each.fact:
                    text = each.text.replace("{title}", pack.title).replace("{target}", target).replace("{fact}", fact)
                    yield _make(each, f"{pack.name} {target}".strip(), text, f"{pack.name} {step}")


def _make(each: Template | FactTemplate, target: str, text: str, source: str) -> Draft:
    return Draft(
        step=each.step, action=each.action[:LONGEST_ACTION], text=text, target=target, role=each.role,
        priority=each.priority, minutes=each.minutes, source=source,
    )  # fmt: skip


def _list_facts(pack: ThreatPack) -> Iterator[tuple[str, str, str]]:
    """(kind of fact, what it is about, what the pack says of it)."""
    if pack.containment is not None:
        for block in pack.containment.block:
            ports = ",".join(map(str, block.ports))
            yield "block", f"{block.protocol}/{ports} {block.direction}", block.because
        for number, advice in enumerate(pack.containment.advice, 1):
            yield "advice", f"advice {number}", advice
    if pack.vulnerability is not None:
        for bulletin in pack.vulnerability.bulletins or pack.vulnerability.cves:
            yield "patch", bulletin, pack.vulnerability.name
        for number, text in enumerate(pack.vulnerability.not_a_fix, 1):
            yield "not_a_fix", f"no fix {number}", text
    if pack.removal is not None:
        yield "removal", "", f"{len(pack.removal.steps)} steps"
        if pack.removal.rebuild_because:
            yield "rebuild", "", pack.removal.rebuild_because
        if pack.removal.needs_reboot:
            yield "reboot", "", "a reboot is part of the cure"
        for number, text in enumerate(pack.removal.afterwards, 1):
            yield "afterwards", f"afterwards {number}", text
