"""A value or key of a registry as a plan expects it: states, and a whole key with all below it as it is kept."""

import hashlib
import struct
from collections.abc import Iterable, Iterator

import msgspec

from codered.model.plan import KeyState, RegistryPlace, ValueState
from codered.model.registry import RegistryValue, fold_name
from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry.hive_file import HiveFile, KeyCell

MOST_VALUE = 1 << 20
_MOST_KEYS = 100_000
_MOST_DEPTH = 512
_MOST_BYTES = 64 << 20
NO_VALUE, NO_KEY = ValueState(exists=False), KeyState(exists=False)


class KeptKey(msgspec.Struct, frozen=True):
    """A key as it was: how deep below the one that is kept (0), its name, when it was written (FILETIME; 0 = not
    known), and its values as (name, type, data). Names are in UTF-16-LE.
    """

    depth: int
    name: bytes
    written: int
    values: tuple[tuple[bytes, int, bytes], ...]


def name_path(place: RegistryPlace) -> tuple[str, ...]:
    """The names of the key, from the hive's root on."""
    key = place.key if place.key_raw is None else decode_name(place.key_raw)
    return tuple(key.split("\\")) if key else ()


def name_value(place: RegistryPlace) -> str:
    """The value's name. Raises ChangeFailed if the place is a key."""
    if place.value_raw is not None:
        return decode_name(place.value_raw)
    if place.value is None:
        raise ChangeFailed("the plan does not say which value it is")
    return place.value


def encode_name(name: str) -> bytes:
    """Any name, also one that is no text."""
    return name.encode("utf-16-le", "surrogatepass")


def decode_name(raw: bytes) -> str:
    """The name again."""
    return raw[: len(raw) & ~1].decode("utf-16-le", "surrogatepass")


def look_at_value(values: Iterable[RegistryValue], name: str) -> ValueState:
    """The value of this name, in any case, among them. Raises ChangeFailed if it is too large to be kept in a plan."""
    for value in values:
        if fold_name(value.name) == fold_name(name):
            if len(value.data) > MOST_VALUE:
                raise ChangeFailed(f"the value has {len(value.data):,} bytes, too many to be changed: do it by hand")
            return ValueState(exists=True, type=value.type, data=value.data)
    return NO_VALUE


def look_at_key(tree: Iterable[KeptKey]) -> KeyState:
    """The state of a key that is there, with all below it."""
    digest, keys, values = hashlib.sha256(), 0, 0
    for key in tree:
        keys += 1
        values += len(key.values)
        digest.update(struct.pack("<III", key.depth, len(key.name), len(key.values)) + key.name)
        for name, kind, data in key.values:
            digest.update(struct.pack("<III", len(name), kind, len(data)) + name + data)
    return KeyState(exists=True, sha256=digest.hexdigest(), keys=keys, values=values)


def read_state(hive: HiveFile, place: RegistryPlace) -> ValueState | KeyState:
    """What is in this place of a hive. Raises ChangeFailed."""
    key = hive.find(name_path(place))
    if place.value is not None:
        return NO_VALUE if key is None else look_at_value(hive.values(key), name_value(place))
    return NO_KEY if key is None else look_at_key(list_tree(hive, key))


def list_tree(hive: HiveFile, top: KeyCell) -> Iterator[KeptKey]:
    """The key, then all below it, in the hive's order. Raises ChangeFailed if it is too much, or leads in a circle."""
    seen: set[int] = set()
    size = 0
    waiting = [(0, top)]
    while waiting:
        depth, key = waiting.pop()
        if key.cell in seen or depth > _MOST_DEPTH:
            raise ChangeFailed("the hive is damaged: its keys lead in a circle")
        seen.add(key.cell)
        values = tuple((encode_name(each.name), each.type, each.data) for each in hive.values(key))
        size += sum(len(data) for _, _, data in values)
        if len(seen) > _MOST_KEYS or size > _MOST_BYTES:
            raise ChangeFailed(f"more than {_MOST_KEYS:,} keys or {_MOST_BYTES >> 20} MiB lie below it: do it by hand")
        yield KeptKey(depth, encode_name(key.name), key.written, values)
        waiting += [(depth + 1, child) for child in reversed(tuple(hive.children(key)))]
