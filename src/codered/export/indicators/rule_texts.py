"""Some rules of a pack as the text they stand in, with what they need."""

from collections.abc import Iterable

from codered.model.rule import ParsedPack


def cut_rules(parsed: ParsedPack, names: Iterable[str]) -> str:
    """These rules and those that their conditions name, in file order, behind the file's imports; "" if none."""
    known = {rule.name: rule for rule in parsed.rules}
    needed: set[str] = set()
    waiting = [name for name in names if name in known]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += [term for term in known[name].condition if term in known]
    if not needed:
        return ""
    lines = parsed.loaded.rules.split("\n")  # for a rule that only its lines are known of
    texts = [rule.text or "\n".join(lines[rule.line - 1 : rule.last]) for rule in parsed.rules if rule.name in needed]
    imports = [f'import "{module}"' for module in parsed.imports]
    return "\n".join([*imports, *texts]) + "\n"
