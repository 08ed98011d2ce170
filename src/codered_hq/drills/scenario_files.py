"""Scenarios of drills: YAML with few words, read strictly; those that are shipped, or a file of the user's own."""

import ipaddress
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from codered.model.errors import WrongUse
from codered.packs.strict_yaml import Document, parse_document, read_document
from codered_hq.model.crisis import ROLES

FOLDER: Final = "scenarios"
MOST_HOSTS: Final = 5_000
MOST_IN_SUBNET: Final = 250
LAST_MINUTE: Final = 7 * 24 * 60
"""At which something may still happen to the team."""
Kind = Literal["servers", "office", "plant", "lab", "guests"]
InjectKind = Literal["fact", "call", "press", "rumour", "failure", "question"]


class PlayedSubnet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A subnet (a /24) and its machines by number. `vulnerable`: percent of them; `watched`: sensors and scans reach
    it; `blocked` says what keeps them out; `vital` and `never_touch` are numbers of machines.
    """

    range: str
    name: str
    site: str
    hosts: Annotated[int, msgspec.Meta(ge=1, le=MOST_IN_SUBNET)]
    kind: Kind = "office"
    vulnerable: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    watched: bool = True
    blocked: str = ""
    vital: int = 0
    never_touch: int = 0


class PlannedInject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that happens `at` so many minutes of the drill, told to a role; `expected` is what a good team does.
    `within` minutes it is to be answered (0 = no answer is asked for).
    """

    at: Annotated[int, msgspec.Meta(ge=0, le=LAST_MINUTE)]
    kind: InjectKind
    to: str
    text: str
    expected: str = ""
    within: Annotated[int, msgspec.Meta(ge=0, le=1440)] = 0


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """What a team is to reach: minutes to declare, and to the first approved isolation."""

    declare_within: int = 15
    isolate_within: int = 30


class Scenario(Targets, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is played. `minutes` of real time at `speed` (played seconds in a real one); one infected machine tries
    `tries` addresses a second (less than the real worm: a range is small); an infection is told of `heard_after`
    minutes later (the mean), where anything looks. `first` machines are infected at the beginning.
    """

    title: str
    about: str
    pack: str
    minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)]
    tries: Annotated[float, msgspec.Meta(gt=0, le=1000)]
    population: tuple[PlayedSubnet, ...]
    injects: tuple[PlannedInject, ...] = ()
    speed: Annotated[float, msgspec.Meta(ge=0.1, le=60)] = 1.0
    heard_after: Annotated[float, msgspec.Meta(gt=0, le=600)] = 8.0
    first: Annotated[int, msgspec.Meta(ge=1, le=50)] = 2
    seed: int = 1


def list_scenarios() -> dict[str, Scenario]:
    """The shipped ones by name."""
    places = sorted(files("codered_hq.drills").joinpath(FOLDER).iterdir(), key=lambda place: place.name)
    return {
        place.name.removesuffix(".yaml"): _read_shipped(place.name) for place in places if place.name.endswith(".yaml")
    }


def find_scenario(name: str) -> Scenario:
    """A shipped one by its name, or a file. Raises WrongUse with the place of what is wrong."""
    if name.endswith((".yaml", ".yml")) or "/" in name:
        return read_scenario(read_document(Path(name)))
    if name not in (known := list_scenarios()):
        raise WrongUse("is no scenario", where=name[:60], advice=f"one of {', '.join(known)}, or a file .yaml")
    return known[name]


def read_scenario(document: Document) -> Scenario:
    """A scenario from its text. Raises WrongUse."""
    try:
        found = msgspec.convert(document.value, Scenario, strict=False)
    except msgspec.ValidationError as error:
        advice = "docs/drills.md has the words of scenarios"
        raise WrongUse(str(error), where=document.where, advice=advice) from None
    if problem := _find_problem(found):
        raise WrongUse(problem, where=document.where, advice="docs/drills.md has the words of scenarios")
    return found


@lru_cache(maxsize=32)
def _read_shipped(name: str) -> Scenario:
    raw = files("codered_hq.drills").joinpath(FOLDER, name).read_bytes()
    return read_scenario(parse_document(raw, name))


def _find_problem(found: Scenario) -> str:
    seen: set[str] = set()
    for subnet in found.population:
        try:
            network = ipaddress.IPv4Network(subnet.range)
        except ValueError:
            return f"{subnet.range[:40]} is no IPv4 range"
        if network.prefixlen != 24 or subnet.range in seen:
            return f"{subnet.range} is no /24, or there twice"
        if subnet.vital + subnet.never_touch > subnet.hosts:
            return f"{subnet.range} has more marked machines than machines"
        seen.add(subnet.range)
    if not 1 <= sum(subnet.hosts for subnet in found.population) <= MOST_HOSTS:
        return f"a range has 1 to {MOST_HOSTS:,} machines"
    if not any(subnet.vulnerable for subnet in found.population):
        return "nothing in it is vulnerable"
    strange = next((inject.to for inject in found.injects if inject.to not in (*ROLES, "everybody")), "")
    return f"{strange[:40]} is no role" if strange else ""
