"""Scripts among the files of a scan: what the packs say of them, but for those that somebody vouches for."""

import os
from datetime import UTC, datetime

from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.detect.scripts.judging import ScriptJudge, ScriptVerdict, make_script_finding
from codered.detect.signatures import ContentHit
from codered.model.allow_list import AllowList, LetPass
from codered.model.observation import FileSeen
from codered.model.paths import path_from_bytes
from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.scan.allowing import count_allowed
from codered.scan.script_context import ScriptContext
from codered.scan.tasks import Counted
from codered.scan.web_look import WEB, WebJudgement

BROUGHT = "scripts that look like web shells, and are as their packages brought them"
MOST_COMPARED = 16 << 20  # bytes of a script are compared with its package's record; no package brings larger ones


class ScriptLook:
    """Judges one script after the other in a worker. Made in the parent, used after the fork."""

    def __init__(self, target: Target, rules: RuleSet, allowed: AllowList, packages: PackageDatabase) -> None:
        self._target = target
        self._judge = ScriptJudge(rules.packs)
        self._context = ScriptContext(target)
        self._allowed = allowed
        self._packages = packages

    def judge(
        self, rel: bytes, seen: FileSeen, descriptor: int, data: bytes, hits: list[ContentHit]
    ) -> list[ScriptVerdict]:
        """What the packs say of a file whose first bytes are `data`. Raises OSError."""
        if not self._judge.is_asked(hits):
            return []
        context = self._context.find_facts(rel, os.fstat(descriptor))
        return self._judge.judge(seen, data, hits, context)

    def answer(self, rel: bytes, seen: FileSeen, verdicts: list[ScriptVerdict], sha256: str) -> WebJudgement:
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
        if not sha256 or self._target.info.system == "windows" or not self._packages.owner(rel):
            return False
        file = Reader(self._target).read_start(rel, MOST_COMPARED)
        return file is not None and file.sha256 == sha256 and self._packages.origin(file)[0] == "package"

    def _name(self, rel: bytes) -> str:
        return path_from_bytes(self._target.absolute(rel)).text
