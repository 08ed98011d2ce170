"""`codered sweep --bundle` and `--merge`: a sweep that is carried into a zone by hand, and its result."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from codered.cli.output import say, show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, WrongUse
from codered.packs.strict_yaml import read_bytes
from codered.signing.sealing import MOST_SEALED
from codered_hq.cli.sweep_options import Given, permit_path
from codered_hq.cli.sweep_running import plan
from codered_hq.cli.sweep_showing import answer_sweep
from codered_hq.opening import Headquarters
from codered_hq.sweeps.authorising import read_permit
from codered_hq.sweeps.bundling import Carrying, Signer, cancel_bundle, make_bundle, merge_answer


def make(entered: Headquarters, given: Given) -> int:
    """Make a bundle for what is named."""
    if not given.output:
        raise WrongUse("a bundle is a file", advice="say where it is to be: -o BUNDLE.zip")
    if os.path.lexists(given.output):
        what = "is there already; it may be a bundle that is still to be carried"
        raise WrongUse(what, where=given.output, advice="choose another name, or remove the file first")
    permit = read_permit(permit_path(given))
    now = datetime.now(UTC)
    planned = plan(entered, given, permit)
    if permit.until <= now:
        from codered_hq.sweeps.authorising import check_now

        check_now(permit, now)
    from codered_hq.shipping.host_file import build_host_file

    say("codered: putting the program together")
    program = build_host_file(entered.folder / "programs", with_prober=True)
    zone = " ".join((*given.zones, *given.subnets)) or "all"
    carrying = Carrying(zone, Path(program.path), timedelta(hours=given.hours))
    bundle, packed = make_bundle(planned, permit, Signer(entered.config.name, entered.key), carrying, now)
    try:
        _write(Path(given.output), packed)
    except OSError as error:
        bundle.sweep.delete()
        what = f"can't be written: {error.strerror}"
        raise WrongUse(what, where=given.output, advice="choose a file that you can write") from None
    show(f"{given.output}: bundle {bundle.uid[:8]} for {zone}, {planned.addresses:,} addresses\n")
    say(f"codered: good until {bundle.expires:%Y-%m-%d %H:%M} UTC; README.txt in it says how to run it there")
    say("codered: bring its result back with codered sweep --merge RESULT")
    return ExitCode.CLEAN


def cancel(given: Given) -> int:
    """Take a bundle back that will not be run."""
    bundle = cancel_bundle(given.cancel_bundle, datetime.now(UTC))
    show(f"bundle {bundle.uid[:8]} for {printable(bundle.zone)} is cancelled: its result will be refused\n")
    return ExitCode.CLEAN


def merge(given: Given) -> int:
    """Take the result of a bundle."""
    path = Path(given.merge)
    raw = read_bytes(path, MOST_SEALED)
    taken = merge_answer(raw, str(path), given.key, datetime.now(UTC))
    say(f"codered: signed by {taken.key}")
    if taken.new_key:
        say("codered: nobody has named this key; ask by telephone whether it is theirs. It is remembered for this zone")
    return answer_sweep(taken.sweep, given, timedelta(hours=given.max_age))


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, for its owner alone."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
