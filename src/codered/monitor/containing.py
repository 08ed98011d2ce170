"""Holding what came back: its process is frozen, journaled as in a plan that only freezes, and a rollback lets it go.

Nothing is ended or taken away here: that is for a plan that somebody has read.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from codered.collect.process_identity import identify_process
from codered.model.errors import CodeRedError
from codered.model.finding import Finding
from codered.model.paths import path_from_bytes
from codered.model.plan import Action, Plan, seal_plan
from codered.model.process import ProcessId
from codered.model.target import ChangeableTarget
from codered.remediate.case_folder import open_case
from codered.remediate.drafts import Ground, OwnerOf, Wishes, is_shared_program
from codered.remediate.file_state import ChangeFailed
from codered.remediate.holding import Hold
from codered.remediate.never_stopped import explain_never_stopped
from codered.remediate.processes import explain_protected, read_process

MOST_PLANS = 200  # of one watch
_MOST_COMMAND = 1 << 16


class Contained(NamedTuple):
    """What came of it: the plan that a rollback releases ("" = nothing is held), and the story."""

    plan: str
    story: str


class Container:
    """Freezes processes of one host. `keep_plan` writes a plan where `rollback` finds it by its id."""

    def __init__(
        self, target: ChangeableTarget, cases: Path, keep_plan: Callable[[Plan], object], owner_of: OwnerOf, tool: str
    ) -> None:
        self._target = target
        self._cases = cases
        self._keep_plan = keep_plan
        self._ground = Ground(target, Wishes(owner_of=owner_of), {})
        self._tool = tool
        self._count = 0
        self._held: dict[ProcessId, str] = {}
        self._done: set[tuple[str, ProcessId]] = set()

    def contain(self, finding: Finding, writer: ProcessId | None) -> Contained | None:
        """Freeze what the finding is about, runs its file, or has written it; None if this process was frozen for this
        finding before, for whoever let it go meant it.
        """
        whom = self._choose(finding, writer)
        if whom is None:
            return Contained("", "nothing is frozen: no process that runs or wrote it is known")
        if (finding.id, whom) in self._done:
            return None
        because = explain_protected(whom.pid) or explain_never_stopped(whom.pid, self._ground)
        if because:
            return Contained("", f"process {whom.pid} is not frozen: {because}")
        if self._count >= MOST_PLANS:
            return Contained("", f"nothing is frozen: {MOST_PLANS} processes were frozen by this watch already")
        try:
            return self._freeze(whom, finding)
        except (CodeRedError, ChangeFailed, OSError) as error:
            return Contained("", f"process {whom.pid} could not be frozen: {error}")

    def _freeze(self, whom: ProcessId, finding: Finding) -> Contained:
        state = read_process(whom.pid, whom.start)
        if state.state == "gone":
            return Contained("", f"process {whom.pid}, which did it, has ended already")
        held = (self._held.get(whom) or self._find_earlier(whom)) if state.state == "held" else ""
        if held:  # a plan more would only use up those there may be, and its rollback would not let it go
            story = f"process {whom.pid}, which did it, is frozen already: `codered rollback {held}` lets it go"
            return Contained(held, story)
        self._count += 1
        path = path_from_bytes(os.readlink(b"/proc/%d/exe" % whom.pid))
        action = Action(
            id="a1", kind="stop_process", path=path, expects=state, because=finding.because,
            findings=(finding.id,), pack=finding.pack, shown=f"process {whom.pid}", undoable=False,
        )  # fmt: skip
        now = datetime.now(UTC)
        name = f"hold-{now:%Y%m%d-%H%M%S-%f}-{whom.pid}-{whom.start}"
        plan = seal_plan(
            Plan(
                id=name,
                tool=self._tool,
                created=now,
                report_id="monitor",
                target=self._target.info,
                packs=(),
                actions=(action,),
            )
        )
        self._keep_plan(plan)
        with open_case(self._cases / name, plan, create=True) as folder:
            folder.journal.append("opened", plan_digest=plan.digest)
            Hold(plan, folder.journal, lambda *_: None).hold_plan(plan.actions)
        self._held[whom] = name
        self._done.add((finding.id, whom))
        story = f"process {whom.pid} is frozen: `codered rollback {name}` lets it go, `codered apply {name}` ends it"
        return Contained(name, story)

    def _find_earlier(self, whom: ProcessId) -> str:
        """The plan by which an earlier run, or another watch, has frozen it; "" if there is none."""
        names = sorted(folder.name for folder in self._cases.glob(f"hold-*-{whom.pid}-{whom.start}"))
        return names[-1] if names else ""

    def _choose(self, finding: Finding, writer: ProcessId | None) -> ProcessId | None:
        subject = finding.subject
        if subject.pid is not None and subject.start is not None:
            return ProcessId(subject.pid, subject.start)
        running = find_running(subject.file_path().to_bytes()) if subject.path else None
        return running or writer


def find_running(path: bytes) -> ProcessId | None:
    """A process that runs this file, as its program or as the script of its interpreter."""
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        with suppress(OSError):
            program = os.readlink(f"/proc/{name}/exe".encode())
            # Who reads or edits the file has its name among the arguments too: only an interpreter runs it.
            runs = is_shared_program(program.lstrip(b"/")) and path in _read_arguments(name)[1:3]
            if program == path or runs:
                return identify_process(int(name))
    return None


def _read_arguments(pid: str) -> list[bytes]:
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read(_MOST_COMMAND).split(b"\0")
