"""What `codered scan` does with traffic: recorded, and this host's own as it happens."""

import os
import sys

from codered.cli import running
from codered.cli.lengths import parse_length
from codered.cli.options import ScanOptions
from codered.cli.progress import show_progress
from codered.model.errors import CoverageIncomplete, WrongUse
from codered.model.report import Report
from codered.targets import open_target

USUAL_LENGTH = "60s"
LONGEST = 24 * 3600.0


def refuse_traffic_contradictions(asked: ScanOptions) -> None:
    """Words about traffic that exclude others. Raises WrongUse."""
    others = asked.root or asked.logs or asked.memory or asked.fast or asked.full or asked.dump or asked.baseline
    if asked.capture and (others or asked.network):
        raise WrongUse("--capture stands alone", advice="scan traffic by itself, the rest in a scan of its own")
    if asked.network and (others or asked.paths):
        raise WrongUse("--network stands alone", advice="it watches what this host reaches for, and nothing else")
    if asked.columns and not asked.capture:
        raise WrongUse("--columns is for --capture", advice="name the CSV file with --capture FILE")
    if asked.length and not asked.network:
        raise WrongUse("--for is for --network", advice="codered scan --network --for 60s")
    if parse_length(asked.watch, "--watch") > LONGEST:
        raise WrongUse("longer than a day", where="--watch", advice="codered monitor watches for days")


def scan_captures(asked: ScanOptions) -> Report:
    """The scan of captures and flow logs. Raises WrongUse."""
    from codered.scan.traffic_scan import TrafficOrder, scan_traffic  # with its readers, which a scan seldom needs

    paths = tuple(os.fsencode(running.existing_path(path)) for path in (*asked.capture, *asked.paths))
    internal = running.parse_networks(asked.internal)
    order = TrafficOrder(tuple(dict.fromkeys(paths)), asked.columns, internal, tuple(sys.argv[1:]))
    rules = running.load_rules(asked.packs, whole=False)
    with show_progress() as tell:
        return scan_traffic(order, rules, tell)


def scan_network(asked: ScanOptions) -> Report:
    """Only the behaviour of this host. Raises WrongUse, CoverageIncomplete."""
    if sys.platform == "win32":
        raise WrongUse("--network watches Linux hosts", advice="record the traffic, and judge it with --capture")
    from codered.scan.behaviour_sample import SampleOrder
    from codered.scan.behaviour_scan import scan_behaviour

    seconds = parse_length(asked.length or USUAL_LENGTH, "--for")
    if not 0 < seconds <= LONGEST:
        raise WrongUse("must be some time, and a day at most", where="--for", advice="codered monitor watches for days")
    internal = running.parse_networks(asked.internal)
    order = SampleOrder(seconds, running.load_rules(asked.packs), running.load_allowed(), internal)
    try:
        with show_progress() as tell:
            return scan_behaviour(open_target(), order, tuple(sys.argv[1:]), tell)
    except OSError as error:
        what = f"nobody can be started to watch: {error.strerror}"
        raise CoverageIncomplete(what, advice="end other programs first") from None
