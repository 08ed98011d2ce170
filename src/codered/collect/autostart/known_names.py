"""Names and places of systems (`known_names.json`): what is usual, and what intruders like."""

from importlib import resources

import msgspec


def _load() -> dict[str, tuple[bytes, ...]]:
    text = resources.files("codered.collect.autostart").joinpath("known_names.json").read_bytes()
    named = msgspec.json.decode(text, type=dict[str, tuple[str, ...]])
    return {name: tuple(value.encode() for value in values) for name, values in named.items()}


_LISTS = _load()


def known_names(name: str) -> tuple[bytes, ...]:
    """The values of one list, as they stand there. Raises KeyError if there is none of this name."""
    return _LISTS[name]


def is_known(name: str, value: bytes) -> bool:
    """Whether a list holds a value. Raises KeyError if there is no such list."""
    return value in _LISTS[name]
