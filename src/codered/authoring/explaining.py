"""A finding, or a sign, in words for whoever has to decide: what it is, how sure, on what it rests, what is done."""

from collections.abc import Iterator
from datetime import date

from codered.detect.scripts.facts import load_vocabulary
from codered.model.finding import Confidence, Finding
from codered.model.indicators import ContentIndicator, Indicator, LogIndicator, ScriptIndicator
from codered.model.pack import LoadedPack, ThreatPack

_SURE: dict[Confidence, str] = {
    "confirmed": "confirmed: this is proof",
    "likely": "likely: enough to treat the host as infected until somebody shows otherwise",
    "suspicious": "suspicious: worth a look, no verdict by itself",
}
_GRADES = {
    "primary": "by the vendor, read in full",
    "expert": "by an expert or a tool's source, read in full",
    "excerpt": "only a part was read",
    "measured": "seen in real data",
    "unverified": "not verified",
}


def find_sign(packs: tuple[LoadedPack, ...], pack: str, sign: str) -> tuple[ThreatPack, Indicator] | None:
    """The pack and its sign of these names, None if there is none."""
    for loaded in packs:
        if loaded.pack.name == pack:
            found = next((item for item in loaded.pack.indicators() if item.id == sign), None)
            return (loaded.pack, found) if found else None
    return None


def explain_finding(finding: Finding, pack: ThreatPack | None, sign: Indicator | None) -> Iterator[tuple[str, str]]:
    """Label and text, in the order of reading. Texts are not escaped: they may hold what the host holds."""
    yield "what", finding.because
    yield "where", finding.subject.name()
    yield "how sure", _SURE[finding.confidence]
    for item in finding.evidence:
        where = f" at byte {item.offset:,}" if item.offset is not None else f" in line {item.line}" if item.line else ""
        shown = f": {item.data.decode('latin-1')}" if item.data else ""
        yield "proof", f"{item.what}{where}{shown}"
    if finding.shared_by:
        yield "shared", f"several threats show this sign: {', '.join(finding.shared_by)}; nothing else here names one"
    if pack and sign:
        yield from explain_sign(pack, sign, known=True)
    elif finding.pack == "heuristics":
        yield "rests on", "no pack: several small reasons whose weights add up (docs/pack-format.md, Heuristics)"
    else:
        yield "rests on", f"a sign of the pack {finding.pack} that is not among the packs here; another version has it"


def explain_sign(pack: ThreatPack, sign: Indicator, *, known: bool = False) -> Iterator[tuple[str, str]]:
    """A sign by itself; `known`: what and how sure was said already."""
    yield "threat", f"{pack.title} ({pack.name} {pack.version}), first seen {_show_day(pack.active.first_seen)}"
    if not known:
        yield "what", sign.because
        yield "how sure", _SURE[sign.confidence]
    yield from _tell_form(sign)
    if sign.attack:
        yield "ATT&CK", ", ".join(sign.attack)
    titles = {reference.id: reference for reference in pack.references}
    for name in sign.references:
        if name in titles:
            yield "source", f"{titles[name].title} ({_GRADES[titles[name].grade]})"
    yield from _tell_removal(pack, sign)


def _tell_form(sign: Indicator) -> Iterator[tuple[str, str]]:
    if isinstance(sign, ContentIndicator):
        yield "looked for", f"rule {sign.rule} in {sign.scope} files" + (", memory" if "memory" in sign.where else "")
    elif isinstance(sign, LogIndicator):
        yield "looked for", f"{sign.part} of a web log: {sign.pattern}"
        yield "mind", "a log names who attacked; whether this server fell is not in it"
        for answer in sign.answers:
            yield f"answer {', '.join(answer.status) or 'any other'}", answer.means
    elif isinstance(sign, ScriptIndicator):
        says = load_vocabulary()
        for fact in sign.when:
            yield "looked for", says.get(fact, fact)
        for fact in sign.unless:
            yield "unless", says.get(fact, fact)
        yield "weight", f"{sign.weight}; the weights of all such signs add up: 50 suspicious, 100 likely, 200 confirmed"


def _tell_removal(pack: ThreatPack, sign: Indicator) -> Iterator[tuple[str, str]]:
    steps = [step for step in (pack.removal.steps if pack.removal else ()) if sign.id in step.indicators]
    for step in steps:
        yield "what is done", f"{step.action}: {step.because}"
    if not steps:
        yield "what is done", "nothing by itself: a person decides"
    if pack.removal and pack.removal.rebuild_because:
        yield "rebuild advised", pack.removal.rebuild_because
    yield "if it is wrong", "vouch for it in the allow-list (docs/allow-list.md), and tell the pack's author"


def _show_day(day: date) -> str:
    return day.isoformat()
