"""What files are to a system, told by their paths and first bytes; the tables are data."""

from functools import cache
from importlib import resources
from typing import Literal

import msgspec

FileClass = Literal["program", "script", "unit", "served", "config", "slight", "other"]


class DeviationWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of a kind of deviation, what would mend it ("" = a person must decide), and ATT&CK techniques."""

    because: str
    remedy: str = ""
    attack: tuple[str, ...] = ()


class IntegrityWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The tables of `integrity_words.json`; folders lie below the root, heads are hexadecimal."""

    left_out_folders: tuple[str, ...]
    left_out_endings: tuple[str, ...]
    slight_endings: tuple[str, ...]
    slight_folders: tuple[str, ...]
    program_folders: tuple[str, ...]
    script_endings: tuple[str, ...]
    library_endings: tuple[str, ...]
    unit_folders: tuple[str, ...]
    served_folders: tuple[str, ...]
    config_folders: tuple[str, ...]
    heads: dict[str, FileClass]
    kinds: dict[FileClass, str]
    truths: dict[str, str]
    deviations: dict[str, DeviationWords]

    def is_worth_comparing(self, rel: bytes) -> bool:
        """Whether a scan compares this file (path below the root) with its package: not documentation and pictures."""
        path = rel.decode(errors="surrogateescape")
        return not (path.endswith(self.left_out_endings) or _lies_in(path, self.left_out_folders))

    def classify(self, path: str, head: bytes = b"") -> FileClass:
        """What a file is, by the path that its own system names and its first bytes as far as they are known."""
        rel = path.lstrip("/")
        lower = rel.lower()
        known = next((kind for start, kind in self.heads.items() if head.startswith(bytes.fromhex(start))), None)
        if known is not None:
            return known
        if _lies_in(rel, self.unit_folders):
            return "unit"
        if lower.endswith(self.library_endings) or ".so." in rel.rpartition("/")[2]:
            return "program"
        if lower.endswith(self.script_endings):
            return "script"
        if _lies_in(rel, self.slight_folders):
            return "slight"
        if not head and _lies_in(rel, self.program_folders):
            return "program"
        if _lies_in(rel, self.config_folders):
            return "config"
        if _lies_in(rel, self.served_folders):
            return "served"
        return "slight" if lower.endswith(self.slight_endings) else "other"


@cache
def read_words() -> IntegrityWords:
    """The tables."""
    text = resources.files("codered.detect").joinpath("integrity_words.json").read_bytes()
    return msgspec.json.decode(text, type=IntegrityWords)


def _lies_in(rel: str, folders: tuple[str, ...]) -> bool:
    return any(rel.startswith(folder) and rel[len(folder) : len(folder) + 1] in ("", "/") for folder in folders)
