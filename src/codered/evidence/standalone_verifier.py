"""Verifies an evidence container of CodeRed (a folder or a zip) or a ledger of a headquarters (JSON lines), with
Python 3.11 and `cryptography`, nothing else:

    python3 -I verify_evidence.py CONTAINER [--key PUB.pem]... [--head HASH] [--extract FOLDER]
    python3 -I verify_evidence.py LEDGER.jsonl [--key PUB.pem]... [--head HASH]

Exit codes: 0 it is as it was sealed, 1 it is not (each thing is named), 2 wrong use. Use a copy of this file that you
trust: the one in a container may have been changed together with all the rest.
"""

import argparse
import hashlib
import json
import os
import re
import stat
import struct
import sys
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

PURPOSE = b"codered/custody/1"
LEDGER = b"codered/ledger/1"
MANIFEST, CUSTODY, STAMP, STAMP_PART = "manifest.json", "custody.jsonl", "seal.tsr", "seal.tsr.part"
README, VERIFIER, PUBLIC_KEY = "README.txt", "verify_evidence.py", "host.pub"
FILES = (CUSTODY, MANIFEST, README, VERIFIER, PUBLIC_KEY)
BALLAST = "ballast"
LEFTOVER = re.compile(rf"{BALLAST}|items/[0-9]{{6,12}}\.part|({'|'.join(map(re.escape, FILES))})\.part")
FIELDS: dict[str, type] = {"seq": int, "size": int}
FIELDS |= dict.fromkeys(("prev", "evidence_id", "what", "at", "key", "hash", "signature", "sha256_after"), str)
LEDGER_FIELDS: dict[str, type] = {"seq": int, "detail": dict}
LEDGER_FIELDS |= dict.fromkeys(("prev", "at", "kind", "incident", "who", "what", "format"), str)
LEDGER_FIELDS |= dict.fromkeys(("key", "hash", "signature"), str)
TURNED = bytes(value ^ 0xA5 for value in range(256))
PIECE = 1 << 20
MOST_LINE = 1 << 22  # bytes of an entry of a ledger
MOST_TROUBLES = 100
MOST_TEXT = 1 << 30  # bytes of the manifest or the custody log
LARGE = 0xFFFFFFFF  # from here on a zip needs its 64-bit fields
BROKEN = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
NOTHING = "0" * 64
Form = tuple[bytes, dict[str, type]]
CUSTODY_FORM: Form = (PURPOSE, FIELDS)
LEDGER_FORM: Form = (LEDGER, LEDGER_FIELDS)


class Verdict(NamedTuple):
    """What was found: `problems` name each thing that is not as it was sealed, `notes` what the reader must know."""

    problems: list[str]
    notes: list[str]
    signers: frozenset[str]  # raw public keys (hexadecimal) of the entries that no published head vouches for


def encode_canonical(fields: dict[str, Any]) -> bytes:
    """The one JSON text of an entry: keys sorted, no blanks, ASCII."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def make_local_header(name: bytes, crc: int, size: int) -> bytes:
    """What stands before a member of a zip: stored, dated 1980-01-01."""
    large = size >= LARGE
    extra = struct.pack("<HHQQ", 1, 16, size, size) if large else b""
    figures = (crc, LARGE, LARGE) if large else (crc, size, size)
    head = struct.pack("<4sHHHHHLLLHH", b"PK\3\4", 45, 0, 0, 0, 0x21, *figures, len(name), len(extra))
    return head + name + extra


def make_directory(members: list[tuple[bytes, int, int, int]]) -> bytes:
    """The directory at the end of a zip of these members (name, CRC, size, where its header is), and what closes it."""
    parts = []
    end = 0
    for name, crc, size, offset in members:
        large = [size, size] * (size >= LARGE) + [offset] * (offset >= LARGE)
        extra = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""
        figures = (crc, min(size, LARGE), min(size, LARGE), len(name), len(extra))
        last = (0, 0, 0, 0o100600 << 16, min(offset, LARGE))
        parts.append(struct.pack("<4sHHHHHHLLLHHHHHLL", b"PK\1\2", 0x32D, 45, 0, 0, 0, 0x21, *figures, *last))
        parts[-1] += name + extra
        end = offset + len(make_local_header(name, crc, size)) + size
    body, count = b"".join(parts), len(members)
    closing = struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, *[min(count, 0xFFFF)] * 2, len(body), min(end, LARGE), 0)
    if count >= 0xFFFF or end >= LARGE:
        wide = struct.pack("<4sQHHLLQQQQ", b"PK\6\6", 44, 0x32D, 45, 0, 0, count, count, len(body), end)
        closing = wide + struct.pack("<4sLQL", b"PK\6\7", 0, end + len(body), 1) + closing
    return body + closing


class Folder:
    """A container that is a folder. No link in it is followed."""

    def __init__(self, path: str) -> None:
        """Raises ValueError if nothing in it is of a container, OSError."""
        known = {CUSTODY, MANIFEST, "items"} & set(os.listdir(path))
        if not known:
            raise ValueError(f"is no evidence container: no {CUSTODY}, {MANIFEST} or items in it")
        self._path = path
        self.names: list[str] = []
        self.problems: list[str] = []
        items = os.path.join(path, "items")
        whole = os.path.isdir(items) and not os.path.islink(items)
        if not whole and "items" not in known:
            self.problems.append("items: is missing")
        for folder, prefix in ((path, ""), (items, "items/"))[: 1 + whole]:
            with os.scandir(folder) as entries:
                for entry in sorted(entries, key=lambda one: one.name):
                    name = prefix + entry.name
                    if entry.is_file(follow_symlinks=False):
                        self.names.append(name)
                    elif name != "items" or not entry.is_dir(follow_symlinks=False):
                        self.problems.append(f"{ascii(name)[1:-1]}: does not belong here")

    def read(self, name: str) -> Iterator[bytes]:
        """The content, piece by piece. Raises OSError."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with open(os.open(os.path.join(self._path, name), flags), "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError("is no regular file")
            yield from iter(lambda: file.read(PIECE), b"")


class Zip:
    """A container that is a zip of our making: every byte of it must be the one that we would write."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises ValueError if nothing in it is of a container, OSError."""
        demand_zip(file)
        self._file = file
        self._places: dict[str, tuple[int, int]] = {}
        self.problems: list[str] = []
        self._end = file.seek(0, os.SEEK_END)
        members: list[tuple[bytes, int, int, int]] = []
        at, what = 0, "its start"
        while (member := self._read_member(at)) is not None:
            name, crc, size, after = member
            what = name.decode(errors="backslashreplace")
            members.append((name, crc, size, at))
            at = after
        self._check_rest(at, make_directory(members), what)
        self.names = list(self._places)

    def read(self, name: str) -> Iterator[bytes]:
        """The content, piece by piece."""
        return self._read_range(*self._places[name])

    def _read_range(self, at: int, size: int) -> Iterator[bytes]:
        while size > 0:
            self._file.seek(at)
            piece = self._file.read(min(size, PIECE))
            if not piece:
                return
            yield piece
            at, size = at + len(piece), size - len(piece)

    def _read_member(self, at: int) -> tuple[bytes, int, int, int] | None:
        self._file.seek(at)
        head = self._file.read(30)
        if len(head) < 30 or head[:4] != b"PK\3\4":
            return None
        crc, _, size, name_length, extra_length = struct.unpack("<LLLHH", head[14:])
        name, extra = self._file.read(name_length), self._file.read(extra_length)
        if size == LARGE and len(extra) == 20:
            size = struct.unpack("<Q", extra[12:])[0]
        shown, header = name.decode(errors="backslashreplace"), make_local_header(name, crc, size)
        start, found = at + len(header), 0
        if header != head + name + extra or start + size > self._end:
            self.problems.append(f"zip: {ascii(shown)[1:-1]}: its header at byte {at} was changed")
            return None
        for piece in self._read_range(start, size):
            found = zlib.crc32(piece, found)
        if found != crc:
            self.problems.append(f"zip: {ascii(shown)[1:-1]}: its header at byte {at} or its content was changed")
        if shown in self._places:
            self.problems.append(f"zip: {ascii(shown)[1:-1]}: is there twice")
        self._places[shown] = (start, size)
        return name, crc, size, start + size

    def _check_rest(self, at: int, wanted: bytes, what: str) -> None:
        self._file.seek(at)
        found = self._file.read(len(wanted) + 1)
        if found != wanted:
            same = next((i for i, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b), len(wanted))
            behind = f"behind {ascii(what)[1:-1]}, which ends at byte {at}"
            self.problems.append(f"zip: changed at byte {at + min(same, len(found))}, in the directory {behind}")


class Check:
    """One verification of one container."""

    def __init__(self, source: Folder | Zip, keys: frozenset[str], head: str) -> None:
        self._source, self._keys, self._head = source, keys, head
        self.problems = source.problems
        self.notes: list[str] = []
        self._entries: list[dict[str, Any]] = []  # that hold
        self._lines = 0

    def run(self) -> Verdict:
        """Everything, in the order of trust: the chain, what it seals, the files that this names."""
        self._check_chain()
        self._check_signers()
        seal = next((one for one in self._entries if one["what"] == "seal" and "/" not in one["evidence_id"]), None)
        known = {one["evidence_id"].partition("/")[2]: one for one in self._entries if one["what"] == "collect"}
        wanted = {f"items/{name}": (one["sha256_after"], one["size"]) for name, one in known.items() if name}
        named = self._check_manifest(seal, wanted)
        if seal is None:
            named |= self._note_leftovers(wanted)
        for one in self._entries:
            if seal and (one["what"], one["evidence_id"]) == ("seal", f"{seal['evidence_id']}/{STAMP}"):
                named[STAMP] = (one["sha256_after"], one["size"])
        if STAMP_PART in self._source.names and STAMP not in self._source.names:
            # The machine stopped while it was stamped: what was entered must be there, what was not proves nothing.
            self.notes.append(f"{STAMP_PART}: a time stamp that was {'' if STAMP in named else 'never '}entered")
            named[STAMP_PART] = named.pop(STAMP, ("", -1))
        self._check_files(wanted | named)
        return Verdict(self.problems, self.notes, self._signers)

    def _check_chain(self) -> None:
        *lines, rest = self._read_text(CUSTODY).split(b"\n")
        if rest or not lines:
            self.problems.append(f"{CUSTODY}: entry {len(lines) + 1}: is cut off, or not there")
        before, latest = NOTHING, ""
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
                trouble = judge_entry(entry, line, number, before, CUSTODY_FORM)
                before = str(entry["hash"])
                if not trouble:
                    self._entries.append(entry)
                    if entry["at"] < latest:
                        self.notes.append(f"{CUSTODY}: entry {number}: times run backwards: the clock was set back")
                    latest = entry["at"]
            except BROKEN:
                trouble = "can't be read"
            if trouble:
                self.problems.append(f"{CUSTODY}: entry {number}: {trouble}")
        self._lines = len(lines)
        self.notes.append(f"head: {before} (entry {len(lines)})")
        if self._head and self._head not in {one["hash"] for one in self._entries}:
            self.problems.append(f"{CUSTODY}: no entry has the hash that was published: cut off, or all of it replaced")

    def _check_signers(self) -> None:
        for key in sorted({one["key"] for one in self._entries} - self._keys) if self._keys else ():
            theirs = [one["seq"] for one in self._entries if one["key"] == key]
            which = f"entry {theirs[0]}" if len(theirs) == 1 else f"{len(theirs)} entries, {theirs[0]} to {theirs[-1]}"
            self.problems.append(f"{CUSTODY}: {which}: signed by another key, {name_key(key)}")
        self.notes += [f"signed by {name_key(key)}" for key in sorted({one["key"] for one in self._entries})]
        hashes = [one["hash"] for one in self._entries]
        after = hashes.index(self._head) + 1 if self._head in hashes else 0
        self._signers = frozenset(one["key"] for one in self._entries[after:])

    def _check_manifest(
        self, seal: dict[str, Any] | None, wanted: dict[str, tuple[str, int]]
    ) -> dict[str, tuple[str, int]]:
        """What the manifest names besides, if it is the one that was sealed."""
        if seal is None:
            there = MANIFEST in self._source.names
            self.problems.append("the seal is missing or was changed" if there else "unfinished: it was never sealed")
            return {name: ("", -1) for name in FILES if name in (CUSTODY, *self._source.names)}
        text = self._read_text(MANIFEST)
        named = {MANIFEST: (seal["sha256_after"], seal["size"]), CUSTODY: ("", -1)}
        try:
            body = json.loads(text)
            items = {str(one["name"]): (str(one["sha256"]), int(one["size"])) for one in body["items"]}
            files = {str(one["name"]): (str(one["sha256"]), int(one["size"])) for one in body["files"]}
            for name in sorted(name for name in items.keys() | wanted.keys() if items.get(name) != wanted.get(name)):
                self.problems.append(f"{MANIFEST}: {ascii(name)[1:-1]}: is not what {CUSTODY} says")
            if body["custody"] != seal["seq"] - 1 or body["id"] != seal["evidence_id"]:
                self.problems.append(f"{MANIFEST}: is not of this custody log")
            if not body["complete"]:
                self.notes.append(f"INCOMPLETE: {ascii(body.get('ended', ''))[1:-1]}")
            heading = body["heading"]
            origin = name_origin(heading["host"], heading["root"], heading.get("collected_on", ""))
            self.notes.append(f"{len(items)} items of {origin}, container {ascii(body['id'])[1:-1]}")
        except BROKEN:
            self.problems.append(f"{MANIFEST}: can't be read")
            files = {name: ("", -1) for name in self._source.names if not name.startswith("items/")}
        return files | named

    def _note_leftovers(self, wanted: dict[str, tuple[str, int]]) -> dict[str, tuple[str, int]]:
        """What a collecting leaves that was killed: it proves nothing, and is no sign that somebody was at it."""
        latest = f"items/{len(wanted) + 1:06}"  # stored, not entered yet
        found = [name for name in self._source.names if LEFTOVER.fullmatch(name) or name == latest]
        self.notes += [f"{name}: left over from the collecting, which was stopped" for name in found]
        return dict.fromkeys(found, ("", -1))

    def _check_files(self, wanted: dict[str, tuple[str, int]]) -> None:
        for name in sorted(wanted.keys() - set(self._source.names)):
            self.problems.append(f"{ascii(name)[1:-1]}: is missing")
        for name in self._source.names:
            if name not in wanted:
                self.problems.append(f"{ascii(name)[1:-1]}: does not belong here")
                continue
            digest, size = wanted[name]
            if size >= 0 and self._measure(name) != (digest, size):
                self.problems.append(f"{name}: is not what was collected" if "/" in name else f"{name}: was changed")

    def _measure(self, name: str) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        try:
            for piece in self._source.read(name):
                digest.update(piece.translate(TURNED) if name.startswith("items/") else piece)
                size += len(piece)
        except OSError as error:
            self.problems.append(f"{name}: can't be read: {error.strerror or error}")
        return digest.hexdigest(), size

    def _read_text(self, name: str) -> bytes:
        text = b""
        try:
            for piece in self._source.read(name) if name in self._source.names else ():
                text += piece
                if len(text) > MOST_TEXT:
                    raise OSError("is too large")
        except OSError as error:
            self.problems.append(f"{name}: can't be read: {error.strerror or error}")
        return text


class LedgerCheck:
    """One verification of one ledger: entry by entry, however many there are."""

    def __init__(self, file: BinaryIO, keys: frozenset[str], head: str) -> None:
        self._file, self._keys, self._head = file, keys, head
        self.problems: list[str] = []
        self._signed: dict[str, list[int]] = {}  # by key: the first and last entry, how many
        self._open: set[str] = set()  # who signed behind the published head

    def run(self) -> Verdict:
        """Walk along it."""
        before, latest, last, number, found = NOTHING, "", b"", 0, not self._head
        for number, last in enumerate(iter(lambda: self._file.readline(MOST_LINE), b""), 1):
            entry, trouble = self._read_entry(last, number, before)
            before = entry.get("hash", before)
            if not trouble and str(entry["at"]) < latest:
                trouble = "its time is before that of the one before it"
            if trouble:
                self._note_trouble(number, trouble)
                continue
            latest = entry["at"]
            self._count(entry["key"], number)
            if before == self._head:
                found, self._open = True, set()
        if not last.endswith(b"\n"):
            self.problems.append(f"entry {number}: is cut off, or not there")
        if not found:
            self.problems.append("no entry has the hash that was published: cut off, or all of it replaced")
        notes = [f"a ledger of {number} entries", f"head: {before} (entry {number})", *self._tell_signers()]
        notes += [] if self._head else ["that its end was not cut off shows only against a published head: --head HASH"]
        return Verdict(self.problems, notes, frozenset(self._open))

    def _read_entry(self, line: bytes, number: int, before: str) -> tuple[dict[str, Any], str]:
        try:
            entry = json.loads(line)
            trouble = judge_entry(entry, line.removesuffix(b"\n"), number, before, LEDGER_FORM)
            return {name: entry[name] for name in ("hash", "key", "at")}, trouble
        except BROKEN:
            return {}, "can't be read"

    def _note_trouble(self, number: int, trouble: str) -> None:
        if len(self.problems) < MOST_TROUBLES:
            self.problems.append(f"entry {number}: {trouble}")
        elif len(self.problems) == MOST_TROUBLES:
            self.problems.append("and more behind it")

    def _count(self, key: str, number: int) -> None:
        span = self._signed.setdefault(key, [number, number, 0])
        span[1:] = number, span[2] + 1
        self._open.add(key)

    def _tell_signers(self) -> Iterator[str]:
        for key, (first, last, count) in sorted(self._signed.items()):
            if self._keys and key not in self._keys:
                which = f"entry {first}" if count == 1 else f"{count} entries, {first} to {last}"
                self.problems.append(f"{which}: signed by another key, {name_key(key)}")
            yield f"signed by {name_key(key)}"


def judge_entry(entry: dict[str, Any], line: bytes, number: int, before: str, form: Form) -> str:
    """What is wrong with an entry ("" = nothing). Raises ValueError, KeyError, TypeError or AttributeError."""
    purpose, fields = form
    body = encode_canonical({key: value for key, value in entry.items() if key not in ("hash", "signature")})
    signature = bytes.fromhex(entry["signature"])
    if not entry.keys() >= fields.keys() or any(type(entry[name]) is not fields.get(name, str) for name in entry):
        return "has fields that are missing or of another kind"
    if encode_canonical(entry) != line or signature.hex() != entry["signature"]:
        return "was rewritten"
    if hashlib.sha256(body).hexdigest() != entry["hash"]:
        return "was changed: its hash is another"
    try:
        frame = purpose + b"\0" + hashlib.sha256(body).digest()
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(entry["key"])).verify(signature, frame)
    except InvalidSignature:
        return "was changed: its signature does not hold"
    if entry["seq"] != number or entry["prev"] != before:
        return "does not follow the one before: entries are missing or out of order"
    return ""


def is_ledger(path: str, file: BinaryIO) -> bool:
    """Whether the file is to be read as a ledger: its name says so, or its start does."""
    start = file.read(1 << 12)
    file.seek(0)
    return not start.startswith(b"PK\3\4") and (path.endswith(".jsonl") or b'"format":"' + LEDGER in start)


def demand_zip(file: BinaryIO) -> None:
    """Raises ValueError for a file that is neither a zip nor what is left of one, or holds no name of a container."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - (1 << 16)))
    end = file.read(1 << 16)
    file.seek(0)
    start = file.read(1 << 12)
    if not start.startswith(b"PK\3\4") and b"PK\5\6" not in end[-30:]:
        raise ValueError("is no evidence container: neither a folder nor a zip")
    if not any(name.encode() in text for name in FILES for text in (start, end)):
        raise ValueError("is no evidence container: a zip of something else")


def demand_hash(text: str) -> str:
    """A published head as the log writes it. Raises ValueError."""
    if not re.fullmatch("[0-9a-f]{64}", text.strip().lower()):
        raise ValueError("is no hash: 64 hexadecimal digits are")
    return text.strip().lower()


def name_origin(host: str, root: str, collected_on: str) -> str:
    """What a container is of, in words: a host, or a tree (and the host where it was collected); escaped."""
    host, root, on = (ascii(text)[1:-1] for text in (host, root, collected_on))
    what = host if root == "/" else f"the tree {root}" + (f" of {host}" if host else "")
    return (what or "files") + (f", collected on {on}" if on and on != host else "")


def name_key(key: str) -> str:
    """What a raw public key (hexadecimal) is called."""
    return "ed25519:" + hashlib.sha256(bytes.fromhex(key)).hexdigest()[:32]


def verify_container(path: str, keys: frozenset[str] = frozenset(), head: str = "") -> Verdict:
    """Verify a folder or zip, or a ledger. `keys` are the raw public keys (hexadecimal) that may have signed (none =
    any), `head` a hash of the log's last entry that was published. Raises OSError if it can't be opened, ValueError if
    it is no container.
    """
    if os.path.isdir(path):
        return Check(Folder(path), keys, head).run()
    with open(path, "rb") as file:
        if is_ledger(path, file):
            return LedgerCheck(file, keys, head).run()
        return Check(Zip(file), keys, head).run()


def extract_items(path: str, into: str) -> int:
    """Write the items of a container, plain, into a new folder under their neutral names; how many. Raises OSError."""
    os.mkdir(into, 0o700)
    with open(os.devnull if os.path.isdir(path) else path, "rb") as file:
        source = Folder(path) if os.path.isdir(path) else Zip(file)
        names = [name for name in source.names if name.startswith("items/") and name[6:].isdigit()]
        for name in names:
            with open(os.open(os.path.join(into, name[6:]), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.writelines(piece.translate(TURNED) for piece in source.read(name))
    return len(names)


def read_key(path: str) -> str:
    """The raw public key (hexadecimal) in a PEM file. Raises OSError, ValueError."""
    with open(path, "rb") as file:
        text = file.read(PIECE)
    try:
        key = load_pem_public_key(text)
    except (ValueError, UnsupportedAlgorithm):  # its text is for programmers
        raise ValueError("is no public key (PEM)") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("is no Ed25519 key")  # noqa: TRY004 - of the file, not of a caller
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def main() -> int:
    """What the command line says."""
    words = argparse.ArgumentParser(description="Verifies an evidence container or a ledger of CodeRed.")
    words.add_argument("container")
    words.add_argument("--key", action="append", default=[], help="a public key (PEM) that may have signed; repeatable")
    words.add_argument("--head", default="", help="the hash of the last entry, as it was published")
    words.add_argument("--extract", default="", help="write the items, plain, into this new folder")
    asked = words.parse_args()
    try:
        what = "--key"
        keys = frozenset(map(read_key, asked.key))
        what = "--head"
        head = demand_hash(asked.head) if asked.head else ""
        what = asked.container
        verdict = verify_container(asked.container, keys, head)
        pinned = () if asked.key else ("any key was taken: compare it with the one you know, or give --key",)
        for line in (*verdict.notes, *pinned, *(f"WRONG: {problem}" for problem in verdict.problems)):
            sys.stdout.write(line + "\n")
        sys.stdout.write("NOT as it was sealed\n" if verdict.problems else "as it was sealed\n")
        if asked.extract and not verdict.problems:
            extract_items(asked.container, asked.extract)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"verify_evidence: {what}: {error}\n")
        return 2
    return 1 if verdict.problems else 0


if __name__ == "__main__":
    sys.exit(main())
