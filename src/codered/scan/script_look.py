"""Scripts among the files of a scan: what the packs say of them, but for those that somebody vouches for."""

import os
from datetime import UTC, datetime
from typing import Literal

from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.collect.walking import Unwalked
from codered.detect.scripts.budget import FAILURES
from codered.detect.scripts.judging import (
    ScriptJudge,
    ScriptJudgement,
    ScriptVerdict,
    choose_strongest,
    make_script_finding,
)
from codered.detect.signatures import ContentHit
from codered.model.allow_list import AllowList, LetPass
from codered.model.observation import FileSeen, Piece
from codered.model.paths import path_from_bytes
from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.scan.allowing import count_allowed
from codered.scan.script_context import ScriptContext
from codered.scan.tasks import Counted
from codered.scan.web_look import WEB, WebJudgement

BROUGHT = "scripts that look like web shells, and are as their packages brought them"
MOST_PIECES = 4  # of a file that is not read at once: pieces in which something is found, or given up
NEVER_RUN = (b".js", b".mjs", b".cjs", b".css", b".map", b".ts", b".json", b".svg")
"""Endings of what servers send and don't run: a large one need not be read as a script."""
MOST_COMPARED = 16 << 20  # bytes of a script are compared with its package's record; no package brings larger ones


class ScriptsFound:
    """What came of the pieces of one file."""

    def __init__(self) -> None:
        self._judgements: list[ScriptJudgement] = []

    def add(self, judgement: ScriptJudgement) -> None:
        """One piece more."""
        if judgement.verdicts or judgement.cut:
            self._judgements.append(judgement)

    def is_full(self) -> bool:
        """Whether so much was found, or given up, that more pieces are not worth their time."""
        return len(self._judgements) >= MOST_PIECES

    def list_verdicts(self) -> tuple[ScriptVerdict, ...]:
        """The strongest of each pack."""
        return choose_strongest(verdict for judgement in self._judgements for verdict in judgement.verdicts)

    def list_gaps(self, rel: bytes) -> list[Unwalked]:
        """That the script was not read whole, if nothing was found in it."""
        cuts = [judgement.cut for judgement in self._judgements if judgement.cut]
        return [Unwalked(rel, "failed", f"script not judged: {cuts[0]}")] if cuts and not self.list_verdicts() else []


class ScriptLook:
    """Judges one script after the other in a worker. Made in the parent, used after the fork."""

    def __init__(self, target: Target, rules: RuleSet, allowed: AllowList, packages: PackageDatabase) -> None:
        self._target = target
        self._judge = ScriptJudge(rules.packs)
        self._context = ScriptContext(target)
        self._allowed = allowed
        self._packages = packages

    def judge(
        self, rel: bytes, seen: FileSeen, descriptor: int, piece: Piece, hits: list[ContentHit]
    ) -> ScriptJudgement:
        """What the packs say of a piece of a file. Raises OSError."""
        if not self._judge.is_asked(hits):
            return ScriptJudgement()
        context = self._context.find_facts(rel, os.fstat(descriptor))
        try:
            return self._judge.judge(seen, piece, hits, context)
        except FAILURES as error:  # whatever a text nobody thought of does to us, the file's other findings stand
            return ScriptJudgement((), f"it could not be judged: {type(error).__name__}")

    def list_gaps(self, rel: bytes, found: ScriptsFound) -> list[Unwalked]:
        """That a script was not read whole: passed over where its package brought it so, or no server runs such a
        file; else a gap.
        """
        gaps = found.list_gaps(rel)
        if not gaps:
            return []
        harmless = rel.lower().endswith(NEVER_RUN) or self._is_as_brought(rel)
        state: Literal["skipped", "failed"] = "skipped" if harmless else "failed"
        return [Unwalked(gap.rel, state, gap.why) for gap in gaps]

    def answer(self, rel: bytes, seen: FileSeen, verdicts: tuple[ScriptVerdict, ...], sha256: str) -> WebJudgement:
        """The findings of verdicts on a file with this hash; none if its package or the administrator vouches for it,
        which is told.
        """
        if not verdicts:
            return WebJudgement(())
        entry = self._allowed.allows_file(seen.system_path(), sha256, datetime.now(UTC)) if sha256 else None
        if entry is not None:
            passed = LetPass(what=seen.system_path(), entry=entry)
            return WebJudgement((), tuple(count_allowed("files", WEB, (passed,), ())))
        if self._is_packages_own(rel, sha256):
            return WebJudgement((), (Counted("files", WEB, "skipped", BROUGHT, example=self._name(rel)),))
        return WebJudgement(tuple(make_script_finding(seen, verdict, sha256) for verdict in verdicts))

    def _is_packages_own(self, rel: bytes, sha256: str) -> bool:
        """Whether a package has this very content on record for the path."""
        return bool(sha256) and self._is_as_brought(rel, sha256)

    def _is_as_brought(self, rel: bytes, sha256: str = "") -> bool:
        """Whether a package has the content of this file, which must have the hash if one is given, on record."""
        if self._target.info.system == "windows" or not self._packages.owner(rel):
            return False
        file = Reader(self._target).read_start(rel, MOST_COMPARED)
        if file is None or sha256 not in ("", file.sha256):
            return False
        return self._packages.origin(file)[0] == "package"

    def _name(self, rel: bytes) -> str:
        return path_from_bytes(self._target.absolute(rel)).text
