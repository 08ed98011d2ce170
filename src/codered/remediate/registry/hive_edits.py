"""Edits of a hive's bytes, in memory: libhivex writes, `hive_file` reads what came of it and compares. Nothing but the
value or key that was meant may differ around it.
"""

from codered.model.plan import RegistryPlace, ValueState
from codered.model.registry import RegistryValue, fold_name
from codered.remediate.file_state import Blocked, ChangeFailed
from codered.remediate.registry.hive_file import HiveFile, KeyCell, read_from
from codered.remediate.registry.hivex import Hivex, commit_copy, opened_copy
from codered.remediate.registry.touched import check_touched, list_below
from codered.remediate.registry.trees import KeptKey, decode_name, name_path, name_value, read_state

# Windows keeps longer data in pieces, which libhivex can't write.
_MOST_DATA = 16_344
DIRTY = (
    "the hive was not written to its end (its sequence numbers differ), and its transaction logs do not make it whole. "
    "Start that Windows and shut it down cleanly, then scan again; or restore the hive from a backup"
)
DAMAGED = "the checksum of the hive's first page is wrong: restore the hive from a backup"
GONE = "its key is not there any more"


def check_clean(hive: HiveFile) -> None:
    """Raises ChangeFailed unless the hive is as Windows leaves it when it shuts down."""
    if not hive.header.whole:
        raise Blocked(DAMAGED)
    if hive.header.sequence[0] != hive.header.sequence[1]:
        raise Blocked(DIRTY)


def edit_value(data: bytes, place: RegistryPlace, becomes: ValueState) -> bytes:
    """The hive's bytes with the value as it is to be: set, or gone. Raises ChangeFailed."""
    hive = read_from(data)
    check_clean(hive)
    key = hive.find(name_path(place))
    if key is None:
        raise ChangeFailed(GONE)
    before = hive.values(key)
    after = _replace_value(before, name_value(place), becomes)
    _check_writable(hive, after)
    with opened_copy(data) as (writer, fd):
        writer.set_values(key.cell, after)
        made = commit_copy(writer, fd)
    changed = _check_made(hive, made)
    _check_key(hive, changed, key, after, gone="")
    check_touched(hive, data, made, [key])
    return made


def remove_key(data: bytes, place: RegistryPlace) -> bytes:
    """The hive's bytes without the key and all below it. Raises ChangeFailed."""
    hive = read_from(data)
    check_clean(hive)
    path = name_path(place)
    key, parent = hive.find(path), hive.find(path[:-1])
    if key is None or parent is None:
        raise ChangeFailed(GONE)
    if not path:
        raise ChangeFailed("the root of a hive is never deleted")
    with opened_copy(data) as (writer, fd):
        writer.delete_key(key.cell)
        made = commit_copy(writer, fd)
    changed = _check_made(hive, made)
    _check_key(hive, changed, parent, hive.values(parent), gone=key.name)
    check_touched(hive, data, made, [parent, *list_below(hive, key)])
    return made


def put_key(data: bytes, place: RegistryPlace, tree: tuple[KeptKey, ...]) -> bytes:
    """The hive's bytes with a key that was deleted, and all that was below it. Raises ChangeFailed."""
    hive = read_from(data)
    check_clean(hive)
    parent = hive.find(name_path(place)[:-1])
    if parent is None:
        raise ChangeFailed("the key above it is not there any more")
    with opened_copy(data) as (writer, fd):
        cells = [parent.cell]
        for key in tree:
            del cells[key.depth + 1 :]
            cells.append(writer.add_key(cells[-1], decode_name(key.name)))
            _put_values(hive, writer, cells[-1], key)
        made = commit_copy(writer, fd)
    _check_made(hive, made)
    check_touched(hive, data, made, [parent])
    return made


def _put_values(hive: HiveFile, writer: Hivex, cell: int, key: KeptKey) -> None:
    values = tuple(RegistryValue(decode_name(name), kind, data) for name, kind, data in key.values)
    _check_writable(hive, values)
    if values:
        writer.set_values(cell, values)


def _replace_value(before: tuple[RegistryValue, ...], name: str, becomes: ValueState) -> tuple[RegistryValue, ...]:
    """A hostile hive may hold the name twice: one of them stays, or none."""
    wanted = fold_name(name)
    after: list[RegistryValue] = []
    placed = not becomes.exists
    for value in before:
        if fold_name(value.name) != wanted:
            after.append(value)
        elif not placed:
            after.append(RegistryValue(value.name, becomes.type, becomes.data))
            placed = True
    if not placed:
        after.append(RegistryValue(name, becomes.type, becomes.data))
    return tuple(after)


def _check_writable(hive: HiveFile, values: tuple[RegistryValue, ...]) -> None:
    if hive.header.minor > 3 and any(len(value.data) > _MOST_DATA for value in values):
        raise ChangeFailed(
            f"a value of its key has more than {_MOST_DATA:,} bytes, which can't be written here: do it on the running "
            "system"
        )


def _check_made(hive: HiveFile, made: bytes) -> HiveFile:
    """The changed hive, whole and one step further. Raises ChangeFailed."""
    changed = read_from(made)
    check_clean(changed)
    step = (changed.header.sequence[0] - hive.header.sequence[0]) & 0xFFFFFFFF
    if step != 1 or (changed.header.root, changed.header.minor) != (hive.header.root, hive.header.minor):
        raise ChangeFailed("what libhivex wrote is not the hive that was meant: nothing was touched")
    return changed


def _check_key(
    hive: HiveFile, changed: HiveFile, key: KeyCell, values: tuple[RegistryValue, ...], *, gone: str
) -> None:
    """That the key holds these values, and the same keys as before but one. Raises ChangeFailed."""
    now = changed.read_key(key.cell)
    names = [child.name for child in hive.children(key)]
    if gone:
        names.remove(gone)
    same = now.name == key.name and [child.name for child in changed.children(now)] == names
    if not same or changed.values(now) != values:
        raise ChangeFailed("what libhivex wrote is not what was meant: nothing was touched")


__all__ = ["DIRTY", "check_clean", "edit_value", "put_key", "read_state", "remove_key"]
