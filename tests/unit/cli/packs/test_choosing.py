import shutil
from pathlib import Path

import pytest

from codered.cli.packs.choosing import add_neighbours, list_folders, load_chosen, load_leniently
from codered.model.errors import WrongUse
from codered.packs.loading import find_packs_folder


def test_packs_are_chosen_by_name_by_folder_and_by_folder_of_packs(tmp_path: Path) -> None:
    shipped = find_packs_folder()
    for name in ("codered", "nimda"):
        shutil.copytree(shipped / name, tmp_path / name)
    names = {folder.name for folder in list_folders(())}
    assert names >= {"codered", "nimda", "kinsing"}
    assert [loaded.pack.name for loaded in load_chosen(("codered", "codered"))] == ["codered"]
    assert [loaded.pack.name for loaded in load_chosen((str(tmp_path / "nimda"),))] == ["nimda"]
    assert [loaded.pack.name for loaded in load_chosen((str(tmp_path),))] == ["codered", "nimda"]
    for wrong in ("nosuch", str(tmp_path / "nosuch")):
        with pytest.raises(WrongUse):
            load_chosen((wrong,))


def test_neighbours_are_added_once_and_broken_packs_told(tmp_path: Path) -> None:
    shutil.copytree(find_packs_folder() / "codered", tmp_path / "codered")
    everything = add_neighbours(list(load_chosen((str(tmp_path / "codered"),))))
    named = [loaded.pack.name for loaded in everything]
    assert len(named) == len(set(named)) > 5
    (tmp_path / "codered" / "pack.yaml").write_text("format: 2\n")
    packs, problems = load_leniently((str(tmp_path / "codered"),))
    assert packs == []
    assert len(problems) == 1
