"""AllowList: what the people of a host vouch for: programs by their hash, SSH keys, files. Each entry ends one day.

An entry without an end would be a hole nobody remembers, so `expires` is required: from that day (UTC) on the entry
allows nothing any more and is told as expired.
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal

import msgspec

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
Fingerprint = Annotated[str, msgspec.Meta(pattern=r"^SHA256:[A-Za-z0-9+/]{43}=?$(?!\n)")]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
AbsolutePath = Annotated[str, msgspec.Meta(pattern=r"^(?:/|[A-Za-z]:\\)[^\x00]+$(?!\n)")]
RegistryName = Annotated[str, msgspec.Meta(pattern=r"^HK(?:LM|U)\\[^\x00]+$(?!\n)", max_length=4096)]
_SET = re.compile(r"\\ControlSet[0-9]{3,10}\\", re.IGNORECASE)


class Allowed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every entry has: the first day (UTC) it no longer counts, why it is allowed, and who vouches for it."""

    expires: date
    because: Reason
    who: Reason

    def is_expired(self, now: datetime) -> bool:
        """Whether the entry no longer counts at `now` (with a zone)."""
        return now.astimezone(UTC).date() >= self.expires

    def about(self) -> str:
        """What it vouches for, in a few words."""
        return "something"


class AllowedProcess(Allowed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program by the SHA-256 of its file, run by `user` ("" = anybody) on `days` (none = all) from hour `start` to
    hour `end` (0 to 24, in the zone of the time asked about; a `start` after `end` goes past midnight). `command` is
    its whole command line: a shell or interpreter is allowed only by an entry that has one.
    """

    sha256: Sha256
    user: str = ""
    days: tuple[Day, ...] = ()
    start: Annotated[int, msgspec.Meta(ge=0, le=23)] = 0
    end: Annotated[int, msgspec.Meta(ge=1, le=24)] = 24
    command: str = ""

    def about(self) -> str:
        """The program, and the command line if the entry has one."""
        return f"program {self.sha256[:12]}" + (f" as {self.command}" if self.command else "")

    def fits(self, sha256: str, user: str, command: str) -> bool:
        """Whether the entry is about this program of this user; one with a command only about that very command."""
        return self.sha256 == sha256 and self.user in ("", user) and self.command in ("", command)

    def is_due(self, now: datetime) -> bool:
        """Whether `now` lies in the schedule. The hours after midnight belong to the day on which they began."""
        past_midnight = self.start >= self.end and now.hour < self.end
        if not past_midnight and not self.start <= now.hour < (24 if self.start >= self.end else self.end):
            return False
        return not self.days or DAYS[(now.weekday() - past_midnight) % 7] in self.days


class AllowedScanner(AllowedProcess, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program that may reach for many hosts: an authorised vulnerability scanner, a monitor, a crawler. It is still
    reported, and never contained. `ports` it may try (none = all).
    """

    ports: tuple[Annotated[int, msgspec.Meta(ge=0, le=65535)], ...] = ()

    def about(self) -> str:
        """The program that may scan."""
        return f"scanner {self.sha256[:12]}" + (f" as {self.command}" if self.command else "")


class AllowedKey(Allowed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An SSH key by its fingerprint as OpenSSH prints it."""

    key: Fingerprint

    def about(self) -> str:
        """The key."""
        return f"key {self.key}"


class AllowedFile(Allowed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file by its path (of Windows `C:\\x`, in any case) and the SHA-256 of its content: another is not allowed."""

    path: AbsolutePath
    sha256: Sha256

    def about(self) -> str:
        """The path."""
        return self.path


class AllowedEntry(Allowed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What starts by itself by the registry of Windows: `entry` is its key, for a value with a colon and the value's
    name, as a finding says it (any case; `CurrentControlSet` is each of them), `command` all that it says, exactly.
    """

    entry: RegistryName
    command: Annotated[str, msgspec.Meta(min_length=1, max_length=32_767)]

    def about(self) -> str:
        """The entry's name."""
        return self.entry

    def fits(self, entry: str, command: str) -> bool:
        """Whether it is about this entry, which says this."""
        told = (entry.casefold(), _SET.sub(lambda _: "\\CurrentControlSet\\", entry).casefold())
        return self.entry.casefold() in told and self.command == command


class AllowList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that is allowed on a host. `now` has a zone everywhere."""

    format: Literal[1] = 1
    processes: tuple[AllowedProcess, ...] = ()
    keys: tuple[AllowedKey, ...] = ()
    files: tuple[AllowedFile, ...] = ()
    scanners: tuple[AllowedScanner, ...] = ()
    entries: tuple[AllowedEntry, ...] = ()

    def allows_process(self, sha256: str, user: str, now: datetime, command: str = "") -> AllowedProcess | None:
        """The entry that allows this program to this user now; one with a command only for that very command."""
        found = (entry for entry in self.processes if entry.fits(sha256, user, command))
        return next((entry for entry in found if not entry.is_expired(now) and entry.is_due(now)), None)

    def allows_scanner(
        self, sha256: str, user: str, now: datetime, *, command: str = "", port: int = 0
    ) -> AllowedScanner | None:
        """The entry that lets this program of this user try many hosts on this port now."""
        found = (entry for entry in self.scanners if entry.fits(sha256, user, command))
        due = (entry for entry in found if not entry.is_expired(now) and entry.is_due(now))
        return next((entry for entry in due if not entry.ports or port in entry.ports), None)

    def allows_key(self, fingerprint: str, now: datetime) -> AllowedKey | None:
        """The entry that allows this key."""
        wanted = fingerprint.rstrip("=")
        found = (entry for entry in self.keys if entry.key.rstrip("=") == wanted)
        return next((entry for entry in found if not entry.is_expired(now)), None)

    def allows_file(self, path: str, sha256: str, now: datetime) -> AllowedFile | None:
        """The entry that allows this content at this path."""
        found = (entry for entry in self.files if _is_same_path(entry.path, path) and entry.sha256 == sha256)
        return next((entry for entry in found if not entry.is_expired(now)), None)

    def allows_entry(self, name: str, command: str, now: datetime) -> AllowedEntry | None:
        """The entry that allows what stands under this name in the registry, as long as it says this."""
        found = (entry for entry in self.entries if entry.fits(name, command))
        return next((entry for entry in found if not entry.is_expired(now)), None)

    def expired(self, now: datetime) -> tuple[Allowed, ...]:
        """The entries that no longer count."""
        known = (*self.processes, *self.keys, *self.files, *self.scanners, *self.entries)
        return tuple(entry for entry in known if entry.is_expired(now))


def _is_same_path(one: str, other: str) -> bool:
    """Windows does not tell capital and small letters of a path apart, Linux does."""
    return one == other or (one[1:3] == ":\\" and one.casefold() == other.casefold())


class LetPass(msgspec.Struct, frozen=True):
    """Something that would be a finding by heuristics, or as a script, and is allowed: what it is, by which entry."""

    what: str
    entry: Allowed


NOTHING_ALLOWED = AllowList()
