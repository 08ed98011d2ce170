"""Fills a host's state by the words of the checkout whose code runs, below the folder it stands in (see make_forms)."""

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import codered
from codered import drill
from codered.cli import main
from codered.packs.loading import load_packs

FILLER = 10  # ordinary pages on the volume


def say(*words: str) -> None:
    """A word of that command, in a process of its own; what it answers is told."""
    child = os.fork()
    if child == 0:
        sys.argv = ["codered", *words]
        main()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print("==", *words, "->", code, file=sys.stderr)


def fill() -> None:
    """An infected volume, a plan for it that was carried out; a baseline, evidence and a watch where there are such."""
    packs = Path(codered.__file__).parents[2] / "packs"
    loaded = next(each for each in load_packs(packs) if each.pack.name == "codered2")
    drill.FILLER = FILLER
    drill.HostDrill(loaded, Path.cwd()).build()
    volume, site = Path.cwd() / "volume", Path.cwd() / "site"
    Path("before.json").write_text(json.dumps(drill.hash_tree(volume)))
    site.mkdir()
    (site / "index.php").write_text("<?php echo 'shop';\n")
    (site / "shop.conf").write_text("open: yes\n")
    later = find_spec("codered.evidence") is not None
    say("scan", str(site))
    say("scan", "--root", str(volume), "-o", "report.json")
    say("plan", "report.json", "-o", "plan.json")
    if later:
        say("baseline", "create", "--place", str(site), "-o", "site.baseline")
        say("evidence", "collect", "--plan", "plan.json", "-o", "evidence", "--by", "Nora Chief")
    say("apply", "plan.json", "--yes")
    if later:
        say("monitor", "--for", "2s", "--only", "--name", "first", str(site))


if __name__ == "__main__":
    fill()
