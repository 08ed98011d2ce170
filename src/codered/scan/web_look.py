"""Drop-ins of web servers among the files of a scan, wherever they lie: judged by the heuristics, as those below the
web roots of a whole system. Scripts are judged by the packs (`script_look`).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from codered.collect.autostart.installed import find_installed
from codered.collect.autostart.reading import Reader
from codered.collect.autostart.web_drop_ins import read_drop_in
from codered.collect.copied_trees import forget_changes, is_copied
from codered.collect.packages import PackageDatabase
from codered.collect.walking import Unwalked
from codered.detect.autostart import judge_autostart
from codered.model.allow_list import AllowList
from codered.model.finding import Finding
from codered.model.persistence import Autostart
from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.scan.allowing import count_allowed
from codered.scan.tasks import Counted

WEB = "scripts and settings of web servers"
DROP_INS = frozenset((b".htaccess", b".user.ini"))


class _Seen(msgspec.Struct, frozen=True):
    entries: tuple[Autostart, ...]
    installed: datetime | None = None


class WebJudgement(NamedTuple):
    """The findings of a file, what was let pass, and what could not be read."""

    findings: tuple[Finding, ...]
    counted: tuple[Counted, ...] = ()
    unread: tuple[Unwalked, ...] = ()


class WebLook:
    """Looks at one file after the other in a worker; at none where the rules have no heuristics. Made in the parent,
    used after the fork.
    """

    def __init__(self, target: Target, rules: RuleSet, allowed: AllowList, packages: PackageDatabase) -> None:
        self._target = target
        self._rules = rules
        self._allowed = allowed
        self._is_on = bool(rules.heuristics.rules)
        self._packages = packages

    def judge(self, rel: bytes) -> WebJudgement:
        """What a file gives."""
        reader = Reader(self._target)
        entries = tuple(self._collect(reader, rel))
        unread = tuple(item for item in reader.unread if item.rel == rel)
        if not entries:
            return WebJudgement((), unread=unread)
        if is_copied(self._target):
            entries = forget_changes(entries)
        seen = _Seen(entries, find_installed(reader))
        judged = judge_autostart(seen, self._rules, self._allowed, datetime.now(UTC))
        counted = tuple(count_allowed("files", WEB, judged.allowed, ()))
        return WebJudgement(judged.findings, counted, unread)

    def interests(self, rel: bytes) -> bool:
        """Whether a file of this path is looked at."""
        return self._is_on and rel.rpartition(b"/")[2] in DROP_INS

    def _collect(self, reader: Reader, rel: bytes) -> Iterator[Autostart]:
        file = reader.read(rel)
        if file is not None:
            yield from read_drop_in(reader, self._packages, file)
