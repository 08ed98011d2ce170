import os
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.packs.importing import pack_writing
from codered.packs.importing.choosing_files import choose_files
from codered.packs.importing.gathering import import_files, join
from codered.packs.importing.imported import Imported
from codered.packs.importing.pack_writing import NewPack, check_place, write_pack
from codered.packs.linting import lint_pack

RULE = 'rule a {{ meta: author = "Ä {}: [x] # \\"q\\"" license = "MIT" strings: $a = "INERT-MARK" condition: $a }}'


def bring(folder: Path) -> Imported:
    (folder / "a.yar").write_text(RULE.format("'") + "\nrule b { condition: x }")
    return join(import_files((choose_files(str(folder / "a.yar")),), "likely"))


def test_a_written_pack_is_one_that_the_lint_takes(tmp_path: Path) -> None:
    loaded = write_pack(NewPack("mine", "web-shell", ("a: '.yar",), tmp_path / "mine"), bring(tmp_path))
    assert loaded.pack.origin is not None
    assert (loaded.pack.origin.authors, loaded.pack.origin.licence) == (('Ä \': [x] # "q"',), "MIT")
    assert (loaded.pack.kind, loaded.pack.content[0].rule) == ("web-shell", "a")
    assert [problem.what for problem in lint_pack(loaded) if problem.level == "error"] == []
    assert "1 imported rules are tried on every file" in str(lint_pack(loaded))
    assert "b: the engine does not take it" in (tmp_path / "mine/README.md").read_text()
    assert sorted(os.listdir(tmp_path)) == ["a.yar", "mine"]


def test_nothing_half_written_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported = bring(tmp_path)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(pack_writing, "load_pack", fail)
        with pytest.raises(WrongUse, match="No space left"):
            write_pack(NewPack("mine", "worm", ("a",), tmp_path / "mine"), imported)
    assert os.listdir(tmp_path) == ["a.yar"]
    (tmp_path / "mine").mkdir()
    for name, folder, why in (("mine", "mine", "there already"), ("other", "mine", "called like the pack"),
                              ("Bad", "Bad", "can't be a pack's name"), ("x" * 41, "x", "can't be"),
                              ("x", "gone/x", "no such folder")):  # fmt: skip
        with pytest.raises(WrongUse, match=why):
            check_place(NewPack(name, "worm", (), tmp_path / folder))
