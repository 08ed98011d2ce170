"""`python -m codered_hq.probing JOB.json -o RESULT.json`: a sweep where nothing else of headquarters is: at a scan
point, or in a zone with no way in. Exit codes as everywhere: 0 swept, 2 wrong use, 3 ended early, 4 refused.
"""

import argparse
import hashlib
import os
import signal
import socket
import stat
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import msgspec

from codered.export.writing.escaping import printable
from codered.model.errors import CodeRedError, ExitCode, WrongUse
from codered.system.descriptors import READ_FILE
from codered_hq.model.sweep import AddressResult, Block, SweepJob, SweepResult
from codered_hq.probing.engine import sweep

_MOST_JOB = 64 << 20  # bytes
_TELL_EACH = 5.0  # seconds


def main(words: list[str] | None = None) -> int:
    """Run one job from a file, and write its result into another one; gives the exit code."""
    parser = argparse.ArgumentParser(prog="codered_hq.probing", description="Run one sweep job.")
    parser.add_argument("job", type=Path, metavar="JOB.json")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="RESULT.json")
    parser.add_argument("--where", default="", help="the name of this scan point or zone")
    chosen = parser.parse_args(words)
    try:
        _check_place(chosen.output)
        raw = _read(chosen.job)
        result = run_job(raw, _read_job(raw, chosen.job), chosen.where)
        _write(chosen.output, msgspec.json.encode(result))
    except CodeRedError as error:
        print(printable(str(error)), file=sys.stderr)
        return error.exit_code
    return ExitCode.INCOMPLETE if result.end.stopped else ExitCode.CLEAN


def run_job(raw: bytes, job: SweepJob, where: str = "") -> SweepResult:
    """The whole result of a job whose bytes are `raw`. SIGTERM and SIGINT end it early, with what it has by then.
    Raises WrongUse and Refused.
    """
    stopping, spoke = "", time.monotonic()
    addresses: list[AddressResult] = []
    blocks: list[Block] = []

    def note_signal(number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = f"ended by {signal.Signals(number).name}"

    def stop() -> str:
        nonlocal spoke
        if time.monotonic() - spoke > _TELL_EACH:
            spoke = time.monotonic()
            done = sum(len(block.states) for block in blocks)
            _tell(f"{len(addresses)} addresses answered; whole blocks settled: {done} addresses")
        return stopping

    before = {number: signal.signal(number, note_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    started = datetime.now(UTC)
    _tell(f"sweep {job.id} of {len(job.ranges)} ranges begins")
    try:
        end = sweep(job, addresses.append, blocks.append, stop, _tell)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return SweepResult(
        format="codered/sweep-result/1", job=job.id, job_sha256=hashlib.sha256(raw).hexdigest(), started=started,
        ended=datetime.now(UTC), addresses=tuple(addresses), blocks=tuple(blocks), end=end,
        where=where or socket.gethostname(),
    )  # fmt: skip


def _tell(words: str) -> None:
    print(printable(words), file=sys.stderr, flush=True)


def _read(path: Path) -> bytes:
    try:
        with open(os.open(path, READ_FILE), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise WrongUse("is no plain file", where=str(path), advice="name the job's file")
            raw = file.read(_MOST_JOB + 1)
    except OSError as error:
        raise WrongUse(error.strerror or "can't be read", where=str(path), advice="name the job's file") from None
    if len(raw) > _MOST_JOB:
        raise WrongUse("is larger than 64 MiB", where=str(path), advice="a job is far smaller")
    return raw


def _read_job(raw: bytes, path: Path) -> SweepJob:
    try:
        return msgspec.json.decode(raw, type=SweepJob)
    except msgspec.DecodeError as error:  # ValidationError is one
        raise WrongUse(str(error), where=str(path), advice="take the job as headquarters wrote it") from None


def _check_place(path: Path) -> None:
    """Before anything is sent: what is there and no plain file would be replaced."""
    if not path.absolute().parent.is_dir():
        raise WrongUse("no such folder", where=str(path.absolute().parent), advice="create it first")
    if os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
        raise WrongUse("is no plain file", where=str(path), advice="name another file")


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, for its owner only."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise WrongUse(error.strerror or "can't be written", where=str(path), advice="name another file") from None


if __name__ == "__main__":
    sys.exit(main())
