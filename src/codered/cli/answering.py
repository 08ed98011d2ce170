"""The work of `codered answer`: check the job, have it done, seal the answer, keep it, print one line about it."""

import base64
import contextlib
import hashlib
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from codered import __version__
from codered.cli.answering_words import Done, do_word
from codered.cli.output import say, show
from codered.collect.host_facts import collect_host_facts
from codered.export.writing.escaping import printable
from codered.model.errors import CodeRedError, ExitCode, Refused, WrongUse
from codered.model.job import (
    ANSWER_FORMAT,
    ANSWER_PURPOSE,
    MOST_INLINE,
    RECEIPT_FORMAT,
    Answer,
    Receipt,
)
from codered.respond import carried_out
from codered.respond.orders import Order, check_addressee, check_orders_giver, read_order, read_ordered_plan
from codered.respond.trust_file import TrustedOrders, read_trust
from codered.signing.keys import load_or_make_key
from codered.signing.sealing import MOST_SEALED, decode_sealed, encode_sealed, read_body, seal
from codered.system.descriptors import READ_FILE
from codered.system.state_folder import host_key_file
from codered.targets import open_target
from codered.targets.live_linux import name_host

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MOST_PIECE = 384 << 10
ONCE = frozenset(["apply", "rollback"])
WITH_PLAN = ONCE | {"verify"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,160}")


class _Begun(NamedTuple):
    """A job under way: whose orders count here, our key, and when it began."""

    order: Order
    trusted: TrustedOrders | None
    key: "Ed25519PrivateKey"
    started: datetime


def answer(path: str, output: str | None) -> int:
    """Do the job in this file. Raises WrongUse if it is none; a refused one is answered too."""
    order = read_order(Path(path))
    folder = carried_out.open_fleet_folder("answers")
    carried_out.forget_answers(folder)
    begun = _Begun(order, None, load_or_make_key(host_key_file()), datetime.now(UTC))
    name = f"refused-{order.sha256[:32]}"  # never in the place of an answer to a job that was obeyed
    try:
        begun = begun._replace(trusted=read_trust())
        check_orders_giver(order, begun.trusted)
        check_addressee(order, begun.trusted, begun.started)
        if order.job.word in WITH_PLAN:
            read_ordered_plan(order.job)
        if begun.trusted is None and order.job.word in ONCE:  # whoever only looks may well have no such file
            say(f"codered: job {order.job.id} is for {order.job.host!a}; no trust.toml says what this host is called")
        name = order.job.id
        if order.job.word in ONCE:
            return _do_once(begun, folder, output)
        done = _do(begun)
    except Refused as error:
        name = name if order.job.word not in ONCE else f"refused-{order.sha256[:32]}"
        done = Done("refused", error.exit_code, why=str(error))
    return _hand_over(_keep(begun, done, folder / f"{name}.json"), done, output)


def _do_once(begun: _Begun, folder: Path, output: str | None) -> int:
    """What changes something is done once; the same job again gets the answer that was kept. Raises Refused."""
    job, sha256 = begun.order.job, begun.order.sha256
    path = folder / f"{job.id}.json"
    with carried_out.one_at_a_time():
        if not carried_out.begin(job.id, sha256, job.expires):
            if not path.is_file():
                advice = "see `codered fleet status`, or have a new job made"
                raise Refused(
                    "this job was carried out, and its answer is not kept any more", where=job.id, advice=advice
                )
            say(f"codered: job {job.id} was carried out before: this is the answer that was given")
            return _give_again(path, output)
        done = _do(begun)
        if done.state == "refused":  # by a guard of the word: nothing was touched, so nothing was carried out
            kept = _keep(begun, done, folder / f"refused-{sha256[:32]}.json")
            carried_out.forget(job.id)
        else:
            kept = _keep(begun, done, path)
            carried_out.end(job.id, sha256, job.expires)
    return _hand_over(kept, done, output)


def _do(begun: _Begun) -> Done:
    with _made_work_folder(begun.order) as work:
        return do_word(begun.order.job, work)


@contextlib.contextmanager
def _made_work_folder(order: Order) -> Iterator[Path]:
    """A folder of ours alone with the sealed job in it, for as long as it is open."""
    work = Path(tempfile.mkdtemp(dir=carried_out.open_fleet_folder("work"), prefix="job-"))
    try:
        carried_out.write_private(work / "job.json", encode_sealed(order.sealed))
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _keep(begun: _Begun, done: Done, path: Path) -> Path:
    job = begun.order.job
    made = Answer(
        format=ANSWER_FORMAT,
        job=job.id,
        job_sha256=begun.order.sha256,
        host=begun.trusted.trust.host if begun.trusted else name_host(),
        word=job.word,
        started=begun.started,
        ended=datetime.now(UTC),
        state=done.state,
        exit_code=done.code,
        facts=collect_host_facts(open_target()),
        tool=f"codered {__version__}",
        why=done.why,
        document=done.document,
    )
    raw = encode_sealed(seal(made, begun.key, ANSWER_PURPOSE))
    if len(raw) > MOST_SEALED:
        why = f"the answer has {len(raw):,} bytes, more than {MOST_SEALED >> 20} MiB: ask for fewer paths"
        made = msgspec.structs.replace(made, state="failed", document=b"", why=why)
        raw = encode_sealed(seal(made, begun.key, ANSWER_PURPOSE))
    carried_out.write_private(path, raw)
    return path


def _give_again(path: Path, output: str | None) -> int:
    """As it was given the first time, with the same exit code."""
    known = read_body(decode_sealed(path.read_bytes(), str(path)), Answer, str(path))
    return _hand_over(path, Done(known.state, known.exit_code, why=known.why), output)


def _hand_over(path: Path, done: Done, output: str | None) -> int:
    """What a person or headquarters' engine needs to go on, on stdout; and the exit code of `answer`."""
    raw = path.read_bytes()
    carried = _carry(raw, output)
    if carried and sys.stdout.isatty():
        show(_tell_person(read_body(decode_sealed(raw, str(path)), Answer, str(path)), carried))
    else:
        _print_receipt(path, raw)
    if done.why:
        say(f"codered: {done.state}: {done.why}")
    if done.state == "done":
        return ExitCode.CLEAN
    if done.state == "refused":
        return ExitCode.REFUSED
    passed = (ExitCode.WRONG_USE, ExitCode.ROLLED_BACK, ExitCode.NOT_ROLLED_BACK)
    return done.code if done.state == "failed" and done.code in passed else ExitCode.INCOMPLETE


def _carry(raw: bytes, output: str | None) -> str:
    """Write the sealed answer where it was asked for too; that path, "" if there is none or it can't be written."""
    if not output:
        return ""
    try:
        carried_out.write_private(Path(output).absolute(), raw)
    except CodeRedError as error:
        say(f"codered: {error}")
        return ""
    return output


def _tell_person(answer: Answer, carried: str) -> str:
    """What was done, where the result is, and what to do with it, for whoever carries it by hand."""
    result = f"exit code {answer.exit_code}, {len(answer.document):,} bytes" if answer.state == "done" else answer.state
    merge = f"codered sweep --merge {shlex.quote(os.path.basename(carried))}"
    back = merge if answer.word == "sweep" else "hand it to whoever gave out the job"
    lines = (
        f"{answer.word} of job {answer.job[:8]}: {result}",
        f"its signed result is in {carried}",
        f"carry it back to headquarters: {back}",
    )
    return "".join(f"{printable(line)}\n" for line in lines)


def _print_receipt(path: Path, raw: bytes) -> None:
    receipt = Receipt(
        format=RECEIPT_FORMAT,
        path=str(path),
        size=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
        inline=raw if len(raw) <= MOST_INLINE else b"",
    )
    show(msgspec.json.encode(receipt).decode() + "\n")


def print_piece(offset: int, name: str) -> int:
    """`codered answer --piece`: base64 of at most 384 KiB of a kept answer, by the job's id or the receipt's path.
    Raises WrongUse.
    """
    name = os.path.basename(name).removesuffix(".json")
    advice = "name a job that was answered here in the last week"
    if not _NAME.fullmatch(name):
        raise WrongUse("is no name of an answer", where=ascii(name[:80]), advice=advice)
    path = carried_out.open_fleet_folder("answers") / f"{name}.json"
    try:
        with open(os.open(path, READ_FILE), "rb") as file:
            file.seek(offset)
            piece = file.read(MOST_PIECE)
    except OSError as error:
        raise WrongUse(f"no such answer is kept: {error.strerror}", where=name, advice=advice) from None
    show(base64.b64encode(piece).decode() + "\n")
    return ExitCode.CLEAN
