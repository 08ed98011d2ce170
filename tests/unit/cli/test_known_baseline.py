from pathlib import Path

import pytest

from codered.cli.known_baseline import make_look, read_known_good
from codered.known_good.storing import write_baseline
from codered.model.errors import Refused
from codered.targets import open_target
from tests.fixtures.saying import Say


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/page.htm").write_text("hello")
    return tmp_path / "tree"


def test_a_signed_baseline_is_believed(say: Say, tree: Path, tmp_path: Path) -> None:
    assert say("baseline", "create", "--root", tree, "-o", tmp_path / "b.baseline").code == 0
    target = open_target(str(tree))
    signed = read_known_good(str(tmp_path / "b.baseline"), target)
    assert signed.signer
    assert make_look(signed, target).compare(target)[0] == ()
    body = bytearray((tmp_path / "b.baseline").read_bytes())
    body[-1] ^= 1
    (tmp_path / "b.baseline").write_bytes(body)
    with pytest.raises(Refused):
        read_known_good(str(tmp_path / "b.baseline"), target)


def test_one_that_nobody_signed_is_not(say: Say, tree: Path, tmp_path: Path) -> None:
    say("baseline", "create", "--root", tree, "-o", tmp_path / "b.baseline")
    target = open_target(str(tree))
    baseline = read_known_good(str(tmp_path / "b.baseline"), target).baseline
    write_baseline(tmp_path / "unsigned.baseline", baseline, None)
    with pytest.raises(Refused, match="nobody signed"):
        read_known_good(str(tmp_path / "unsigned.baseline"), target)


def test_a_response_with_a_tampered_baseline_changes_nothing(say: Say, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "x.baseline").write_bytes(b"{}")
    assert say("respond", "--root", tree, "--baseline", tmp_path / "x.baseline", "--yes").code in (2, 4)
