"""Changing the running system's registry: every value byte for byte, a key with all below it, read back afterwards."""

from codered.model.plan import KeyState, RegistryPlace, ValueState
from codered.model.registry import RegistryValue
from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry.trees import (
    NO_KEY,
    NO_VALUE,
    KeptKey,
    decode_name,
    encode_name,
    look_at_key,
    look_at_value,
    name_path,
    name_value,
)
from codered.system.windows_registry import (
    Value,
    list_keys,
    list_values,
    opened_key,
    remove_key,
    remove_value,
    write_value,
)

_LINK = 6  # REG_LINK
_MOST_KEYS, _MOST_DEPTH, _MOST_BYTES = 100_000, 512, 64 << 20


class LiveWriter:
    """Implements `writer.RegistryWriter` on the Windows that this program runs on."""

    def read_state(self, place: RegistryPlace) -> ValueState | KeyState:
        """See `writer.RegistryWriter`."""
        if place.value is not None:
            return self.read_value(place)
        tree = self.read_tree(place)
        return look_at_key(tree) if tree else NO_KEY

    def read_value(self, place: RegistryPlace) -> ValueState:
        """See `writer.RegistryWriter`."""
        try:
            with opened_key(_path_of(place)) as key:
                return look_at_value((RegistryValue(*value) for value in list_values(key)), name_value(place))
        except FileNotFoundError:
            return NO_VALUE

    def read_tree(self, place: RegistryPlace) -> tuple[KeptKey, ...]:
        """See `writer.RegistryWriter`."""
        top = _path_of(place)
        try:
            with opened_key(top):
                pass
        except FileNotFoundError:
            return ()
        found: list[KeptKey] = []
        size, waiting = 0, [(0, top, 0)]
        while waiting:
            depth, path, written = waiting.pop()
            with opened_key(path) as key:
                values, below = _sort_values(list_values(key)), sorted(list_keys(key), key=lambda one: one[0].upper())
            size += sum(len(data) for _, _, data in values)
            if len(found) > _MOST_KEYS or depth > _MOST_DEPTH or size > _MOST_BYTES:
                raise ChangeFailed(f"more than {_MOST_KEYS:,} keys or {_MOST_BYTES >> 20} MiB lie below it")
            found.append(KeptKey(depth, encode_name(path.rpartition("\\")[2]), written, values))
            waiting += [(depth + 1, f"{path}\\{name}", when) for name, when in reversed(below)]
        return tuple(found)

    def set_value(self, place: RegistryPlace, becomes: ValueState) -> None:
        """See `writer.RegistryWriter`."""
        name = name_value(place)
        with opened_key(_path_of(place), write=True) as key:
            write_value(key, (name, becomes.type, becomes.data))
        if self.read_value(place) != becomes:
            raise ChangeFailed("the registry took the value but says another one now: something guards it")

    def delete_value(self, place: RegistryPlace) -> None:
        """See `writer.RegistryWriter`."""
        with opened_key(_path_of(place), write=True) as key:
            remove_value(key, name_value(place))

    def delete_key(self, place: RegistryPlace) -> None:
        """See `writer.RegistryWriter`."""
        tree = self.read_tree(place)
        for path in reversed(_name_keys(_path_of(place), tree)):
            above, _, name = path.rpartition("\\")
            with opened_key(above, write=True) as key:
                remove_key(key, name)

    def put_key(self, place: RegistryPlace, tree: tuple[KeptKey, ...]) -> None:
        """See `writer.RegistryWriter`."""
        for path, kept in zip(_name_keys(_path_of(place), tree), tree, strict=True):
            with opened_key(path, write=True, make=True) as key:
                there = {name.upper() for name, _, _ in list_values(key)}
                for name, kind, data in kept.values:
                    if decode_name(name).upper() not in there:
                        write_value(key, (decode_name(name), kind, data))


def _path_of(place: RegistryPlace) -> str:
    return "\\".join((place.hive, *name_path(place)))


def _sort_values(values: list[Value]) -> tuple[tuple[bytes, int, bytes], ...]:
    if any(kind == _LINK for _, kind, _ in values):
        raise ChangeFailed("a link of the registry lies there: do it by hand")
    return tuple((encode_name(name), kind, data) for name, kind, data in sorted(values, key=lambda one: one[0].upper()))


def _name_keys(top: str, tree: tuple[KeptKey, ...]) -> list[str]:
    """The full name of each key of a tree, which lists a key before those below it."""
    above: list[str] = []
    found = []
    for key in tree:
        path = f"{above[key.depth - 1]}\\{decode_name(key.name)}" if key.depth else top
        above[key.depth :] = [path]
        found.append(path)
    return found
