from collections.abc import Callable
from pathlib import Path

from codered.packs.loading import load_pack
from codered.packs.problems import CheckedPack
from codered.packs.strict_yaml import read_document


def test_a_checked_pack_knows_its_signs_and_their_lines(
    write_pack: Callable[..., Path], line_of: Callable[[Path, str], int]
) -> None:
    folder = write_pack()
    checked = CheckedPack(load_pack(folder), read_document(folder / "pack.yaml"), ())
    ways = [(layer, number, sign.id) for layer, number, sign in checked.signs()]
    assert ways[:2] == [("files", 0, "dropped"), ("content", 0, "body")]
    assert [sign for _, _, sign in ways] == [sign.id for sign in checked.pack.indicators()]
    expected = line_of(folder / "pack.yaml", "literals: [/demo.ida]")
    assert checked.at("logs", 0, "literals") == f"{folder / 'pack.yaml'}:{expected}"
    assert checked.at_rule(3) == f"{folder / 'rules.yar'}:3"
