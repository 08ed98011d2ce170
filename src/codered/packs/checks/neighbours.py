"""What only shows when all packs are seen together."""

from collections.abc import Iterator

from codered.packs.anchors import MOST_ATOMS, binary_rules, find_flaws, list_atoms, place_rules
from codered.packs.problems import CheckedPack, Problem
from codered.packs.strict_yaml import shorten
from codered.packs.suggesting import suggest


def check_neighbours(packs: tuple[CheckedPack, ...]) -> Iterator[Problem]:
    """Names are unique, sharing is mutual, and the anchors of all packs still fit the engine's fast matcher."""
    seen: dict[str, str] = {}
    for checked in packs:
        name = checked.pack.name
        if name in seen:
            yield Problem(checked.at("name"), f"a second pack `{name}`", f"{seen[name]} has it: rename one of the two")
        seen[name] = checked.at("name")
    for checked in packs:
        yield from _check_sharing(checked, packs)
    yield from _count_atoms(packs)


def _check_sharing(checked: CheckedPack, packs: tuple[CheckedPack, ...]) -> Iterator[Problem]:
    by_name = {other.pack.name: other for other in packs}
    for layer, number, sign in checked.signs():
        for index, name in enumerate(sign.shared_by):
            at = checked.at(layer, number, "shared_by", index)
            other = by_name.get(name)
            if other is None:
                yield Problem(at, f"there is no pack `{shorten(name)}`", suggest(name, sorted(by_name)))
            elif not any(kind == layer and checked.pack.name in theirs.shared_by for kind, _, theirs in other.signs()):
                what = (
                    f"`{sign.id}` is shared with {name}, which shares nothing of its {layer} with {checked.pack.name}"
                )
                yield Problem(at, what, f"add the sign to {name}, or take {name} out here", "warning")


def _count_atoms(packs: tuple[CheckedPack, ...]) -> Iterator[Problem]:
    atoms: set[bytes] = set()
    for checked in packs:
        needed = binary_rules(checked.pack)
        useful = needed | place_rules(checked.pack)
        for rule in checked.rules:
            if rule.name in needed or (rule.name in useful and not any(find_flaws(rule))):
                atoms.update(list_atoms(rule))
                if len(atoms) > MOST_ATOMS:
                    what = f"with rule {rule.name} the packs have {len(atoms)} anchors, more than {MOST_ATOMS}"
                    yield Problem(
                        checked.at_rule(rule.line), what, "share anchors between rules; `ascii wide` counts twice"
                    )
                    return
