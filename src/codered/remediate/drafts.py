"""What the planners of each subject share: what they may know, what they hand back, and the order of a plan."""

import fnmatch
import os
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import msgspec

from codered.model.finding import Evidence, Finding
from codered.model.patches import Manager
from codered.model.paths import FilePath, path_from_bytes
from codered.model.plan import Action, NoSource, Source
from codered.model.target import Target
from codered.remediate.byte_cuts import Cut
from codered.remediate.file_state import find_below
from codered.remediate.lines import Content, read_content, split_lines
from codered.remediate.proposals import Proposal

PROCESSES, FILES, LINES, KEYS, SERVICES, ACCOUNTS, MODULES, PACKAGES = range(8)

# The package that owns a file, "" = none, None = not known.
OwnerOf = Callable[[FilePath], str | None]
# The verified known-good file for a place; True: also one that the administrator may have changed on purpose.
# Whether, by the rules of a package manager, the first version is not older than the second.
NotOlder = Callable[[Manager, str, str], bool]
FindGood = Callable[[FilePath, bool], Source | NoSource]


def _know_nothing(_: FilePath) -> str | None:
    return None


def _find_nothing(_path: FilePath, _asked: bool) -> NoSource:
    return NoSource("none was looked for")


def _not_older(_manager: Manager, _one: str, _other: str) -> bool:
    return False


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What the user asked for, and who knows whose a file is. `restore_from` is a known-good folder laid out like the
    target's root; `find_good` knows the more trusted sources, which come first; `patch`: packages with a hole are
    upgraded; `mitigate`: modules by which it is reached are switched off.
    """

    restore_from: Path | None = None
    include_suspicious: bool = False
    owner_of: OwnerOf = _know_nothing
    find_good: FindGood = _find_nothing
    patch: bool = False
    mitigate: bool = False
    not_older: NotOlder = _not_older


class LeftOut(Exception):
    """Why a finding gets no action; one line for the user."""


class Order(NamedTuple):
    """Where an action stands in the plan: the group, the pack, its step, and the part of one change."""

    group: int
    pack: int
    step: int
    part: int = 0


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An action that one finding asks for. Those about the same thing are merged later. `cuts`: the bytes of the file
    that its lines are changed for, where several findings may be about one line.
    """

    finding: Finding
    order: Order
    action: Action
    cuts: tuple[Cut, ...] = ()


class NeverStopped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Programs (names with `*`) that are not ended whoever accuses them, and why. One that no package owns must listen
    on the network, and lie where people put what they build, or with `anywhere` in any place that is not everybody's.
    """

    names: tuple[str, ...]
    because: str
    anywhere: bool = False


class SystemPlaces(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Paths below the root. `edited_only`: files a system needs, which are edited and never taken away;
    `accounts_files`: those of them that change with every new account or password;
    `unit_folders`: where systemd looks for units; `no_login_shell`: the shell of who must not log in; `interpreters`:
    names (with `*`) of programs that run other people's scripts as well, unless they lie in one of `anybodys_places`;
    `program_places`: where package managers put programs, `built_places` where people put what they build;
    `owners_files`: names of hidden folders (with `/`) and files (with `*`) that people need, whoever names them;
    `keys_nobody_uses`: heuristics (names with `*`) by which an SSH key can't be its owner's.
    """

    edited_only: frozenset[str]
    accounts_files: frozenset[str]
    unit_folders: frozenset[str]
    no_login_shell: str
    interpreters: tuple[str, ...]
    anybodys_places: tuple[str, ...]
    never_stopped: tuple[NeverStopped, ...]
    keys_nobody_uses: tuple[str, ...]
    program_places: tuple[str, ...]
    built_places: tuple[str, ...]
    owners_files: tuple[str, ...]


@cache
def read_system_places() -> SystemPlaces:
    """The table in system_places.json."""
    raw = resources.files("codered.remediate").joinpath("system_places.json").read_bytes()
    return msgspec.json.decode(raw, type=SystemPlaces)


class Ground:
    """What planning stands on: the target, the wishes, what must not be touched. Remembers the file read last, and the
    files that have other names on disk (`linked`), and those that are only to be looked at, with the reason (`beside`).
    """

    def __init__(self, target: Target, wishes: Wishes, protected: dict[bytes, str]) -> None:
        self.target = target
        self.wishes = wishes
        self.protected = protected
        self.linked: list[str] = []
        self.beside: dict[FilePath, str] = {}
        self._last: tuple[FilePath, Content, list[bytes]] | None = None

    def find_below(self, path: FilePath) -> bytes:
        """The path below the root. Raises Refused."""
        return find_below(path, self.target.info.root)

    def at(self, rel: bytes) -> FilePath:
        """The path of what lies there below the root."""
        return path_from_bytes(self.target.absolute(rel))

    def shown(self, rel: bytes) -> str | None:
        """How the examined system names it, if it does so otherwise."""
        return self.target.shown(rel)

    def read_lines(self, path: FilePath) -> tuple[Content, list[bytes]]:
        """A file that is to be edited, with its lines. Raises OSError, ChangeFailed, TooLarge, Refused."""
        if self._last is None or self._last[0] != path:  # the findings of one file come one after the other
            content = read_content(path, self.target)
            self._last = (path, content, split_lines(content.data))
        return self._last[1], self._last[2]

    def is_edited_only(self, rel: bytes) -> bool:
        """Whether the system needs this file, whatever is in it."""
        return os.fsdecode(rel) in read_system_places().edited_only


def is_shared_program(rel: bytes) -> bool:
    """Whether what lies there below the root runs much else too: a script is guilty, not its interpreter."""
    places, path = read_system_places(), os.fsdecode(rel)
    if path.startswith(places.anybodys_places):
        return False
    return any(fnmatch.fnmatchcase(path.rpartition("/")[2], name) for name in places.interpreters)


def give_reason(proposal: Proposal, more: str = "") -> str:
    """The finding's own reason, then the step's."""
    step = f": {proposal.step.because}" if proposal.step.because else ""
    return f"{proposal.finding.because.rstrip('.')}{step}{more}"


def find_line_evidence(finding: Finding) -> Evidence:
    """The proof that says which line is meant. Raises LeftOut if there is none."""
    for evidence in finding.evidence:
        if evidence.source == "line" and evidence.sha256 and evidence.line:
            return evidence
    raise LeftOut("the report does not say which line it is: scan again with this version")


def hashes_of_file(finding: Finding) -> set[str]:
    """The hashes that the scan saw of whole files."""
    return {item.sha256 for item in finding.evidence if item.sha256 and item.source != "line"}
