import shutil
from pathlib import Path

import msgspec
import pytest

from tests.fixtures.pack_desk import NEW, PackDesk
from tests.fixtures.saying import Say


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PackDesk:
    return PackDesk(tmp_path, monkeypatch)


def test_a_repository_is_made_filled_refreshed_and_its_keys_are_changed(desk: PackDesk, say: Say) -> None:
    phrase = desk.work / "phrase"
    phrase.write_text("open sesame\n")
    with_keys = (*desk.publisher(), "--passphrase-file", phrase)
    made = say("packs", "publish", "init", "--threshold", "2", *with_keys)
    assert made.code == 0, made.err
    assert str(desk.root) in made.err
    assert say("packs", "publish", "init", *with_keys).code == 2
    done = say("packs", "publish", desk.work / NEW, *with_keys)
    assert (done.code, done.out) == (0, f"{NEW} 2026.11.1\n")
    again = say("packs", "publish", desk.work, *with_keys, "--json")
    told = msgspec.json.decode(again.out)
    assert (told["changed"], told["versions"]["targets"]) == (False, 2)
    assert "published already" in again.err
    assert "encrypted key" in say("packs", "publish", "refresh", *desk.publisher()).err
    assert say("packs", "publish", "refresh", *with_keys, "--expires-days", "20").code == 0
    assert say("packs", "publish", "rotate", "root", *with_keys).code == 0
    assert say("packs", "publish", "rotate", "none", *with_keys).code == 2
    gone = say("packs", "publish", "--remove", NEW, *with_keys)
    assert (gone.code, gone.out) == (0, "")


def test_a_pack_without_examples_is_published_with_a_warning(desk: PackDesk, say: Say) -> None:
    assert say("packs", "publish", "init", *desk.publisher()).code == 0
    assert "nothing was tested" not in say("packs", "publish", desk.work / NEW, *desk.publisher()).err
    shutil.rmtree(desk.work / NEW / "examples")
    (desk.work / NEW / "expected.json").write_text("{}")
    pack = desk.work / NEW / "pack.yaml"
    pack.write_text(pack.read_text().replace("2026.11.1", "2026.11.2") + "origin: {source: others, licence: MIT}\n")
    answer = say("packs", "publish", desk.work / NEW, *desk.publisher())
    assert (answer.code, f"{NEW}: nothing was tested: it has no examples" in answer.err) == (0, True), answer.err


def test_packs_that_fail_are_not_published(desk: PackDesk, say: Say) -> None:
    assert say("packs", "publish", "init", *desk.publisher()).code == 0
    expected = desk.work / NEW / "expected.json"
    good = expected.read_text()
    expected.write_text(good.replace('"count": ', '"count": 9', 1))
    answer = say("packs", "publish", desk.work / NEW, *desk.publisher())
    assert answer.code == 4
    assert "not published" in answer.err
    expected.write_text(good)
    pack = desk.work / NEW / "pack.yaml"
    pack.write_text(pack.read_text().replace("references: [", "references: [nowhere, ", 1))
    answer = say("packs", "publish", desk.work / NEW, *desk.publisher())
    assert answer.code == 4
    assert "nowhere" in answer.err
