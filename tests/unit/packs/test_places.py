from collections.abc import Callable
from pathlib import Path

import pytest

from codered.packs.loading import load_pack
from codered.packs.places import file_place, pack_place, rules_place


def test_places_are_relative_to_the_working_folder(
    write_pack: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_pack()
    loaded = load_pack(folder)
    assert pack_place(loaded) == str(folder / "pack.yaml")
    monkeypatch.chdir(folder.parent.parent)
    assert pack_place(loaded) == "packs/demo/pack.yaml"
    assert rules_place(loaded) == "packs/demo/rules.yar"
    assert file_place(loaded, "examples/hit/a.log") == "packs/demo/examples/hit/a.log"
