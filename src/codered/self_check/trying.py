"""The tool tried on inert examples of its own packs: in files, in memory, and a removal with its undoing."""

import base64
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from codered.collect.process_identity import identify_process
from codered.model.errors import CodeRedError
from codered.model.pack import LoadedPack
from codered.model.ruleset import RuleSet
from codered.model.self_check import Check, CheckState
from codered.model.target import Place
from codered.packs.compiling import compile_packs
from codered.packs.example_memory import read_memory
from codered.packs.example_trees import lay_out
from codered.packs.examples import Example, list_examples, read_tree
from codered.packs.testing import check_examples
from codered.remediate.applying import apply_plan, roll_back
from codered.remediate.planning import make_plan
from codered.scan.example_scan import scan_example
from codered.scan.request import ScanRequest
from codered.scan.run import scan
from codered.targets import open_target

if sys.platform != "win32":
    from codered.scan.memory_scan import MemoryScanner

TRIED: Final = ("codered2", "kinsing")
"""Together they have every form of example; all packs take a quarter of a minute: `codered packs test`."""
_REMOVED = ("codered2", "hit/volumes.tree.yaml")
_IN_MEMORY = ("kinsing", "hit/worm.memory.yaml")
_HOLD = "import base64, sys; held = base64.b64decode(sys.stdin.readline()); print(flush=True); sys.stdin.read()"
_BROKEN = "install the tool again; if it stays, report it with CODERED_DEBUG=1"
_WINDOWS = "is tried on Linux alone"


def try_packs(packs: tuple[LoadedPack, ...]) -> Iterator[Check]:
    """Engine, memory and removal, with rules compiled for it alone: no cache is read or written. Raises WrongUse for
    packs that can't be used.
    """
    chosen = tuple(loaded for loaded in packs if loaded.pack.name in TRIED)
    if len(chosen) < len(TRIED):
        yield _check("examples", "unchecked", f"the packs {' and '.join(TRIED)} are not there", "codered packs list")
        return
    rules = compile_packs(chosen, None)
    if sys.platform == "win32":
        for subject in ("examples", "memory", "removal and undo"):
            yield _check(subject, "absent", _WINDOWS, "codered drill host, on a Linux host")
        return
    yield try_examples(chosen, rules)
    yield try_memory(_find_example(chosen, *_IN_MEMORY), rules)
    yield try_removal(_find_example(chosen, *_REMOVED), rules)


def try_examples(packs: tuple[LoadedPack, ...], rules: RuleSet) -> Check:
    """Every example of these packs, laid out in a temporary folder, must be judged as the pack says."""
    failures = [
        f"{loaded.pack.name}: {failure}"
        for loaded in packs
        for failure in check_examples(loaded, lambda example: scan_example(example, rules))
    ]
    if failures:
        return _check("examples", "wrong", f"{len(failures)} judged wrongly: {failures[0]}", _BROKEN)
    names = " and ".join(loaded.pack.name for loaded in packs)
    count = sum(len(list_examples(loaded)) for loaded in packs)
    told = f"{count} inert examples of {names} are judged as they must be"
    return _check("examples", "good", told, "codered packs test tries those of every pack")


def try_memory(example: Example, rules: RuleSet) -> Check:
    """A child of ours holds an inert marker, and the engine must find it in its memory."""
    if getattr(sys, "frozen", False):
        return _check("memory", "unchecked", "one program can't start a child to look into", "scan a host you know")
    _, pieces = read_memory(example.path)
    with _holding(b"".join(piece.data for piece in pieces)) as pid:
        process = identify_process(pid)
        look = MemoryScanner(rules).scan(process, "a child of ours") if process else None
    if look is None or look.troubles:
        why = look.troubles[0] if look else "it ended at once"
        return _check("memory", "unchecked", f"the memory of a child of ours: {why}", "run it as root")
    if not any(found.pack == _IN_MEMORY[0] for found in look.findings):
        return _check("memory", "wrong", "an inert marker in a child of ours was not found", _BROKEN)
    return _check("memory", "good", "an inert marker in the memory of a child of ours is found")


@contextmanager
def _holding(data: bytes) -> Iterator[int]:
    """The pid of a child that holds these bytes in its memory."""
    child = subprocess.Popen(  # noqa: S603 - our own interpreter, as a list
        [sys.executable, "-I", "-S", "-c", _HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdin
    assert child.stdout
    try:
        child.stdin.write(base64.b64encode(data) + b"\n")
        child.stdin.flush()
        child.stdout.readline()
        yield child.pid
    finally:
        child.kill()
        child.communicate()


def try_removal(example: Example, rules: RuleSet) -> Check:
    """Look, plan, apply, look again and roll back in a temporary folder: nothing may be left, then every byte, mode and
    time must be back.
    """
    subject = "removal and undo"
    with tempfile.TemporaryDirectory(prefix="codered-self-check-") as made:
        folder = Path(made).resolve()
        volume = folder / "volume"
        volume.mkdir()
        lay_out(read_tree(example.path), volume, example.name)
        before = _digest_tree(volume)
        try:
            removed, left = _remove(volume, folder / "case", rules)
        except CodeRedError as error:
            return _check(subject, "wrong", f"it failed: {error}", _BROKEN)
        if not removed or left:
            return _check(subject, "wrong", f"{removed} things were removed, and {left} are left", _BROKEN)
        if _digest_tree(volume) != before:
            return _check(subject, "wrong", "the rollback did not bring back every byte", _BROKEN)
    return _check(subject, "good", f"{removed} inert things were removed; the rollback brought back every byte")


def _remove(volume: Path, case: Path, rules: RuleSet) -> tuple[int, int]:
    """How many things a plan removed, and how many findings were left then; all is undone. Raises CodeRedError."""
    target = open_target(str(volume))
    request = ScanRequest(places=(Place(str(volume), (str(volume),)),), cores=1)
    plan = make_plan(scan(target, request, rules), rules.packs, target)
    done = apply_plan(plan, target, case).done
    left = len(scan(target, request, rules).findings)
    roll_back(plan, target, case)
    return len(done), left


def _find_example(packs: tuple[LoadedPack, ...], pack: str, name: str) -> Example:
    loaded = next(loaded for loaded in packs if loaded.pack.name == pack)
    return Example(name, "hit", "tree", Path(loaded.folder) / "examples" / name)


def _digest_tree(folder: Path) -> str:
    """One SHA-256 over name, mode, owner, time and content of everything below the folder."""
    digest = hashlib.sha256()
    for here, folders, names in sorted(os.walk(folder)):
        for name in sorted((*folders, *names)):
            path = Path(here, name)
            status = path.lstat()
            facts = (status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns)
            body = path.read_bytes() if path.is_file() else b""
            digest.update(f"{path.relative_to(folder)}\0{facts}\0{hashlib.sha256(body).hexdigest()}\n".encode())
    return digest.hexdigest()


def _check(subject: str, state: CheckState, told: str, advice: str = "") -> Check:
    return Check(subject=subject, group="work", state=state, told=told, advice=advice)
