"""Which of the things that `codered sweep` can do is meant, and the options as its parts want them."""

from pathlib import Path
from typing import NamedTuple

from codered.model.errors import Refused, WrongUse
from codered_hq.cli.entering import enter_headquarters


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
    key: str
    coverage: bool
    max_age: float
    listing: bool
    show: str
    output: str
    as_json: bool


def do_sweep(given: Given) -> int:
    """The one thing that is meant. Raises WrongUse if it is several."""
    chosen = {
        "--make-authorisation": given.make_authorisation, "--list": given.listing, "--show": bool(given.show),
        "--merge": bool(given.merge), "--bundle": given.bundle, "--resume": bool(given.resume),
        "--coverage": given.coverage, "--from": bool(given.point),
    }  # fmt: skip
    named = [name for name, meant in chosen.items() if meant]
    if len(named) > 1:
        raise WrongUse(f"{' and '.join(named)} are different things", advice="say one at a time")
    _check_targets(given, named)
    entered = enter_headquarters()  # Django's tables can be imported only now
    from codered_hq.cli import sweep_bundles, sweep_running, sweep_showing

    if given.make_authorisation:
        return sweep_showing.show_sample()
    if given.listing:
        return sweep_showing.list_all(given.as_json)
    if given.show:
        return sweep_showing.show_one(given.show, given)
    if given.merge:
        return sweep_bundles.merge(given)
    if given.coverage:
        return sweep_showing.show_coverage(given)
    if given.bundle:
        return sweep_bundles.make(entered, given)
    if given.point:
        return _run_from_point(given)
    return sweep_running.resume(entered, given) if given.resume else sweep_running.run(entered, given)


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


def _check_targets(given: Given, named: list[str]) -> None:
    targets = bool(given.subnets or given.everything or given.zones)
    if targets and named and named[0] not in ("--bundle", "--from", "--coverage"):
        raise WrongUse(f"{named[0]} takes no subnets", advice="leave them out")
    if given.everything and (given.subnets or given.zones):
        raise WrongUse("--all is everything already", advice="name subnets and zones, or --all")
    if not targets and (not named or named[0] in ("--bundle", "--from")):
        raise WrongUse("nothing to sweep", advice="name subnets, --zone ZONE or --all")


def _run_from_point(given: Given) -> int:
    """The fleet engine carries it there."""
    raise WrongUse("scan points are not asked here yet", where=given.point[:80], advice="use --bundle")
