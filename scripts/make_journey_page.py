"""docs/journey.md from the record of a journey: told step by step, with what each word really said, shortened.

The sentences stand in journey_page.toml, by the words that they are about; a sentence whose words nobody said is an
error, so the page can't tell what does not happen.
"""

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "journey.md"
TEXTS = Path(__file__).with_name("journey_page.toml")
FORMAT = "codered/journey-record/1"
BEGINS = 8 * 60 + 10
MOST_LINES, MOST_WIDTH = 14, 130
_VARYING = re.compile(r"\b[0-9a-f]{8}\b|\b10\.67\.0\.\d+|\d{8}-\d{6}-[0-9a-f]{6}")


def main(words: list[str]) -> int:
    """Write the page, or with --check say whether it would be another; 2 for a record that is none."""
    check, paths = "--check" in words, [word for word in words if word != "--check"]
    if len(paths) != 1:
        print("usage: scripts/make-journey-page [--check] RECORD", file=sys.stderr)
        return 2
    record = json.loads(Path(paths[0]).read_text("utf-8"))
    if record.get("format") != FORMAT:
        print(f"{paths[0]}: no record of a journey; ./lab/lab journey --record FILE writes one", file=sys.stderr)
        return 2
    page = make_page(record, tomllib.loads(TEXTS.read_text("utf-8")))
    if check:
        stale = _skeleton(page) != _skeleton(PAGE.read_text("utf-8"))
        print("docs/journey.md tells another journey" if stale else "docs/journey.md is as the record")
        return int(stale)
    PAGE.write_text(page, encoding="utf-8")
    return 0


def make_page(record: dict[str, Any], texts: dict[str, Any]) -> str:
    """The page. Raises LookupError for a sentence about words that nobody said."""
    parts = [texts["head"].strip(), ""]
    last = ""
    for told in texts["step"]:
        step = _find(record["steps"], told)
        if told.get("title"):
            parts += [f"## {told['title']}", ""]
        moment = _show(step["minute"])
        parts += [f"**{moment}** {told['text'].strip()}", ""] if moment != last else [told["text"].strip(), ""]
        last = moment
        if step["words"]:
            parts += ["```", f"$ {_cut(_shorten(' '.join(step['words'])))}   # {step['who']}, exit {step['exit_code']}"]
            parts += [*_choose(step, told), "```", ""]
    wrong = [row for row in record["table"] if row["planted"] != row["told"]]
    took = sum(step["seconds"] for step in record["steps"])
    done = f"{len(record['steps'])} steps, {took:.0f} seconds of commands; "
    compared = (
        f"{len(record['table'])} facts that were planted were compared with what was told, {len(wrong)} differed."
    )
    parts += ["## Planted and told", "", done + compared, "", texts["tail"].strip(), ""]
    return "\n".join(parts)


def _find(steps: list[dict[str, Any]], told: dict[str, Any]) -> dict[str, Any]:
    """The step whose words (or, without any, whose text) begin so, or are so; of several one that ended as wanted."""
    wanted = told["words"]
    for step in steps:
        said = " ".join(step["words"]) or step["what"]
        fits = said == wanted if told.get("exact") else said.startswith(wanted)
        if fits and step["exit_code"] == told.get("exit", step["exit_code"]):
            return step
    raise LookupError(f"nobody said: {wanted}")


def _choose(step: dict[str, Any], told: dict[str, Any]) -> list[str]:
    """The lines that hold one of the wanted texts, else the first ones; what is left out is marked."""
    lines = [line.rstrip() for line in _shorten(f"{step['stdout']}\n{step['stderr']}").splitlines() if line.strip()]
    keep = told.get("keep", [])
    chosen = [line for line in lines if any(text in line for text in keep)] if keep else lines
    if keep and not chosen:
        raise LookupError(f"{told['words']}: nothing of {keep} in what it said")
    most = told.get("most", MOST_LINES)
    return [*map(_cut, chosen[:most])] + (["…"] if len(chosen) < len(lines) or len(chosen) > most else [])


def _cut(line: str) -> str:
    return line if len(line) <= MOST_WIDTH else line[: MOST_WIDTH - 1] + "…"


def _shorten(text: str) -> str:
    return text.replace("LAB/cache/", "").replace("LAB/", "")


def _show(minute: int) -> str:
    day, within = divmod(BEGINS + minute, 24 * 60)
    return f"Day {day + 1}, {within // 60:02}:{within % 60:02}."


def _skeleton(page: str) -> list[str]:
    """What must be the same in each journey: titles and commands, not times and numbers."""
    lines = [line.split("   # ")[0] for line in page.splitlines() if line.startswith(("## ", "$ "))]
    return [_VARYING.sub("…", line) for line in lines]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
