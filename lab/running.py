"""A laboratory for the length of a test: `with running(folder) as enterprise:`."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab.building import lower_lab, raise_lab
from lab.changing import dress_machine, infect_machine
from lab.moving import move_machine
from lab.namespaces import name_namespace, wrap
from lab.records import Record


class Running:
    """A laboratory that is up. `folder` holds its papers (enterprise.yaml, truth.json, access.json, …)."""

    def __init__(self, folder: Path, record: Record) -> None:
        self.folder, self.record = folder, record

    @property
    def truth(self) -> dict[str, Any]:
        """truth.json as it is now."""
        told: dict[str, Any] = json.loads((self.folder / "truth.json").read_text("utf-8"))
        return told

    @property
    def access(self) -> dict[str, Any]:
        """access.json: switches, name server, SNMP and ssh."""
        told: dict[str, Any] = json.loads((self.folder / "access.json").read_text("utf-8"))
        return told

    @property
    def environment(self) -> dict[str, str]:
        """The environment of commands at headquarters."""
        return give_environment(self.folder)

    def command(self, words: Sequence[str], part: str = "hq") -> list[str]:
        """The command line that runs these words at headquarters, or in another part's network."""
        return wrap(name_namespace(self.record.id, part), words)

    def run(self, words: Sequence[str], *, part: str = "hq", seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Run at headquarters to the end, whatever it answers."""
        return subprocess.run(  # noqa: S603
            self.command(words, part),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            env=self.environment,
        )

    def ssh(self, machine: str) -> list[str]:
        """The words that run what follows on a Linux host; for `run`."""
        ssh = self.access["ssh"]
        options = ["-F", "none", "-o", "BatchMode=yes", "-o", f"UserKnownHostsFile={ssh['known_hosts']}"]
        return ["ssh", *options, "-i", ssh["private_key"], f"root@{self.truth['hosts'][machine]['address']}"]

    def move(self, machine: str) -> str:
        """Move it to another socket and subnet; its new address."""
        return move_machine(self.folder, machine)

    def dress(self, machine: str, personality: str) -> None:
        """Have a web server answer as another personality from now on."""
        dress_machine(self.folder, machine, personality)

    def infect(self, machine: str) -> None:
        """Lay what is planted on a Linux host there once more."""
        infect_machine(self.folder, machine)


def give_environment(folder: Path) -> dict[str, str]:
    """The environment of commands at headquarters: where they keep their things, and nothing of the tool's own from
    outside: a real headquarters' database is none of the lab's business.
    """
    outside = {name: value for name, value in os.environ.items() if not name.startswith("CODERED_")}
    launcher = str(Path(__file__).resolve().parents[1])
    return outside | {
        "PATH": f"{launcher}:{outside.get('PATH', '')}",  # `codered` is the launcher of this checkout
        "CODERED_STATE": str(folder / "state"),
        "CODERED_CACHE": str(folder / "cache"),
        "CODERED_HQ": str(folder / "headquarters"),
        "CODERED_LAB": str(folder),
        "SNMP_PERSISTENT_DIR": str(folder / "cache" / "snmp"),  # else the tools of net-snmp write in /var/lib
    }


@contextmanager
def running(folder: Path, size: str = "small", *, with_salt: bool = False) -> Iterator[Running]:
    """A laboratory that is gone afterwards. Needs root. Raises CannotBuild."""
    folder = folder.absolute()
    record = raise_lab(folder, size, with_salt=with_salt)
    try:
        yield Running(folder, record)
    finally:
        lower_lab(folder)
