"""What the user says to `codered script`."""

from typing import NamedTuple

ROLES = ("iis4", "iis5", "iis6", "iis7", "windows")
"""As `export.scripts.steps.Role`, which is not loaded for the help."""


class ScriptOptions(NamedTuple):
    """What the user said to `codered script`."""

    plan: str | None
    role: str | None
    prebuilt: str | None
    packs: tuple[str, ...]
    output: str | None
    check: str | None
    as_json: bool
