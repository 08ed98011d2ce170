"""The words of IIS configurations: access flags, environment variables, where its files lie."""

import ntpath
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from codered.model.windows import Right

Form = Literal["sections", "redirection", "metabase", "binary"]
_DEFAULT_WINDOWS = "C:\\Windows"
_MOST_NUMBER = 10  # digits of an access flag


class Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that a version of IIS is configured by; `path` on any drive, `version` "" = it tells none."""

    path: str
    form: Form
    version: str


class IisWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table in iis_words.json; `{drive}` and `{windows}` stand for the system's own."""

    environment: dict[str, str]
    access_flags: dict[str, int]
    rights: dict[Right, int]
    configurations: tuple[Configuration, ...]
    default_logs: dict[Form, str]


@cache
def read_words() -> IisWords:
    """The table."""
    raw = resources.files("codered.collect.iis").joinpath("iis_words.json").read_bytes()
    return msgspec.json.decode(raw, type=IisWords)


class SystemFolders(msgspec.Struct, frozen=True):
    """Where a system is installed: `windows` its folder (`C:\\Windows`)."""

    windows: str = _DEFAULT_WINDOWS

    def fill(self, template: str) -> str:
        """A path of the table on this system."""
        return template.replace("{drive}", self.windows[:2]).replace("{windows}", self.windows)

    def expand(self, path: str) -> str:
        """A path as IIS writes it (`%SystemDrive%\\inetpub`), with the variables that are known filled in."""
        parts = path.split("%")
        known = read_words().environment
        out, at = [parts[0]], 1
        while at < len(parts):
            template = known.get(parts[at].lower()) if at + 1 < len(parts) else None
            if template is None:
                out.append("%" + parts[at])
                at += 1
            else:
                out.append(self.fill(template) + parts[at + 1])
                at += 2
        return "".join(out)


def folders_of(shown: str) -> SystemFolders:
    """The system that a configuration belongs to, by where it lies (`C:\\WINNT\\system32\\inetsrv\\…`)."""
    at = shown.lower().find("\\system32\\")
    return SystemFolders(shown[:at]) if at > 2 and shown[1:3] == ":\\" else SystemFolders()


def parse_access_flags(text: str) -> int | None:
    """`AccessRead | AccessScript`, or a number in decimal or hexadecimal; None if it says nothing."""
    flags, seen = 0, False
    for word in text.replace("|", " ").split():
        known = read_words().access_flags.get(word.lower())
        number = known if known is not None else _parse_number(word)
        if number is not None:
            flags, seen = flags | number, True
    return flags if seen else None


def parse_mask(text: str) -> int | None:
    """The access mask of a virtual root of the registry: hexadecimal (`217`)."""
    word = text.strip()
    is_mask = 0 < len(word) <= _MOST_NUMBER and all(char in "0123456789abcdefABCDEF" for char in word)
    return int(word, 16) if is_mask else None


def rights_of(flags: int | None) -> tuple[Right, ...]:
    """The rights that flags give."""
    return tuple(right for right, bit in read_words().rights.items() if flags is not None and flags & bit)


def plain_path(path: str) -> str:
    """A Windows path in the one form that its names share, but for case: `c:` is `c:\\`, no `..`, no `\\\\?\\`."""
    path = path.strip().strip('"').replace("/", "\\")
    for start in ("\\\\?\\UNC\\", "\\\\?\\", "\\??\\"):
        if path.upper().startswith(start):
            path = ("\\\\" if "UNC" in start else "") + path[len(start) :]
            break
    path = ntpath.normpath(path) if path else ""
    return path + "\\" if len(path) == 2 and path[1] == ":" else path


def _parse_number(word: str) -> int | None:
    digits, radix = (word[2:], 16) if word[:2].lower() == "0x" else (word, 10)
    allowed = "0123456789abcdefABCDEF"[: 22 if radix == 16 else 10]
    if not 0 < len(digits) <= _MOST_NUMBER or any(char not in allowed for char in digits):
        return None
    return int(digits, radix)
