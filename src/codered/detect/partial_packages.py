"""Packages of which most files are not there: who deletes files to hide takes few, a partial tree lacks nearly all."""

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from codered.model.known_good import Deviation

FEWEST = 2  # missing files of one package: it is told of once anyway if there is one


def fold_missing_files(deviations: Iterable[Deviation], compared: Mapping[str, int]) -> tuple[Deviation, ...]:
    """The same deviations, with one for all missing files of a package of which more are missing than are there;
    `compared` is the number of its files that were looked for. What a baseline says is never folded.
    """
    told = tuple(deviations)
    missing = Counter(item.package for item in told if _is_missing(item))
    partial = {name for name, count in missing.items() if count >= FEWEST and count * 2 > compared.get(name, 0)}
    kept: list[Deviation] = []
    begun: set[str] = set()
    for item in told:
        if not (_is_missing(item) and item.package in partial):
            kept.append(item)
        elif item.package not in begun:
            begun.add(item.package)
            kept.append(replace(item, note=_tell(missing[item.package], compared.get(item.package, 0))))
    return tuple(kept)


def _is_missing(item: Deviation) -> bool:
    return item.kind == "missing" and item.truth == "package-database" and bool(item.package)


def _tell(missing: int, compared: int) -> str:
    return f"most of its files are not here, {missing:,} of {max(missing, compared):,}: a partial tree?"
