"""YARA rules as signs: each tried by the engine on its own, those that it can't take, or not quickly, named."""

import re
from collections.abc import Iterable
from pathlib import Path

from codered.engine import CompileProblem, RuleSource, try_each
from codered.model.finding import Confidence
from codered.packs.checks.character_classes import explain_classes
from codered.packs.generating import RULE_SHAPE
from codered.packs.importing.bounding import find_endless
from codered.packs.importing.grounds import find_absent, find_long_loop, is_grounded
from codered.packs.importing.imported import Imported, Left, distinct
from codered.packs.importing.rule_names import NamedRule, name_rules
from codered.packs.importing.rule_signs import RuleSigns
from codered.packs.importing.yara_files import FoundRules, YaraReader
from codered.packs.rule_texts import RuleText, split_rules

_UNKNOWN = re.compile(r"unknown identifier `([^`]{1,128})`")
_LOOK_AROUND = re.compile(r"\(\?(?:[=!]|<[=!])")
_BACK_REFERENCE = re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]")
_EXTERNAL = frozenset(("filename", "filepath", "extension", "filetype", "owner"))


def import_yara(chosen: tuple[tuple[Path, tuple[Path, ...]], ...], most: Confidence) -> Imported:
    """The rules of these files, each group below its folder, as content signs of at most this confidence. Raises
    WrongUse for more than can be handled.
    """
    reader = YaraReader()
    for folder, files in chosen:
        reader.read(files, folder)
    found = reader.found
    choice = _Choice(found)
    choice.try_all()
    kept = choice.list_kept()
    signs = RuleSigns(most)
    for rule in kept:
        signs.add(rule)
    return Imported(
        read=reader.count,
        rules=choice.write(kept),
        content=tuple(signs.content),
        references=signs.references(),
        authors=distinct(signs.authors),
        licences=distinct(signs.licences),
        left=tuple(choice.left),
    )


class _Choice:
    """Which rules can be taken. A rule that needs one that can't be is not taken either."""

    def __init__(self, found: FoundRules) -> None:
        self.left: list[Left] = list(found.left)
        self._modules: list[str] = []
        self._missing: set[str] = set()
        self._refused: set[str] = set()
        for where, module in found.modules:
            self._add_module(where, module)
        self._rules, notes = name_rules(found.rules)
        self.left += notes

    def _add_module(self, where: str, module: str) -> None:
        if module in self._modules or module in self._missing:
            return
        known = RULE_SHAPE.fullmatch(module) and try_each([RuleSource("", f'import "{module}"', "")]) == [None]
        if known:
            self._modules.append(module)
            return
        self._missing.add(module)
        self.left.append(
            Left(
                where,
                f'import "{module}"',
                "the engine has no such module; rules that use it are refused",
                is_rule=False,
            )
        )

    def try_all(self) -> None:
        """Every test, the cheap ones first."""
        for rule in self._rules:
            if why := _refuse_at_sight(rule):
                self._refuse(rule, why)
        self._try_to_compile()
        for rule in self._taken():
            if why := next(filter(None, map(explain_classes, rule.found.text.regexes)), ""):
                self._refuse(rule, why)
        self._refuse_groundless()
        self._refuse_dependants()
        endless = find_endless(self._imports(), [(rule.name, rule.source, rule.needs) for rule in self._taken()])
        for rule in self._taken():
            if rule.name in endless:
                self._refuse(rule, endless[rule.name])
        self._refuse_dependants()

    def list_kept(self) -> list[NamedRule]:
        """The rules that are taken: without private ones that nobody needs."""
        taken = self._taken()
        needed: set[str] = set()
        kept = []
        for rule in reversed(taken):
            if not rule.private or rule.name in needed:
                needed |= rule.needs
                kept.append(rule)
            else:
                self.left.append(Left(rule.place, rule.name, "private, and no rule that is kept needs it", "note"))
        return kept[::-1]

    def write(self, kept: Iterable[NamedRule]) -> str:
        """The source of the pack's rules.yar."""
        return f"{self._imports()}\n" + "\n\n".join(rule.written() for rule in kept) + "\n"

    def _imports(self) -> str:
        return "".join(f'import "{module}"\n' for module in self._modules)

    def _taken(self) -> list[NamedRule]:
        return [rule for rule in self._rules if rule.name not in self._refused]

    def _refuse(self, rule: NamedRule, why: str) -> None:
        if rule.name not in self._refused:
            self._refused.add(rule.name)
            self.left.append(Left(rule.place, rule.original, why))

    def _try_to_compile(self) -> None:
        self._refuse_dependants()
        taken = self._taken()
        sources = [RuleSource("", self._imports(), "")]
        sources += [RuleSource("", rule.written(), rule.found.where) for rule in taken]
        for rule, problem in zip(taken, try_each(sources)[1:], strict=True):
            if problem is not None:
                self._refuse(rule, self._explain(rule, problem))

    def _refuse_groundless(self) -> None:
        """Rules that would accuse any file. A private one may be so: it narrows others."""
        grounded: set[str] = set()
        for rule in self._taken():
            read = next((item for item in split_rules(rule.source) if isinstance(item, RuleText)), None)
            if read is not None and is_grounded(read.condition, self._modules, grounded):
                grounded.add(rule.name)
            elif not rule.private:
                self._refuse(rule, "can match without any string or module value: it would accuse any file")

    def _refuse_dependants(self) -> None:
        for rule in self._taken():
            if lost := sorted(rule.needs & self._refused):
                self._refuse(rule, f"needs rule {lost[0]}, which is refused")

    def _explain(self, rule: NamedRule, problem: CompileProblem) -> str:
        line = rule.found.text.line + max(problem.line, 1) - 1
        if unknown := _UNKNOWN.search(problem.message):
            name = unknown[1]
            if name in self._refused:
                return f"needs rule {name}, which is refused"
            if name in self._missing:
                return f"needs the module {name}, which the engine lacks"
            if name in _EXTERNAL:
                return f"needs the external variable `{name}`, which no scan here defines (line {line})"
        if "slow" in problem.message:
            return f"slow: it has no plain bytes to search for (line {line})"
        return f"the engine does not take it: {problem.message} (line {line})"


def _refuse_at_sight(rule: NamedRule) -> str:
    """What need not be tried: "" if nothing is wrong at sight."""
    if rule.wildcard:
        return f"names rules by a pattern ({rule.wildcard}*), which would mean others here"
    if not RULE_SHAPE.fullmatch(rule.name):
        return "its name is too long"
    if why := find_absent(rule.found.text.condition) or find_long_loop(rule.found.text.condition):
        return why
    if any("\ud800" <= character <= "\udfff" for character in rule.source):
        return r"not UTF-8: write other bytes as \xNN"
    for regex in rule.found.text.regexes:
        if _LOOK_AROUND.search(regex):
            return "a pattern looks around itself, which takes no linear time"
        if _BACK_REFERENCE.search(regex):
            return "a pattern refers back to a group, which takes no linear time"
    return ""
