"""Packs to one compiled rule set for the engine, kept on disk under the digest of everything it is made of.

Imported only when something must be compiled: reading the rules for anchors needs a parser that is slow to load.
"""

from collections.abc import Callable
from pathlib import Path

from codered.engine import CompileProblem, RuleSource, compile_sources
from codered.model.errors import WrongUse
from codered.model.heuristics import Heuristics
from codered.model.indicators import LogIndicator, TrafficIndicator
from codered.model.pack import LoadedPack
from codered.model.ruleset import CompiledRules, RuleSet
from codered.packs.anchors import (
    binary_rules,
    find_flaws,
    is_anchored,
    list_atoms,
    memory_rules,
    place_rules,
    text_rules,
)
from codered.packs.generating import write_first, write_first_text, write_hint, write_label, write_locate, write_payload
from codered.packs.places import pack_place, rules_place
from codered.packs.rule_cache import write_compiled
from codered.packs.rule_sets import NO_HEURISTICS, digest_packs, make_rule_set, read_rules, refuse_twins
from codered.packs.rule_source import parse_rules


def compile_packs(packs: tuple[LoadedPack, ...], cache: Path | None, heuristics: Heuristics = NO_HEURISTICS) -> RuleSet:
    """The packs compiled, or read back from the folder `cache`. A cache that can't be read, written or trusted is
    passed over in silence. Raises WrongUse with file and line for a rule that can't be compiled or proven sound.
    """
    ready = read_rules(packs, cache, heuristics) if cache else None
    if ready is not None:
        return ready
    refuse_twins(packs)
    made = _compile(packs, heuristics)
    if cache:
        write_compiled(cache, made)
    return make_rule_set(packs, made, heuristics)


def _compile(packs: tuple[LoadedPack, ...], heuristics: Heuristics) -> CompiledRules:
    own = tuple(loaded for loaded in packs if loaded.pack.origin is None)
    full = [RuleSource(loaded.pack.name, loaded.rules, rules_place(loaded)) for loaded in own]
    literals = [literal for loaded in packs for item in loaded.pack.logs for literal in item.literals]
    return CompiledRules(
        digest=digest_packs(packs, heuristics),
        full=_compile_or_explain(full, _place_in_source),
        text=_compile_or_explain([_without_binary_rules(loaded) for loaded in own], _place_in_source),
        first_text=_compile_first_text(own),
        first=compile_sources([RuleSource("first", write_first(_collect_atoms(own)), "generated")]),
        locate=compile_sources([RuleSource("locate", write_locate(literals), "generated")]),
        label=_compile_labels(packs),
        memory=_compile_or_explain([_only_memory_rules(loaded) for loaded in packs], _place_in_source),
        first_memory=compile_sources([RuleSource("first", write_first(_collect_memory_atoms(packs)), "generated")]),
        hints=_compile_hints(heuristics),
        payload=_compile_payloads(packs),
        always=_compile_always(packs),
    )


def _place_in_source(problem: CompileProblem) -> str:
    return f"{problem.origin}:{problem.line}"


def _compile_always(packs: tuple[LoadedPack, ...]) -> bytes:
    """The rules of imported packs as they are; b"" if there are none. Nothing has to be proven of them: every file is
    tried on them.
    """
    imported = [loaded for loaded in packs if loaded.pack.origin is not None and loaded.rules.strip()]
    sources = [RuleSource(loaded.pack.name, loaded.rules, rules_place(loaded)) for loaded in imported]
    return _compile_or_explain(sources, _place_in_source, relaxed=True) if sources else b""


def _compile_hints(heuristics: Heuristics) -> bytes:
    """Every pattern of the heuristics as a rule; b"" if there are none."""
    if not heuristics.patterns:
        return b""
    lines = [write_hint(name, pattern) for name, pattern in sorted(heuristics.patterns.items())]
    return compile_sources([RuleSource("hint", "".join(lines), "heuristics")])


def _only_memory_rules(loaded: LoadedPack) -> RuleSource:
    """The pack's rules that serve memory, with what they need; the others would only make the engine slower."""
    return _without_rules(loaded, memory_rules(loaded.pack))


def _collect_memory_atoms(packs: tuple[LoadedPack, ...]) -> list[bytes]:
    """The atoms of every memory rule; one that might match without an atom is refused."""
    atoms: list[bytes] = []
    for loaded in packs:
        wanted = memory_rules(loaded.pack)
        for rule in parse_rules(loaded.rules, rules_place(loaded)) if wanted else ():
            if rule.name not in wanted:
                continue
            if flaw := next(find_flaws(rule), None):
                raise WrongUse(flaw.what, where=f"{rules_place(loaded)}:{flaw.line}", advice=flaw.advice)
            atoms.extend(list_atoms(rule))
    return atoms


def _without_binary_rules(loaded: LoadedPack) -> RuleSource:
    """The pack's rules but for those that only binaries are tried on, unless another rule needs them. Fewer strings
    make the engine faster on text: 0.17 s in place of 0.30 s on 150 MB.
    """
    return _without_rules(loaded, text_rules(loaded.pack))


def _without_rules(loaded: LoadedPack, wanted: set[str]) -> RuleSource:
    """The pack's rules but for those that are neither wanted nor needed by one that is; lines keep their numbers."""
    place = rules_place(loaded)
    if not wanted:
        return RuleSource(loaded.pack.name, "", place)
    rules = parse_rules(loaded.rules, place) if loaded.rules.strip() else ()
    needed = wanted | {term for rule in rules for term in rule.condition}
    lines = loaded.rules.split("\n")
    for rule in rules:
        if rule.name not in needed:
            lines[rule.line - 1 : rule.last] = [""] * (rule.last - rule.line + 1)
    return RuleSource(loaded.pack.name, "\n".join(lines), place)


def _compile_first_text(packs: tuple[LoadedPack, ...]) -> bytes:
    """The anchors of the text rules; b"" if one of these has none, for then every text has to meet them all."""
    atoms: list[bytes] = []
    for loaded in packs:
        wanted = text_rules(loaded.pack) - place_rules(loaded.pack)
        for rule in parse_rules(loaded.rules, rules_place(loaded)) if wanted else ():
            if rule.name in wanted and not is_anchored(rule):
                return b""
            if rule.name in wanted:
                atoms.extend(list_atoms(rule))
    return compile_sources([RuleSource("first", write_first_text(atoms), "generated")])


def _collect_atoms(packs: tuple[LoadedPack, ...]) -> list[bytes]:
    """The atoms of every rule that binaries are tried on; a rule that might match without one is refused."""
    atoms: list[bytes] = []
    for loaded in packs:
        needed, useful = binary_rules(loaded.pack), place_rules(loaded.pack)
        for rule in parse_rules(loaded.rules, rules_place(loaded)) if needed or useful else ():
            flaw = next(find_flaws(rule), None)
            if flaw and rule.name in needed:
                raise WrongUse(flaw.what, where=f"{rules_place(loaded)}:{flaw.line}", advice=flaw.advice)
            if not flaw and rule.name in needed | useful:
                atoms.extend(list_atoms(rule))
    return atoms


def _compile_labels(packs: tuple[LoadedPack, ...]) -> bytes:
    """Every log pattern as a rule of its own line, so that the engine's line names the indicator."""
    labelled = {pack_place(loaded): loaded.pack.logs for loaded in packs if loaded.pack.logs}
    sources = [
        RuleSource(loaded.pack.name, _write_labels(loaded.pack.logs, pack_place(loaded)), pack_place(loaded))
        for loaded in packs
        if loaded.pack.logs
    ]

    def place(problem: CompileProblem) -> str:
        logs = labelled[problem.origin]
        named = logs[problem.line - 1].id if 0 < problem.line <= len(logs) else "?"
        return f"{problem.origin}: pattern of log indicator {named}"

    return _compile_or_explain(sources, place)


def _write_labels(logs: tuple[LogIndicator, ...], where: str) -> str:

    lines = []
    for item in logs:
        try:
            lines.append(write_label(item.id, item.pattern))
        except ValueError as error:
            place = f"{where}: log indicator {item.id!r}"
            raise WrongUse(str(error), where=place, advice="correct its id or pattern") from None
    return "".join(lines)


def _compile_payloads(packs: tuple[LoadedPack, ...]) -> bytes:
    """Every traffic indicator as a rule of its own line, behind those rules of the pack that they name; b"" if there
    is none.
    """
    sources, patterns = [], {}
    for loaded in packs:
        signs = loaded.pack.traffic
        if not signs:
            continue
        own = _without_rules(loaded, {sign.rule for sign in signs if sign.rule}).text.rstrip("\n")
        where = pack_place(loaded)
        sources.append(RuleSource(loaded.pack.name, f"{own}\n{_write_payloads(signs, where)}", where))
        patterns[where] = (own.count("\n") + 2, signs)

    def place(problem: CompileProblem) -> str:
        first, signs = patterns[problem.origin]
        index = problem.line - first
        named = signs[index].id if 0 <= index < len(signs) else "?"
        return f"{problem.origin}: traffic indicator {named}"

    return _compile_or_explain(sources, place) if sources else b""


def _write_payloads(signs: tuple[TrafficIndicator, ...], where: str) -> str:
    lines = []
    for sign in signs:
        try:
            lines.append(write_payload(sign.id, sign.pattern, sign.rule))
        except ValueError as error:
            place = f"{where}: traffic indicator {sign.id!r}"
            raise WrongUse(str(error), where=place, advice="correct its id, pattern or rule") from None
    return "".join(lines)


def _compile_or_explain(
    sources: list[RuleSource], place: Callable[[CompileProblem], str], *, relaxed: bool = False
) -> bytes:
    try:
        return compile_sources(sources, relaxed=relaxed)
    except CompileProblem as problem:
        advice = "correct it; `codered packs lint` names every problem"
        raise WrongUse(problem.message, where=place(problem), advice=advice) from None
