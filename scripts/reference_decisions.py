"""The list of decisions, from their titles."""

import re
from pathlib import Path

from scripts.reference_texts import MADE

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "decisions"
_TITLE = re.compile(r"# (?P<number>\d+)\.? (?P<title>.+)")


def write_page() -> str:
    """docs/decisions/README.md. Raises ValueError for a decision whose first line is no title with its number."""
    lines = [MADE, "# Decisions", "", "What was decided, why, and what it costs; the newest last.", ""]
    for path in sorted(FOLDER.glob("0*.md")):
        found = _TITLE.fullmatch(path.read_text("utf-8").partition("\n")[0])
        if not found or int(found["number"]) != int(path.name[:4]):
            raise ValueError(f"{path.name}: its first line must be `# {path.name[:4]} TITLE`")
        lines.append(f"- [{int(found['number'])}]({path.name}) {found['title']}")
    return "\n".join(lines) + "\n"
