"""Trees of a package that another installer renewed: npm writes itself over what a package brought, file by file."""

from collections.abc import Iterable

from msgspec.structs import replace

from codered.model.known_good import Deviation

MANIFEST = "package.json"
FEWEST = 100  # deviating files below one manifest that deviates itself; fewer are told one by one
_MODULES = "/node_modules/"


def fold_replaced_trees(deviations: Iterable[Deviation]) -> tuple[Deviation, ...]:
    """The same deviations, with one for each tree below `node_modules` whose own manifest differs from the package's
    records together with many files below it, some of which are gone: whoever changes pages or programs to come back
    leaves the others where they are, and an update does not. What a baseline says is never folded.
    """
    told = tuple(deviations)
    trees = {tree: members for tree, members in _find_trees(told).items() if _is_renewed(members)}
    folded = {id(item) for members in trees.values() for item in members}
    kept = [item for item in told if id(item) not in folded]
    return (*kept, *(_fold(tree, members) for tree, members in trees.items()))


def _find_trees(deviations: tuple[Deviation, ...]) -> dict[str, list[Deviation]]:
    trees: dict[str, list[Deviation]] = {}
    for item in deviations:
        if item.truth != "package-database" or item.path is None:
            continue
        folder, found, below = item.path.text.partition(_MODULES)
        name = "/".join(below.split("/")[: 2 if below.startswith("@") else 1])
        if found and name != below:
            trees.setdefault(f"{folder}{_MODULES}{name}", []).append(item)
    return {tree: members for tree, members in trees.items() if _find_manifest(tree, members) is not None}


def _is_renewed(members: list[Deviation]) -> bool:
    return len(members) >= FEWEST and any(item.kind == "missing" for item in members)


def _fold(tree: str, members: list[Deviation]) -> Deviation:
    manifest = _find_manifest(tree, members)
    assert manifest is not None  # `_find_trees` keeps no other
    more = f"another version, and {len(members) - 1} more files below {tree} differ: renewed by another installer (npm)"
    return replace(manifest, actual=more)


def _find_manifest(tree: str, members: list[Deviation]) -> Deviation | None:
    return next((item for item in members if item.path is not None and item.path.text == f"{tree}/{MANIFEST}"), None)
