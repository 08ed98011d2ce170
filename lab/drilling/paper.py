"""drill.json: since when which drill goes on in a laboratory, what its team was told, and what is planted."""

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from lab.namespaces import CannotBuild

NAME = "drill.json"
FORMAT = "codered/lab-drill/1"


@dataclass(frozen=True, kw_only=True)
class Paper:
    """`began` is a moment of UTC; `scans` the address that is seen to scan, `capture` the file that shows it;
    `machines` are the truth (staging.list_machines). Headquarters reads the same words (drills.laboratory.Planted).
    """

    name: str
    began: str
    size: str
    scans: str
    capture: str
    machines: list[dict[str, Any]]
    format: str = FORMAT

    @property
    def since(self) -> datetime:
        """When it began (aware)."""
        return datetime.fromisoformat(self.began)

    def write(self, folder: Path) -> None:
        """Whole or not at all."""
        fresh = folder / f".{NAME}"
        fresh.write_text(json.dumps(asdict(self), indent=1) + "\n")
        fresh.replace(folder / NAME)


def read_paper(folder: Path) -> Paper:
    """The drill of the laboratory in this folder. Raises CannotBuild if there is none."""
    path = folder / NAME
    try:
        raw = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CannotBuild(f"{folder}: no drill goes on there; begin one with: lab drill start") from None
    except ValueError as error:
        raise CannotBuild(f"{path}: not a drill's record") from error
    words = {one.name for one in fields(Paper)}
    if not isinstance(raw, dict) or raw.keys() != words or raw["format"] != FORMAT:
        raise CannotBuild(f"{path}: not a drill's record")
    return Paper(**raw)
