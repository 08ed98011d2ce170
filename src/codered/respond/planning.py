"""From a report to a plan, with everything that the user wished for."""

from pathlib import Path

from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.model.errors import Refused
from codered.model.pack import LoadedPack
from codered.model.paths import FilePath
from codered.model.plan import Plan
from codered.model.report import Report
from codered.model.target import Target
from codered.remediate import planning
from codered.remediate.drafts import OwnerOf, Wishes
from codered.remediate.file_state import find_below


def make_plan(
    report: Report,
    packs: tuple[LoadedPack, ...],
    target: Target,
    restore_from: Path | None = None,
    include_suspicious: bool = False,
) -> Plan:
    """The plan for a report, on the state the machine is in now. Raises WrongUse."""
    wishes = Wishes(restore_from=restore_from, include_suspicious=include_suspicious, owner_of=_ask_packages(target))
    return planning.make_plan(report, packs, target, wishes)


def _ask_packages(target: Target) -> OwnerOf:
    """Who owns a file by the records of the target's packages."""
    packages = PackageDatabase(Reader(target))

    def owner_of(path: FilePath) -> str | None:
        try:
            rel = find_below(path, target.info.root)
        except Refused:
            return None
        return packages.owner(rel) if packages.known else None

    return owner_of
