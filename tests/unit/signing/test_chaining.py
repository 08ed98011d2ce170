"""Entries of a chain, and the ledger that is made of them, as a file: every changed byte, every line lost, moved or
added, and every other signer is found.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.evidence import standalone_verifier
from codered.evidence.standalone_verifier import Verdict, verify_container
from codered.signing.chaining import BROKEN, NOTHING, encode_canonical, judge_entry, seal_entry
from codered.signing.keys import load_private_key, make_key, public_bytes
from tests.fixtures.saying import make_say

PURPOSE = "codered/test/1"
FORMAT = "codered/ledger/1"
KEY = Ed25519PrivateKey.generate()


def test_the_verifier_in_one_file_says_the_same() -> None:
    hard = {"b": [1, None, 1.5, "\u00e9\udc80\0"], "a": {"z": True, "y": {}}}
    assert encode_canonical(hard) == standalone_verifier.encode_canonical(hard)
    assert encode_canonical(hard) == b'{"a":{"y":{},"z":true},"b":[1,null,1.5,"\\u00e9\\udc80\\u0000"]}'
    assert (NOTHING, BROKEN) == (standalone_verifier.NOTHING, standalone_verifier.BROKEN)


def test_every_change_is_named() -> None:
    key = Ed25519PrivateKey.generate()
    first = seal_entry({"seq": 1, "prev": NOTHING, "what": "one"}, key, PURPOSE)
    second = seal_entry({"seq": 2, "prev": first["hash"], "what": "two"}, key, PURPOSE)
    assert judge_entry(first, 1, NOTHING, PURPOSE) == judge_entry(second, 2, first["hash"], PURPOSE) == ""
    assert "hash" in judge_entry(first | {"what": "x"}, 1, NOTHING, PURPOSE)
    assert "signature" in judge_entry(first, 1, NOTHING, "codered/other/1")
    forged = seal_entry(
        {name: first[name] for name in ("seq", "prev", "what")}, Ed25519PrivateKey.generate(), PURPOSE
    ) | {"signature": first["signature"]}
    assert "signature" in judge_entry(forged, 1, NOTHING, PURPOSE)
    assert "follow" in judge_entry(second, 1, NOTHING, PURPOSE)
    assert "follow" in judge_entry(second, 2, NOTHING, PURPOSE)
    body = {"seq": 1, "prev": NOTHING}
    for broken in ({}, seal_entry(body, key, PURPOSE) | {"signature": "xy"}, {"hash": 7}):
        with pytest.raises(BROKEN):
            _read_whole(broken)


def _read_whole(entry: dict[str, Any]) -> None:
    if judge_entry(entry, 1, NOTHING, PURPOSE).startswith("was changed: its hash"):
        raise KeyError


def make_lines(count: int, key: Ed25519PrivateKey = KEY, before: str = NOTHING, first: int = 1) -> list[bytes]:
    lines = []
    for seq in range(first, first + count):
        entry = seal_entry({
            "format": FORMAT, "seq": seq, "prev": before, "at": f"2026-03-01T12:00:{seq:02}.000000Z", "who": "\u00e9",
            "kind": "action", "incident": "red", "what": f"step {seq}", "detail": {"n": seq, "deep": [None, 1.5, True]},
        }, key, FORMAT)  # fmt: skip
        before = entry["hash"]
        lines.append(encode_canonical(entry) + b"\n")
    return lines


WHOLE = b"".join(make_lines(3))


def judge(folder: Path, text: bytes, keys: frozenset[str] = frozenset(), head: str = "") -> Verdict:
    path = folder / "ledger.jsonl"
    path.write_bytes(text)
    return verify_container(str(path), keys, head)


def test_a_ledger_that_holds(tmp_path: Path) -> None:
    head = json.loads(WHOLE.splitlines()[-1])["hash"]
    verdict = judge(tmp_path, WHOLE, frozenset([public_bytes(KEY).hex()]), head)
    assert (verdict.problems, verdict.signers) == ([], frozenset())
    assert verdict.notes[:2] == ["a ledger of 3 entries", f"head: {head} (entry 3)"]
    assert judge(tmp_path, WHOLE).signers == {public_bytes(KEY).hex()}
    (tmp_path / "export").write_bytes(WHOLE)
    assert verify_container(str(tmp_path / "export")).problems == []


def test_every_byte_that_is_changed_is_found(tmp_path: Path) -> None:
    """Each byte of the middle entry, by another of its own class and by one that breaks the line."""
    lines = WHOLE.splitlines(keepends=True)
    middle = lines[1]
    for at, value in enumerate(middle):
        for other in (value ^ 1, 0x20 if value != 0x20 else 0x21):
            changed = middle[:at] + bytes([other]) + middle[at + 1 :]
            assert judge(tmp_path, lines[0] + changed + lines[2]).problems, (at, changed[at - 9 : at + 9])
    for at in (0, 1, len(lines[0]), len(WHOLE) - 2, len(WHOLE) - 1):
        assert judge(tmp_path, WHOLE[:at] + WHOLE[at + 1 :]).problems, at
        assert judge(tmp_path, WHOLE[:at] + b" " + WHOLE[at:]).problems, at


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_any_byte_xored_is_found(tmp_path_factory: pytest.TempPathFactory, at: int, turned: int) -> None:
    changed = WHOLE[:at] + bytes([WHOLE[at] ^ turned]) + WHOLE[at + 1 :]
    assert judge(tmp_path_factory.getbasetemp(), changed).problems


def test_lines_lost_moved_doubled_and_cut_are_found(tmp_path: Path) -> None:
    one, two, three = WHOLE.splitlines(keepends=True)
    head = json.loads(three)["hash"]
    for lines in ([two, three], [one, three], [one, three, two], [one, two, two, three], [one, b"\n", two, three]):
        assert judge(tmp_path, b"".join(lines)).problems, lines
    assert judge(tmp_path, one + two).problems == []  # which the head shows
    assert "cut off" in judge(tmp_path, one + two, head=head).problems[0]
    for text in (b"", WHOLE[:-1], WHOLE[:-40], WHOLE + b"{", WHOLE + b"\0", b"[" * 5_000_000 + b"\n", b"null\n"):
        assert judge(tmp_path, text).problems, text[:40]
    assert len(judge(tmp_path, b"x\n" * 500).problems) == 101


def test_another_signer_is_named(tmp_path: Path) -> None:
    mine, stranger = frozenset([public_bytes(KEY).hex()]), Ed25519PrivateKey.generate()
    lines = make_lines(2)
    before = json.loads(lines[-1])["hash"]
    mixed = b"".join([*lines, *make_lines(2, stranger, before, 3)])
    assert judge(tmp_path, mixed, mine).problems[0].startswith("2 entries, 3 to 4: signed by another key, ed25519:")
    assert judge(tmp_path, mixed, head=before).signers == {public_bytes(stranger).hex()}
    forged = json.loads(lines[1]) | {"key": public_bytes(stranger).hex()}
    assert "its hash" in judge(tmp_path, lines[0] + encode_canonical(forged) + b"\n").problems[0]
    back = json.loads(lines[0]) | {"at": "2025", "seq": 3, "prev": before}
    body = {name: value for name, value in back.items() if name not in ("hash", "signature", "key")}
    again = seal_entry(body, KEY, FORMAT)
    assert "time" in judge(tmp_path, b"".join([*lines, encode_canonical(again) + b"\n"])).problems[0]


def test_both_verifiers_answer_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    say = make_say(monkeypatch, capsys)
    for name in ("CODERED_STATE", "CODERED_CACHE", "CODERED_TRUSTED"):
        monkeypatch.setenv(name, str(tmp_path / name))
    make_key(tmp_path / "hq")
    path, public = tmp_path / "ledger.jsonl", tmp_path / "hq.pub"
    good = b"".join(make_lines(3, load_private_key(tmp_path / "hq")))
    for text, code in ((good, 0), (good.replace(b"step 2", b"step 9"), 1), (good[:-9], 1)):
        path.write_bytes(text)
        answer = say("evidence", "verify", path, "--key", public)
        words = [sys.executable, "-I", standalone_verifier.__file__, str(path), "--key", str(public)]
        alone = subprocess.run(words, capture_output=True, check=False, timeout=60, text=True)
        assert (answer.code, alone.returncode) == (code, code)
        assert answer.out == alone.stdout
    path.write_bytes(good)
    assert say("evidence", "verify", path).code == 3  # nobody here trusts that key
    assert say("evidence", "verify", path, "--key", public, "--head", "0" * 64).code == 1
