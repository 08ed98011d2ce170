"""What the words of `codered evidence` do between the command line and the rooms."""

import os
import pwd
import re
import sys
from pathlib import Path

import msgspec
import rich_click as click

from codered import respond
from codered.cli.changes import find_plan
from codered.cli.evidence_options import CollectOptions, ExportOptions, TransferOptions
from codered.cli.output import say, show, write_whole
from codered.evidence.custody import CustodyLog, CustodyStep
from codered.evidence.reading import list_containers, read_container, read_finished, read_item
from codered.evidence.standalone_verifier import MANIFEST, extract_items, name_origin, verify_container
from codered.evidence.time_stamps import demand_address, stamp_seal
from codered.evidence.zipping import write_zip
from codered.export.evidence.index_csv import INDEX, render_index
from codered.export.evidence.stix import render_stix
from codered.export.evidence.timeline_csv import render_timeline
from codered.export.writing.words import count_of, format_bytes
from codered.model.errors import ExitCode, Refused, WrongUse
from codered.model.evidence import EvidenceManifest, EvidenceSummary
from codered.model.report import Report
from codered.model.target import ChangeableTarget, TargetInfo, TargetKind
from codered.scan.evidence_gathering import (
    EvidenceProgress,
    EvidenceWishes,
    OnEvidence,
    collect_for_plan,
    estimate_evidence,
)
from codered.signing.keys import load_or_make_key
from codered.targets import open_target, reopen_target

_SIZE = re.compile(
    r"([0-9]{1,12})\s*(?:([KMGT])(?:i?B)?|B)?", re.IGNORECASE | re.ASCII
)  # else K is the sign of kelvin, too
_POWERS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_AS_IT_IS: dict[TargetKind, str] = {
    "disk_image": "an image", "memory_dump": "a memory dump", "traffic_files": "recorded traffic",
}  # fmt: skip
_OUT_OF_IMAGE = (
    "for files out of it mount it read-only, then: codered scan --root FOLDER -o r.json, "
    "codered evidence collect --report r.json"
)
_FROM_HOST = "on the host itself: codered scan -o r.json, codered evidence collect --report r.json"
_TOLD = 10  # things left out that are said on the screen


def collect(asked: CollectOptions) -> int:
    """`codered evidence collect`. What can't be right is refused before anything is collected."""
    if asked.tsa is not None:
        demand_address(asked.tsa)
    plan = find_plan(asked.plan) if asked.plan else None
    report = respond.read_report(Path(asked.report)) if asked.report else None
    target: ChangeableTarget = open_target()
    if of := plan or report:
        _refuse_files(of.target)
        target = reopen_target(of.target)
    expected = estimate_evidence(plan, report, target)
    wishes = EvidenceWishes(
        folder=Path(asked.output).absolute() if asked.output else evidence_folder(),
        key=_find_key(asked.key),
        by=asked.by.strip() or name_user(),
        authority=asked.authority,
        budget=_agree_on_budget(asked, parse_size(asked.budget), expected),
        include_secrets=asked.include_secrets,
    )
    say(f"codered: about {format_bytes(expected)} of evidence at most, into {wishes.folder}")
    summary = collect_for_plan(plan, report, target, wishes, make_teller())
    code = _tell_summary(summary, asked.as_json)
    if asked.tsa:  # only now: the container stands, whatever the authority answers
        stamped = stamp_seal(Path(summary.folder), asked.tsa, load_or_make_key(wishes.key), wishes.by)
        say(f"codered: time-stamped; head {stamped.hash}")
    return code


def _refuse_files(info: TargetInfo) -> None:
    """A file is evidence by itself: nothing is collected out of it. Raises WrongUse with what to do instead."""
    if info.kind in _AS_IT_IS:
        what = f"{_AS_IT_IS[info.kind]} is evidence as it is: keep it whole, with its SHA-256"
        raise WrongUse(what, where=info.root, advice=_OUT_OF_IMAGE if info.kind == "disk_image" else _FROM_HOST)


def list_all(folder: str | None, as_json: bool) -> int:
    """`codered evidence list`."""
    rows = []
    for path in list_containers(Path(folder) if folder else evidence_folder()):
        try:
            seen = read_container(path)
        except WrongUse as error:
            rows.append({"folder": str(path), "state": "damaged", "why": error.what})
            continue
        state = "unfinished" if seen.manifest is None else "sealed" if seen.manifest.complete else "sealed, incomplete"
        row = {"folder": str(path), "id": seen.id, "state": state, "begun": seen.entries[0].at}
        if seen.manifest:
            told = seen.manifest.heading
            row |= {"host": told.host, "items": str(len(seen.manifest.items))}
            row["of"] = name_origin(told.host, told.root, told.collected_on)
        rows.append(row | {"head": seen.entries[-1].hash})
    if as_json:
        show(msgspec.json.format(msgspec.json.encode({"containers": rows}), indent=2).decode() + "\n")
    for row in () if as_json else rows:
        items = f", {row['items']} items of {row['of']}" if "items" in row else row.get("why", "")
        show(f"{row['folder']}  {row['state']}  {row.get('begun', '')}{items}\n")
    return ExitCode.CLEAN


def export(asked: ExportOptions) -> int:
    """`codered evidence export`."""
    container = Path(asked.container)
    wanted = {"zip": asked.zip, "stix": asked.stix, "csv": asked.csv, "plain": asked.plain}
    if not any(wanted.values()):
        raise WrongUse("nothing to write", where="evidence export", advice="give --zip, --stix, --csv or --plain")
    manifest, _ = read_finished(container)
    for path in filter(None, wanted.values()):
        if os.path.lexists(path):
            raise WrongUse("is there already", where=path, advice="name one that does not exist")
    told = ", ".join(f"{form} {path}" for form, path in wanted.items() if path)
    head = _enter(container, asked, CustodyStep(
        what="export", evidence_id=manifest.id, who=asked.by.strip() or name_user(), authority=asked.authority,
        giver=str(container.absolute()), receiver=told, sha256_before=_digest_of(manifest, container),
    ))  # fmt: skip
    report = _find_report(manifest, container)
    if asked.stix:
        write_whole(asked.stix, render_stix(manifest, report))
    if asked.csv:
        write_whole(asked.csv, render_timeline(manifest, read_container(container).entries, report))
    if asked.plain:
        _extract(container, asked.plain)
        write_whole(os.path.join(asked.plain, INDEX), render_index(manifest))
    if asked.zip:
        write_zip(container, Path(asked.zip))
    say(f"codered: wrote {told}")
    say(f"codered: head {head}: publish it")
    return ExitCode.CLEAN


def transfer(asked: TransferOptions) -> int:
    """`codered evidence transfer`. A receiver or reason that is empty is none."""
    for option, text in (("--to", asked.to), ("--why", asked.why)):
        if not text.strip():
            raise WrongUse("is empty", where=option, advice="say who gets it and what for: it is entered for good")
    container = Path(asked.container)
    manifest, _ = read_finished(container)
    giver = asked.by.strip() or name_user()
    digest = _digest_of(manifest, container)
    head = _enter(container, asked, CustodyStep(
        what="transfer", evidence_id=manifest.id, who=giver, authority=asked.authority, giver=giver, receiver=asked.to,
        why=asked.why, sha256_before=digest, sha256_after=digest,
    ))  # fmt: skip
    say(f"codered: entered; head {head}: publish it")
    return ExitCode.CLEAN


def evidence_folder() -> Path:
    """Where containers are made that nobody names a place for."""
    return respond.state_folder() / "evidence"


def name_user() -> str:
    """Who runs this, as user@host."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = str(os.getuid())
    told = os.environ.get("SUDO_USER", "")
    host = os.fsencode(os.uname().nodename).decode(errors="backslashreplace")
    return f"{user}@{host}" + (f" (sudo of {ascii(told)[1:-1]})" if told else "")


def parse_size(text: str) -> int:
    """A size as people write it, in bytes: 500m, 500 MB and 500MiB are the same. Raises WrongUse."""
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise WrongUse("is no size", where=ascii(text[:60]), advice="write it as 500MiB or 2GiB")
    return int(match[1]) << _POWERS[(match[2] or "").upper()]


def make_teller() -> OnEvidence:
    """A line when a stage begins; on a terminal a bar that is redrawn."""
    last = ""

    def tell(now: EvidenceProgress) -> None:
        nonlocal last
        if sys.stderr.isatty():
            share = min(now.bytes / max(now.expected, 1), 1.0) if now.stage != "done" else 1.0
            bar = "█" * round(share * 30)
            line = f"\r{bar:<30} {now.stage:<24} {now.items:>6} items {format_bytes(now.bytes):>10}"
            sys.stderr.write(line + ("\n" if now.stage == "done" else ""))
            sys.stderr.flush()
        elif now.stage != last:
            say(f"codered: {now.stage}: {count_of(now.items, 'item')}, {format_bytes(now.bytes)} so far")
        last = now.stage

    return tell


def _agree_on_budget(asked: CollectOptions, budget: int, expected: int) -> int:
    """The budget; a larger one if whoever sits there says so. Without anybody collecting refuses."""
    if expected <= budget:
        return budget
    question = f"The evidence is up to {format_bytes(expected)}, the budget is {format_bytes(budget)}. Go on?"
    agreed = asked.yes or (_is_attended() and click.confirm(question, err=True))
    return 2 * expected if agreed else budget


def _is_attended() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _tell_summary(summary: EvidenceSummary, as_json: bool) -> int:
    for left in summary.left_out[:_TOLD]:
        say(f"codered: left out: {left.what[:200]}: {left.because}")
    if len(summary.left_out) > _TOLD:
        say(f"codered: and {len(summary.left_out) - _TOLD} more left out: {MANIFEST} lists them")
    if as_json:
        show(msgspec.json.format(msgspec.json.encode(summary), indent=2).decode() + "\n")
    else:
        show(f"{summary.folder}\n")
    say(f"codered: {count_of(summary.items, 'item')}, {format_bytes(summary.bytes)}, sealed")
    say(f"codered: head {summary.head}: publish it (mail it, write it down): it proves what was sealed today")
    if summary.ended:
        say(f"codered: INCOMPLETE: {summary.ended}; what is in it is whole")
    return ExitCode.INCOMPLETE if summary.ended else ExitCode.CLEAN


def _find_key(named: str | None) -> Path:
    return Path(named).absolute() if named else respond.state_folder() / "keys" / "host.key"


def _enter(container: Path, asked: ExportOptions | TransferOptions, step: CustodyStep) -> str:
    """The head of the log with one more entry. An entry that was cut off is taken away first; then what is exported
    must be as it was sealed. Raises Refused.
    """
    log = None
    try:
        log = CustodyLog(container, load_or_make_key(_find_key(asked.key)), who=step.who)
        problems = verify_container(str(container)).problems if step.what == "export" else ()
        if problems:
            raise Refused(f"is not as it was sealed: {problems[0]}", where=str(container), advice="see evidence verify")
        return log.add(step).hash
    except OSError as error:
        what = f"the custody log can't be written: {error.strerror}"
        raise Refused(what, where=str(container), advice="nothing was done; make room") from None
    finally:
        if log:
            log.close()


def _digest_of(manifest: EvidenceManifest, container: Path) -> str:
    """The digest of the manifest, which is that of all the evidence."""
    entries = read_container(container).entries
    return next((one.sha256_after for one in entries if one.what == "seal" and one.evidence_id == manifest.id), "")


def _find_report(manifest: EvidenceManifest, container: Path) -> Report | None:
    item = next((one for one in manifest.items if one.origin.kind == "report"), None)
    if item is None:
        return None
    try:
        return msgspec.json.decode(read_item(container, item), type=Report)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise WrongUse("the report in it is damaged", where=str(container), advice="see evidence verify") from None


def _extract(container: Path, into: str) -> None:
    try:
        extract_items(str(container), into)
    except OSError as error:
        what = f"can't be written: {error.strerror}"
        raise WrongUse(what, where=into, advice="name a new folder on a disk with room") from None
