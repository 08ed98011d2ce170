"""The tables of this room: places and names as data (`places.json`)."""

from importlib import resources

import msgspec


def _load() -> dict[str, tuple[bytes, ...]]:
    text = resources.files("codered.collect.autostart").joinpath("places.json").read_bytes()
    named = msgspec.json.decode(text, type=dict[str, tuple[str, ...]])
    return {name: tuple(value.encode() for value in values) for name, values in named.items()}


_TABLES = _load()


def table(name: str) -> tuple[bytes, ...]:
    """The values of one table. Raises KeyError if there is none of this name."""
    return _TABLES[name]
