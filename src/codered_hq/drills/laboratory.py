"""A drill in the laboratory: nothing is played in its headquarters; what is planted there is the truth."""

import ipaddress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from django.db import transaction

from codered.model.errors import Refused, WrongUse
from codered.system.private_files import make_private_folder
from codered_hq.config import is_exercise
from codered_hq.drills.advancing import link_incident
from codered_hq.drills.after_action import render_kept
from codered_hq.drills.answering import end_drill
from codered_hq.drills.history import DRILLS_FOLDER
from codered_hq.drills.models import LABORATORY, Drill, PlayedHost
from codered_hq.drills.ranges import note_range
from codered_hq.drills.scenario_files import Targets
from codered_hq.drills.scoring import SICK, Score, list_cut_off, score
from codered_hq.hosts.models import AddressUse
from codered_hq.incidents.people import Speaker
from codered_hq.reporting.writing import write_bytes

TITLE: Final = "An outbreak in the laboratory"
PDF_NAME: Final = "after-action.pdf"
_ABOUT: Final = "Real servers, switches and words in network namespaces of one machine; nothing real in reach."


class PlantedMachine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The truth about one machine: its address and subnet, whether it is infected, or open to it."""

    address: str
    subnet: str
    infected: bool
    vulnerable: bool


class Planted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `lab` wrote of a drill: its name, since when, in a laboratory of which size, who is seen to scan in which
    capture, and the truth.
    """

    format: Literal["codered/lab-drill/1"]
    name: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9][A-Za-z0-9-]{0,63}$")]
    began: datetime
    size: str
    scans: str
    capture: str
    machines: tuple[PlantedMachine, ...]


def read_planted(raw: bytes, where: str) -> Planted:
    """The truth of a drill. Raises WrongUse."""
    try:
        found = msgspec.json.decode(raw, type=Planted)
        for one in found.machines:
            ipaddress.ip_address(one.address)
    except (msgspec.DecodeError, ValueError) as error:
        raise WrongUse(f"is no drill of a laboratory: {error}", where=where, advice="begin it anew") from None
    if found.began.tzinfo is None:
        raise WrongUse("has a time without its zone", where=where, advice="begin it anew")
    return found


def enter_planted(planted: Planted) -> Drill:
    """Begin the drill in this headquarters: machines that its inventory has, with the truth about each, and where the
    infected are, should one become known later. Entered twice, it is once. Raises Refused in a headquarters of a drill
    at a table.
    """
    if is_exercise():
        raise Refused("this is the headquarters of a drill at a table", where=planted.name)
    with transaction.atomic():
        drill, new = Drill.objects.get_or_create(
            name=planted.name,
            defaults={
                "title": TITLE, "kind": LABORATORY, "started_at": planted.began,
                "scenario": {
                    "about": _ABOUT, SICK: [one.address for one in planted.machines if one.infected],
                    **msgspec.to_builtins(Targets()),
                },
            },
        )  # fmt: skip
        if new:
            PlayedHost.objects.bulk_create(_list_rows(drill, planted))
    return drill


def find_laboratory_drill() -> Drill:
    """The drill of this laboratory. Raises WrongUse."""
    found = Drill.objects.filter(kind=LABORATORY).order_by("-pk").first()
    if found is None:
        raise WrongUse("no drill was begun in this laboratory", advice="codered drill lab start")
    return found


def measure_now(drill: Drill, at: datetime) -> Score:
    """The score at this time (aware); of a drill that has ended, the final one."""
    link_incident(drill)
    return msgspec.convert(drill.score, Score) if drill.score else score(drill, at)


def tell_standing(drill: Drill, at: datetime) -> list[str]:
    """Lines for the team: since when, the incident, who is cut off, and what is to be reached. No truth."""
    made = measure_now(drill, at)
    minutes = int((min(at, drill.ended_at or at) - drill.started_at).total_seconds() // 60)
    state = f"ended {drill.ended_at:%H:%M} UTC" if drill.ended_at else "goes on"
    incident = drill.incident
    declared = f"{incident.name}, declared {incident.declared_at:%H:%M} UTC" if incident else "none was declared"
    cut = list_cut_off(drill, at)
    back = sum(one.back is not None for one in cut)
    return [
        f"{drill.name}: {state}, {minutes} min; incident: {declared}; cut off: {len(cut)}, of them back: {back}",
        "To reach:",
        *(f"  {one.title}: {one.target}" for one in made.measures),
    ]


def end_and_keep(drill: Drill, speaker: Speaker, real: Path, at: datetime) -> tuple[Score, Path]:
    """End it: its score, lessons and reports are kept below the real headquarters' folder, which outlives the
    laboratory. The score, and where they are. Raises WrongUse, Refused.
    """
    folder = real / DRILLS_FOLDER / drill.name
    try:
        make_private_folder(folder)
    except OSError as error:
        raise WrongUse(f"can't be made: {error.strerror}", where=str(folder)) from None
    note_range(folder, drill.title, speaker.name, drill.started_at)
    return end_drill(drill, speaker, folder, at), folder


def keep_pdf(folder: Path) -> None:
    """The report once more, as a PDF beside the others. Raises WrongUse, also where none can be made."""
    write_bytes(folder / PDF_NAME, render_kept(folder, "pdf"))


def _list_rows(drill: Drill, planted: Planted) -> list[PlayedHost]:
    """Of those that the inventory knows at their addresses; scoring finds those that it learns of later."""
    hosts = dict(AddressUse.objects.filter(current=True, host__isnull=False).values_list("address", "host_id"))
    return [
        PlayedHost(
            drill=drill, host_id=hosts[one.address], address=one.address, subnet=one.subnet, vulnerable=one.vulnerable,
            infected_at=planted.began if one.infected else None,
        )
        for one in planted.machines if one.address in hosts
    ]  # fmt: skip
