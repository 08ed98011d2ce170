"""`codered hosts import` and `export`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from codered.cli.output import check_place, say, show, write_whole
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, WrongUse
from codered.packs.strict_yaml import read_bytes
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.host_choosing import choose
from codered_hq.cli.tables import count
from codered_hq.hosts.finding import select_hosts
from codered_hq.hosts.inventories import make_inventory
from codered_hq.hosts.recording import record_inventory
from codered_hq.hosts.views import view_hosts
from codered_hq.importing.contradictions import find_contradictions
from codered_hq.importing.forms import read_inventory
from codered_hq.importing.harvest import Options
from codered_hq.importing.netbox import read_netbox
from codered_hq.importing.times import find_zone
from codered_hq.importing.writing import WRITERS, write_inventory
from codered_hq.model.inventory import Inventory, Skipped

IMPORT_FORMAT = "codered/import/1"
MOST_SAID = 20  # reasons told of one source; all are in --json
MANY_HOSTS = 5000  # are told of before they are recorded: it takes its time
MOST_TOKEN = 4096  # bytes
_KINDS = ("zones", "subnets", "owners", "scan_points", "hosts", "places")


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one source."""

    source: str
    form: str
    counts: dict[str, int]
    new_hosts: int
    skipped: tuple[Skipped, ...]
    notes: tuple[Skipped, ...]
    contradictions: tuple[str, ...]
    changed: tuple[str, ...] = ()


class ImportOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """`codered hosts import --json`."""

    format: str
    recorded: bool
    sources: tuple[Taken, ...]


class Given(NamedTuple):
    """What the user said to `codered hosts import`."""

    files: tuple[str, ...]
    form: str
    netbox: str
    token_file: str
    time_zone: str
    dates: Literal["", "day", "month"]
    switch: str
    origin: str
    dry_run: bool
    as_json: bool


def take_files(given: Given) -> int:
    """Read every source first, then record them: a file that can't be read leaves nothing half done."""
    if not given.files and not given.netbox:
        raise WrongUse("nothing to import", advice="name files, or --netbox URL")
    zone = find_zone(given.time_zone) if given.time_zone else None
    options = Options(zone=zone, dates=given.dates, switch=given.switch, origin=given.origin)
    inventories = [read_inventory(Path(name), given.form, options) for name in given.files]
    if given.netbox:
        inventories.append(read_netbox(given.netbox, _read_token(given.token_file)))
    dry_run = given.dry_run
    if not dry_run:
        enter_headquarters()
    taken = tuple(_take(inventory, dry_run) for inventory in inventories)
    if given.as_json:
        outcome = ImportOutcome(format=IMPORT_FORMAT, recorded=not dry_run, sources=taken)
        show(msgspec.json.encode(outcome).decode() + "\n")
    else:
        show("".join(f"{line}\n" for each in taken for line in _tell(each, dry_run)))
    return ExitCode.INCOMPLETE if any(each.skipped for each in taken) else ExitCode.CLEAN


def export(form: str, output: str, given: dict[str, Any]) -> int:
    """Write the hosts that are meant, with all subnets, in a form."""
    if form not in WRITERS:
        raise WrongUse("no such form", where=form[:40], advice=f"choose one of {' '.join(WRITERS)}")
    if output:
        check_place(output)
    enter_headquarters()
    text = write_inventory(make_inventory(view_hosts(select_hosts(choose((), given)))), form).decode()
    if output:
        write_whole(output, text)
        say(f"{output}: written")
    else:
        show(text)
    return ExitCode.CLEAN


def _take(inventory: Inventory, dry_run: bool) -> Taken:
    counts = {kind: len(found) for kind in _KINDS if (found := getattr(inventory, kind))}
    if not dry_run and len(inventory.hosts) >= MANY_HOSTS:
        say(f"codered: {printable(inventory.source.name)}: recording {len(inventory.hosts):,} hosts")
    recorded = None if dry_run else record_inventory(inventory, datetime.now(UTC))
    source = inventory.source
    contradictions = tuple(f"{each.about}: {each.why}" for each in find_contradictions(inventory))
    return Taken(
        source=source.name, form=source.kind, counts=counts, new_hosts=recorded.new_hosts if recorded else 0,
        skipped=inventory.skipped, notes=inventory.notes, contradictions=contradictions,
        changed=recorded.changed if recorded else (),
    )  # fmt: skip


def _tell(taken: Taken, dry_run: bool) -> Iterator[str]:
    found = ", ".join(count(number, kind.replace("_", " ")[:-1]) for kind, number in taken.counts.items())
    new = "" if dry_run else f"; {taken.new_hosts:,} new"
    yield f"{printable(taken.source)} ({taken.form}): {found}{new}{' — nothing recorded' if dry_run else ''}"
    for word, found_there in (
        ("not taken", [f"{each.where}: {each.why}" for each in taken.skipped]),
        ("note", [f"{each.where}: {each.why}" for each in taken.notes]),
        ("contradiction", list(taken.contradictions)),
        ("changed", list(taken.changed)),
    ):
        yield from (f"  {word}: {printable(line)}" for line in found_there[:MOST_SAID])
        if len(found_there) > MOST_SAID:
            yield f"  {word}: {len(found_there) - MOST_SAID:,} more; --json lists all"


def _read_token(path: str) -> str:
    if not path:
        return ""
    raw = read_bytes(Path(path), MOST_TOKEN)
    return raw.decode("ascii", errors="replace").strip()
