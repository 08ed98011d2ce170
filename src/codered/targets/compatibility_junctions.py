"""The junctions that every installation of Windows brings, so that old programs find folders by their old names."""

from importlib import resources

import msgspec


class _Junctions(msgspec.Struct, frozen=True):
    """In the folder `inside` (`*`: any one name, the same throughout) junctions lead `to` these folders. What they are
    called depends on the language of the system.
    """

    inside: str
    to: tuple[str, ...]


def _load() -> tuple[_Junctions, ...]:
    text = resources.files("codered.targets").joinpath("compatibility_junctions.json").read_bytes()
    return msgspec.json.decode(text, type=tuple[_Junctions, ...])


_KNOWN = _load()


def is_compatibility_junction(folder: bytes, leads_to: bytes) -> bool:
    """Whether a junction in a folder that leads there (paths that start with a drive: `C:/Users`) is one of them."""
    here, there = _split(folder), _split(leads_to)
    if not there or here[:1] != there[:1]:
        return False
    for known in _KNOWN:
        inside = known.inside.split("/") if known.inside else []
        if len(inside) != len(here) - 1:
            continue
        user = next((name for name, part in zip(here[1:], inside, strict=True) if part == "*"), "")
        if here[1:] == [user if part == "*" else part for part in inside]:
            return any(there[1:] == [user if part == "*" else part for part in to.split("/")] for to in known.to)
    return False


def _split(rel: bytes) -> list[str]:
    return rel.decode("utf-8", "surrogateescape").lower().strip("/").split("/") if rel else []
