"""Whose signature of a repository counts: the keys that apt trusts on the machine that runs the tool, or those that
the user names; and gpgv, which does the checking.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import msgspec

from codered.model.errors import WrongUse
from codered.sources.programs import ProgramFailed, run_program

_GENERAL = ("etc/apt/trusted.gpg", "etc/apt/trusted.gpg.d/*.gpg", "etc/apt/trusted.gpg.d/*.asc")
_ARMOR = re.compile(rb"-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(.*?)-----END PGP PUBLIC KEY BLOCK-----", re.DOTALL)
_FIELD = re.compile(r"^(URIs|Signed-By):[ \t]*(\S[^\n]*)$", re.MULTILINE | re.IGNORECASE)
_ONE_LINE = re.compile(r"^\s*deb(?:-src)?\s+\[([^\]]*)\]\s+(\S+)", re.MULTILINE)
_VALID = re.compile(r"^\[GNUPG:\] VALIDSIG ([0-9A-F]{16,64}) ", re.MULTILINE)
_MOST_BYTES = 16 << 20
_SECONDS = 60


class Keyrings:
    """The keyrings of one machine (`root`, for tests), or only the one that the user named."""

    def __init__(self, named: Path | None = None, root: Path = Path("/")) -> None:
        """Raises WrongUse if there is no such keyring."""
        if named is not None and not named.is_file():
            raise WrongUse("no such keyring", where=str(named), advice="--keyring takes a file of OpenPGP public keys")
        self._named = named
        self._root = root
        self._bound: dict[str, list[Path]] | None = None

    def trusted_for(self, prefix: str) -> list[Path]:
        """The keyrings for the repository whose index files begin so (HOST_debian_dists_bookworm_)."""
        if self._named is not None:
            return [self._named]
        if self._bound is None:
            self._bound = self._read_sources()
        for start, files in self._bound.items():
            if prefix.startswith(start):
                return files
        # The file's name is the target's choice: a keyring that is bound to some repository counts for no other.
        bound = {path.resolve() for files in self._bound.values() for path in files}
        general = [path for pattern in _GENERAL for path in sorted(self._root.glob(pattern))]
        found = [path for path in general if path.resolve() not in bound]
        found += [self._root / rel for rel in _list_distributions()]
        return list({path.resolve(): path for path in found if path.is_file()}.values())

    def _read_sources(self) -> dict[str, list[Path]]:
        """By the beginning of their index files' names the repositories that are signed by certain keys only."""
        folder = self._root / "etc/apt"
        bound: dict[str, list[Path]] = {}
        for path in (folder / "sources.list", *sorted(folder.glob("sources.list.d/*"))):
            text = path.read_text(errors="replace")[:_MOST_BYTES] if path.is_file() else ""
            for stanza in text.split("\n\n"):
                fields = {name.lower(): value for name, value in _FIELD.findall(stanza)}
                _bind(bound, fields.get("uris", "").split(), fields.get("signed-by", ""))
            for options, uri in _ONE_LINE.findall(text):
                keys = [word.partition("=")[2] for word in options.split() if word.startswith("signed-by=")]
                _bind(bound, [uri], " ".join(keys))
        return bound


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The distributions' own keyrings, by their path: each vouches for its distribution on every mirror."""

    keyrings: tuple[str, ...]


@cache
def _list_distributions() -> tuple[str, ...]:
    raw = resources.files("codered.sources").joinpath("distribution_keyrings.json").read_bytes()
    return msgspec.json.decode(raw, type=_Table).keyrings


def _bind(bound: dict[str, list[Path]], uris: Iterable[str], keys: str) -> None:
    files = [Path(word) for word in keys.replace(",", " ").split() if word.startswith("/")]
    for uri in uris if files else ():
        start = uri.partition("://")[2].strip("/").replace("_", "%5f").replace("/", "_") + "_"
        bound.setdefault(start, []).extend(files)


class Signed(NamedTuple):
    """What was signed, and the fingerprints of the keys that did it."""

    body: bytes
    keys: tuple[str, ...]


class NotSigned(Exception):
    """A signature that does not hold; the message says why in one line."""


def check_signature(body: bytes, signature: bytes | None, keyrings: list[Path], work: Path) -> Signed:
    """The signed text: of `body` itself (InRelease), or `body` as a whole with its detached signature. `work` is a
    private folder. Raises NotSigned.
    """
    if not keyrings:
        raise NotSigned("no keyring is here to check its signature with")
    text, apart, out = work / "text", work / "text.gpg", work / "text.signed"
    out.unlink(missing_ok=True)
    command = ["gpgv", "--homedir", str(work), "--status-fd", "1"]
    for number, keyring in enumerate(keyrings):
        command += ["--keyring", str(_as_binary(keyring, work / f"keys{number}.gpg"))]
    text.write_bytes(body)
    if signature is None:
        command += ["--output", str(out), str(text)]
    else:
        apart.write_bytes(signature)
        command += [str(apart), str(text)]
    try:
        answer = run_program(command, seconds=_SECONDS)
    except ProgramFailed as error:
        raise NotSigned(str(error)) from None
    keys = tuple(_VALID.findall(answer.out.decode(errors="replace")))
    if answer.code != 0 or not keys:
        raise NotSigned(f"its signature does not verify: {answer.last_words()}")
    return Signed(out.read_bytes() if signature is None else body, keys)


def _as_binary(keyring: Path, copy: Path) -> Path:
    """The keyring as gpgv reads it: one in text form is put into binary form."""
    try:
        raw = keyring.read_bytes()[:_MOST_BYTES]
    except OSError as error:
        raise NotSigned(f"the keyring {keyring} can't be read: {error.strerror}") from None
    blocks = _ARMOR.findall(raw)
    if not blocks:
        return keyring
    copy.write_bytes(b"".join(_dearmor(block) for block in blocks))
    return copy


def _dearmor(block: bytes) -> bytes:
    lines = block.replace(b"\r", b"").split(b"\n")
    if b"" in lines:  # headers come before the first empty line
        lines = lines[lines.index(b"") + 1 :]
    try:
        return base64.b64decode(b"".join(line for line in lines if not line.startswith(b"=")))
    except binascii.Error:
        return b""
