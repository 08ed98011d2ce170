"""Processes like those of a plan: what a supervisor or a worm starts again under another pid while the plan is applied.

The same program is not enough, for it may be everybody's (a shell, an interpreter). It must be the worm's own file, or
be told the same thing: the same arguments, and a place among them or the same parent. The workers of a server are told
the same as well, so it must besides come from a process of the plan, name a file that the plan takes away, or have
started in the place of the one that is ended.
"""

import os
from datetime import UTC, datetime
from typing import NamedTuple

from codered.model.plan import Action, Plan, ProcessState
from codered.remediate.process_places import DELETED, Identity, find_program, identify_program, sees_our_files
from codered.remediate.processes import (
    TICKS,
    Facts,
    explain_protected,
    hash_exe,
    list_pids,
    read_boot,
    read_command,
    read_facts,
    read_ticks,
)

_ENDED = (b"Z", b"X")
_MOST_PARENTS = 8
# A worm may be a renamed copy of a program that the whole system uses: there, the same content says nothing.
_SHARED = (b"/usr/", b"/bin/", b"/sbin/", b"/lib", b"/opt/", b"/snap/", b"/nix/")


class Lookalike(NamedTuple):
    """A process that is like the one of an action, and its parent's pid."""

    process: ProcessState
    parent: int
    action: Action


class _Wanted(NamedTuple):
    """`removed`: the plan takes the file away. `nameless`: nothing has its name any more. `here`: it was seen among our
    own files, not in a container. `since`: what comes in its place started then, or later (ticks since boot): now while
    it lives, and after the plan was made if it has ended since.
    """

    action: Action
    path: bytes
    removed: bool
    nameless: bool
    here: bool
    since: int


class Lookalikes:
    """Knows the processes of a plan, and finds others like them. Made before they end."""

    def __init__(self, plan: Plan) -> None:
        self._boot = read_boot()
        self._now = read_ticks()
        age = (datetime.now(UTC) - plan.created).total_seconds()
        self._planned = self._now - int(max(age, 0) * TICKS)  # a clock may have been set back since
        removed = {
            action.path.to_bytes() for action in plan.actions if action.kind in ("quarantine_file", "delete_file")
        }
        self._removed = frozenset(os.fsdecode(path) for path in removed)
        self._wanted: list[_Wanted] = []
        self._files: dict[Identity, list[_Wanted]] = {}
        self._hashes: dict[Identity, str] = {}
        self._parents: set[tuple[str, int]] = set()
        self._pids: set[tuple[int, int]] = set()
        for action in plan.actions:
            if isinstance(action.expects, ProcessState) and action.kind != "freeze_process":  # which ends nobody
                self._learn(action, action.expects, removed)
        self._elsewhere = any(item.action.process_state().boot != self._boot for item in self._wanted)

    def find(self) -> tuple[Lookalike, ...]:
        """Every process that is like one of the plan's and started after it; none that is protected."""
        found = []
        for pid in list_pids() if self._wanted else ():
            facts = _read_quietly(pid)
            if facts is None or facts.letter in _ENDED or (pid, facts.start) in self._pids:
                continue
            wanted = self._match(pid, facts)
            if wanted is not None and not explain_protected(pid):
                state = ProcessState(pid=pid, start=facts.start, boot=self._boot, state="running")
                found.append(Lookalike(state, facts.parent, wanted.action))
        return tuple(found)

    def learn_parent(self, action: Action, parent: int) -> None:
        """Whoever started one like this may start another; the first process starts everybody's."""
        if parent > 1:
            self._parents.add((action.id, parent))

    def _learn(self, action: Action, process: ProcessState, removed: set[bytes]) -> None:
        path = action.path.to_bytes().removesuffix(DELETED)
        file, here, since = None, False, self._planned
        if process.boot == self._boot:
            self._pids.add((process.pid, process.start))
            facts = _read_quietly(process.pid)
            if facts is not None and facts.start == process.start:
                since = self._now
                file, here = identify_program(process.pid), sees_our_files(process.pid)
                self.learn_parent(action, facts.parent)
        item = _Wanted(action, path, path in removed, not os.path.lexists(path), here, since)
        self._wanted.append(item)
        if file is not None:
            self._files.setdefault(file, []).append(item)

    def _match(self, pid: int, facts: Facts) -> _Wanted | None:
        try:
            path = find_program(pid)
        except OSError:
            return None
        file = identify_program(pid)
        ours = sees_our_files(pid)
        by_file = self._files.get(file, []) if file is not None else []
        by_path = [item for item in self._wanted if item.path == path and ours]
        by_hash = [] if path.startswith(_SHARED) else self._find_by_hash(pid, file)
        own = [item for item in (*by_file, *by_path, *by_hash) if item.removed]
        own += [item for item in by_file if item.nameless and item.here]
        own += [item for item in by_path if item.nameless]
        told = [item for item in (*by_file, *by_path, *by_hash) if self._is_told_the_same(pid, facts, item)]
        return next((item for item in (*own, *told) if self._is_younger(facts, item)), None)

    def _is_younger(self, facts: Facts, item: _Wanted) -> bool:
        process = item.action.process_state()
        return process.boot != self._boot or facts.start >= process.start

    def _find_by_hash(self, pid: int, file: Identity | None) -> list[_Wanted]:
        """After another start of the host no inode is known, so every program that runs is read once."""
        if not self._elsewhere or file is None:
            return []
        if file not in self._hashes:
            self._hashes[file] = hash_exe(pid)
        digest = self._hashes[file]
        return [item for item in self._wanted if digest and item.action.process_state().sha256 == digest]

    def _is_told_the_same(self, pid: int, facts: Facts, item: _Wanted) -> bool:
        command = item.action.process_state().command
        if not command or read_command(pid) != command:
            return False
        from_ours = self._comes_from_ours(facts)
        if not (from_ours or self._starts_later(facts, item) or self._removed & set(command.split(" "))):
            return False
        return (item.action.id, facts.parent) in self._parents or from_ours or "/" in command.partition(" ")[2]

    def _starts_later(self, facts: Facts, item: _Wanted) -> bool:
        return item.action.process_state().boot != self._boot or facts.start >= item.since

    def _comes_from_ours(self, facts: Facts) -> bool:
        """Whether a process of the plan is above it."""
        for _ in range(_MOST_PARENTS):
            pid = facts.parent
            above = _read_quietly(pid) if pid > 1 else None
            if above is None or (pid, above.start) in self._pids:
                return above is not None
            facts = above
        return False


def _read_quietly(pid: int) -> Facts | None:
    """None too for a process that hides: it can be no lookalike, for what it runs can't be seen either."""
    try:
        return read_facts(pid)
    except OSError:
        return None
