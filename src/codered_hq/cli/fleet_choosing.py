"""HOST, RUN, @FILE and the options that narrow them down -> the hosts that are meant."""

import re
from pathlib import Path
from typing import Any, NamedTuple

from codered.model.errors import WrongUse
from codered.packs.strict_yaml import read_bytes
from codered_hq.cli.host_choosing import choose
from codered_hq.fleet.models import FleetRun
from codered_hq.hosts.finding import Selection, select_hosts
from codered_hq.hosts.models import Host

MOST_BYTES = 16 << 20
_UID = re.compile(r"[0-9a-f]{6,32}")


class Meant(NamedTuple):
    """The hosts, the run that named them (None = none did), and whether they were named one by one."""

    hosts: list[Host]
    run: FleetRun | None
    named: bool = False


def find_meant(names: tuple[str, ...], given: dict[str, Any]) -> Meant:
    """Which hosts are meant. Raises WrongUse if nothing is named or nothing fits."""
    named = read_names(names)
    run = find_run(named[0]) if len(named) == 1 else None
    selection = choose(() if run else named, given)
    if given.get("everything") and (run or selection != Selection()):
        raise WrongUse("--all is everything already", advice="name hosts, or --all")
    if not (given.get("everything") or run or selection != Selection()):
        raise WrongUse("no host is named", advice="name hosts or a run, choose by --tag, --subnet …, or say --all")
    hosts = select_hosts(selection)
    if run is not None:
        hosts = hosts.filter(runs__run=run)
    found = list(hosts.select_related("owner"))
    if not found:
        raise WrongUse("no host fits", advice="codered hosts show lists them")
    return Meant(found, run, bool(named) and run is None)


def find_run(text: str) -> FleetRun | None:
    """The run whose number begins so; None if it is none. Raises WrongUse if it is several."""
    if not _UID.fullmatch(text.strip().lower()):
        return None
    found = list(FleetRun.objects.filter(uid__startswith=text.strip().lower())[:2])
    if len(found) > 1:
        raise WrongUse("several runs begin so", where=text, advice="codered fleet status lists them")
    return found[0] if found else None


def read_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names as they are, and those in each @FILE, one on each line; a # begins a remark. Raises WrongUse."""
    found: list[str] = []
    for name in names:
        found += _read_file(Path(name[1:])) if name.startswith("@") else [name]
    return tuple(dict.fromkeys(found))


def _read_file(path: Path) -> list[str]:
    advice = "name a file with one host on each line"
    try:
        lines = read_bytes(path, MOST_BYTES).decode().splitlines()
    except UnicodeDecodeError:
        raise WrongUse("can't be read: it is no text", where=str(path), advice=advice) from None
    found = [line.strip() for line in lines if line.strip() and not line.startswith("# ")]
    if not found:
        raise WrongUse("names no host", where=str(path), advice=advice)
    return found
