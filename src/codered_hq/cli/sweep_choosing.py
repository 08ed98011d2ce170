"""Which of the things that `codered sweep` can do is meant."""

from codered.cli.output import check_place
from codered.model.errors import WrongUse
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.sweep_options import Given


def do_sweep(given: Given) -> int:
    """The one thing that is meant. Raises WrongUse if it is several."""
    chosen = {
        "--make-authorisation": given.make_authorisation, "--list": given.listing, "--show": bool(given.show),
        "--merge": bool(given.merge), "--bundle": given.bundle, "--resume": bool(given.resume),
        "--coverage": given.coverage, "--from": bool(given.point),
        "--cancel-bundle": bool(given.cancel_bundle),
    }  # fmt: skip
    named = [name for name, meant in chosen.items() if meant]
    if len(named) > 1:
        raise WrongUse(f"{' and '.join(named)} are different things", advice="say one at a time")
    _check_targets(given, named)
    if given.output:
        check_place(given.output)
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
    if given.cancel_bundle:
        return sweep_bundles.cancel(given)
    if given.coverage:
        return sweep_showing.show_coverage(given)
    if given.bundle:
        return sweep_bundles.make(entered, given)
    if given.point:
        from codered_hq.cli import sweep_points

        return sweep_points.run_from_point(entered, given)
    return sweep_running.resume(entered, given) if given.resume else sweep_running.run(entered, given)


def _check_targets(given: Given, named: list[str]) -> None:
    targets = bool(given.subnets or given.everything or given.zones)
    if targets and named and named[0] not in ("--bundle", "--from", "--coverage"):
        raise WrongUse(f"{named[0]} takes no subnets", advice="leave them out")
    if given.everything and (given.subnets or given.zones):
        raise WrongUse("--all is everything already", advice="name subnets and zones, or --all")
    if not targets and (not named or named[0] in ("--bundle", "--from")):
        raise WrongUse("nothing to sweep", advice="name subnets, --zone ZONE or --all")
