"""The course of one address: which door is asked what next, and what all of it comes to. It knows no sockets."""

import string
from collections import deque
from datetime import UTC, datetime
from typing import NamedTuple

from codered.model.errors import Refused, WrongUse
from codered.packs.checks.probes import RANDOM, find_danger
from codered_hq.model.sweep import STATES, AddressResult, CheckResult, PortResult, State, SweepJob
from codered_hq.probing.asking import HOME, Ask, Door, find_redirect, write_agent, write_request
from codered_hq.probing.judging import Judge, sum_up
from codered_hq.probing.ranges import Place
from codered_hq.probing.reading import Answer

SILENT = "silent"
_MOST_WORD = 80
_HOST_LETTERS = string.ascii_letters + string.digits + "-._"
_MOST_TITLE = 200
_HOME_ASK = Ask("GET", HOME, HOME)


class Course(NamedTuple):
    """What is the same for every address of a sweep."""

    judge: Judge
    doors: tuple[Door, ...]
    agent: str


def plan_course(job: SweepJob) -> Course:
    """The doors and requests of a job. Raises WrongUse for one that makes no sense, Refused for a probe that may do
    harm.
    """
    for one in job.probes:
        for path in (one.probe.path, one.probe.control.replace(RANDOM, "x" * 12)):
            if path and (danger := find_danger(path)):
                where, advice = f"{one.pack}/{one.probe.id}", "take the pack from where it is kept, and lint it"
                raise Refused(f"the probe holds {danger}", where=where, advice=advice)
    for name in filter(None, job.hosts):
        labels = [len(label) for label in name.split(".")]
        if len(name) > 253 or not 0 < min(labels) <= max(labels) < 64 or name.strip(_HOST_LETTERS):
            raise WrongUse("is no host name", where=name[:_MOST_WORD], advice="write www.example.org, or nothing")
    ports = [(port, False) for port in job.ports] + [(port, True) for port in job.tls_ports]
    if not ports or not job.hosts or any(not 0 < port < 65536 for port, _ in ports):
        raise WrongUse("nothing to ask", where="sweep job", advice="name ports from 1 to 65535, and a host name or ''")
    doors = [Door(port, tls, name) for port, tls in dict.fromkeys(ports) for name in dict.fromkeys(job.hosts)]
    return Course(Judge(job.probes), tuple(doors), write_agent(job.contact))


class Visit:
    """One address on its way through its doors. `request` is what to send now; then say what came of it by `take` or
    `fail`; `over` when nothing is left to ask.
    """

    __slots__ = (
        "_answers", "_asks", "_at", "_broken", "_controls", "_course", "_redirected", "_results", "fragile",
        "last", "over", "place", "tries",
    )  # fmt: skip

    def __init__(self, course: Course, place: Place, fragile: bool) -> None:
        self._course = course
        self._at = 0
        self._asks: deque[Ask] | None = None
        self._answers: dict[tuple[str, str], Answer] | None = None
        self._results: tuple[PortResult, ...] = ()
        self._broken = ""
        self._controls = self._redirected = False
        self.place = place
        self.fragile = fragile
        self.tries = 0
        self.last = 0.0
        """When its last connection was begun."""
        self.over = False

    @property
    def door(self) -> Door:
        """The door it stands at."""
        return self._course.doors[self._at]

    @property
    def known(self) -> bool:
        """Whether something has answered at this door."""
        return self._answers is not None

    def ask(self) -> Ask:
        """What is asked now."""
        if self._asks is None:
            judge = self._course.judge
            self._asks = deque(judge.fragile_asks if self.fragile else judge.asks)
        return self._asks[0]

    def request(self) -> bytes:
        """The bytes of what is asked now."""
        return write_request(self.ask(), self.door, self.place.text, self._course.agent)

    def take(self, answer: Answer) -> None:
        """What came back for what was asked; the next request, or the next door."""
        ask = self.ask()
        assert self._asks is not None
        if not self._answers and not answer.status:
            self._close("undetermined" if answer.web else "not_web", _say_fault(answer))
            return
        if self._answers is None:
            self._answers = {}
        self._asks.popleft()
        self._answers[ask.method, ask.key] = answer
        if ask == _HOME_ASK and not (self.fragile or self._redirected):
            self._redirected = True
            if path := find_redirect(answer, self.door, self.place.text):
                self._asks.appendleft(Ask("GET", HOME, path))
        if not self._asks and not self._controls and not self.fragile:
            self._controls = True
            self._asks.extend(self._course.judge.find_controls(self._answers))
        if not self._asks:
            self._judge()

    def fail(self, state: State, reason: str) -> None:
        """No answer to what was asked, and why: a door that answered before is judged by what there is."""
        if self._answers:
            self._broken = f"after {len(self._answers)} answers: {reason}"
            self._judge()
        else:
            self._close(state, reason)

    @property
    def told(self) -> bool:
        """Whether more came than silence, be it a word of somebody else's."""
        return any(one.reason != SILENT for one in self._results)

    def result(self) -> AddressResult:
        """What all doors came to."""
        results = self._results
        worst = results[0] if len(results) == 1 else max(results, key=lambda one: STATES.index(one.state))
        return AddressResult(
            address=self.place.text, state=worst.state, reason=worst.reason, ports=self._results, at=datetime.now(UTC)
        )

    def state(self) -> State:
        """The highest state of its doors."""
        if len(self._results) == 1:
            return self._results[0].state
        return max((one.state for one in self._results), key=STATES.index)

    def _judge(self) -> None:
        assert self._answers is not None
        checks = self._course.judge.judge(self._answers, self.door.name, self._broken)
        state, reason = sum_up(checks)
        self._close(state, reason, checks)

    def _close(self, state: State, reason: str, checks: tuple[CheckResult, ...] = ()) -> None:
        """Note what the door came to, with what other names came to at the same port, and go on to the next one."""
        door = self.door
        made = _describe(door, state, reason, self._answers, checks)
        if self._results and (self._results[-1].port, self._results[-1].tls) == (door.port, door.tls):
            self._results = (*self._results[:-1], _join(self._results[-1], made))
        else:
            self._results = (*self._results, made)
        self._asks = self._answers = None
        self._broken = ""
        self._controls = self._redirected = False
        self.tries = 0
        self._at += 1
        silent = state in ("no_answer", "filtered", "not_web", "not_asked")
        doors = self._course.doors
        while silent and self._at < len(doors) and doors[self._at][:2] == door[:2]:
            self._at += 1  # no other name will make a closed port answer
        self.over = self.fragile or self._at >= len(doors)
        if self.over:
            self._at = len(doors) - 1


def _describe(
    door: Door, state: State, reason: str, answers: dict[tuple[str, str], Answer] | None,
    checks: tuple[CheckResult, ...],
) -> PortResult:  # fmt: skip
    if not answers:
        return PortResult(port=door.port, tls=door.tls, state=state, reason=reason, checks=checks)
    server = next((told for each in answers.values() if (told := each.fields.get("server", ""))), "")
    product, _, version = server.strip().partition(" ")[0].partition("/")
    home = answers.get(("GET", HOME))
    return PortResult(
        port=door.port, tls=door.tls, state=state, reason=reason, checks=checks,
        product=product[:_MOST_WORD], version=version[:_MOST_WORD], title=_read_title(home.body) if home else "",
    )  # fmt: skip


def _join(first: PortResult, second: PortResult) -> PortResult:
    high, low = (second, first) if STATES.index(second.state) > STATES.index(first.state) else (first, second)
    return PortResult(
        port=high.port, tls=high.tls, state=high.state, reason=high.reason, checks=(*first.checks, *second.checks),
        product=high.product or low.product, version=high.version or low.version, title=high.title or low.title,
    )  # fmt: skip


def _read_title(body: bytes) -> str:
    start = body.lower().find(b"<title")
    start = body.find(b">", start, start + 200) + 1 if start >= 0 else 0
    if not start:
        return ""
    end = body.find(b"<", start, start + 4 * _MOST_TITLE)
    text = body[start : end if end >= 0 else start + _MOST_TITLE]
    return " ".join(text.decode("utf-8", "replace").split())[:_MOST_TITLE]


def _say_fault(answer: Answer) -> str:
    if answer.web or not answer.line:
        return answer.fault
    words = answer.line.split(b"\n", 1)[0].decode("ascii", "replace").strip()[:_MOST_WORD]
    return f"{answer.fault}: {words!r}"
