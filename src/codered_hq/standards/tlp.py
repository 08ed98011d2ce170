"""The marking definitions of the Traffic Light Protocol 2.0, as OASIS publishes them: common objects, never our own."""

import functools
import json
from importlib.resources import files
from typing import Final

from codered.export.writing.stix_parts import Stix

EXTENSION: Final = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
STRICTEST: Final = "RED"


def find_marking(level: str) -> Stix:
    """The marking definition of a level; of one that nobody knows, that of the strictest."""
    known = level if level in _read_ids() else STRICTEST
    return {
        "type": "marking-definition", "spec_version": "2.1", "id": _read_ids()[known],
        "created": "2022-10-01T00:00:00.000Z", "name": f"TLP:{known}",
        "extensions": {EXTENSION: {"extension_type": "property-extension", "tlp_2_0": known.lower()}},
    }  # fmt: skip


@functools.cache
def _read_ids() -> dict[str, str]:
    found: dict[str, str] = json.loads((files(__package__) / "tlp.json").read_bytes())
    return found
