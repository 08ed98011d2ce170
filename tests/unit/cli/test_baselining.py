import json
import os
import shutil
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.known_good.storing import read_baseline, write_baseline
from codered.model.report import Report
from codered.signing.keys import load_public_key
from codered.targets.live_linux import name_host
from tests.fixtures.saying import Say


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree/web").mkdir(parents=True)
    (tmp_path / "tree/web/index.php").write_text("<?php echo 1;")
    (tmp_path / "tree/data").write_text("x")
    return tmp_path / "tree"


@pytest.fixture(autouse=True)
def own_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_TRUSTED", str(tmp_path / "trusted"))


def _create(say: Say, tree: Path, *words: str | Path) -> Path:
    answer = say("baseline", "create", "--place", tree, *words)
    assert answer.code == 0, answer.err
    return Path(answer.out.strip())


def test_made_listed_compared_and_changed(say: Say, tree: Path, tmp_path: Path) -> None:
    path = _create(say, tree)
    assert path.parent == tmp_path / "state/baselines"
    assert path.name.startswith(name_host()[:5])
    assert str(path) in say("baseline", "list").out
    (listed,) = json.loads(say("baseline", "list", "--json").out)
    assert listed["signer"].startswith("ed25519:")
    answer = say("baseline", "compare")
    assert answer.code == 0
    assert answer.err.startswith("codered: comparing with baseline ")
    assert answer.out.startswith("CLEAN")
    (tree / "web/index.php").write_text("<?php echo 2;")
    (tree / "web/new.php").write_text("<?php")
    (tree / "data").unlink()
    answer = say("baseline", "compare", "--json", "-o", tmp_path / "r.html")
    assert answer.code == 1
    report = msgspec.json.decode(answer.out, type=Report)
    found = {(item.indicator, os.path.basename(item.subject.path or "")) for item in report.findings}
    assert found == {("content", "index.php"), ("new-executable", "new.php"), ("missing", "data")}
    assert {item.layer for item in report.findings} == {"integrity"}
    assert (tmp_path / "r.html").read_text().startswith("<!DOCTYPE html>")


def test_the_hosts_key_is_made_once_and_said(say: Say, tree: Path, tmp_path: Path) -> None:
    first = say("baseline", "create", "--place", tree, "-o", tmp_path / "a.baseline")
    again = say("baseline", "create", "--place", tree, "-o", tmp_path / "b.baseline", "--json")
    assert "made this host's key" in first.err
    assert "made this host's key" not in again.err
    assert json.loads(again.out)["format"] == "codered/baseline/1"
    assert (tmp_path / "state/keys/host.key").stat().st_mode & 0o777 == 0o600


def test_one_byte_changed_or_a_strangers_key_is_refused(say: Say, tree: Path, tmp_path: Path) -> None:
    path = _create(say, tree, "-o", tmp_path / "x.baseline")
    raw = path.read_bytes()
    path.write_bytes(raw[:-5] + bytes([raw[-5] ^ 1]) + raw[-4:])
    answer = say("baseline", "compare", path)
    assert (answer.code, answer.out) == (4, "")
    assert "damaged" in answer.err
    path.write_bytes(raw)
    signed = tmp_path / "signed.baseline"
    assert say("baseline", "sign", path, "--new-key", tmp_path / "admin.key", "-o", signed).code == 0
    answer = say("baseline", "compare", signed)
    assert answer.code == 4
    assert "not trusted" in answer.err
    assert say("baseline", "compare", signed, "--trust", tmp_path / "admin.key.pub").code == 0
    (tmp_path / "trusted").mkdir()
    (tmp_path / "admin.key.pub").rename(tmp_path / "trusted/admin.pub")
    assert say("baseline", "compare", signed).code == 0
    assert say("baseline", "sign", path, "--key", tmp_path / "admin.key").code == 0
    assert path.read_bytes() == signed.read_bytes()


def test_one_that_nobody_signed_is_compared_and_that_is_said(say: Say, tree: Path, tmp_path: Path) -> None:
    path = _create(say, tree, "-o", tmp_path / "x.baseline")
    say("baseline", "sign", path, "--new-key", tmp_path / "k")
    plain = read_baseline(path, frozenset([load_public_key(tmp_path / "k.pub")])).baseline
    write_baseline(path, plain, None)
    answer = say("baseline", "compare", path)
    assert answer.code == 3
    assert "nobody signed this baseline" in answer.out
    write_baseline(path, msgspec.structs.replace(plain, host="another"), None)
    answer = say("baseline", "compare", path)
    assert answer.code == 4
    assert "is of the host another" in answer.err
    assert say("baseline", "compare", path, "--force").code == 3


def test_a_newer_one_that_nobody_trusted_signed_is_passed_over(say: Say, tree: Path, tmp_path: Path) -> None:
    good = _create(say, tree)
    (tree / "web/index.php").write_text("<?php echo 2;")
    forged = good.with_name("zz.baseline")
    key = tmp_path / "state/keys/host.key"
    _create(say, tree, "-o", forged)
    now = read_baseline(forged, frozenset([load_public_key(key.with_name("host.key.pub"))])).baseline
    for signer in (None, Ed25519PrivateKey.generate()):
        write_baseline(forged, now, signer)
        answer = say("baseline", "compare")
        assert answer.code == 1
        assert f"passed over: {forged}" in answer.err
    good.unlink()
    answer = say("baseline", "compare")
    assert answer.code == 2
    assert "that a trusted key signed" in answer.err


def test_against_a_known_good_folder_and_of_another_root(say: Say, tree: Path, tmp_path: Path) -> None:
    other = tmp_path / "good"
    (other / "web").mkdir(parents=True)
    (other / "web/index.php").write_text("<?php echo 1;")
    (other / "data").write_text("x")
    assert say("baseline", "compare", "--root", tree, "--against", other).code == 0
    (tree / "web/index.php").write_text("<?php echo 2;")
    answer = say("baseline", "compare", "--root", tree, "--against", other)
    assert answer.code == 1
    assert "every file was read" in answer.out
    path = say("baseline", "create", "--root", tree, "--no-contents").out.strip()
    assert say("baseline", "compare", "--root", tree).code == 0
    assert say("baseline", "compare", path, "--root", tree, "--full", "--jobs", "1").code == 0


def test_wrong_use_is_one_line(say: Say, tree: Path, tmp_path: Path) -> None:
    for words in (
        ("compare",),
        ("compare", tmp_path / "none"),
        ("compare", tree / "data", "--against", tree),
        ("create", "--place", tree / "none"),
        ("create", "--place", tree / "data"),
        ("create", "--place", tree, "--key", tree / "data"),
        ("sign", tree / "data"),
        ("sign", tree / "data", "--key", tree / "data", "--new-key", tree / "x"),
    ):
        answer = say("baseline", *words)
        assert (answer.code, answer.out) == (2, ""), words
        assert answer.err.splitlines()[-1].startswith("codered: ")
    assert say("baseline", "compare", tree / "data").code == 4
    assert say("baseline", "list").code == 0


def test_the_tools_own_folder_in_the_tree_is_left_out(say: Say, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_STATE", str(tree / "state"))
    _create(say, tree)
    assert say("baseline", "compare").code == 0


def test_one_of_another_tree_is_compared_only_if_asked_for(say: Say, tree: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    shutil.copytree(tree, other)
    assert say("baseline", "create", "--root", other, "-o", tmp_path / "other.baseline").code == 0
    answer = say("baseline", "compare", tmp_path / "other.baseline", "--root", tree)
    assert answer.code == 4
    assert "is of the tree" in answer.err
    assert say("baseline", "compare", tmp_path / "other.baseline", "--root", tree, "--force").code in (0, 1)


def test_known_good_is_never_replaced(say: Say, tree: Path, tmp_path: Path) -> None:
    path = _create(say, tree, "-o", tmp_path / "x.baseline")
    before = path.read_bytes()
    answer = say("baseline", "create", "--place", tree, "-o", path)
    assert answer.code == 2
    assert "is there already" in answer.err
    assert path.read_bytes() == before
