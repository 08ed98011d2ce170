from collections.abc import Callable
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.packs.examples import Example, Expected, list_examples, read_expected, read_tree, write_tree
from codered.packs.loading import load_pack

WritePack = Callable[..., Path]


def test_examples_have_a_kind_and_a_form(write_pack: WritePack) -> None:
    folder = write_pack()
    assert list_examples(load_pack(folder)) == (
        Example("clean/ordinary.log", "clean", "log", folder / "examples/clean/ordinary.log"),
        Example("hit/requests.log", "hit", "log", folder / "examples/hit/requests.log"),
        Example("hit/volume.tree.yaml", "hit", "tree", folder / "examples/hit/volume.tree.yaml"),
    )


def test_processes_memory_and_traffic_are_forms_too(write_pack: WritePack) -> None:
    names = ("examples/hit/a.process.yaml", "examples/clean/b.memory.yaml", "examples/hit/c.traffic.yaml")
    listed = list_examples(load_pack(write_pack(*((name, "", "about: x\n") for name in names))))
    forms = {example.name: (example.kind, example.form) for example in listed}
    assert forms["hit/a.process.yaml"] == ("hit", "process")
    assert forms["clean/b.memory.yaml"] == ("clean", "memory")
    assert forms["hit/c.traffic.yaml"] == ("hit", "traffic")


@pytest.mark.parametrize(
    "name", ["examples/other/a.log", "examples/hit/a.txt", "examples/a.log", "examples/hit/a.yaml"]
)
def test_anything_else_among_them_is_refused(write_pack: WritePack, name: str) -> None:
    folder = write_pack((name, "", "x"))
    with pytest.raises(WrongUse, match="not an example") as caught:
        list_examples(load_pack(folder))
    assert caught.value.where == str(folder / name)


def test_what_is_expected(write_pack: WritePack) -> None:
    assert read_expected(load_pack(write_pack())) == {
        "hit/requests.log": (Expected(indicator="demo-request", address="192.0.2.1", count=2),),
        "hit/volume.tree.yaml": (
            Expected(indicator="dropped", path="C/inetpub/scripts/demo.exe", confidence="likely"),
        ),
    }


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ('"count": 2', '"cuont": 2', 3, "unknown key `cuont`"),
        ('"count": 2', '"count": "two"', 3, "`count` can't be 'two'"),
        ('"indicator": "dropped", ', "", 6, "lacks the key `indicator`"),
        ('"likely"', '"sure"', 6, "`confidence` can't be 'sure'"),
        ('"hit/volume.tree.yaml"', '"hit/requests.log"', 5, "a second time"),
    ],
)
def test_a_mistake_in_it_names_its_line(write_pack: WritePack, old: str, new: str, line: int, what: str) -> None:
    folder = write_pack(("expected.json", old, new))
    with pytest.raises(WrongUse) as caught:
        read_expected(load_pack(folder))
    assert caught.value.where == f"{folder / 'expected.json'}:{line}"
    assert what in caught.value.what


def test_it_must_be_there_and_a_mapping(write_pack: WritePack) -> None:
    folder = write_pack(("expected.json", "", "[]"))
    with pytest.raises(WrongUse, match="not a mapping"):
        read_expected(load_pack(folder))
    (folder / "expected.json").unlink()
    with pytest.raises(WrongUse, match="missing"):
        read_expected(load_pack(folder))


def test_a_tree_is_read_and_laid_out(write_pack: WritePack, tmp_path: Path) -> None:
    example = write_pack() / "examples/hit/volume.tree.yaml"
    assert read_tree(example).about == "an inert volume"
    into = tmp_path / "into"
    into.mkdir()
    write_tree(example, into)
    assert (into / "C/inetpub/scripts/demo.exe").read_text() == "inert marker"
    with pytest.raises(WrongUse, match="can't be laid out"):
        write_tree(example, into)


def test_a_misspelt_key_of_a_tree_names_its_line(write_pack: WritePack) -> None:
    folder = write_pack(("examples/hit/volume.tree.yaml", "text:", "txt:"))
    with pytest.raises(WrongUse) as caught:
        read_tree(folder / "examples/hit/volume.tree.yaml")
    assert caught.value.where.endswith("volume.tree.yaml:5")
    assert "did you mean `text`?" in caught.value.advice
