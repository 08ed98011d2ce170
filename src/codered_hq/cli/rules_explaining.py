"""`codered rules explain`: what the rules answer to an action, and why."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from codered.cli.output import show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, WrongUse
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.rules_choosing import choose_rules
from codered_hq.cli.tables import draw_table
from codered_hq.model.action import Subject, Verdict
from codered_hq.rules.asking import Question, find_kind, make_asked_request
from codered_hq.rules.durations import show_duration
from codered_hq.rules.explaining import explain

_CODES = {"yes": ExitCode.CLEAN, "needs": ExitCode.AWAITING_APPROVAL, "no": ExitCode.REFUSED}


def explain_action(given: dict[str, Any]) -> int:
    """Say what the rules answer."""
    if given["hosts"] and (given["tags"] or given["evidence_saved"]):
        raise WrongUse("hosts, and facts of one that is only thought of", advice="give hosts, or --tag and the like")
    find_kind(given["action"])
    book = choose_rules(given["file"]).book
    question = Question(
        action=given["action"], at=given["at"], lasting=given["lasting"], drill=given["drill"],
        tags=given["tags"], state=given["state"], criticality=given["criticality"],
        evidence_saved=given["evidence_saved"],
    )  # fmt: skip
    request = make_asked_request(book, question, _find_subjects(given["hosts"]), datetime.now(UTC))
    explanation = explain(book, request)
    if given["as_json"]:
        show(msgspec.json.encode(explanation).decode() + "\n")
    else:
        show("".join(printable(line) + "\n" for line in _tell(explanation.verdict)))
        others = [(other.rule, other.place, other.why_not) for other in explanation.others]
        if others:
            show("\n" + draw_table(("OTHER RULE", "OF", "WHY IT DID NOT DECIDE"), others))
    return _CODES[explanation.verdict.answer]


def _tell(verdict: Verdict) -> list[str]:
    answer = {"yes": "yes", "needs": "yes, if these people say yes", "no": "no"}[verdict.answer]
    told = [f"answer   {answer}", f"rule     {verdict.rule}: {verdict.why}"]
    if verdict.needs:
        told.append(f"missing  {' + '.join(verdict.needs)}" + (" (all different)" if len(verdict.needs) > 1 else ""))
    if verdict.undo_after:
        told.append(f"undone   after {show_duration(verdict.undo_after)}")
    told += [f"cap      {cap.rule}: {cap.hosts} hosts in {show_duration(cap.seconds)}" for cap in verdict.caps]
    if verdict.subject:
        told.append(f"decided  by {verdict.subject}")
    return [*told, f"version  {verdict.version}"]


def _find_subjects(names: tuple[str, ...]) -> tuple[Subject, ...]:
    if not names:
        return ()
    enter_headquarters()
    from codered_hq.hosts.finding import find_host
    from codered_hq.incidents.subjects import make_subjects

    return make_subjects([find_host(name) for name in names])
