"""A pack's path (`*` within a component, `?:` any drive) as other engines say it."""

import re


def spell_path(path: str) -> str:
    """As a regular expression, without anchors; both slashes as they are."""
    drive = "[a-z]:" if path.startswith("?:") else ""
    rest = path[2:] if drive else path
    return drive + "".join(r"[^/\x5c]*" if piece == "*" else _quote(piece) for piece in re.split(r"(\*)", rest))


def spell_like(path: str) -> str:
    """As a LIKE pattern of SQL or STIX: `%` is anything there. The drive of `?:` is one character."""
    return path.replace("?:", "_:", 1).replace("*", "%") if path.startswith("?:") else path.replace("*", "%")


def list_drives(path: str, drives: str = "CDE") -> tuple[str, ...]:
    """The path itself, or on each of these drives if it is for any."""
    return tuple(f"{drive}{path[1:]}" for drive in drives) if path.startswith("?:") else (path,)


def _quote(text: str) -> str:
    return re.escape(text).replace("\\\\", r"\x5c").replace("'", r"\x27").replace('"', r"\x22")
