"""The options of `codered sweep`, and what they mean."""

from pathlib import Path
from typing import NamedTuple

from codered.model.errors import Refused, WrongUse


class Given(NamedTuple):
    """The options of `codered sweep`."""

    subnets: tuple[str, ...]
    everything: bool
    zones: tuple[str, ...]
    authorisation: str | None
    make_authorisation: bool
    packs: str
    ports: str
    tls_ports: str
    hosts: tuple[str, ...]
    rate: float
    fragile: tuple[str, ...]
    dry_run: bool
    resume: str
    point: str
    bundle: bool
    hours: float
    merge: str
    cancel_bundle: str
    key: str
    coverage: bool
    max_age: float
    listing: bool
    show: str
    output: str
    as_json: bool


def read_ports(text: str) -> tuple[int, ...]:
    """Ports as a user lists them. Raises WrongUse."""
    parts = [part for part in text.replace(",", " ").split() if part]
    if any(not part.isdecimal() or not 0 < int(part[:6]) < 65536 for part in parts):
        raise WrongUse("is no list of ports", where=text[:60], advice="write 80,8080")
    return tuple(dict.fromkeys(map(int, parts)))


def permit_path(given: Given) -> Path:
    """The authorisation's file. Raises Refused without one."""
    if not given.authorisation:
        what = "nothing is sent without an authorisation"
        raise Refused(what, advice="give --authorisation FILE; codered sweep --make-authorisation prints a sample")
    return Path(given.authorisation)
