"""What names of a language mean, read from a table beside its reader."""

from functools import cache
from importlib import resources

import msgspec

# What a value is made of, and what kind of object it is, are bits that assignments and calls hand on.
TAINTS = {"request": 1, "upload": 2, "decoded": 4, "fetched": 8, "file": 16, "hidden": 32, "sql": 64}
REAL = 127
FROM_CALLER = 1 << 7  # the value of a parameter: what that is, the call decides
BY_CALL = 8  # what a parameter was given stands this many bits higher, so that it does not return to other callers
KINDS_FROM = 16


class Grammar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A language's table. Names are in lower case. `sources`: dotted names and what they give. `given`: members that
    give something whatever they are members of. `harmless`: functions and members whose result carries nothing on.
    `decoders`: functions that unpack. `texts`: decoders that can be worked out, by what they do. `objects`: names of
    classes and their kind. `calls`: functions and what is done with their arguments. `methods`: the same for methods,
    `KIND/NAME` only of objects of that kind. `sets`: the same for properties that are assigned, `KIND/NAME` likewise.
    `fills`: methods that put what they are given into their object.
    """

    syntax: str
    joins: tuple[str, ...] = ("&", "+")
    sources: dict[str, str] = {}
    given: dict[str, str] = {}
    harmless: frozenset[str] = frozenset()
    decoders: frozenset[str] = frozenset()
    texts: dict[str, str] = {}
    makers: frozenset[str] = frozenset()
    objects: dict[str, str] = {}
    calls: dict[str, str] = {}
    methods: dict[str, str] = {}
    sets: dict[str, str] = {}
    fills: frozenset[str] = frozenset()

    def kind_bit(self, kind: str) -> int:
        """The bit of a kind of object."""
        return _number_kinds(tuple(self.objects.values()))[kind]

    def find_use(self, table: dict[str, str], name: str, kinds: int) -> str:
        """What is done with what is handed to a method or property of an object of these kinds, empty for nothing."""
        if name in table:
            return table[name]
        for kind, bit in _number_kinds(tuple(self.objects.values())).items():
            if kinds & bit and f"{kind}/{name}" in table:
                return table[f"{kind}/{name}"]
        return ""


@cache
def _number_kinds(kinds: tuple[str, ...]) -> dict[str, int]:
    return {kind: 1 << (KINDS_FROM + number) for number, kind in enumerate(sorted(set(kinds)))}


@cache
def load_grammar(room: str, name: str) -> Grammar:
    """The table `name`.json of a reader's room."""
    text = resources.files(f"codered.detect.scripts.{room}").joinpath(f"{name}.json").read_bytes()
    return msgspec.json.decode(text, type=Grammar)
