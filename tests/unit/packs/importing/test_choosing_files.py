from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.packs.importing import choosing_files
from codered.packs.importing.choosing_files import choose_files


def test_rule_files_are_chosen_by_their_ending_and_links_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("b.yar", "a/c.YARA", "a/d.yml", "e.rules", "f.txt", ".hidden/g.yar", ".h.yar"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "link.yar").symlink_to("b.yar")
    chosen = choose_files(str(tmp_path))
    assert chosen.folder == tmp_path
    assert {form: sorted(file.name for file in files) for form, files in chosen.files.items()} == {
        "yara": ["b.yar", "c.YARA"], "sigma": ["d.yml"], "suricata": ["e.rules"],
    }  # fmt: skip
    assert choose_files(str(tmp_path / "a/d.yml")).folder == tmp_path / "a"
    for named, why in (("f.txt", "ending"), ("gone", "no such"), (".hidden/..", "")):
        if why:
            with pytest.raises(WrongUse, match=why):
                choose_files(str(tmp_path / named))
    (tmp_path / "empty").mkdir()
    with pytest.raises(WrongUse, match="holds no file of rules"):
        choose_files(str(tmp_path / "empty"))
    monkeypatch.setattr(choosing_files, "MOST_FILES", 2)
    with pytest.raises(WrongUse, match="more than 2 files"):
        choose_files(str(tmp_path))
