"""The names of PHP's functions by what they do: `tables.json`, read once."""

from importlib import resources

import msgspec


class Tables(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names in small letters. A number is the argument that counts, from 0; a negative one counts from the end."""

    visitor: frozenset[str]
    visitor_calls: frozenset[str]
    visitor_files: frozenset[str]
    server_keys: frozenset[str]
    built_in: frozenset[str]
    checks: frozenset[str]
    harmless: frozenset[str]
    code: dict[str, int]
    command: dict[str, int]
    pattern: dict[str, tuple[int, int, int]]
    callback: dict[str, tuple[int, ...]]
    reflection: frozenset[str]
    invokes: frozenset[str]
    shell_objects: frozenset[str]
    shell_methods: frozenset[str]
    open: dict[str, int]
    write: dict[str, tuple[int, int]]
    keep: dict[str, tuple[int, int]]
    read: dict[str, int]
    list: dict[str, int]
    remove: dict[str, int]
    query: dict[str, int]
    login: dict[str, int]
    connect: dict[str, int]
    fetch: frozenset[str]
    load: dict[str, int]
    unserialize: frozenset[str]
    mail: dict[str, tuple[int, int]]
    decode: dict[str, tuple[str, ...]]
    unreadable: frozenset[str]
    pieces: frozenset[str]
    system_words: frozenset[str]
    silencers: frozenset[str]
    abilities: tuple[frozenset[str], ...]
    danger: frozenset[str]


TABLES = msgspec.json.decode(
    resources.files("codered.detect.scripts.php").joinpath("tables.json").read_bytes(), type=Tables
)
