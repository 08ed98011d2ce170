import shutil
from pathlib import Path

import msgspec
import pytest

from codered.packs.loading import find_packs_folder
from tests.fixtures.saying import Say


@pytest.fixture(autouse=True)
def few_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One neighbour is enough, and all of them take their time."""
    shutil.copytree(find_packs_folder() / "codered2", tmp_path / "shipped/codered2")
    monkeypatch.setenv("CODERED_PACKS", str(tmp_path / "shipped"))


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    folder = tmp_path / "bad"
    folder.mkdir()
    for number in range(2):
        marks = b"\0ZorkWorm.spreadOnce\0/var/tmp/.zorkd/lock\0Greetings from Zorkland\0"
        (folder / f"zorkd{number}").write_bytes(bytes([number]) * 90 + marks)
    return folder


def test_a_pack_is_drafted_linted_and_tested(say: Say, samples: Path, tmp_path: Path) -> None:
    words = ("packs", "new", "zork", "--from", samples, "--into", tmp_path, "--no-goodware", "--kind", "bot")
    answer = say(*words)
    assert answer.code == 0
    assert "ZorkWorm.spreadOnce (a made-up name" in answer.out
    assert "codered packs test" in answer.out
    assert say("packs", "lint", tmp_path / "zork").code == 0
    assert say("packs", "test", tmp_path / "zork").code == 0
    assert "kind: bot" in (tmp_path / "zork/pack.yaml").read_text()
    again = say(*words)
    assert again.code == 2
    assert "is there already" in again.err


def test_the_choices_as_one_document_and_wrong_use(say: Say, samples: Path, tmp_path: Path) -> None:
    answer = say("packs", "new", "zork", "--sample", samples / "zorkd0", "--into", tmp_path, "--no-goodware", "--json")
    document = msgspec.json.decode(answer.out)
    assert document["folder"] == str(tmp_path / "zork")
    assert "rules.yar" in document["files"]
    assert document["choices"]
    nothing = say("packs", "new", "other", "--into", tmp_path)
    assert (nothing.code, "nothing to draft from" in nothing.err) == (2, True)
    assert say("packs", "new", "codered2", "--from", samples, "--into", tmp_path, "--no-goodware").code == 2
    assert not list(tmp_path.glob(".*"))
