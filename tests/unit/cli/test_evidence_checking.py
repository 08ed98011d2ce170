import json
import shutil
from pathlib import Path

import pytest

from codered.evidence.custody import CustodyLog, CustodyStep, read_entries
from codered.signing.chaining import NOTHING, encode_canonical, seal_entry
from codered.signing.keys import load_or_make_key
from tests.fixtures.evidence import make_container, open_key
from tests.fixtures.saying import Say


@pytest.fixture(autouse=True)
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of trusted keys."""
    folder = tmp_path / "trusted"
    folder.mkdir()
    monkeypatch.setenv("CODERED_TRUSTED", str(folder))
    return folder


def test_a_container_made_anew_with_any_key_is_not_proven(say: Say, tmp_path: Path) -> None:
    container = make_container(tmp_path)
    answer = say("evidence", "verify", container)
    assert answer.code == 3
    assert "signed by a key nobody here trusts: ed25519:" in answer.out
    assert "as it was sealed" not in answer.out.splitlines()
    document = json.loads(say("evidence", "verify", container, "--json").out)
    assert (document["ok"], document["problems"], len(document["untrusted_signers"])) == (False, [], 1)


def test_the_keys_of_this_host_and_those_that_are_trusted_may_have_signed(
    say: Say, tmp_path: Path, trusted: Path
) -> None:
    mine = make_container(tmp_path)
    load_or_make_key(tmp_path / "state/keys/host.key")
    assert say("evidence", "verify", mine).code == 3
    shutil.copy(mine / "host.pub", trusted / "desk.pub")
    assert say("evidence", "verify", mine).code == 0
    shutil.copy(mine / "host.pub", tmp_path / "state/keys/host.key.pub")
    (trusted / "desk.pub").unlink()
    answer = say("evidence", "verify", mine, "--json")
    assert (answer.code, json.loads(answer.out)["untrusted_signers"]) == (0, [])


def test_a_given_key_is_the_only_one(say: Say, tmp_path: Path, trusted: Path) -> None:
    container = make_container(tmp_path)
    shutil.copy(container / "host.pub", trusted / "desk.pub")
    assert say("evidence", "verify", container, "--key", container / "host.pub").code == 0
    load_or_make_key(tmp_path / "other")
    answer = say("evidence", "verify", container, "--key", tmp_path / "other.pub")
    assert answer.code == 1
    assert "signed by another key" in answer.out


def test_a_published_head_vouches_for_what_stands_before_it_only(say: Say, tmp_path: Path) -> None:
    container = make_container(tmp_path)
    head = read_entries(container)[-1].hash
    assert say("evidence", "verify", container, "--head", head).code == 0
    log = CustodyLog(container, open_key(tmp_path))
    log.add(CustodyStep(what="transfer", evidence_id=container.name, who="anna", receiver="bob"))
    log.close()
    assert say("evidence", "verify", container, "--head", head).code == 3
    assert say("evidence", "verify", container, "--head", "0" * 64).code == 1


def test_wrong_use_is_told_with_what_was_given(say: Say, tmp_path: Path) -> None:
    container = make_container(tmp_path)
    passwd = tmp_path / "passwd"
    passwd.write_text("root:x:0:0\n")
    for words, story in (
        ((passwd,), f"{passwd}: is no evidence container"),
        ((tmp_path / "trusted",), "trusted: is no evidence container"),
        ((container, "--head", "zzz"), "zzz: is no hash"),
        ((container, "--key", passwd), f"{passwd}: is no public key"),
        ((container, "--key", tmp_path / "none"), "none: No such file"),
    ):
        answer = say("evidence", "verify", *words)
        assert (answer.code, answer.out) == (2, ""), words
        assert story in answer.err
        assert "http" not in answer.err


def test_what_is_wrong_goes_before_who_signed(say: Say, tmp_path: Path) -> None:
    container = make_container(tmp_path)
    (container / "README.txt").write_bytes(b"")
    answer = say("evidence", "verify", container)
    assert (answer.code, answer.out.splitlines()[-1]) == (1, "NOT as it was sealed")


def test_a_ledger_is_believed_where_it_was_written(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "hq"
    monkeypatch.setenv("CODERED_HQ", str(folder))
    key = load_or_make_key(tmp_path / "away.key")
    fields = dict.fromkeys(("incident", "who", "what", "kind"), "x") | {"seq": 1, "prev": NOTHING, "detail": {}}
    fields |= {"at": "2026-11-23T12:00:00.000000+00:00", "format": "codered/ledger/1"}
    entry = seal_entry(fields, key, "codered/ledger/1")
    (tmp_path / "ledger.jsonl").write_bytes(encode_canonical(entry) + b"\n")
    stranger = say("evidence", "verify", tmp_path / "ledger.jsonl")
    assert (stranger.code, f"--key {folder}/keys/headquarters.key.pub" in stranger.out) == (3, True), stranger
    (folder / "keys").mkdir(parents=True)
    shutil.copy(tmp_path / "away.key.pub", folder / "keys/headquarters.key.pub")
    good = say("evidence", "verify", tmp_path / "ledger.jsonl")
    assert (good.code, good.out.splitlines()[-1]) == (0, "as it was sealed")
    assert "only against a published head: --head" in good.out
    headed = say("evidence", "verify", tmp_path / "ledger.jsonl", "--head", entry["hash"])
    assert (headed.code, "published head" in headed.out) == (0, False)
    assert not (folder / "headquarters.sqlite3").exists()  # it is looked at, nothing else
    container = make_container(tmp_path)
    shutil.copy(tmp_path / "key.pub", folder / "keys/headquarters.key.pub")
    assert say("evidence", "verify", container).code == 3  # headquarters' key vouches for ledgers
