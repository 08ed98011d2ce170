"""What an author asks for, and what comes of it: a draft of a pack, with the reason of each choice."""

from collections.abc import Callable
from datetime import date
from typing import Literal, Protocol

import msgspec

from codered.model.pack import LoadedPack
from codered.model.traffic import Attempt, Sent

SourceKind = Literal["auto", "sample", "log", "capture", "memory"]
Tell = Callable[[str], None]
"""What is being done, for whoever waits for it."""
ThreatKind = Literal["worm", "backdoor", "web-shell", "miner", "bot", "trojan"]


def ignore(_doing: str) -> None:
    """Nobody waits."""


class Goodware(Protocol):
    """What is known of harmless programs: `goodware.Index`, or nothing at all (`goodware.Nothing`)."""

    def knows(self, text: bytes) -> bool:
        """Whether the text is a string, or a word of one, of an installed package's file."""
        ...

    def describe(self) -> str:
        """How much it was made of, for people."""
        ...


class Source(msgspec.Struct, frozen=True):
    """A file or folder that shows the threat; "auto": its content tells what it is."""

    path: str
    kind: SourceKind = "auto"


class DraftOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What to draft: the pack's name, what shows the threat, files and folders that are `clean`. `neighbours` are the
    packs it must get along with; `goodware` what is harmless anywhere; `today` becomes the version and the day the
    threat was first seen.
    """

    name: str
    sources: tuple[Source, ...]
    goodware: Goodware
    today: date
    clean: tuple[str, ...] = ()
    title: str = ""
    kind: ThreatKind = "worm"
    neighbours: tuple[LoadedPack, ...] = ()


class Choice(msgspec.Struct, frozen=True):
    """What was chosen or left out, for which part of the pack, and why. All of it may hold hostile text; it
    goes into the pack, so nothing names a place on the author's machine.
    """

    part: str
    what: str
    why: str


class Draft(msgspec.Struct, frozen=True):
    """The files of a pack by their names in its folder, and why they are as they are."""

    name: str
    files: dict[str, bytes]
    choices: tuple[Choice, ...]


class Sample(msgspec.Struct, frozen=True):
    """A file of the threat: its base name, size and SHA-256 of all of it, and its content, or pieces of it when it is
    large (`cut`). `text`: no NUL in its first 8 KiB.
    """

    name: str
    size: int
    sha256: str
    data: bytes
    cut: bool = False

    @property
    def text(self) -> bool:
        """Whether a scan takes it for text."""
        return b"\0" not in self.data[: 8 << 10]


class LogLine(msgspec.Struct, frozen=True):
    """A request of a log: "METHOD path?query", the client's own name, and the line as it stands in the file."""

    request: str
    agent: str
    raw: bytes


class Capture(msgspec.Struct, frozen=True):
    """What a file of traffic shows: who reached for whom, and the first bytes that were sent."""

    name: str
    attempts: tuple[Attempt, ...]
    sent: tuple[Sent, ...]


class Material(msgspec.Struct, frozen=True, kw_only=True):
    """All that shows the threat, read; `notes` say what was left out or is odd."""

    samples: tuple[Sample, ...] = ()
    lines: tuple[LogLine, ...] = ()
    captures: tuple[Capture, ...] = ()
    memory: tuple[Sample, ...] = ()
    notes: tuple[Choice, ...] = ()


class Mark(msgspec.Struct, frozen=True):
    """A string that tells the threat: its characters, whether they stand as UTF-16, whether a NUL stands behind it
    everywhere, how much it tells, and why.
    """

    text: bytes
    wide: bool = False
    ended: bool = False
    score: float = 0.0
    why: str = ""

    def form(self) -> bytes:
        """The bytes as they stand in the file."""
        return b"".join(bytes((byte, 0)) for byte in self.text) if self.wide else self.text
