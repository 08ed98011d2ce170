import json
import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.known_good.packing import pack
from codered.known_good.storing import list_baselines, read_baseline, read_header, sign_baseline, write_baseline
from codered.model.errors import Refused, WrongUse
from codered.model.known_good import Baseline, FileRecord, FolderRecord, PackageRecord
from codered.signing.keys import name_key, public_bytes

KEY = Ed25519PrivateKey.generate()
TRUSTED = frozenset([public_bytes(KEY)])


def small_baseline(files: bytes | None = None) -> Baseline:
    record = FileRecord(0o100644, 0, 0, 2, b"\1" * 32)
    body = files if files is not None else msgspec.msgpack.encode([record])
    return Baseline(
        id="b1d2",
        tool="codered 0",
        created=datetime(2026, 1, 2, tzinfo=UTC),
        host="web1",
        root="/",
        system="linux",
        places=(b"etc",),
        folders=(FolderRecord(b"etc", b"a\n\xff", bytes(40), body),),
        packages=(PackageRecord("dpkg", "bash", "5.2"),),
    )


def test_what_is_written_is_read_and_says_who_signed_it(tmp_path: Path) -> None:
    path = tmp_path / "new/x.baseline"
    header = write_baseline(path, small_baseline(), KEY)
    signed = read_baseline(path, TRUSTED)
    assert signed.baseline == small_baseline()
    assert signed.signer == header.signer() == name_key(public_bytes(KEY))
    assert (header.entries, header.folders, header.host) == (1, 1, "web1")
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(path.parent) == ["x.baseline"]


def test_any_byte_changed_is_refused(tmp_path: Path) -> None:
    path, other = tmp_path / "x.baseline", tmp_path / "y.baseline"
    write_baseline(path, small_baseline(), KEY)
    raw = path.read_bytes()
    for place in range(len(raw)):
        for bits in (0x01, 0x20, 0x80):
            other.write_bytes(raw[:place] + bytes([raw[place] ^ bits]) + raw[place + 1 :])
            with pytest.raises(Refused):
                read_baseline(other, TRUSTED)


def test_a_byte_more_or_less_is_refused(tmp_path: Path) -> None:
    path, other = tmp_path / "x.baseline", tmp_path / "y.baseline"
    write_baseline(path, small_baseline(), KEY)
    raw = path.read_bytes()
    for changed in (raw + b"x", b" " + raw, raw[:-1], raw[:100], b"", raw.replace(b"\n", b" \n", 1)):
        other.write_bytes(changed)
        with pytest.raises(Refused):
            read_baseline(other, TRUSTED)


def test_the_key_of_a_stranger_is_not_believed_and_can_be_replaced(tmp_path: Path) -> None:
    path, again = tmp_path / "x.baseline", tmp_path / "again.baseline"
    write_baseline(path, small_baseline(), Ed25519PrivateKey.generate())
    with pytest.raises(Refused, match="not trusted"):
        read_baseline(path, TRUSTED)
    sign_baseline(path, again, KEY)
    assert read_baseline(again, TRUSTED).baseline == small_baseline()


def test_one_that_was_changed_after_it_was_signed_is_not_signed_again(tmp_path: Path) -> None:
    path, other = tmp_path / "x.baseline", tmp_path / "y.baseline"
    signed = write_baseline(path, small_baseline(), KEY)
    write_baseline(other, msgspec.structs.replace(small_baseline(), host="web2"), None)
    line, _, body = other.read_bytes().partition(b"\n")
    header = json.loads(line) | {"public_key": signed.public_key, "signature": signed.signature}
    other.write_bytes(json.dumps(header, separators=(",", ":")).encode() + b"\n" + body)
    with pytest.raises(Refused, match="changed after it was signed"):
        sign_baseline(other, tmp_path / "again.baseline", KEY)
    assert not (tmp_path / "again.baseline").exists()


def test_one_that_nobody_signed_is_read_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.baseline"
    header = write_baseline(path, small_baseline(), None)
    assert (read_baseline(path, TRUSTED).signer, header.signer()) == ("", "")


def test_records_that_nobody_signed_are_taken_apart_before_they_are_used(tmp_path: Path) -> None:
    path = tmp_path / "x.baseline"
    for files in (b"\xc1", msgspec.msgpack.encode([1]), msgspec.msgpack.encode([])[:1] * 2):
        write_baseline(path, small_baseline(files), None)
        with pytest.raises(Refused, match="damaged"):
            read_baseline(path, frozenset())


def test_a_body_that_says_it_is_huge_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.baseline"
    write_baseline(path, small_baseline(), None)
    line, _, body = path.read_bytes().partition(b"\n")
    for size in (5 << 30, 10, -1):
        header = json.loads(line) | {"plain_bytes": size}
        path.write_bytes(json.dumps(header, separators=(",", ":")).encode() + b"\n" + body)
        with pytest.raises(Refused):
            read_baseline(path, frozenset())
    bomb = pack(bytes(100_000_000))
    assert len(bomb) < 100_000
    header = json.loads(line) | {"body_bytes": len(bomb)}
    path.write_bytes(json.dumps(header, separators=(",", ":")).encode() + b"\n" + bomb)
    with pytest.raises(Refused):
        read_baseline(path, frozenset())


def test_what_is_no_baseline_file_is_wrong_use(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.baseline")
    for path in (tmp_path, tmp_path / "none", tmp_path / "fifo.baseline"):
        with pytest.raises(WrongUse):
            read_baseline(path, TRUSTED)
    with pytest.raises(WrongUse):
        write_baseline(tmp_path, small_baseline(), KEY)


def test_they_are_listed_newest_first_and_what_is_none_is_passed_over(tmp_path: Path) -> None:
    assert list_baselines(tmp_path / "none") == ()
    write_baseline(tmp_path / "old.baseline", small_baseline(), KEY)
    newer = msgspec.structs.replace(small_baseline(), created=datetime(2026, 1, 3, tzinfo=UTC))
    write_baseline(tmp_path / "a-new.baseline", newer, None)
    (tmp_path / "bad.baseline").write_bytes(b"\0" * 100)
    os.mkfifo(tmp_path / "fifo.baseline")
    assert [path.name for path, _ in list_baselines(tmp_path)] == ["a-new.baseline", "old.baseline"]
    assert read_header(tmp_path / "old.baseline").host == "web1"
