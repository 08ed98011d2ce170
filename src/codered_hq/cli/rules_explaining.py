"""`codered rules explain`: what the rules answer to an action, and why."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from codered.cli.output import show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, WrongUse
from codered.packs.suggesting import suggest
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.rules_choosing import choose_rules
from codered_hq.cli.tables import draw_table
from codered_hq.model.action import ACTION_KINDS, ActionKind, ActionRequest, Subject, Verdict
from codered_hq.rules.book import RuleBook, find_zone
from codered_hq.rules.durations import parse_duration, show_duration
from codered_hq.rules.explaining import explain
from codered_hq.rules.hours import find_moment
from codered_hq.rules.vocabulary import read_vocabulary

_CODES = {"yes": ExitCode.CLEAN, "needs": ExitCode.AWAITING_APPROVAL, "no": ExitCode.REFUSED}


def explain_action(given: dict[str, Any]) -> int:
    """Say what the rules answer."""
    if given["hosts"] and (given["tags"] or given["evidence_saved"]):
        raise WrongUse("hosts, and facts of one that is only thought of", advice="give hosts, or --tag and the like")
    kind = _find_kind(given["action"])
    seconds = _read_seconds(given["lasting"])
    book = choose_rules(given["file"]).book
    subjects = _find_subjects(given["hosts"]) if given["hosts"] else (_think_of(given, book),)
    request = ActionRequest(
        kind=kind,
        target=", ".join(subject.name for subject in subjects)[:200],
        subjects=subjects,
        at=_read_time(given["at"], book),
        requested_by="explain",
        drill=given["drill"],
        seconds=seconds,
    )
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


def _find_kind(text: str) -> ActionKind:
    for kind in ACTION_KINDS:
        if kind == text.replace("-", "_"):
            return kind
    raise WrongUse(f"no kind of action is called {text[:60]!a}", where="ACTION", advice=suggest(text, [*ACTION_KINDS]))


def _read_seconds(text: str) -> int:
    seconds = parse_duration(text) if text else 0
    if seconds is None:
        raise WrongUse(f"no duration: {text[:60]!a}", where="--for", advice="write it as 30m, 4h or 2d")
    return seconds


def _read_time(text: str, book: RuleBook) -> datetime:
    now = datetime.now(UTC)
    if not text:
        return now
    zone = find_zone(book.timezone)
    try:
        return find_moment(text, now.astimezone(zone).date(), zone, after=True)
    except (ValueError, OverflowError):
        advice = "write it as 2026-12-31, '2026-12-31 10:00' or 'Tue 10:00'"
        raise WrongUse(f"no time: {text[:60]!a}", where="--at", advice=advice) from None


def _find_subjects(names: tuple[str, ...]) -> tuple[Subject, ...]:
    enter_headquarters()
    from codered_hq.hosts.finding import find_host
    from codered_hq.incidents.subjects import make_subjects

    return make_subjects([find_host(name) for name in names])


def _think_of(given: dict[str, Any], book: RuleBook) -> Subject:
    """A machine that is only thought of. A tag or state that nobody knows is a mistake, not an ordinary machine."""
    vocabulary = read_vocabulary()
    known = [*vocabulary.tags, *book.tags]
    for option, words, some in (
        ("--tag", given["tags"], known),
        ("--state", (given["state"],), [*vocabulary.states]),
        ("--criticality", (given["criticality"],), [*vocabulary.criticalities]),
    ):
        for word in words:
            if word not in some:
                raise WrongUse(f"{word[:60]!a} is not known", where=option, advice=suggest(word, some))
    return Subject(
        host=0,
        name=f"a machine tagged {', '.join(given['tags'])}" if given["tags"] else "an ordinary machine",
        tags=given["tags"],
        state=given["state"],
        criticality=given["criticality"],
        evidence_saved=given["evidence_saved"],
    )
