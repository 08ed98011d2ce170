"""Patches: what is known of the software on a system, and the answer to whether a hole in it is closed."""

from typing import Literal

import msgspec

from codered.model.countermeasures import Mitigation
from codered.model.paths import FilePath

PatchVerdict = Literal["patched", "vulnerable", "undetermined", "not_present"]
Ecosystem = Literal["npm", "Packagist", "Maven", "PyPI", "CMS"]
Manager = Literal["dpkg", "rpm"]
ADVISORIES = "advisories"
"""The `pack` of a finding that rests on an advisory."""


class InstalledPackage(msgspec.Struct, frozen=True):
    """A package of the system's package manager. `source` is what it was built from, with its own version; `half` is
    the manager's word for one that is not whole (`half-installed`): its version does not tell which files are there.
    """

    manager: Manager
    name: str
    version: str
    architecture: str = ""
    source: str = ""
    source_version: str = ""
    half: str = ""


class InstalledComponent(msgspec.Struct, frozen=True):
    """Software that no package manager brought, by its own manifest at `path`; `package` owns that ("" = none does)."""

    ecosystem: Ecosystem
    name: str
    version: str
    path: FilePath
    package: str = ""


class SoftwareGap(msgspec.Struct, frozen=True):
    """What may hold software and was not read: of this ecosystem ("" = of any), or the package manager's records."""

    of: Ecosystem | Literal["packages", ""]
    where: str
    why: str


class FileFact(msgspec.Struct, frozen=True, kw_only=True):
    """A file that evidence is about, by the examined system's own name; `date` is ISO ("" = not known)."""

    name: str
    exists: bool = True
    version: str = ""
    date: str = ""


class PatchFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one system. `platform` is as packs name it (`linux`, `windows2000`; `windows` = which one is not
    known), `distribution` and `release` as in os-release (`debian`, `12`), `codename` (`bookworm`). `keys` are the
    registry keys that exist (None = the registry was not read), `packages` None = no package manager could be asked,
    `components` None = they were not looked for; `gaps` has the first of each kind that was not read. `web_server` is
    the version of IIS ("" = there is none, None = not known).
    """

    platform: str
    distribution: str = ""
    release: str = ""
    codename: str = ""
    packages: tuple[InstalledPackage, ...] | None = None
    components: tuple[InstalledComponent, ...] | None = ()
    gaps: tuple[SoftwareGap, ...] = ()
    keys: frozenset[str] | None = None
    files: tuple[FileFact, ...] = ()
    service_pack: int | None = None
    web_server: str | None = None


class PatchSubject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was judged. `fixed` is the version that would be enough ("" = none is known); a package has its
    `manager` and `architecture`, what lies in a file its `path`. `by_source`: `fixed` is a version of what it was
    built from.
    """

    says: PatchVerdict
    name: str
    version: str = ""
    fixed: str = ""
    manager: Manager | None = None
    architecture: str = ""
    ecosystem: str = ""
    path: FilePath | None = None
    by_source: bool = False


class PatchAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer for one hole: of a pack, or of an `advisory` of that id. `because` is one sentence; `guidance` is what
    the vendor says to do, `references` where.
    """

    says: PatchVerdict
    hole: str
    because: str
    pack: str = ""
    advisory: str = ""
    cves: tuple[str, ...] = ()
    severity: Literal["critical", "high", "medium", "low"] = "high"
    subjects: tuple[PatchSubject, ...] = ()
    guidance: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    needs_reboot: bool = False
    mitigations: tuple[Mitigation, ...] = ()
