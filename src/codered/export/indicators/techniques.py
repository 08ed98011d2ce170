"""Names and tactics of the ATT&CK techniques that packs speak of."""

import functools
import json
from importlib.resources import files
from typing import NamedTuple


class Technique(NamedTuple):
    """An ATT&CK technique: its id, its name, and the tactic that it mostly serves (a STIX phase name)."""

    id: str
    name: str
    tactic: str

    def address(self) -> str:
        """Its page."""
        return f"https://attack.mitre.org/techniques/{self.id.replace('.', '/')}"


def name_technique(technique: str) -> Technique:
    """The technique of this id; one that is not listed is named by its id and has no tactic."""
    name, tactic = _read_names().get(technique, (technique, ""))
    return Technique(technique, name, tactic)


@functools.cache
def _read_names() -> dict[str, tuple[str, str]]:
    text = (files(__package__) / "attack_techniques.json").read_text()
    return {key: (name, tactic) for key, (name, tactic) in json.loads(text).items()}
