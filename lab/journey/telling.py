"""Who did what, where, when, and what came of it: told as it is done, kept, and held against what was planted."""

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from lab.running import Running

BEGINS = 8 * 60 + 10
"""Minutes after midnight at which the story begins."""
MOST_OUT, MOST_ERR = 6_000, 2_000  # characters that are kept of what a word says
SECONDS = 300.0
HEADQUARTERS = "headquarters"
ANY, INCOMPLETE = -1, 3
"""Exit codes: whatever it is; somebody is missing."""
TRIES, PAUSE = 8, 15.0
_UID = re.compile(r"approve yes ([0-9a-f]{8})")


class WentWrong(AssertionError):
    """A step did not come to what it must come to."""


class Heard(NamedTuple):
    """What a command said."""

    out: str
    err: str

    @property
    def decision(self) -> str:
        """The decision that waits for a yes, as it is named there."""
        found = _UID.search(self.err + self.out)
        check(found is not None, f"no decision waits: {self.out}{self.err}")
        return found[1] if found else ""


@dataclass
class Step:
    """One thing that was done. `minute` is of the story, `seconds` are real; `who` is a person or a machine; without
    `words` something only happens.
    """

    who: str
    what: str
    words: list[str] = field(default_factory=list)
    where: str = HEADQUARTERS
    n: int = 0
    step: str = ""
    minute: int = 0
    seconds: float = 0.0
    exit_code: int = 0
    stdout: str = ""
    stderr: str = ""


class Row(NamedTuple):
    """A line of the table: what was planted, and what was told."""

    what: str
    planted: str
    told: str


@dataclass
class Journey:
    """The story so far. `tell` gets each line for people."""

    lab: Running
    size: str
    tell: Callable[[str], object] = print
    step: str = "prepare"
    minute: int = 0
    steps: list[Step] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def begin(self, step: str, minute: int, headline: str) -> None:
        """A part of the story, at this minute of it."""
        self.step, self.minute = step, minute
        self.tell(f"\n{show_minute(minute)}  {step.upper()}: {headline}")

    def at(self, minute: int) -> None:
        """Time goes on in the story."""
        check(minute >= self.minute, f"minute {minute} of the story comes after {self.minute}")
        self.minute = minute

    def say(self, *words: str, code: int, by: str = "", about: str = "") -> Heard:
        """A word of the tool at headquarters, by a person who proves it. Raises WentWrong for another exit code."""
        proof = ("--as", by, "--key", self.key_of(by)) if by else ()
        command = [sys.executable, "-m", "codered", *words, *proof]
        return self._do(command, Step(who=by or "headquarters", what=about, words=["codered", *words]), code)

    def ask(self, *words: str, code: int, by: str = "", about: str = "") -> Any:  # noqa: ANN401 - a document
        """The same with --json: its document."""
        return json.loads(self.say(*words, "--json", code=code, by=by, about=about).out)

    def act(self, about: str, words: Sequence[str], *, part: str, code: int = 0) -> Heard:
        """Something that a machine of the laboratory does, which is no word of the tool."""
        return self._do(list(words), Step(who=part, where=part, what=about, words=list(words)), code)

    def note(self, about: str) -> None:
        """Something that happens and is no command."""
        self._keep(Step(who="the laboratory", where="", what=about))
        self.tell(f"  {show_minute(self.minute)}  {about}")

    def work_off(self) -> None:
        """Work the fleet's queue off. A host that a busy machine kept waiting is asked again, as run-queue does. A
        watch that is over and waits for a whole look (its 72 h are short here) is no part of the queue.
        """
        for _ in range(TRIES):
            heard = self.say("fleet", "run-queue", code=ANY)
            if self.steps[-1].exit_code == 0 or ("0 hosts queued" in heard.err and "stays open" in heard.err):
                return
            check(self.steps[-1].exit_code == INCOMPLETE and "queued; next try" in heard.err, heard.out + heard.err)
            time.sleep(PAUSE)
        raise WentWrong(f"hosts stay queued: {heard.err}")

    def key_of(self, person: str) -> str:
        """The file of a person's private key."""
        return str(self.lab.folder / "people" / f"{person.lower()}.key")

    def compare(self, what: str, planted: object, told: object) -> None:
        """Hold what was told against what was planted; the table at the end shows it."""
        self.rows.append(Row(what, str(planted), str(told)))

    def wrong(self) -> list[Row]:
        """What was told otherwise than it was planted."""
        return [row for row in self.rows if row.planted != row.told]

    def draw(self) -> str:
        """The table, what is wrong marked."""
        head = f"   {'what':50} {'planted':46} told\n"
        return head + "".join(
            f"{'   ' if row.planted == row.told else 'NO '}{row.what:50} {row.planted:46} {row.told}\n"
            for row in self.rows
        )

    def record(self) -> list[dict[str, Any]]:
        """The steps as plain values."""
        return [asdict(step) for step in self.steps]

    def _do(self, command: list[str], step: Step, code: int) -> Heard:
        began = time.monotonic()
        done = self.lab.run(command, part="hq" if step.where == HEADQUARTERS else step.where, seconds=SECONDS)
        step.seconds, step.exit_code = round(time.monotonic() - began, 1), done.returncode
        step.words = [self._shorten(word) for word in step.words]
        out, err = self._shorten(done.stdout), self._shorten(done.stderr)
        step.stdout, step.stderr = out[:MOST_OUT], err[:MOST_ERR]
        self._keep(step)
        text = " ".join(step.words) if step.words[0] == "codered" else step.what
        head = f"  {show_minute(self.minute)}  {step.who:12} exit {step.exit_code}  {step.seconds:5.1f} s"
        self.tell(f"{head}  {text[:150]}")
        check(code in (ANY, done.returncode), f"{text}: exit {done.returncode}, not {code}\n{out[-3000:]}{err[-3000:]}")
        return Heard(done.stdout, done.stderr)

    def _keep(self, step: Step) -> None:
        step.n, step.step, step.minute = len(self.steps) + 1, self.step, self.minute
        self.steps.append(step)

    def _shorten(self, word: str) -> str:
        return word.replace(str(self.lab.folder), "LAB")


def check(holds: bool, what: str) -> None:
    """Raises WentWrong unless it holds."""
    if not holds:
        raise WentWrong(what)


def show_minute(minute: int) -> str:
    """A minute of the story as people write it: the day and the time."""
    day, within = divmod(BEGINS + minute, 24 * 60)
    return f"day {day + 1} {within // 60:02}:{within % 60:02}"
