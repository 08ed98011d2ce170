"""What stands in keys that are known by name (`known_keys.json`): what starts at boot and logon, what is loaded."""

from collections.abc import Iterator
from importlib import resources
from itertools import islice

import msgspec

from codered.collect.windows.autostart.commands import name_files
from codered.collect.windows.autostart.entries import DEFAULT, as_bytes, of_registry
from codered.collect.windows.autostart.machine import WindowsMachine, home_of
from codered.model.paths import FilePath
from codered.model.persistence import Autostart, WindowsKind
from codered.model.registry import REG_BINARY, RegistryValue

MOST_BELOW = 10_000  # keys right below one
MOST_PARTS = 64  # of one value
_SOFTWARE = ("HKLM\\SOFTWARE\\", "HKCU\\Software\\")


class KnownKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of one meaning. `values`: their names (none = every value); `below`: they stand in the keys right below;
    `wow`: there is a 32-bit view of them; `whole_key`: the key goes with the value; `split`: what parts of the value
    are parted by; `dll`: names without an ending are libraries; `within`: where names without a path are looked for;
    `usual`: what clean systems say; `switch`: a value that says 0 or is missing gives the fact; `packed`: the name
    stands in that many bytes of a binary value.
    """

    kind: WindowsKind
    keys: tuple[str, ...]
    values: tuple[str, ...] = ()
    below: bool = False
    wow: bool = False
    whole_key: bool = False
    split: str = ""
    dll: bool = False
    within: str = "system32"
    usual: tuple[str, ...] = ()
    switch: tuple[str, str] | None = None
    packed: int = 0
    facts: tuple[str, ...] = ()


def _load() -> tuple[KnownKey, ...]:
    text = resources.files("codered.collect.windows.autostart").joinpath("known_keys.json").read_bytes()
    return msgspec.json.decode(text, type=tuple[KnownKey, ...])


_KNOWN = _load()


def collect_known_keys(machine: WindowsMachine) -> Iterator[Autostart]:
    """The entries of all keys that are known by name."""
    for known in _KNOWN:
        usual = frozenset(_normal(machine, known, one, "") for one in known.usual)
        for key in _concrete(machine, known):
            for value in _values(machine, known, key):
                if value.data.strip(b"\0 "):
                    yield _make(machine, known, key, value, usual)


def _concrete(machine: WindowsMachine, known: KnownKey) -> Iterator[str]:
    for path in known.keys:
        paths = [path]
        if known.wow:
            paths += [start + "Wow6432Node\\" + path[len(start) :] for start in _SOFTWARE if path.startswith(start)]
        for each in paths:
            for key in machine.registry.expand(each):
                if not known.below:
                    yield key
                    continue
                names = machine.registry.subkeys(key)
                if len(names) > MOST_BELOW:
                    machine.miss(key, f"more than {MOST_BELOW} keys below it: the rest was left out")
                yield from (f"{key}\\{name}" for name in islice(names, MOST_BELOW))


def _values(machine: WindowsMachine, known: KnownKey, key: str) -> Iterator[RegistryValue]:
    if not known.values:
        yield from machine.registry.values(key)
        return
    for name in known.values:
        value = machine.registry.value(key, name)
        if value is not None:
            yield value


def _parts(known: KnownKey, value: RegistryValue) -> list[str]:
    if known.packed and value.type == REG_BINARY:
        raw = value.data[: known.packed]
        wide = raw[1:2] == b"\0"
        return [raw.decode("utf-16-le" if wide else "latin-1", "replace").partition("\0")[0]]
    texts = list(value.texts())
    if known.split:
        texts = [part for text in texts for part in text.split(known.split)]
    return [part.strip() for part in texts if part.strip()]


def _make(machine: WindowsMachine, known: KnownKey, key: str, value: RegistryValue, usual: frozenset[str]) -> Autostart:
    parts = _parts(known, value)
    home = home_of(machine, key)
    facts = set(known.facts)
    runs: dict[str, FilePath | None] = {}
    odd = []
    for part in parts[:MOST_PARTS]:
        named = name_files(machine, _with_ending(known, part), home, known.within)
        if _normal(machine, known, part, home) in usual:
            continue
        odd.append(part)
        runs.update(zip(named.runs, named.files, strict=True))
        facts |= named.facts
    if len(parts) > MOST_PARTS:
        machine.miss(key, f"more than {MOST_PARTS} names in {value.name}: the rest was left out")
    if known.switch is not None:
        state = machine.registry.value(key, known.switch[0])
        facts |= {known.switch[1]} if state is not None and state.number() == 0 else set()
    if not odd:
        facts.add(DEFAULT)
    joined = (known.split or ("; " if len(parts) > 1 else "")).join(parts)
    return of_registry(
        machine, known.kind, {"key": key, "value": None if known.whole_key else value.name}, joined,
        entry=key.rpartition("\\")[2] if known.below else value.name, text=as_bytes("\n".join(odd) or joined),
        runs=tuple(runs), files=tuple(runs.values()), facts=frozenset(facts),
        usual=known.usual[0] if known.usual else "",
    )  # fmt: skip


def _with_ending(known: KnownKey, part: str) -> str:
    name = part.strip('"').rpartition("\\")[2]
    return f"{part}.dll" if known.dll and "." not in name and name else part


def _normal(machine: WindowsMachine, known: KnownKey, part: str, home: str) -> str:
    """A form that two ways to write one command share."""
    named = name_files(machine, _with_ending(known, part), home, known.within)
    if not named.runs:
        return part.lower()
    name = named.runs[0].lower()
    for folder in (f"{machine.root}\\system32\\", f"{machine.root}\\"):
        name = name.removeprefix(folder.lower())
    return f"{name.removesuffix('.exe')} {named.arguments.lower().strip()}".strip().removesuffix(".dll")
