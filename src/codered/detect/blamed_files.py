"""What a finding runs, as evidence: the planner takes the files that are blamed away with it, and tells of the rest."""

import os.path
from collections.abc import Iterator

from msgspec.structs import replace

from codered.detect.autostart_facts import FactFinder
from codered.model.finding import Evidence, Finding
from codered.model.persistence import Autostart

MOST_PATH = 256  # bytes: evidence has no room for more
MOST_TOLD = 16  # files of one finding
BLAMED = "script"  # the source of evidence: a file that goes with the finding if no package owns it
RUNS = "runs"  # the same: a file that it runs, of which nothing else is known
_HOMES = ("~/", "$HOME/", "${HOME}/")


def add_script(finding: Finding, script: bytes | None) -> Finding:
    """The finding with the path of the script that the process runs, so that it is not forgotten on the disk."""
    if script is None or len(script) > MOST_PATH:
        return finding
    return replace(finding, evidence=(*finding.evidence, Evidence(what="its script", data=script, source=BLAMED)))


def tell_what_runs(finding: Finding, entry: Autostart, facts: FactFinder) -> Finding:
    """The finding with the files that its entry runs, as paths on the machine that runs the tool; what lies where
    anybody may put files, or where files are hidden, is blamed. The whole file stays the last evidence.
    """
    told: list[Evidence] = []
    left = 0
    for name in _list_names(entry):
        raw = (_find_root(entry) + name).encode(errors="surrogateescape")
        if len(told) == MOST_TOLD or len(raw) > MOST_PATH:
            left += 1
            continue
        source = BLAMED if facts.is_odd_place(name) else RUNS
        told.append(Evidence(what="what it runs", data=raw, source=source))
    if left:
        told.append(Evidence(what=f"what it runs: {left} more, or with longer paths", source=RUNS))
    known = finding.evidence
    end = len(known) - 1 if known and known[-1].source == "file" else len(known)
    return replace(finding, evidence=(*known[:end], *told, *known[end:]))


def _list_names(entry: Autostart) -> Iterator[str]:
    """The absolute paths of what it runs, plainly written; a link on the way is the planner's to follow."""
    names: dict[str, None] = {}
    for name in entry.runs:
        for start in _HOMES:
            if name.startswith(start):
                name = f"{_guess_home(entry)}/{name.removeprefix(start)}"  # noqa: PLW2901 - the same file
        if name.startswith("/"):
            names["/" + os.path.normpath(name).lstrip("/")] = None
    yield from names


def _guess_home(entry: Autostart) -> str:
    """The home of its user as homes mostly lie; a file of a profile lies in it."""
    path = entry.system_path()
    if path.startswith("/root/") or entry.user == "root":
        return "/root"
    parts = path.split("/")
    if path.startswith("/home/") and len(parts) > 3:
        return "/".join(parts[:3])
    return f"/home/{entry.user}"


def _find_root(entry: Autostart) -> str:
    """Where the examined system's root lies on this machine ("" = it is this machine's own)."""
    path, shown = entry.path.text, entry.shown
    return path.removesuffix(shown) if shown and shown.startswith("/") and path.endswith(shown) else ""
