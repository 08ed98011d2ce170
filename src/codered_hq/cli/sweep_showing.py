"""What sweeps found and what is covered, for people and as JSON: `--show`, `--list`, `--coverage`, after a sweep."""

import ipaddress
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from codered.cli.output import show, write_whole
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode
from codered_hq.cli.tables import draw_table, show_time
from codered_hq.model.sweep import STATES
from codered_hq.sweeps.authorising import read_sample
from codered_hq.sweeps.coverage import COVERED, Coverage, CoveredSubnet, measure_coverage
from codered_hq.sweeps.models import Sweep
from codered_hq.sweeps.targets import find_targets
from codered_hq.sweeps.uncovered import CATEGORIES
from codered_hq.sweeps.views import (
    SWEEP_FORMAT,
    SWEEPS_FORMAT,
    FoundAddress,
    SweepList,
    SweepView,
    find_sweep,
    list_found,
    list_sweeps,
    view_sweep,
)  # fmt: skip

if TYPE_CHECKING:
    from codered_hq.cli.sweep_options import Given

MOST_PARTS = 20
MOST_ROWS = 200  # of what could not be determined; infected and vulnerable ones are told without end


class SweepDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`codered sweep --json` and `--show --json`: the sweep, what it found, and what is covered of what was wanted."""

    format: str
    sweep: SweepView
    found: tuple[FoundAddress, ...]
    coverage: Coverage


def show_sample() -> int:
    """A sample of an authorisation."""
    show(read_sample())
    return ExitCode.CLEAN


def list_all(as_json: bool) -> int:
    """List all sweeps."""
    sweeps = [view_sweep(sweep) for sweep in list_sweeps()]
    if as_json:
        show(_encode(SweepList(format=SWEEPS_FORMAT, sweeps=tuple(sweeps))))
        return ExitCode.CLEAN
    titles = ("sweep", "by", "state", "started", "infected", "vulnerable", "undetermined", "of")
    rows = (
        (
            each.uid[:8], each.by, each.state, show_time(each.started),
            *(f"{each.counts.get(name, 0):,}" for name in ("infected", "vulnerable", "undetermined")),
            " ".join(each.wanted[:3]) + (" …" if len(each.wanted) > 3 else ""),
        )
        for each in sweeps
    )  # fmt: skip
    show(draw_table(titles, rows) if sweeps else "no sweeps\n")
    return ExitCode.CLEAN


def show_one(uid: str, given: "Given") -> int:
    """Show what a sweep found, as after it was made."""
    return answer_sweep(find_sweep(uid), given, timedelta(hours=given.max_age))


def show_coverage(given: "Given") -> int:
    """What is covered of everything, or of what is named."""
    scope = find_targets(given.subnets, given.zones).wanted if given.subnets or given.zones else ()
    coverage = measure_coverage(datetime.now(UTC), timedelta(hours=given.max_age), scope)
    _hand_out(_encode(coverage), "".join(f"{line}\n" for line in draw_coverage(coverage)), given)
    return ExitCode.CLEAN if coverage.complete else ExitCode.INCOMPLETE


def answer_sweep(sweep: Sweep, given: "Given", max_age: timedelta) -> int:
    """What a sweep found, its counts, and the coverage of what was wanted; the exit code that this comes to."""
    scope = () if given.everything else tuple(sweep.wanted)
    coverage = measure_coverage(datetime.now(UTC), max_age, scope)
    found = tuple(list_found(sweep))
    document = SweepDocument(format=SWEEP_FORMAT, sweep=view_sweep(sweep), found=found, coverage=coverage)
    _hand_out(_encode(document), "".join(f"{line}\n" for line in _tell(document)), given)
    if any(each.state in ("infected", "vulnerable") for each in found):
        return ExitCode.FOUND
    whole = coverage.complete and not found and sweep.state == "done"
    return ExitCode.CLEAN if whole else ExitCode.INCOMPLETE


def draw_coverage(coverage: Coverage) -> Iterator[str]:
    """Coverage as lines: the numbers, then every subnet that is not covered and why."""
    covered = sum(coverage.counts.get(name, 0) for name in COVERED)
    parts = [each for each in coverage.subnets if each.listed or each.partial]
    vast = any(each.listed for each in coverage.unknown)
    share = f" ({covered / coverage.total:.1%})" if coverage.total and not (parts or vast) else ""
    yield f"COVERAGE: {covered:,} of {coverage.total:,} addresses were looked at{share}"
    for name in CATEGORIES:
        if number := coverage.counts.get(name, 0):
            yield f"  {number:>12,}  {name.replace('_', ' ')}"
    yield from map(_tell_part, parts[:MOST_PARTS])
    if len(parts) > MOST_PARTS:
        yield f"{len(parts) - MOST_PARTS:,} more subnets of which a part was asked; --json lists all"
    whole = [each for each in coverage.subnets if not (each.listed or each.partial)]
    if whole or not parts:
        done = sum(each.complete for each in whole)
        yield f"{done:,} of {len(whole):,} documented subnets are covered"
    yield from _draw_subnets("not covered", (each for each in coverage.subnets if not each.complete))
    yield from _draw_subnets("nobody documented", coverage.unknown)
    if coverage.outside:
        more = " …" if len(coverage.outside) > 10 else ""
        yield f"answered in no known subnet: {', '.join(coverage.outside[:10])}{more}"


def _tell_part(subnet: CoveredSubnet) -> str:
    """A subnet of which a part says nothing of the whole."""
    asked = sum(subnet.counts.get(name, 0) for name in COVERED)
    if subnet.listed:
        length = subnet.range.partition("/")[2]
        return (
            f"{asked:,} {'address' if asked == 1 else 'addresses'} of {subnet.range} asked; a /{length} can't be swept"
        )
    size = ipaddress.ip_network(subnet.range).num_addresses
    return f"{asked:,} of {size:,} addresses of {subnet.range} were asked"


def _draw_subnets(title: str, subnets: Iterable[CoveredSubnet]) -> Iterator[str]:
    rows = [(each.range, each.name or "-", each.zone or "-", _tell_subnet(each)) for each in subnets]
    if rows:
        yield from draw_table((title, "name", "zone", "addresses, and why"), rows).splitlines()


def _tell_subnet(subnet: CoveredSubnet) -> str:
    told = []
    for name in CATEGORIES:
        words = name.replace("_", " ")
        if number := subnet.counts.get(name, 0):
            why = f" ({subnet.reasons[name]})" if subnet.reasons.get(name, words) != words else ""
            told.append(f"{number:,} {words}{why}")
    told += [why for name, why in subnet.reasons.items() if name not in subnet.counts]
    return "; ".join(told) + (" — known addresses only" if subnet.listed and subnet.total else "")


def _tell(document: SweepDocument) -> Iterator[str]:
    rows = [each for each in document.found if each.state != "undetermined"]
    unsure = [each for each in document.found if each.state == "undetermined"]
    if document.found:
        titles = ("state", "address", "name", "owner", "switch and port", "product", "why")
        yield from draw_table(titles, map(_make_row, (*rows, *unsure[:MOST_ROWS]))).splitlines()
    if len(unsure) > MOST_ROWS:
        yield f"{len(unsure) - MOST_ROWS:,} more undetermined ones; --json lists all"
    sweep = document.sweep
    told = [
        f"{number:,} {name.replace('_', ' ')}" for name in reversed(STATES) if (number := sweep.counts.get(name, 0))
    ]
    yield f"sweep {sweep.uid[:8]} by {printable(sweep.by)}, {sweep.state}: {', '.join(told) or 'nothing yet'}"
    yield from (f"  {printable(note)}" for note in sweep.notes[:10])
    if sweep.stopped:
        yield f"  ended early: {printable(sweep.stopped)}"
    yield from draw_coverage(document.coverage)


def _make_row(found: FoundAddress) -> tuple[str, ...]:
    state = found.state.upper() if found.state == "infected" else found.state
    packs = f"{', '.join(found.packs)}: " if found.packs and found.state != "undetermined" else ""
    return (
        state, found.address, found.name or "-", found.owner or "-", found.place or "-", found.product or "-",
        packs + found.reason,
    )  # fmt: skip


def _encode(document: msgspec.Struct) -> str:
    return msgspec.json.encode(document).decode() + "\n"


def _hand_out(document: str, text: str, given: "Given") -> None:
    if given.output:
        write_whole(given.output, document)
    show(document if given.as_json else text)
