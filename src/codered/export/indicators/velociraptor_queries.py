"""The queries of the Velociraptor artifact, which are the same for all packs."""

import json
from importlib.resources import files


def read_queries() -> dict[str, object]:
    """The artifact without its signs: new at every call, so that the caller may fill it."""
    made: dict[str, object] = json.loads((files(__package__) / "velociraptor_artifact.json").read_text())
    return made
