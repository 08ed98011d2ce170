"""Clean or rebuild: a pure function from what is known of an infection to a sheet of questions, answers and advice.

It never says "clean" for want of knowledge: what was not looked at, or can't be told, leaves the advice open.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from codered.export.writing.words import count_of, format_time, join_words
from codered.model.finding import UNATTRIBUTED, Finding
from codered.model.heuristics import HEURISTICS
from codered.model.plan import FileState, Plan
from codered.model.report import Attacker, Report
from codered.model.response import Advice, DecisionSheet, Question
from codered.respond.exposure import (
    find_answered,
    find_first_sign,
    find_system_changes,
    find_users,
    list_log_findings,
    list_own,
)

_MOST_NAMED = 5
_WEIGHT: dict[str, int] = {"rebuild": 0, "undecided": 1, "clean": 2, "": 3}


class KnownGoodFact(msgspec.Struct, frozen=True, kw_only=True):
    """A baseline or a backup that was checked: what it is called, and when it was made (UTC)."""

    what: str
    made: datetime


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision stands on: the reports of one host, the first one first, the plan, what is known good, now."""

    reports: tuple[Report, ...]
    plan: Plan | None
    known_good: tuple[KnownGoodFact, ...]
    now: datetime

    def findings(self) -> tuple[Finding, ...]:
        """Everything found, once."""
        return tuple({finding.id: finding for report in self.reports for finding in report.findings}.values())

    def attackers(self) -> tuple[Attacker, ...]:
        """Every address seen attacking, once."""
        found = [each for report in self.reports if report.logs for each in report.logs.attackers]
        return tuple({each.address: each for each in found}.values())


def decide(ground: Ground) -> DecisionSheet:
    """The sheet for what is known."""
    questions = tuple(ask(ground) for ask in _QUESTIONS)
    told = sorted((each for each in questions if each.speaks_for), key=lambda each: _WEIGHT[each.speaks_for])
    advice: Advice = "clean"
    for each in told:
        if each.speaks_for != "clean":
            advice = "rebuild" if each.speaks_for == "rebuild" else "undecided"
            break
    reasons = tuple(each.answer for each in told if each.speaks_for == advice)
    return DecisionSheet(advice=advice, reasons=reasons or ("nothing speaks against it",), questions=questions)


def _ask_reachable(ground: Ground) -> Question:
    asks = "Could the back door be reached?"
    logs = [report.logs for report in ground.reports if report.logs]
    if not list_own(ground.findings()):
        return Question(asks=asks, answer="nothing was found that opens one", speaks_for="clean")
    if not logs or not any(each.lines for each in logs):
        answer = "not known: no web log was read"
        return Question(asks=asks, answer=answer, speaks_for="undecided")
    answered = find_answered(ground.findings())
    if answered:
        count = sum(number for finding in answered for code, number in finding.answers.items() if code[:1] == "2")
        answer = f"yes: {count_of(count, 'attack request was', 'attack requests were')} answered with success (2xx)"
        return Question(asks=asks, answer=answer, sources=("web logs",), speaks_for="undecided")
    lines = sum(each.lines for each in logs)
    answer = f"no request for it was answered with success in the {count_of(lines, 'log line')} that were read"
    return Question(asks=asks, answer=answer, sources=("web logs",), speaks_for="clean")


def _ask_how_long(ground: Ground) -> Question:
    asks = "For how long?"
    if not list_own(ground.findings()):
        return Question(asks=asks, answer="nothing was found")
    first, source = find_first_sign(ground.findings(), ground.plan)
    if first is None:
        return Question(asks=asks, answer="not known: no finding has a time", speaks_for="undecided")
    answer = f"since {format_time(first)} UTC at the latest, {_tell_span(ground.now - first)} until this look"
    note = "times of files can be forged" if source == "time of a file" else ""
    return Question(asks=asks, answer=answer + (f"; {note}" if note else ""), sources=(source,))


def _ask_what_else(ground: Ground) -> Question:
    asks = "What else was done through it, by the logs?"
    answered = find_answered(ground.findings())
    if not answered:
        if not any(report.logs and report.logs.lines for report in ground.reports):
            return Question(asks=asks, answer="not known: no web log was read")
        told = "no request that was answered with success" if list_log_findings(ground.findings()) else "nothing"
        return Question(asks=asks, answer=f"{told} is in the logs that were read", sources=("web logs",))
    addresses = sorted({finding.subject.address or "?" for finding in answered})
    times = [each for finding in answered for each in (finding.first_seen, finding.last_seen) if each]
    span = f", from {format_time(min(times))} to {format_time(max(times))} UTC" if times else ""
    number = sum(finding.count for finding in answered)
    answer = (
        f"{count_of(number, 'request')} by {count_of(len(addresses), 'address', 'addresses')} that got success"
        f"{span}: {join_words(addresses, most=_MOST_NAMED)}; what they did beside it stands in no log"
    )
    reached = any(finding.confidence != "suspicious" for finding in list_own(ground.findings()))
    return Question(asks=asks, answer=answer, sources=("web logs",), speaks_for="rebuild" if reached else "undecided")


def _ask_known_good(ground: Ground) -> Question:
    asks = "Is there a baseline or backup from before the first sign?"
    first, _ = find_first_sign(ground.findings(), ground.plan)
    if not ground.known_good:
        answer = "none was compared with (--baseline FILE), so what else was changed can't be told"
        return Question(asks=asks, answer=answer, speaks_for="undecided" if list_own(ground.findings()) else "")
    newest = max(ground.known_good, key=lambda fact: fact.made)
    if first is None:
        answer = f"the newest one is {newest.what} of {format_time(newest.made)} UTC; the first sign has no time"
        return Question(asks=asks, answer=answer, sources=(newest.what,))
    before = [fact for fact in ground.known_good if fact.made < first]
    if not before:
        oldest = min(ground.known_good, key=lambda fact: fact.made)
        answer = f"no: the oldest one is {oldest.what} of {format_time(oldest.made)} UTC, after the first sign"
        return Question(asks=asks, answer=answer, sources=(oldest.what,), speaks_for="undecided")
    best = max(before, key=lambda fact: fact.made)
    answer = f"yes: {best.what} of {format_time(best.made)} UTC"
    return Question(asks=asks, answer=answer, sources=(best.what,), speaks_for="clean")


def _ask_others(ground: Ground) -> Question:
    asks = "Is there a sign of other intruders?"
    own = [finding for finding in list_own(ground.findings()) if finding.confidence != "suspicious"]
    packs = sorted({each.pack for each in own if each.pack not in (UNATTRIBUTED, HEURISTICS)})
    loose = [each for each in own if each.pack == HEURISTICS and each.layer != "integrity"]
    doors = [each for each in own if each.subject.kind in ("account", "key")]
    told = []
    if len(packs) > 1:
        told.append(f"{len(packs)} threats are on it: {join_words(packs, most=_MOST_NAMED)}")
    if loose and packs:
        told.append(f"{count_of(len(loose), 'finding')} that no pack explains")
    elif loose:
        told.append(f"no pack knows what was found ({count_of(len(loose), 'finding')}), so nobody knows all it did")
    if doors:
        told.append(f"{count_of(len(doors), 'account or key', 'accounts or keys')} let somebody in")
    if not told:
        return Question(asks=asks, answer="none was found", sources=("findings",), speaks_for="clean")
    return Question(asks=asks, answer="; ".join(told), sources=("findings",), speaks_for="rebuild")


def _ask_rights(ground: Ground) -> Question:
    asks = "Were credentials or root in reach?"
    own = list_own(ground.findings())
    if not own:
        return Question(asks=asks, answer="nothing was found that ran", speaks_for="clean")
    users = find_users(own)
    where = [each for each in own if each.subject.kind in ("account", "key")]
    if "root" in users or "uid 0" in users or where:
        told = "it ran as root" if not where else "it could change who may log in"
        answer = f"yes: {told}; take every password and key on this host for stolen"
        return Question(asks=asks, answer=answer, sources=("findings",), speaks_for="rebuild")
    if users:
        answer = f"it ran as {join_words(sorted(users), most=_MOST_NAMED)}: take what they can read for stolen"
        return Question(asks=asks, answer=answer, sources=("processes",), speaks_for="undecided")
    answer = "not known: nothing of it was seen running; take what its web server can read for stolen"
    return Question(asks=asks, answer=answer, speaks_for="undecided")


def _ask_packages(ground: Ground) -> Question:
    asks = "Are the system's own programs as their packages have them?"
    changed = find_system_changes(ground.findings())
    if changed:
        names = join_words([finding.subject.name() for finding in changed], most=_MOST_NAMED)
        told = count_of(len(changed), "part of the system itself was", "parts of the system itself were")
        answer = f"no: {told} changed: {names}"
        return Question(asks=asks, answer=answer, sources=("package records", "findings"), speaks_for="rebuild")
    looked = any(look.layer == "integrity" and look.state == "looked" for r in ground.reports for look in r.looks)
    if not looked:
        answer = "not known: they were not compared"
        return Question(asks=asks, answer=answer, speaks_for="undecided" if list_own(ground.findings()) else "")
    others = sum(finding.layer == "integrity" for finding in ground.findings())
    answer = "yes, of those that could be compared" + (
        f"; {count_of(others, 'other thing differs', 'other things differ')} from what is known good" if others else ""
    )
    return Question(asks=asks, answer=answer, sources=("package records",), speaks_for="clean")


def _ask_pack(ground: Ground) -> Question:
    asks = "What do the packs of the threats advise?"
    told = sorted({f"{each.pack}: {each.because}" for report in ground.reports for each in report.rebuild})
    if not told:
        return Question(asks=asks, answer="nothing")
    return Question(asks=asks, answer=f"to rebuild: {'; '.join(told)}", sources=("packs",), speaks_for="rebuild")


def _ask_gaps(ground: Ground) -> Question:
    asks = "What was not looked at?"
    gaps = sorted({f"{gap.where}: {gap.why}" for report in ground.reports for gap in report.gaps()})
    stopped = any(report.interrupted for report in ground.reports)
    narrow = ground.reports and "autostart" not in ground.reports[0].target.offers
    told = list(gaps[:_MOST_NAMED])
    if len(gaps) > _MOST_NAMED:
        told.append(f"and {len(gaps) - _MOST_NAMED} more")
    if stopped:
        told.append("a look was stopped before its end")
    if narrow:
        told.append("what runs and what starts by itself: only a part of the host was asked for")
    if not ground.reports:
        told.append("everything")
    if told:
        return Question(asks=asks, answer="; ".join(told), sources=("the looks of the report",), speaks_for="undecided")
    return Question(asks=asks, answer="nothing that was asked for", sources=("the looks of the report",))


def _ask_cost(ground: Ground) -> Question:
    asks = "What does either cost?"
    if ground.plan is None or not ground.plan.actions:
        return Question(asks=asks, answer="there is nothing to clean up")
    stays = sum(not action.undoable for action in ground.plan.actions)
    files = sum(isinstance(action.expects, FileState) for action in ground.plan.actions)
    answer = (
        f"to clean: {count_of(len(ground.plan.actions), 'change')} ({count_of(files, 'file')}, "
        f"{count_of(stays, 'of them', 'of them')} can't be undone), then watching for days; to rebuild: a fresh "
        "system, the data from before the first sign, and new passwords and keys, which are due in both cases"
    )
    return Question(asks=asks, answer=answer, sources=("the plan",))


def _tell_span(span: timedelta) -> str:
    hours = max(span.total_seconds() / 3600, 0)
    return f"{hours / 24:,.0f} days" if hours >= 48 else f"{hours:.1f} hours"


_QUESTIONS: tuple[Callable[[Ground], Question], ...] = (
    _ask_reachable, _ask_how_long, _ask_what_else, _ask_known_good, _ask_others, _ask_rights, _ask_packages, _ask_pack,
    _ask_gaps, _ask_cost,
)  # fmt: skip
