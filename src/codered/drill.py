"""The drill: an inert infected volume, and every step from look to undo run on it as a user runs it, and checked."""

import hashlib
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from codered.model.errors import ExitCode
from codered.model.pack import LoadedPack
from codered.model.report import Report
from codered.packs.example_trees import Tree, TreeFile, lay_out
from codered.packs.examples import list_examples, read_expected, read_tree

INFECTION = "hit/volumes.tree.yaml"  # the example that is the infection; the clean ones lie beside it
FILLER = 300  # ordinary pages on the volume, so that there is something to tell apart
SECONDS = 60  # one command of the drill may take


class DrillStep(msgspec.Struct, frozen=True):
    """One step: its title, the command as a user types it, what that printed, its exit code, and what was not as it
    must be ("" = all was).
    """

    title: str
    command: str
    shown: str
    exit_code: int
    problem: str


class HostDrill:
    """A drill on one host. `folder` is an empty one of the drill's own; the pack's own examples are the infection."""

    def __init__(self, loaded: LoadedPack, folder: Path) -> None:
        self.volume = folder / "volume"
        self._folder = folder
        self._report = folder / "report.json"
        self._plan = folder / "plan.json"
        self._loaded = loaded
        self._wanted: set[str] = set()

    def run(self) -> Iterator[DrillStep]:
        """The steps, as they happen; stops after the first that is not as it must be. Raises WrongUse, OSError."""
        self.build()
        before = hash_tree(self.volume)
        volume, report, plan = str(self.volume), str(self._report), str(self._plan)
        steps = (
            ("Look", ["scan", "--root", volume, "-o", report], ExitCode.FOUND, self._check_scan),
            ("Plan", ["plan", report, "-o", plan], ExitCode.CLEAN, lambda: self._check_unchanged(before)),
            ("Apply", ["apply", plan, "--yes"], ExitCode.CLEAN, lambda: self._check_removed(before)),
            ("Verify", ["verify", plan], ExitCode.CLEAN, lambda: self._check_removed(before)),
            ("Roll back", ["rollback", plan, "--yes"], ExitCode.CLEAN, lambda: self._check_unchanged(before)),
            ("Apply again", ["apply", plan, "--yes"], ExitCode.CLEAN, lambda: self._check_removed(before)),
            ("Verify again", ["verify", plan], ExitCode.CLEAN, lambda: self._check_removed(before)),
        )
        for title, words, code, check in steps:
            step = self._run(title, words, code)
            if not step.problem:
                step = msgspec.structs.replace(step, problem=check())
            yield step
            if step.problem:
                return

    def build(self) -> None:
        """Lay the volume out: the pack's hit and clean example trees, a web log, and ordinary pages."""
        examples = list_examples(self._loaded)
        trees = [e for e in examples if e.form == "tree" and (e.name == INFECTION or e.kind == "clean")]
        logs = [example for example in examples if example.form == "log" and example.kind == "hit"]
        self._wanted = {wanted.path for wanted in read_expected(self._loaded)[INFECTION]}
        files: dict[str, TreeFile] = {}
        for example in sorted(trees, key=lambda example: example.kind, reverse=True):
            for item in read_tree(example.path).files:
                files.setdefault(item.path.lower(), item)
        for example in logs[:1]:
            path = "C/WINNT/system32/LogFiles/W3SVC1/ex010805.log"
            files[path.lower()] = TreeFile(path=path, text=example.path.read_text(encoding="utf-8"))
        for number in range(FILLER):
            path = f"C/Inetpub/wwwroot/pages/page{number:03}.htm"
            files[path.lower()] = TreeFile(path=path, text=f"<html><body>Page {number}</body></html>\n" * (number + 1))
        self.volume.mkdir()
        lay_out(Tree(about="drill", system="windows", files=tuple(files.values())), self.volume, "the drill's volume")

    def _run(self, title: str, words: list[str], wanted: ExitCode) -> DrillStep:
        isolated = ["-I"] if sys.flags.isolated else []
        command = [sys.executable, *isolated, "-m", "codered", *words]
        environment = {**os.environ, "CODERED_STATE": str(self._folder / "state")}
        typed = " ".join(["codered", *words])
        try:
            done = subprocess.run(  # noqa: S603  # our own interpreter and our own words
                command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return DrillStep(title, typed, "", ExitCode.BUG, f"no end after {SECONDS} s")
        shown = (done.stdout + done.stderr).decode(errors="replace")
        problem = "" if done.returncode == wanted else f"exit code {done.returncode}, must be {int(wanted)}"
        return DrillStep(title, typed, shown, done.returncode, problem)

    def _check_scan(self) -> str:
        report = msgspec.json.decode(self._report.read_bytes(), type=Report)
        found = {
            os.path.relpath(finding.subject.path, self.volume)
            for finding in report.findings
            if finding.subject.path and finding.layer != "logs"
        }
        if report.verdict != "infected":
            return f"the verdict is {report.verdict}, must be infected"
        return _tell_difference("found", found, self._wanted)

    def _check_unchanged(self, before: dict[str, str]) -> str:
        now = hash_tree(self.volume)
        changed = {path for path in before.keys() | now.keys() if before.get(path) != now.get(path)}
        return _tell_difference("changed", changed, set())

    def _check_removed(self, before: dict[str, str]) -> str:
        now = hash_tree(self.volume)
        gone = {path for path in before if path not in now}
        touched = {path for path in now if now[path] != before.get(path) and not path.endswith("/")}
        return _tell_difference("removed", gone, self._planned()) or _tell_difference("changed", touched, set())

    def _planned(self) -> set[str]:
        document = msgspec.json.decode(self._plan.read_bytes())
        return {os.path.relpath(action["path"]["text"], self.volume) for action in document["actions"]}


def hash_tree(folder: Path) -> dict[str, str]:
    """Path -> a hash over type, mode, owner, mtime (ns), extended attributes and content, for every entry below the
    folder; folders end in `/`.
    """
    found = {}
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = os.path.join(place, name)
            status = os.lstat(path)
            facts = hashlib.sha256(f"{status.st_mode} {status.st_uid} {status.st_gid} {status.st_mtime_ns}".encode())
            for attribute in sorted(os.listxattr(path, follow_symlinks=False)):
                facts.update(attribute.encode() + os.getxattr(path, attribute, follow_symlinks=False))
            if stat.S_ISREG(status.st_mode):
                facts.update(Path(path).read_bytes())
            ending = "/" if stat.S_ISDIR(status.st_mode) else ""
            found[os.path.relpath(path, folder) + ending] = facts.hexdigest()
    return found


def digest_tree(folder: Path) -> str:
    """One hash over `hash_tree`."""
    lines = sorted(f"{path}\0{digest}" for path, digest in hash_tree(folder).items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _tell_difference(what: str, now: set[str], wanted: set[str]) -> str:
    missing, extra = sorted(wanted - now), sorted(now - wanted)
    parts = [f"not {what}: {', '.join(missing[:5])}"] if missing else []
    parts += [f"{what}, and must not be: {', '.join(extra[:5])}"] if extra else []
    return "; ".join(parts)
