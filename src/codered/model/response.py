"""A response: what was done on a host step by step, what the new look said, and whether to clean or to rebuild."""

from datetime import datetime
from typing import Literal

import msgspec

from codered.model.plan import Plan
from codered.model.report import Report

VERIFICATION_FORMAT = "codered/verification/1"
RESPONSE_FORMAT = "codered/response/1"

Answer = Literal["clean", "residual", "reinfected", "incomplete"]
"""`residual`: something the plan should have removed is still there · `reinfected`: it was gone and is there again, or
more of the same came · `incomplete`: not everything could be looked at, something is still held, or a reboot is due."""

RemnantKind = Literal["residual", "reinfected", "incomplete", "note"]


class Remnant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One reason why the answer is not "clean", or a `note` that does not change it. `what` is named as the examined
    system does; `finding` is the id of the new finding, `action` that of the plan's action ("" = none).
    """

    kind: RemnantKind
    what: str
    because: str
    finding: str = ""
    action: str = ""


class Verification(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="format", tag=VERIFICATION_FORMAT
):
    """What a new look at everything that a plan touched, and at what could bring it back, came to. `because` is the
    answer's reason in one line; `reboot` are the reasons why the host must be started anew before this is sure.
    """

    plan_id: str
    tool: str
    checked: datetime
    answer: Answer
    because: str
    report: Report
    remnants: tuple[Remnant, ...] = ()
    reboot: tuple[str, ...] = ()


Advice = Literal["clean", "rebuild", "undecided"]


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One question of the decision sheet, its answer, where that comes from, and what it speaks for ("" = nothing)."""

    asks: str
    answer: str
    sources: tuple[str, ...] = ()
    speaks_for: Advice | Literal[""] = ""


class DecisionSheet(msgspec.Struct, frozen=True, kw_only=True):
    """Clean or rebuild: the advice, its reasons with the weightiest first, and the questions behind it."""

    advice: Advice
    reasons: tuple[str, ...]
    questions: tuple[Question, ...]


StepName = Literal[
    "look", "contain", "evidence", "plan", "review", "apply", "restore", "patch", "verify", "monitor"
]  # fmt: skip
StepState = Literal["begun", "done", "staged", "skipped", "failed"]


class StepDone(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step as it went. `staged`: looked at only, to be done when the response goes on; `seconds` is wall time,
    `code` the exit code, `told` what came of it in a line or two each.
    """

    name: StepName
    state: StepState
    began: datetime
    seconds: float = 0.0
    code: int = 0
    told: tuple[str, ...] = ()


class EvidenceKept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The evidence of a response: its id, where it lies, the head of its custody log, how many items and bytes.
    `skipped` is why none was collected.
    """

    id: str = ""
    place: str = ""
    head: str = ""
    items: int = 0
    bytes: int = 0
    complete: bool = True
    skipped: str = ""


class Asked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a response was asked to do. `monitor` is how long to watch ("72h"; "" = only say how), `no_evidence` the
    reason for which none is collected, `no_firewall` that the firewall is left alone.
    """

    paths: tuple[str, ...] = ()
    root: str = ""
    fast: bool = False
    baseline: str = ""
    restore_from: str = ""
    packages: tuple[str, ...] = ()
    keyring: str = ""
    lists: str = ""
    offline: bool = False
    patch: bool = False
    include_suspicious: bool = False
    no_evidence: str = ""
    budget: str = ""
    monitor: str = ""
    no_firewall: bool = False


class Response(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="format", tag=RESPONSE_FORMAT):
    """A whole response on one host, as far as it went. `code` is the exit code of the last run, `finished` says that
    nothing is left to do but what the answer of `verification` asks for; `containment` is the plan by which the
    firewall was set ("" = it was not).
    """

    id: str
    tool: str
    created: datetime
    asked: Asked
    steps: tuple[StepDone, ...] = ()
    report: Report | None = None
    plan: Plan | None = None
    evidence: EvidenceKept | None = None
    verification: Verification | None = None
    decision: DecisionSheet | None = None
    code: int = 0
    finished: bool = False
    containment: str = ""

    def step(self, name: StepName) -> StepDone | None:
        """The step of this name as it went last; None if it was never begun."""
        return next((step for step in self.steps if step.name == name), None)
