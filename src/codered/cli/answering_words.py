"""A job's word, done by this very tool in a process of its own, within the job's time; what it says goes to files."""

import contextlib
import importlib.util
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, Refused
from codered.model.job import MOST_INLINE, Job
from codered.respond.orders import name_own_key
from codered.respond.trust_file import read_trust
from codered.system.state_folder import state_folder

PATIENCE = 20.0
"""Seconds between the wish that a word ends and its end by force."""
_MOST_DOCUMENT = 40 << 20
_MOST_WHY = 2000
_MOST_NAMES = 1000
_PACK = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_PROBER = "codered_hq.probing"
_LOOKING = frozenset(["scan", "sweep"])
_ANSWERED = frozenset([ExitCode.CLEAN, ExitCode.FOUND, ExitCode.INCOMPLETE])


class Done(NamedTuple):
    """What became of a word."""

    state: Literal["done", "refused", "failed", "unsupported"]
    code: int
    document: bytes = b""
    why: str = ""


def do_word(job: Job, work: Path) -> Done:
    """Do what the job asks, with files in the folder `work`, where the sealed job is `job.json`. Raises Refused."""
    if job.word == "status":
        return Done("done", ExitCode.CLEAN, _tell_status())
    if job.word == "sweep" and not _has_prober():
        why = "this file carries no prober: send codered-point.pyz to a scan point"
        return Done("unsupported", ExitCode.INCOMPLETE, why=why)
    module, words, into = _list_words(job, work)
    seconds = (job.expires - datetime.now(UTC)).total_seconds()
    code, ended = _run([sys.executable, "-I", "-m", module, *words], work, seconds)
    document, why = _read(work / into, _MOST_DOCUMENT + 1), _read_why(work / "stderr")
    if ended:
        return _end_early(job, document, why)
    if len(document) > _MOST_DOCUMENT:
        return Done("failed", code, why=f"its document is larger than {_MOST_DOCUMENT >> 20} MiB: ask for fewer paths")
    if code == ExitCode.REFUSED:
        return Done("refused", code, why=why)
    if code in _ANSWERED and _is_json(document):
        return Done("done", code, document)
    return Done(
        "failed", code, document if _is_json(document) else b"", why or f"it ended with {code}, and said nothing"
    )


def _end_early(job: Job, document: bytes, why: str) -> Done:
    """What a word that looks had seen by then is worth something; what a change came to is journaled, and not known."""
    why = f"it was ended when the job expired; {why}"
    if job.word in _LOOKING and len(document) <= _MOST_DOCUMENT and _is_json(document):
        return Done("done", ExitCode.INCOMPLETE, document, why)
    return Done("failed", ExitCode.INCOMPLETE, why=why)


def _has_prober() -> bool:
    """Whether this is a scan point's tool."""
    with contextlib.suppress(ModuleNotFoundError):
        return importlib.util.find_spec(f"{_PROBER}.__main__") is not None
    return False


def _list_words(job: Job, work: Path) -> tuple[str, list[str], str]:
    """The module to run, its words, and the file in which its document will be. Raises Refused."""
    plan = str(work / "plan.json")
    if job.plan:
        (work / "plan.json").write_bytes(job.plan)
    if job.report:
        (work / ("report.json" if job.word == "plan" else "plan.report.json")).write_bytes(job.report)
    if job.word == "sweep":
        (work / "sweep.json").write_bytes(job.sweep)
        into = str(work / "result.json")
        return _PROBER, [str(work / "sweep.json"), "-o", into, f"--where={job.host}"], "result.json"
    words = {
        "scan": ["scan", *_list_scan_words(job), "-o", str(work / "report.json")],
        "plan": ["plan", str(work / "report.json"), "-o", plan],
        "apply": ["apply", plan, "--yes", "--json", "--job", str(work / "job.json")],
        "verify": ["verify", plan, "--json"],
        "rollback": ["rollback", plan, "--yes", "--json", "--job", str(work / "job.json")],
    }[job.word]
    if job.word == "scan":  # what follows `--` is a path, whatever it looks like
        words += ["--", *(job.scan.paths if job.scan else ())]
    return "codered", words, {"scan": "report.json", "plan": "plan.json"}.get(job.word, "stdout")


def _list_scan_words(job: Job) -> list[str]:
    if job.scan is None:
        return []
    if any(not _PACK.fullmatch(name) for name in job.scan.packs):
        raise Refused("the job names packs by path", where=job.id, advice="name packs that this tool carries")
    if any(not path.startswith("/") for path in job.scan.paths):
        raise Refused("the job names a path that does not begin with /", where=job.id, advice="name it in full")
    fast = ["--fast"] if job.scan.fast and not job.scan.paths else []
    watch = [] if job.scan.watch is None or fast else ["--watch", f"{job.scan.watch}s"]
    return [*fast, *watch, *(word for name in job.scan.packs for word in ("--packs", name))]


def _run(command: list[str], work: Path, seconds: float) -> tuple[int, bool]:
    """The exit code, and whether it had to be ended. What it says goes to files `stdout` and `stderr`."""
    with open(work / "stdout", "wb") as out, open(work / "stderr", "wb") as err:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, as a list
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd="/", start_new_session=True
        )
        try:
            return process.wait(max(0.1, seconds)), False
        except subprocess.TimeoutExpired:
            return _end(process), True
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> int:
    """Ask it to stop, which journals where a change stands; end it by force if it does not. Its exit code."""
    if process.poll() is not None:
        return process.returncode
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    return process.wait()


def _read(path: Path, most: int) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(most)
    except OSError:
        return b""


def _read_why(path: Path) -> str:
    """The last lines of what a word said, as one."""
    rows = _read(path, MOST_INLINE).decode(errors="backslashreplace").strip().splitlines()
    return printable(" · ".join(rows[-3:]))[-_MOST_WHY:]


def _is_json(document: bytes) -> bool:
    try:
        msgspec.json.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _tell_status() -> bytes:
    """What is here of this tool: plans, cases, watches, containments, by name, and whose orders count."""
    top = state_folder()
    found = {name: _list_names(top / name) for name in ("plans", "cases", "monitors", "containments", "baselines")}
    trusted = read_trust()
    own = {"key": name_own_key(), "state": str(top), "trust": trusted.trust.host if trusted else ""}
    return msgspec.json.encode({"format": "codered/status/1", **own, **found})


def _list_names(folder: Path) -> list[str]:
    with contextlib.suppress(OSError):
        return sorted(os.listdir(folder))[:_MOST_NAMES]
    return []
