import shutil
import sys
from pathlib import Path

import pytest

from codered.cli.packs.judging import judge_packs, judge_set, updates_part
from codered.model.errors import WrongUse
from tests.fixtures.pack_desk import NEW, SHIPPED, PackDesk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PackDesk:
    return PackDesk(tmp_path, monkeypatch)


def test_good_packs_have_no_faults_and_bad_ones_are_named(desk: PackDesk) -> None:
    pack = desk.work / NEW
    assert judge_packs((pack,)) == ()
    assert judge_set(desk.work, (NEW,)) == ()
    (pack / "expected.json").write_text("{}")
    faults = judge_set(desk.work, (NEW,))
    assert faults
    assert all(NEW in fault for fault in faults)
    assert judge_set(desk.work, ()) == ()  # the tool's own packs were tried when it was made
    (pack / "pack.yaml").write_text("format: 1\n")
    with pytest.raises(WrongUse):
        judge_set(desk.work, (NEW,))


def test_without_tuf_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    with updates_part():
        pass
    monkeypatch.setitem(sys.modules, "tuf.api.metadata", None)
    with pytest.raises(WrongUse, match=r"pip install 'codered-detect\[updates\]'"), updates_part():
        pass


def test_a_new_pack_is_not_blamed_for_others_but_for_what_it_finds_in_their_clean_examples(desk: PackDesk) -> None:
    pack, other = desk.work / NEW, desk.shipped / SHIPPED
    expected = other / "expected.json"
    expected.write_text(expected.read_text().replace('"count": ', '"count": 9', 1))  # it fails already
    assert judge_packs((pack,)) == ()
    shutil.copytree(other, desk.work / SHIPPED)
    assert judge_set(desk.work, (NEW, SHIPPED)) == ()  # the same pack is in use
    hit = next((pack / "examples" / "hit").iterdir())
    shutil.copy(hit, other / "examples" / "clean" / f"more{hit.suffix}")
    (fault,) = {line.split(",")[0] for line in judge_packs((pack,))}
    assert fault.startswith(f"{SHIPPED}: clean/more")
