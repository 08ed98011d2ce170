"""From a report to a plan, with everything that the user wished for."""

from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.detect.versions import compare_versions
from codered.model.errors import Refused
from codered.model.pack import LoadedPack
from codered.model.paths import FilePath
from codered.model.plan import Plan
from codered.model.report import Report
from codered.model.target import Target
from codered.remediate import planning
from codered.remediate.drafts import OwnerOf, Wishes
from codered.remediate.file_state import find_below
from codered.respond.known_sources import PlanWishes, open_sources

_NO_WISHES = PlanWishes()


def make_plan(report: Report, packs: tuple[LoadedPack, ...], target: Target, wishes: PlanWishes = _NO_WISHES) -> Plan:
    """The plan for a report, on the state the machine is in now. Raises WrongUse."""
    packages = PackageDatabase(Reader(target))
    finder = open_sources(target, wishes, packages)
    given = wishes.restore_from
    try:
        own = Wishes(
            restore_from=given if given is None or not given.is_file() else None,
            include_suspicious=wishes.include_suspicious,
            owner_of=_ask_packages(target, packages),
            find_good=finder.find,
            patch=wishes.patch,
            mitigate=wishes.mitigate,
            not_older=lambda manager, one, other: compare_versions(manager, one, other) >= 0,
        )
        return planning.make_plan(report, packs, target, own)
    finally:
        finder.close()


def _ask_packages(target: Target, packages: PackageDatabase) -> OwnerOf:
    """Who owns a file by the records of the target's packages."""

    def owner_of(path: FilePath) -> str | None:
        try:
            rel = find_below(path, target.info.root)
        except Refused:
            return None
        return packages.owner(rel) if packages.known else None

    return owner_of
