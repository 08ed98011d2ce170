"""From the name in a finding to the key and value in a hive: names are hostile, and stand escaped in a report."""

from codered.model.plan import RegistryPlace
from codered.model.registry import escape_name, fold_name
from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry.hive_file import HiveFile, KeyCell
from codered.remediate.registry.trees import encode_name

AMBIGUOUS = "two keys or values there have names that can't be told apart: do it by hand"
LINK = "a key on the way there is a link to another, where Windows finds it: do it by hand"
_MOST_WAYS = 64


def split_root(registry: str) -> tuple[str, str]:
    """The hive's root and the key below it: `HKLM\\SYSTEM`, `ControlSet001\\…`."""
    top, _, rest = registry.partition("\\")
    name, _, key = rest.partition("\\")
    return f"{top}\\{name}", key


def locate(hive: HiveFile, registry: str, value: str | None) -> RegistryPlace | None:
    """The place that the finding means; None if its key is not there. A value may be missing. Raises ChangeFailed."""
    root, key = split_root(registry)
    found = _find_keys(hive, key)
    if not found:
        return None
    names, cell = found[0]
    if len(found) > 1 or any("\\" in name for name in names):
        raise ChangeFailed(AMBIGUOUS)
    first = hive.find(names)
    if first is None or first.cell != cell.cell:
        raise ChangeFailed(AMBIGUOUS)
    plain = "\\".join(names)
    name = None if value is None else _find_value(hive, cell, value)
    return RegistryPlace(
        hive=root,
        key=escape_name(plain),
        value=None if name is None else escape_name(name),
        key_raw=_raw(plain),
        value_raw=None if name is None else _raw(name),
    )


def _find_keys(hive: HiveFile, key: str) -> list[tuple[tuple[str, ...], KeyCell]]:
    found: list[tuple[tuple[str, ...], KeyCell]] = []
    waiting: list[tuple[KeyCell, str, tuple[str, ...]]] = [(hive.read_key(hive.header.root), fold_name(key), ())]
    ways = 0
    while waiting:
        here, rest, names = waiting.pop()
        ways += 1
        if ways > _MOST_WAYS * 16 or len(found) > 1:
            raise ChangeFailed(AMBIGUOUS)
        if not rest:
            found.append((names, here))
            continue
        for child in hive.children(here):
            name = fold_name(escape_name(child.name))
            if rest == name or rest.startswith(name + "\\"):
                if child.is_link:
                    raise ChangeFailed(LINK)
                waiting.append((child, rest[len(name) + 1 :], (*names, child.name)))
    return found


def _find_value(hive: HiveFile, cell: KeyCell, value: str) -> str:
    wanted = fold_name(value)
    found = [each.name for each in hive.values(cell) if fold_name(escape_name(each.name)) == wanted]
    if len(found) > 1:
        raise ChangeFailed(AMBIGUOUS)
    return found[0] if found else value


def _raw(name: str) -> bytes | None:
    return None if escape_name(name) == name else encode_name(name)
