"""Packs as YARA rules: a file a pack and an index, for files and for the memory of processes."""

import itertools
import re
from collections.abc import Iterator

from codered.export.indicators.exported import Export, ExportFile, LeftOut, list_header
from codered.export.indicators.leaving_out import leave_layers, leave_sign
from codered.model.indicators import ContentIndicator
from codered.model.pack import ThreatPack
from codered.model.rule import ParsedPack, Rule

CHECKED_WITH = "YARA 4.2.3 and yara-x 1.23"
AUTHOR = "CodeRed Detection and Removal"
HAS_NUL = "for any i in (0..8191) : (uint8(i) == 0)"  # what the packs call binary; cheap behind the strings
_WHERE = {"files": "files", "memory": "the memory of processes (yara RULES PID)"}
_WORD = re.compile(
    r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*|/(?:\\.|[^/\\\n])+/|\{|\b(?:meta|strings|condition)\s*:', re.DOTALL
)
"""What a rule's text is cut at; texts, comments and regular expressions are passed over as one."""
_IMPORT = re.compile(r'^\s*import\s+"(\w{1,40})"', re.MULTILINE)


def make_yara(packs: tuple[ParsedPack, ...]) -> Export:
    """The rules that are signs by themselves, with the words of the pack in their meta. Memory has rules of its own."""
    left = list(leave_layers(packs, ("content",), "YARA sees what is in a file or a process, and nothing around it"))
    files: list[ExportFile] = []
    for where, title in _WHERE.items():
        taken: set[str] = set()
        listed = []
        for one in packs:
            text, names, missing = _write_pack(one, where)
            left += missing
            if not names:
                continue
            name = f"{where}/{one.loaded.pack.name}.yar"
            head = _write_head(f"YARA for {title}", (one,))
            files.append(ExportFile(name, (head + text).encode()))
            if twin := sorted(taken & names):
                left.append(LeftOut(f"{one.loaded.pack.name}/*", f"not in {where}.yar: another pack has {twin[0]} too"))
                continue
            taken |= names
            listed.append(f'include "{name}"\n')
        if listed:
            index = _write_head(f"YARA for {title}, all packs", packs) + "".join(listed)
            files.append(ExportFile(f"{where}.yar", index.encode()))
    return Export(tuple(files), tuple(left))


def _write_head(form: str, packs: tuple[ParsedPack, ...]) -> str:
    return "".join(f"// {line}\n" for line in list_header(form, CHECKED_WITH, packs))


def _write_pack(one: ParsedPack, where: str) -> tuple[str, set[str], list[LeftOut]]:
    """The rules of a pack that serve there, their names, and what can't be said."""
    pack = one.loaded.pack
    signs = [sign for sign in pack.content if where in sign.where]
    missing = [leave_sign(pack, sign, "content: it is looked for on the wire only") for sign in _list_wire(pack, where)]
    rules = {rule.name: rule for rule in one.rules}
    if flaw := _find_flaw(one.rules):
        return "", set(), missing + [leave_sign(pack, sign, flaw) for sign in signs]
    missing += [leave_sign(pack, sign, "content: its rule is missing") for sign in signs if sign.rule not in rules]
    signs = [sign for sign in signs if sign.rule in rules]
    wanted = {sign.rule for sign in signs}
    needed = _add_needed(wanted, rules)
    lines = one.loaded.rules.split("\n")
    imports = sorted(set(_IMPORT.findall(one.loaded.rules)))
    text = "".join(f'import "{name}"\n' for name in imports)
    by_rule: dict[str, list[ContentIndicator]] = {}
    for sign in signs:
        by_rule.setdefault(sign.rule, []).append(sign)
    parts = [
        _write_rule(rule, lines, pack, by_rule.get(rule.name, []), where) for rule in one.rules if rule.name in needed
    ]
    return "\n".join([text, *(f"{part}\n" for part in parts)]), needed, missing


def _list_wire(pack: ThreatPack, where: str) -> list[ContentIndicator]:
    return [sign for sign in pack.content if sign.where == ("traffic",)] if where == "files" else []


def _find_flaw(rules: tuple[Rule, ...]) -> str:
    """Why the rules can't be taken one by one; "" if they can."""
    if any("global" in rule.scopes for rule in rules):
        return "content: the pack has a global rule, which would rule over other packs"
    if any(before.last >= after.line for before, after in itertools.pairwise(rules)):
        return "content: two rules stand in one line"
    return ""


def _add_needed(wanted: set[str], rules: dict[str, Rule]) -> set[str]:
    """The rules wanted and those that their conditions name."""
    needed, waiting = set[str](), list(wanted)
    while waiting:
        name = waiting.pop()
        if name in rules and name not in needed:
            needed.add(name)
            waiting += rules[name].condition
    return needed


def _write_rule(rule: Rule, lines: list[str], pack: ThreatPack, signs: list[ContentIndicator], where: str) -> str:
    """The rule as its author wrote it, comments and licence too, with our meta before his; private if it is no sign."""
    text = "\n".join(lines[rule.line - 1 : rule.last])
    start = "private " if not signs and "private" not in rule.scopes else ""
    if not signs:
        return start + text
    words = [word for word in _WORD.finditer(text) if word[0][0] not in '"/']
    body = next(word.end() for word in words if word[0] == "{")
    own = next((word.end() for word in words if word[0][0] == "m" and not text[body : word.start()].strip()), body)
    asked = next(word.end() for word in reversed(words) if word[0][0] == "c")
    said = "".join(f"\n        {line}" for line in _list_meta(pack, signs))
    condition = _narrow(text[asked : text.rindex("}")], signs, where)
    return f"{start}{text[:body]}\n    meta:{said}{text[own:asked]}{condition}}}"


def _narrow(condition: str, signs: list[ContentIndicator], where: str) -> str:
    """The condition, for texts or for everything else alone if all signs are. A process has no first bytes."""
    scopes = {sign.scope for sign in signs}
    if where != "files" or len(scopes) > 1 or "any" in scopes:
        return condition
    start = "not " if "text" in scopes else ""
    return f"\n        ({condition}) and {start}{HAS_NUL}\n"


def _list_meta(pack: ThreatPack, signs: list[ContentIndicator]) -> list[str]:
    """What the pack says about a rule."""
    said = [("author", AUTHOR)] if pack.origin is None else _list_origin(pack)
    said += [("pack", pack.name), ("title", pack.title), ("version", pack.version)]
    for sign in signs:
        said += [("indicator", sign.id), ("confidence", sign.confidence), ("severity", sign.severity)]
        said += [("because", sign.because)]
        titles = {item.id: item.title for item in pack.references}
        said += [("reference", titles.get(name, name)) for name in sign.references]
    said += [("cve", cve) for cve in pack.cves]
    return [f'{name} = "{"".join(_quote(text))}"' for name, text in said]


def _list_origin(pack: ThreatPack) -> list[tuple[str, str]]:
    if pack.origin is None:
        return []
    said = [("author", author) for author in pack.origin.authors]
    return [*said, ("source", pack.origin.source), ("license", pack.origin.licence)]


def _quote(text: str) -> Iterator[str]:
    for letter in text:
        yield "\\" + letter if letter in '"\\' else letter if letter.isprintable() else " "
