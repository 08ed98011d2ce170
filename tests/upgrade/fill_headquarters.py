"""Fills a headquarters by the words of the code that runs (see make_forms); its argument: a folder of inventories."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from codered.cli import main
from codered_hq.engines import ENGINES
from codered_hq.model.engine import Program
from codered_hq.opening import open_headquarters
from codered_hq.shipping import host_file

AUTHORISATION = """\
format: codered/authorisation/1
allowed_by: Nora Chief
contact: security@example.org
reason: a form that is kept for tests
until: 2099-12-31T00:00
ranges: [127.0.0.0/29]
ports: [9]
"""


def say(*words: str) -> None:
    """A word of that command, in this process; what it answers is told."""
    sys.argv = ["codered", *words]
    try:
        main()
    except SystemExit as ended:
        print("==", *words, "->", ended.code, file=sys.stderr)


def fill(inventory: Path) -> None:
    """An inventory, a sweep, a fleet run with one infected host; with an incident where the code knows them."""
    say("hosts", "import", str(inventory / "inventory.yaml"))
    say("hosts", "import", str(inventory / "dnsmasq.leases"))
    Path("played.csv").write_text("name,address,owner\nill,198.51.100.7,Shop\nwell,198.51.100.8,Shop\n")
    say("hosts", "import", "played.csv")
    _play_fleet()
    say("fleet", "scan", "ill", "well")
    Path("authorisation.yaml").write_text(AUTHORISATION)
    say("sweep", "127.0.0.0/29", "--authorisation", "authorisation.yaml", "--ports", "9")
    if find_spec("codered_hq.ledger"):
        _lead_incident(Path(os.environ["CODERED_HQ"]))


def _play_fleet() -> None:
    open_headquarters()
    from tests.fixtures.played_fleets import PlayedFleet, PlayedHost, answer_clean, answer_report, make_report

    ill = PlayedHost("ill", answer_report(make_report("/srv/www/shell.php")))
    fleet, program = PlayedFleet(ill, PlayedHost("well", answer_clean)), Program(path="/", sha256="0" * 64, size=0)
    ENGINES["ansible"] = lambda _config: fleet
    host_file.build_host_file = lambda into, *, with_prober=False: program


def _lead_incident(folder: Path) -> None:
    from tests.fixtures.rules_in_force import put_sample_in_force

    put_sample_in_force(folder)
    say("incident", "declare", "worm-1", "--title", "A worm on the web servers", "--pack", "codered2")
    say("incident", "roster", "add", "Nora Chief", "--role", "incident_commander", "--mail", "nora@example.org")
    say("incident", "set", "--summary", "Ordering is closed", "--impact", "Ordering=closed")
    say("contain", "host", "ill", "--reason", "it spreads", "--yes")
    say("incident", "lessons", "add", "Patch earlier")


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
