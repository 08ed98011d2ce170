"""What the packs' probes say about a server's answers. Bodies are hostile: patterns run in linear time."""

from collections.abc import Mapping
from typing import NamedTuple

from codered.engine import CompileProblem, GaveUp, Matcher, RuleSource, compile_sources
from codered.model.errors import WrongUse
from codered.model.ruleset import rule_of_indicator
from codered.packs.checks.probes import FOUND, NOTHING_FOUND
from codered.packs.generating import write_label
from codered_hq.model.sweep import CheckResult, PackProbe, State
from codered_hq.probing.asking import HOME, Ask, make_up
from codered_hq.probing.reading import Answer

_SECONDS = 5
_MOST_EVIDENCE = 200
_STATES: dict[str, State] = {"infected": "infected", "vulnerable": "vulnerable", "exposed": "vulnerable"}
_RANK = ("infected", "vulnerable", "exposed", "undetermined", "", "not_seen", "not_affected", "patched")
_NO_CONTROL = "a made-up name beside it got no answer to compare with"
_SAME_PAGE = "a made-up name beside it gets the very same page, so this is no program"
_LIKE_CONTROL = "a made-up name beside it is not plainly missing: this site's answers tell nothing"
_FRAGILE = "a fragile device: only its home page was asked for"

Answers = Mapping[tuple[str, str], Answer]
"""The answers of one door, by method and the path as the pack writes it."""


class Verdict(NamedTuple):
    """What one answer of a probe comes to."""

    says: str
    because: str
    evidence: bytes = b""


class Judge:
    """The probes of a sweep, compiled once. Raises WrongUse for a pattern that the engine does not take."""

    def __init__(self, probes: tuple[PackProbe, ...]) -> None:
        self._probes = probes
        answers = [answer for one in probes for answer in one.probe.answers]
        self._bodies = _Patterns({answer.body for answer in answers if answer.body})
        self._servers = _Patterns({answer.server for answer in answers if answer.server})
        paths = dict.fromkeys((one.probe.method, one.probe.path) for one in probes)
        asks = [Ask(method, path, path) for method, path in paths]
        home = [ask for ask in asks if ask.path == HOME and ask.method == "GET"]
        self.asks = (*home, *(ask for ask in asks if ask not in home)) or (Ask("GET", HOME, HOME),)
        """What every door is asked, the home page first."""
        self.fragile_asks = tuple(home) or (Ask("GET", HOME, HOME),)

    def find_controls(self, answers: Answers) -> tuple[Ask, ...]:
        """The made-up names to ask for: those of probes whose answer may come to something."""
        controls: dict[tuple[str, str], Ask] = {}
        for one in self._probes:
            probe = one.probe
            answer = answers.get((probe.method, probe.path))
            if not (probe.control and answer and answer.status):
                continue
            if answer.status == 200 or self._judge_answer(one, answer).says in FOUND:
                controls[probe.method, probe.control] = Ask(probe.method, probe.control, make_up(probe.control))
        return tuple(controls.values())

    def judge(self, answers: Answers, name: str, broken: str) -> tuple[CheckResult, ...]:
        """What each probe got at one door; `broken` is why requests after the first got no answer."""
        return tuple(self._judge_probe(one, answers, name, broken) for one in self._probes)

    def _judge_probe(self, one: PackProbe, answers: Answers, name: str, broken: str) -> CheckResult:
        probe = one.probe
        answer = answers.get((probe.method, probe.path))
        if answer is None:
            told = Verdict("", broken or _FRAGILE)
        elif not answer.status:
            told = Verdict("", answer.fault, answer.line)
        else:
            told = self._judge_answer(one, answer)
            if probe.control and (answer.status == 200 or told.says in FOUND):
                told = self._compare(one, told, answer, answers.get((probe.method, probe.control)))
        because = told.because
        if answer and 300 <= answer.status < 400 and told.says == "undetermined":
            because += f" (sent on to {answer.fields.get('location', 'nowhere')[:_MOST_EVIDENCE]})"
        return CheckResult(
            pack=one.pack, probe=probe.id, says=told.says, because=because, host=name,
            status=answer.status if answer else 0, evidence=told.evidence[:_MOST_EVIDENCE],
        )  # fmt: skip

    def _judge_answer(self, one: PackProbe, answer: Answer) -> Verdict:
        bodies = self._bodies.find(answer.body)
        server = answer.fields.get("server", "").encode("latin-1", "replace")
        servers = self._servers.find(server)
        if bodies is None or servers is None:
            return Verdict("undetermined", "the engine gave up on this page")
        unread = False  # a pattern that may be in what was not read
        for wanted in one.probe.answers:
            if wanted.status and str(answer.status) not in wanted.status:
                continue
            if wanted.server and wanted.server not in servers:
                continue
            if wanted.body and wanted.body not in bodies:
                unread = unread or not answer.whole
                continue
            if unread and wanted.says in NOTHING_FOUND:
                return Verdict("undetermined", f"the page was not read to its end: {answer.fault}", answer.line)
            return Verdict(wanted.says, wanted.because, _show(answer, bodies.get(wanted.body)))
        return Verdict("undetermined", "no answer that the pack knows", answer.line)

    def _compare(self, one: PackProbe, told: Verdict, answer: Answer, control: Answer | None) -> Verdict:
        if control is None or not control.status:
            return Verdict("undetermined", _NO_CONTROL, told.evidence) if told.says in FOUND else told
        if _is_same_page(answer, control):
            return Verdict("not_seen", _SAME_PAGE, told.evidence)
        if told.says in FOUND and self._judge_answer(one, control).says not in NOTHING_FOUND:
            return Verdict("undetermined", _LIKE_CONTROL, told.evidence)
        return told


def sum_up(checks: tuple[CheckResult, ...]) -> tuple[State, str]:
    """The state that the checks of a port come to, and the reason: the worst one's."""
    if not checks:
        return "web", "a web server; no check was asked for"
    worst = min(checks, key=lambda check: _RANK.index(check.says))
    if all(check.says in NOTHING_FOUND for check in checks):
        return "clean", f"clean of these checks: {len(checks)} of {len(checks)} found nothing"
    return _STATES.get(worst.says, "undetermined"), f"{worst.pack}/{worst.probe}: {worst.because}"


class _Patterns:
    """Patterns as one compiled rule set, and which of them are in a text."""

    def __init__(self, patterns: set[str]) -> None:
        rules = {rule_of_indicator(f"p-{number}"): pattern for number, pattern in enumerate(sorted(patterns))}
        self._rules = rules
        self._matcher: Matcher | None = None
        if rules:
            try:
                text = "".join(write_label(f"p-{number}", pattern) for number, pattern in enumerate(rules.values()))
                compiled = compile_sources([RuleSource("probes", text, "probes")])
            except (ValueError, CompileProblem) as error:
                advice = "take the packs from where they are kept, and lint them"
                raise WrongUse(f"not a pattern: {error}", where="sweep job", advice=advice) from None
            self._matcher = Matcher(compiled, seconds=_SECONDS, most=1)
        self._last: tuple[bytes, dict[str, tuple[int, int]]] = (b"", {})

    def find(self, text: bytes) -> dict[str, tuple[int, int]] | None:
        """Which patterns are in it, each with its first offset and length; None = the engine gave up."""
        if self._matcher is None or not text:
            return {}
        if self._last[0] != text:
            try:
                hits = self._matcher.match(text)
            except GaveUp:
                return None
            self._last = text, {self._rules[hit.rule]: (hit.patterns[0].offset, hit.patterns[0].length) for hit in hits}
        return self._last[1]


def _show(answer: Answer, at: tuple[int, int] | None) -> bytes:
    return answer.body[at[0] : at[0] + min(at[1], _MOST_EVIDENCE)] if at else answer.line


def _is_same_page(answer: Answer, control: Answer) -> bool:
    """Whether a page that exists and one that can't are one page, told by its length and what else the server says."""
    if answer.status != 200 or control.status != 200 or not answer.fields.get("content-length", "").strip("0"):
        return False
    return (
        all(answer.fields.get(key) == control.fields.get(key) for key in ("content-length", "content-type", "etag"))
        and answer.body == control.body
    )
