"""What an SBOM says of our own component: a project file with a version, which pyproject.toml leaves to the code."""

import json
import tomllib
from pathlib import Path

_WHAT = {"host": "The host tool", "hq": "Headquarters, with the host tool"}


def write_materials(tree: Path, version: str, which: str, into: Path) -> Path:
    """A project file for cyclonedx-py: our name, version and licence; `which` is host or hq."""
    project = tomllib.loads((tree / "pyproject.toml").read_text("utf-8"))["project"]
    told = {
        "name": project["name"],
        "version": version,
        "description": f"{_WHAT[which]}: {project['description']}",
        "license": project["license"],
    }
    lines = [
        f"{word} = {json.dumps(value, ensure_ascii=False)}" for word, value in told.items()
    ]  # JSON's strings are TOML's
    into.write_text("\n".join(["[project]", *lines, ""]), "utf-8")
    return into
