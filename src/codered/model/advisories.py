"""Advisories in the OSV format: which versions of which software have a hole. Only what judging needs is read."""

import msgspec


class Event(msgspec.Struct, frozen=True):
    """A version at which something changes; one of the fields is set."""

    introduced: str = ""
    fixed: str = ""
    last_affected: str = ""


class VersionRange(msgspec.Struct, frozen=True):
    """Events in the order of versions; of the types only ECOSYSTEM and SEMVER are about versions."""

    type: str = ""
    events: tuple[Event, ...] = ()


class AffectedName(msgspec.Struct, frozen=True):
    """Whose name it is (`Debian:12`, `npm`), and the name."""

    ecosystem: str = ""
    name: str = ""


class Affected(msgspec.Struct, frozen=True):
    """A package with the versions that have the hole."""

    package: AffectedName = AffectedName()
    ranges: tuple[VersionRange, ...] = ()
    versions: tuple[str, ...] = ()


class AdvisoryLink(msgspec.Struct, frozen=True):
    """Where more is to be read."""

    url: str = ""


class AdvisoryRating(msgspec.Struct, frozen=True):
    """What the database thinks of it, in a word."""

    severity: str | None = None


class Advisory(msgspec.Struct, frozen=True):
    """One advisory. `withdrawn` is a time if it no longer stands."""

    id: str
    summary: str = ""
    aliases: tuple[str, ...] = ()
    withdrawn: str | None = None
    affected: tuple[Affected, ...] = ()
    references: tuple[AdvisoryLink, ...] = ()
    database_specific: AdvisoryRating | None = None
