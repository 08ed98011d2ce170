"""What apt and dnf are asked and told: which version could be had, what an upgrade would change, and the change."""

import os
import re
from typing import NamedTuple, Protocol

from codered.model.patches import Manager
from codered.model.plan import PackageState
from codered.remediate.file_state import ChangeFailed
from codered.remediate.package_commands import ask, carry_out, wait_for_locks

_DPKG_LOCKS = ("/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock")  # apt's, and dpkg's own when it runs alone
_RPM_LOCKS = ("/var/lib/rpm/.rpm.lock", "/usr/lib/sysimage/rpm/.rpm.lock")
# These become words of a command line; to apt a "-" at the end says "remove".
_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.+:~^_-]{0,126}[A-Za-z0-9.+~^_])?")
_CANDIDATE = re.compile(r"^  Candidate: (\S+)$", re.MULTILINE)
_SOURCE = re.compile(r"^Source: \S+ \((\S+)\)$", re.MULTILINE)
_STEP = re.compile(r"^(Inst|Remv) (\S+?)(?::\S+)? (?:\[(\S+)\] )?(?:\((\S+) .*\[(\S+)\]\))?", re.MULTILINE)
_APT = ("apt-get", "-y", "-o", "Dpkg::Options::=--force-confold", "-o", "Dpkg::Options::=--force-confdef")
_DPKG = ("dpkg", "--force-confold", "--force-confdef")


class Candidate(NamedTuple):
    """The version that could be had ("" = none), and that of its source."""

    version: str
    source_version: str


class PackageProgram(Protocol):
    """What planning and the action need. All raise ChangeFailed."""

    place: str

    def read_version(self, package: PackageState) -> tuple[str, bool]:
        """The version that is there ("" = none), and whether it is whole."""
        ...

    def find_candidate(self, package: PackageState) -> Candidate:
        """What the repositories, as they are known here, would give."""
        ...

    def list_changes(self, wanted: PackageState) -> tuple[PackageState, ...]:
        """Every package that would change, as it is now; one that would come new has no version."""
        ...

    def can_fetch(self, package: PackageState) -> bool:
        """Whether this very version can be had."""
        ...

    def fetch(self, package: PackageState, folder: str) -> None:
        """Put the package's file into the folder."""
        ...

    def upgrade(self, wanted: PackageState, log: int) -> None:
        """Bring the package to this version, after whatever was left half-way."""
        ...

    def reinstall(self, files: tuple[str, ...], log: int) -> None:
        """Put these packages in the place of what is there, whatever its version."""
        ...


class Apt:
    """Debian and its kin."""

    place = "/var/lib/dpkg/status"

    def read_version(self, package: PackageState) -> tuple[str, bool]:
        """See PackageProgram."""
        try:
            said = ask(("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}\n", _full_name(package)))
        except ChangeFailed:
            return "", True
        state, _, version = said.strip().partition(" ")
        return ("", True) if state in ("not-installed", "config-files") else (version, state == "installed")

    def find_candidate(self, package: PackageState) -> Candidate:
        """See PackageProgram."""
        found = _CANDIDATE.search(ask(("apt-cache", "policy", _full_name(package))))
        if not found or found[1] == "(none)":
            return Candidate("", "")
        shown = ask(("apt-cache", "show", f"{_full_name(package)}={found[1]}"))
        source = _SOURCE.search(shown)
        return Candidate(found[1], source[1] if source else found[1])

    def list_changes(self, wanted: PackageState) -> tuple[PackageState, ...]:
        """See PackageProgram. Raises ChangeFailed too if packages would have to go."""
        said = ask(("apt-get", "-s", "-q", "--only-upgrade", "install", f"{_full_name(wanted)}={wanted.version}"))
        steps = _STEP.findall(said)
        if gone := [name for kind, name, *_ in steps if kind == "Remv"]:
            raise ChangeFailed(f"the upgrade would remove {', '.join(gone[:5])}: do it by hand")
        changed = {(name, architecture or wanted.architecture): old for _, name, old, _, architecture in steps}
        return tuple(
            PackageState(manager="dpkg", name=name, architecture=architecture, version=old)
            for (name, architecture), old in changed.items()
        )

    def can_fetch(self, package: PackageState) -> bool:
        """See PackageProgram."""
        try:
            ask(("apt-get", "download", "--print-uris", f"{_full_name(package)}={package.version}"))
        except ChangeFailed:
            return False
        return True

    def fetch(self, package: PackageState, folder: str) -> None:
        """See PackageProgram."""
        ask(("apt-get", "download", "-q", f"{_full_name(package)}={package.version}"), folder, seconds=600)

    def upgrade(self, wanted: PackageState, log: int) -> None:
        """See PackageProgram."""
        wait_for_locks(_DPKG_LOCKS)
        carry_out((*_DPKG, "--configure", "-a"), log, _DPKG_LOCKS)
        words = (*_APT, "--no-remove", "--only-upgrade", "install", f"{_full_name(wanted)}={wanted.version}")
        carry_out(words, log, _DPKG_LOCKS)

    def reinstall(self, files: tuple[str, ...], log: int) -> None:
        """See PackageProgram. dpkg itself: it takes what a failed upgrade left half-way too."""
        wait_for_locks(_DPKG_LOCKS)
        carry_out((*_DPKG, "--install", *files), log, _DPKG_LOCKS)


class Dnf:
    """Red Hat and its kin."""

    place = "/var/lib/rpm/rpmdb.sqlite"

    def read_version(self, package: PackageState) -> tuple[str, bool]:
        """See PackageProgram."""
        try:
            said = ask(("rpm", "-q", "--qf", "%{EPOCHNUM}:%{VERSION}-%{RELEASE}\n", _rpm_name(package)))
        except ChangeFailed:
            return "", True
        return said.split("\n")[0].removeprefix("0:"), True

    def find_candidate(self, package: PackageState) -> Candidate:
        """See PackageProgram."""
        form = "%{epoch}:%{version}-%{release}\n"
        said = ask(("dnf", "-q", "repoquery", "--latest-limit", "1", "--qf", form, _rpm_name(package)))
        found = (said.split() or [""])[-1].removeprefix("0:")
        return Candidate(found, found)

    def list_changes(self, wanted: PackageState) -> tuple[PackageState, ...]:
        """See PackageProgram: what else dnf would change is not asked for."""
        version, _ = self.read_version(wanted)
        return (PackageState(manager="rpm", name=wanted.name, architecture=wanted.architecture, version=version),)

    def can_fetch(self, package: PackageState) -> bool:
        """See PackageProgram."""
        try:
            return bool(ask(("dnf", "-q", "repoquery", "--location", _rpm_file(package))).strip())
        except ChangeFailed:
            return False

    def fetch(self, package: PackageState, folder: str) -> None:
        """See PackageProgram."""
        ask(("dnf", "-q", "download", "--destdir", folder, _rpm_file(package)), folder, seconds=600)

    def upgrade(self, wanted: PackageState, log: int) -> None:
        """See PackageProgram."""
        wait_for_locks(_RPM_LOCKS)
        carry_out(("dnf", "-y", "upgrade", _rpm_file(wanted)), log, _RPM_LOCKS)

    def reinstall(self, files: tuple[str, ...], log: int) -> None:
        """See PackageProgram."""
        wait_for_locks(_RPM_LOCKS)
        carry_out(("rpm", "-U", "--oldpackage", "--replacepkgs", *files), log, _RPM_LOCKS)


def choose_program(manager: Manager) -> PackageProgram:
    """Who is asked about a package of this kind."""
    return Apt() if manager == "dpkg" else Dnf()


def is_plain(package: PackageState) -> bool:
    """Whether its name, version and architecture are what a package can have, and no words that mean more."""
    words = (package.name, package.version, package.architecture or "all")
    return all(_WORD.fullmatch(word) for word in words)


def list_fetched(folder: str) -> tuple[str, ...]:
    """The package files in a folder, by their full path."""
    return tuple(sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith((".deb", ".rpm"))))


def _full_name(package: PackageState) -> str:
    """`all` is no architecture to apt."""
    plain = package.architecture in ("", "all")
    return package.name if plain else f"{package.name}:{package.architecture}"


def _rpm_name(package: PackageState) -> str:
    return f"{package.name}.{package.architecture}" if package.architecture else package.name


def _rpm_file(package: PackageState) -> str:
    end = f".{package.architecture}" if package.architecture else ""
    return f"{package.name}-{package.version}{end}"
