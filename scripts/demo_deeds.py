"""What people did in a journey, from the steps of its record: in order, without paths, real times and command lines."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

Step = dict[str, Any]
Deed = dict[str, Any]

STANDS = 41
"""The minute at which the demonstration stands: what was done later is only told."""
_UID = re.compile(r"approve yes ([0-9a-f]{8})")
_RULE = re.compile(r"\b(isolate-[a-z]+|never-touch)\b")
_LOOKED_AT = re.compile(r"^\d+ +(\S+) ", re.MULTILINE)


class _Said(NamedTuple):
    """A step: the words without the tool's name, who said them, the exit code, what came of it."""

    words: list[str]
    who: str
    code: int
    out: str
    err: str

    def read(self, option: str) -> str:
        """What stands behind an option; "" = it was not given."""
        return self.words[self.words.index(option) + 1] if option in self.words else ""

    def list_until(self, first: int, option: str) -> str:
        """The words from this one up to an option."""
        return ", ".join(self.words[first : self.words.index(option)])


def list_deeds(steps: Sequence[Step]) -> list[Deed]:
    """What was done up to STANDS, after the preparations."""
    asked: dict[str, str] = {}
    deeds = []
    for step in steps:
        if step["step"] == "prepare" or step["minute"] > STANDS:
            continue
        found = _choose(_READERS, step)
        if not found:
            continue
        uid = found.pop("uid", "")
        if "host" in found:
            asked[uid] = found["host"]
        elif uid:
            found["host"] = asked[uid]
        deeds.append({"minute": step["minute"], "who": step["who"], **found})
    return deeds


def leave_one(deeds: list[Deed]) -> tuple[list[Deed], Deed]:
    """The deeds without the last yes to the last machine that was cut off, and that one: it is left to whoever looks at
    the demonstration.
    """
    last = next(one for one in reversed(deeds) if one["do"] == "yes" and one["answer"] == "allowed")
    return [one for one in deeds if one is not last], {"host": last["host"], "who": last["who"]}


def list_later(steps: Sequence[Step]) -> list[Deed]:
    """What happened after STANDS, in sentences, each minute of the story by itself."""
    found: dict[tuple[int, str], list[str]] = {}
    for step in steps:
        text = "" if step["minute"] <= STANDS else _choose(_TELLERS, step) if step["words"] else step["what"]
        texts = found.setdefault((step["minute"], step["step"]), [])
        if text and text not in texts:
            texts.append(text)
    told = ((minute, step, "; ".join(texts)) for (minute, step), texts in found.items() if texts)
    return [{"minute": minute, "step": step, "text": text[0].upper() + text[1:] + "."} for minute, step, text in told]


def list_people(steps: Sequence[Step]) -> list[Deed]:
    """Who was given a role on the quiet day before, and by whom ("" = the first one, by whoever set it up)."""
    people = []
    for step in steps:
        said = _hear(step)
        if said.words[:3] == ["incident", "roster", "add"] and not said.code:
            by = "" if said.who == "headquarters" else said.who
            one = {"name": said.words[3], "role": said.read("--role"), "backup": "--backup" in said.words, "by": by}
            people.append({name: value for name, value in one.items() if value})
    return people


def _hear(step: Step) -> _Said:
    return _Said(step["words"][1:], step["who"], step["exit_code"], step["stdout"], step["stderr"])


def _choose(readers: dict[str, Callable[[_Said], Any]], step: Step) -> Any:  # noqa: ANN401 - a deed or a sentence
    said = _hear(step)
    text = " ".join(said.words)
    return next((read(said) for begins, read in readers.items() if text.startswith(begins)), None)


def _declare(said: _Said) -> Deed:
    more = {name: said.read(f"--{name}") for name in ("title", "pack", "severity", "summary")}
    return {"do": "declare", "text": said.words[2], "more": more}


def _finish(said: _Said) -> Deed:
    task = said.out.rsplit("] ", 1)[-1].strip()
    return {"do": "finish", "text": said.read("--result"), "more": {"task": task}}


def _impact(said: _Said) -> Deed:
    pairs = [said.words[at + 1] for at, word in enumerate(said.words) if word == "--impact"]
    return {"do": "impact", "more": dict(pair.split("=", 1) for pair in pairs)}


def _contain(said: _Said) -> Deed:
    uid, rule = _UID.search(said.err), _RULE.search(said.out)
    answer = {0: "allowed", 4: "refused", 5: "awaiting"}[said.code]
    return {"do": "contain", "host": said.words[2], "text": said.read("--reason"), "answer": answer,
            "rule": rule[1] if rule else "", "uid": uid[1] if uid else ""}  # fmt: skip


def _vote(said: _Said) -> Deed:
    return {"do": "yes", "uid": said.words[2], "answer": {0: "allowed", 4: "refused", 5: "awaiting"}[said.code]}


def _sweep(said: _Said) -> Deed | None:
    """Of all, of a range, or of a zone from its scan point."""
    if "--coverage" in said.words:
        return None
    more = {"range": "" if said.words[1].startswith("-") else said.words[1], "zone": said.read("--zone"),
            "from": said.read("--from")}  # fmt: skip
    return {"do": "sweep", "more": {name: value for name, value in more.items() if value}}


def _scan(said: _Said) -> Deed:
    return {"do": "scan", "more": {row["name"]: row["verdict"] for row in json.loads(said.out)["hosts"]}}


_READERS: dict[str, Callable[[_Said], Deed | None]] = {
    "incident declare": _declare,
    "incident evidence": lambda said: {"do": "evidence", "host": said.words[2], "text": said.read("--container")},
    "task next": lambda _said: {"do": "claim"},
    "task done": _finish,
    "incident step": lambda said: {"do": "step", "text": said.words[3]},
    "incident set": _impact,
    "contain host": _contain,
    "approve yes": _vote,
    "sweep": _sweep,
    "fleet scan": _scan,
}


def _tell_many(said: _Said) -> str:
    rule = _RULE.search(said.out)
    more = f"; what is more than the rules allow in an hour is refused ({rule[1]})" if rule else ""
    return f"{said.who} cuts off all machines tagged {said.read('--tag')} for an hour{more}"


def _tell_image(said: _Said) -> str:
    verdict = " ".join(said.out.split("\n\n")[0].split()).split(". ")[0].rstrip(".")
    return f"the disk {said.words[2].rsplit('/', 1)[-1]} is looked at: {verdict}"


def _tell_found(said: _Said) -> str:
    named = ", ".join(re.findall(r"INFECTED: (\S+)", said.err))
    return f"a scan finds the infection on {named}" if named else ""


def _tell_applied(said: _Said) -> str:
    return f"{said.who} asks to have {said.list_until(2, '--yes')} cleaned" if said.code == 5 else ""


_TELLERS: dict[str, Callable[[_Said], str]] = {
    "contain host --tag": _tell_many,
    "contain release": lambda said: f"{said.who} lets {said.words[2]} back: {said.read('--reason')}",
    "scan --image": _tell_image,
    "apply": lambda _said: "the disk is cleaned in an overlay, the evidence stays as it is",
    "fleet take": lambda said: "" if said.code == 4 else f"{said.who} brings a report: {said.out.strip()}",
    "fleet scan": _tell_found,
    "fleet apply": _tell_applied,
    "fleet verify": lambda said: f"nothing is left on {', '.join(_LOOKED_AT.findall(said.out))}: verified",
    "fleet schedule": lambda said: f"the watch of {said.list_until(3, '--word')} begins: {said.read('--until')}",
    "sweep": lambda said: "all is swept once more" + ", and nothing looks infected" * ("INFECTED" not in said.out),
    "incident step": lambda said: f"{said.who}: the step {said.words[3]} begins",
    "incident treat": lambda said: f"{said.who} decides on {said.words[2]}: {said.words[3]}, {said.read('--reason')}",
    "incident lessons add": lambda said: f"a lesson for {said.read('--owner')}: {said.words[3]}",
    "incident close": lambda said: "the incident is closed" * (said.code == 0),
}
