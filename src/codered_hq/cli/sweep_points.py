"""`codered sweep --from POINT`: a scan point makes the sweep, from inside its zone."""

from datetime import UTC, datetime, timedelta

from codered.cli.output import say, show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode
from codered_hq.cli.fleet_running import open_means
from codered_hq.cli.sweep_options import Given, permit_path
from codered_hq.cli.sweep_running import encode_plan, plan
from codered_hq.cli.sweep_showing import answer_sweep
from codered_hq.fleet.point_sweeps import find_point, sweep_from_point
from codered_hq.opening import Headquarters
from codered_hq.sweeps.authorising import check_fits, read_permit
from codered_hq.sweeps.intervals import read_intervals
from codered_hq.sweeps.making import estimate, keep_sweep
from codered_hq.sweeps.zoning import read_zones


def run_from_point(entered: Headquarters, given: Given) -> int:
    """Have it made there, and show what it found."""
    point = find_point(given.point)
    permit = read_permit(permit_path(given))
    planned = plan(entered, given, permit)
    if others := read_zones().count_others(read_intervals(planned.job.ranges), point.zone):
        zone = printable(point.zone.name)
        say(f"codered: {others:,} addresses are not in zone {zone}: silence there is not taken as heard from inside")
    now = datetime.now(UTC)
    likely = estimate(planned).most_seconds
    until = check_fits(permit, now, likely)
    if given.dry_run:
        if given.as_json:
            show(encode_plan(planned))
        say(f"codered: {planned.addresses:,} addresses, from {printable(point.name)}; nothing was sent")
        return ExitCode.CLEAN
    sweep = keep_sweep(planned, permit, now, point)
    say(f"codered: sweep {sweep.uid} from {printable(point.name)}, allowed by {permit.said.allowed_by}")
    row = sweep_from_point(sweep, open_means(entered), now, likely * 1.5, until)
    sweep.refresh_from_db()
    if row.state != "answered":
        say(f"codered: the scan point gave no result: {printable(row.reason)}")
    elif sweep.stopped:
        say(f"codered: {printable(sweep.stopped)}")
    return answer_sweep(sweep, given, timedelta(hours=given.max_age))
