"""What the words of `codered baseline` do between the command line and the rooms."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from codered.cli.baseline_options import CompareOptions, CreateOptions, SignOptions
from codered.cli.output import check_outputs, exit_code_of, say, show, write_report
from codered.cli.progress import SECONDS_BETWEEN_LINES
from codered.cli.running import cache_folder, existing_path, load_allowed
from codered.export.writing.escaping import printable
from codered.export.writing.words import count_of, format_bytes
from codered.known_good.storing import (
    ENDING,
    Header,
    SignedBaseline,
    find_signer,
    list_baselines,
    read_baseline,
    sign_baseline,
    write_baseline,
)
from codered.model.errors import ExitCode, Refused, WrongUse
from codered.model.known_good import Baseline
from codered.model.target import Target
from codered.respond.trust import check_allowed
from codered.scan.baseline_report import Compared, report_comparison
from codered.scan.baselining import BaselineRequest, CompareRequest, Made, compare_system, create_baseline
from codered.scan.doubted_times import why_read_all
from codered.signing.keys import load_or_make_key, load_private_key, load_public_key, load_trusted_keys, make_key
from codered.system.state_folder import host_key_file, state_folder
from codered.targets import open_target

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

UNSIGNED = "nobody signed this baseline: nothing says that it was not changed"
TRUSTED = "/etc/codered/trusted"
_OWN_KEY = "codered: made this host's key {}: whoever is root here can use it; sign with a key kept elsewhere as well"


def create(asked: CreateOptions) -> int:
    """`codered baseline create`. Raises WrongUse, Refused."""
    check_allowed("baseline")
    began = time.monotonic()
    target = open_target(asked.root)
    folder = state_folder() / "baselines"
    store = None if asked.no_contents else str(folder / "contents")
    path = Path(asked.output) if asked.output else folder / _name_file(target)
    if os.path.lexists(path):
        raise WrongUse("is there already: known good is never replaced", where=str(path), advice="name a new file")
    key = _find_key(asked.key)
    request = BaselineRequest(
        places=tuple(_below(target, place) for place in asked.places),
        state=asked.with_state,
        own=own_folders(target),
        store=store,
        jobs=asked.jobs or 0,
    )
    say(f"codered: recording {target.info.host or target.info.root} …")
    made = create_baseline(target, request, _make_teller())
    header = write_baseline(path, made.baseline, key)
    show(msgspec.json.format(msgspec.json.encode(header), indent=2).decode() + "\n" if asked.as_json else f"{path}\n")
    _tell_made(made, header, time.monotonic() - began)
    return ExitCode.INCOMPLETE if made.baseline.gaps else ExitCode.CLEAN


def compare(asked: CompareOptions) -> int:
    """`codered baseline compare`. Raises WrongUse, Refused."""
    check_outputs(asked.output)
    if asked.against and (asked.baseline or asked.trust):
        raise WrongUse("--against stands without a baseline", advice="leave BASELINE and --trust away")
    began, started = time.monotonic(), datetime.now(UTC)
    target = open_target(asked.root)
    jobs = asked.jobs or 0
    if asked.against:
        before, signer = _record_folder(asked.against, jobs), ""
        because = f"{asked.against} is another tree"
        request = CompareRequest(full=True, full_because=because, truth="folder", own=own_folders(target), jobs=jobs)
    else:
        signed = _find_baseline(asked, target)
        before, signer = signed.baseline, signed.signer
        because = "asked for" if asked.full else why_read_all(target, before)
        say(f"codered: comparing with baseline {before.id} of {before.created:%Y-%m-%d %H:%M} UTC …")
        request = CompareRequest(full=bool(because), full_because=because, own=own_folders(target), jobs=jobs)
    compared = Compared(
        comparison=compare_system(target, before, request),
        started=started,
        seconds=time.monotonic() - began,
        unsigned="" if signer or asked.against else UNSIGNED,
        before=before,
    )
    allowed = load_allowed(is_host=target.info.kind == "live_linux")
    report = report_comparison(target, compared, allowed)
    write_report(report, asked.as_json, asked.output)
    return exit_code_of(report)


def list_all(as_json: bool) -> int:
    """`codered baseline list`. Raises WrongUse."""
    found = list_baselines(state_folder() / "baselines")
    if as_json:
        rows = [{"path": str(path), **msgspec.to_builtins(header), "signer": header.signer()} for path, header in found]
        show(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode() + "\n")
        return ExitCode.CLEAN
    for path, header in found:
        show(printable(_describe(path, header)) + "\n")
    if not found:
        say("codered: no baselines yet: make one with `codered baseline create`")
    return ExitCode.CLEAN


def sign(asked: SignOptions) -> int:
    """`codered baseline sign`. Raises WrongUse, Refused."""
    if bool(asked.key) == bool(asked.new_key):
        raise WrongUse("which key?", advice="give --key KEY, or --new-key KEY to make one")
    check_allowed("baseline")
    key = make_key(Path(asked.new_key)) if asked.new_key else load_private_key(Path(asked.key or ""))
    into = Path(asked.output or asked.file)
    header = sign_baseline(Path(asked.file), into, key)
    say(f"codered: {into} is signed by {header.signer()}; trust it with --trust KEY.pub, or put KEY.pub in {TRUSTED}/")
    return ExitCode.CLEAN


def trusted_keys(named: tuple[str, ...] = ()) -> frozenset[bytes]:
    """The raw public keys whose baselines are believed: this host's, those in /etc/codered/trusted (CODERED_TRUSTED),
    and the ones that were named. Raises WrongUse.
    """
    own = host_key().with_name(host_key().name + ".pub")
    found = {load_public_key(own)} if own.exists() else set()
    found |= load_trusted_keys(Path(os.environ.get("CODERED_TRUSTED") or TRUSTED))
    return frozenset(found | {load_public_key(Path(name)) for name in named})


def host_key() -> Path:
    """The private key of this host."""
    return host_key_file()


def refuse_other_system(baseline: Baseline, target: Target, where: str) -> None:
    """Raises Refused if the baseline is of a host of another name, or of a tree that lay elsewhere."""
    was, now = (baseline.host, baseline.root), (target.info.host, target.info.root)
    if was[0] == now[0] and (was[0] or was[1] == now[1]):
        return
    of, here = (f"the host {printable(host)}" if host else f"the tree {printable(root)}" for host, root in (was, now))
    advice = (
        "name one of this system; if it is the same, renamed or mounted elsewhere: codered baseline compare --force"
    )
    raise Refused(f"is of {of}, and this is {here}", where=where, advice=advice)


def own_folders(target: Target) -> tuple[bytes, ...]:
    """The tool's own folders, below the target's root: what it keeps changes with every run."""
    root = os.path.join(os.path.realpath(os.fsencode(target.info.root)), b"")
    places = [os.path.realpath(os.fsencode(folder)) for folder in (state_folder(), cache_folder())]
    return tuple(place.removeprefix(root) for place in places if place.startswith(root))


def _find_baseline(asked: CompareOptions, target: Target) -> SignedBaseline:
    """The one that was named, else the newest of this system. Raises WrongUse, Refused."""
    trusted = trusted_keys(asked.trust)
    path = Path(asked.baseline) if asked.baseline else _newest(target, trusted)
    signed = read_baseline(path, trusted)
    if not asked.force:
        refuse_other_system(signed.baseline, target, str(path))
    return signed


def _newest(target: Target, trusted: frozenset[bytes]) -> Path:
    """The newest that a trusted key signed: whoever can drop a file beside it must not choose what is good."""
    folder = state_folder() / "baselines"
    for path, header in list_baselines(folder):
        if (header.host, header.root) != (target.info.host, target.info.root):
            continue
        try:
            because = "" if find_signer(path, header, trusted) else "nobody signed it"
        except Refused as error:
            because = str(error)
        if not because:
            return path
        say(f"codered: passed over: {printable(str(path))}: {printable(because)}")
    advice = "make one with `codered baseline create`, or name its file"
    raise WrongUse("no baseline of this system that a trusted key signed", where=str(folder), advice=advice)


def _record_folder(folder: str, jobs: int) -> Baseline:
    other = open_target(folder)
    made = create_baseline(other, BaselineRequest(places=(b"",), jobs=jobs))
    for gap in made.baseline.gaps:
        say(f"codered: not compared: {gap}")
    return made.baseline


def _find_key(named: str | None) -> "Ed25519PrivateKey":
    if named:
        return load_private_key(Path(named))
    path = host_key()
    if not path.exists():
        say(_OWN_KEY.format(path))
    return load_or_make_key(path)


def _make_teller() -> Callable[[int, int], None]:
    """A line now and then: a whole host takes minutes."""
    last = time.monotonic()

    def tell(folders: int, of: int) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES / 3:
            last = time.monotonic()
            say(f"codered: {folders:,} of {of:,} folders recorded")

    return tell


def _below(target: Target, place: str) -> bytes:
    """A folder below the target's root. Raises WrongUse."""
    root = os.path.join(os.path.realpath(os.fsencode(target.info.root)), b"")
    named = place if target.info.kind == "live_linux" or os.path.realpath(place).startswith(os.fsdecode(root)) else None
    inner = named or os.path.join(os.fsdecode(root), place.lstrip("/"))
    path = os.path.join(os.fsencode(existing_path(inner)), b"")
    if not path.startswith(root) or not os.path.isdir(path):
        raise WrongUse("is no folder of this system", where=place, advice="--place takes folders")
    return path.removeprefix(root).strip(b"/")


def _name_file(target: Target) -> str:
    host = "".join(char if char.isalnum() or char in "-_." else "_" for char in target.info.host or "offline")
    return f"{host[:64]}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{ENDING}"


def _tell_made(made: Made, header: Header, seconds: float) -> None:
    baseline = made.baseline
    what = f"{count_of(made.files, 'entry', 'entries')} ({format_bytes(made.bytes)} hashed) in {seconds:.1f} s"
    say(f"codered: baseline {header.id}: {what}, signed by {header.signer()}")
    if baseline.whole:
        say(
            f"codered: {len(baseline.packages)} packages, {len(baseline.autostart)} autostart entries, "
            f"{len(baseline.accounts)} accounts, {len(baseline.keys)} keys, {len(baseline.listeners)} listeners"
        )
    left = f"; {made.no_room} not kept: no room" if made.no_room else ""
    say(f"codered: {count_of(made.kept, 'content')} kept for restoring (at most 512 MiB){left}")
    for gap in baseline.gaps[:10]:
        say(f"codered: not recorded: {gap}")
    if len(baseline.gaps) > 10:
        say(f"codered: and {len(baseline.gaps) - 10} more that are not recorded")


def _describe(path: Path, header: Header) -> str:
    signer = header.signer() or "not signed"
    host = header.host or header.root
    return f"{header.created:%Y-%m-%d %H:%M} UTC  {host}  {header.entries:,} entries  {signer}  {path}"
