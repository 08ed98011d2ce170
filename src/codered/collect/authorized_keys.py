"""Keys that open accounts over SSH: every line of every authorized_keys file that sshd would read."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from codered.collect.autostart.homes import list_homes
from codered.collect.autostart.places import resolve, to_rel
from codered.collect.autostart.reading import Reader, SmallFile, as_text, join
from codered.collect.autostart.ssh_server import read_ssh_settings
from codered.model.persistence import Account, AuthorizedKey

USUAL = (".ssh/authorized_keys", ".ssh/authorized_keys2")
MOST_KEYS = 20_000
MOST_PATTERNS = 20
_TYPE = re.compile(
    r"(?:sk-)?(?:ssh-(?:rsa|dss|ed25519|ed448)|ecdsa-sha2-nistp\d{3})(?:-cert-v\d\d)?(?:@openssh\.com)?\Z"
)


class ParsedKey(NamedTuple):
    """A line's parts; `fingerprint` "" if it is no key."""

    type: str = ""
    fingerprint: str = ""
    comment: str = ""
    options: str = ""


def parse_key(line: bytes) -> ParsedKey:
    """The parts of one line of authorized_keys, or of a .pub file."""
    text = line[:65536].decode(errors="backslashreplace").strip()
    options, rest = "", text
    if not _TYPE.match(text.split(None, 1)[0] if text else ""):
        options, rest = _split_options(text)
    words = rest.split(None, 2)
    if len(words) < 2 or not _TYPE.match(words[0]):
        return ParsedKey(options=options[:1024])
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError):
        return ParsedKey(options=options[:1024])
    if not _begins_with_type(blob):
        return ParsedKey(options=options[:1024])
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    comment = words[2] if len(words) > 2 else ""
    return ParsedKey(words[0], f"SHA256:{digest}", comment[:1024], options[:1024])


def _begins_with_type(blob: bytes) -> bool:
    """A key's blob begins with the length and the name of its type."""
    length = int.from_bytes(blob[:4], "big")
    return 4 < length + 4 < len(blob) and _TYPE.match(blob[4 : 4 + length].decode("latin-1")) is not None


def _split_options(text: str) -> tuple[str, str]:
    """Options end at the first blank outside of quotes."""
    quoted = False
    for at, char in enumerate(text):
        if char == '"' and text[at - 1 : at] != "\\":
            quoted = not quoted
        elif char in " \t" and not quoted:
            return text[:at], text[at:].lstrip()
    return text, ""


def collect_authorized_keys(reader: Reader, accounts: Iterable[Account]) -> tuple[AuthorizedKey, ...]:
    """The keys of all accounts and of homes without an account, each file once."""
    patterns = tuple(dict.fromkeys((*USUAL, *_read_patterns(reader))))
    found: list[AuthorizedKey] = []
    seen: set[bytes] = set()
    for account, home, rel in _name_files(reader, accounts, patterns):
        real = resolve(reader, rel)
        file = reader.read(real) if real is not None and real not in seen else None
        if file is None:
            continue
        seen.add(file.rel)
        pairs = dict(_read_public_keys(reader, join(home, b".ssh")))
        for key in _read_keys(reader, file, account):
            if len(found) == MOST_KEYS:
                reader.miss(file.rel, f"more than {MOST_KEYS} keys: the rest was left out")
                return tuple(found)
            found.append(_add_pair(key, pairs[key.fingerprint]) if key.fingerprint in pairs else key)
    return tuple(found)


def _add_pair(key: AuthorizedKey, changed: datetime) -> AuthorizedKey:
    return replace(key, facts=key.facts | {"private-key-beside"}, pair_changed=changed)


def _read_patterns(reader: Reader) -> Iterator[str]:
    """Where sshd is told to look: `AuthorizedKeysFile a b`."""
    count = 0
    for file in read_ssh_settings(reader):
        for _, line in file.lines():
            words = line[:4096].decode(errors="replace").replace("=", " ", 1).split()
            if words and words[0].lower() == "authorizedkeysfile":
                for word in words[1:]:
                    count += 1
                    if count <= MOST_PATTERNS and word != "none":
                        yield word.strip('"')


def _name_files(
    reader: Reader, accounts: Iterable[Account], patterns: tuple[str, ...]
) -> Iterator[tuple[str, bytes, bytes]]:
    """Account, home and file for every place where a key may stand."""
    homes = [(account.name, str(account.uid), to_rel(account.home.encode(errors="replace")))
             for account in accounts if account.home.startswith("/")]  # fmt: skip
    homes += [(home.user, "", home.rel) for home in list_homes(reader)]
    seen = set()
    for name, uid, home in homes:
        for pattern in patterns:
            raw = pattern.encode(errors="replace")
            for mark, value in ((b"%h", b"/" + home), (b"%u", name.encode(errors="replace")), (b"%U", uid.encode())):
                raw = raw.replace(mark, value)
            rel = to_rel(raw) if raw.startswith(b"/") else join(home, raw)
            if rel not in seen:
                seen.add(rel)
                yield name, home, rel


def _read_public_keys(reader: Reader, folder: bytes) -> Iterator[tuple[str, datetime]]:
    """The fingerprints of key pairs that lie in the folder (the .pub file beside a private one), and their ctimes."""
    names = {entry.name for entry in reader.list(folder) if entry.is_file}
    for name in sorted(names)[:200]:
        if name.endswith(b".pub") and name.removesuffix(b".pub") in names:
            file = reader.read_start(join(folder, name), 65536)
            if file is not None:
                fingerprint = parse_key(file.data.split(b"\n", 1)[0]).fingerprint
                if fingerprint:
                    yield fingerprint, file.changed


def _read_keys(reader: Reader, file: SmallFile, account: str) -> Iterator[AuthorizedKey]:
    for number, line in file.lines():
        text = line.strip()
        if not text or text.startswith(b"#"):
            continue
        parsed = parse_key(text)
        facts = {"file-writable"} if file.mode & 0o022 else set()
        if not parsed.fingerprint:
            facts.add("does-not-parse")
        if "command=" in parsed.options.lower():
            facts.add("runs-command")
        if "environment=" in parsed.options.lower() and "LD_" in parsed.options:
            facts.add("sets-loader")
        if not file.rel.rpartition(b"/")[2].startswith(b"authorized_keys"):
            facts.add("unusual-place")
        yield AuthorizedKey(
            account=account, path=reader.path(file.rel), line=number, text=line, shown=reader.target.shown(file.rel),
            type=parsed.type, fingerprint=parsed.fingerprint, comment=as_text(parsed.comment.encode(), 1024),
            options=parsed.options, file_changed=file.changed, sha256=file.sha256, size=file.size,
            facts=frozenset(facts),
        )  # fmt: skip
