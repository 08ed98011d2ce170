from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered.packs import strict_yaml
from codered.packs.strict_yaml import Document, parse_document, read_document, shorten


def parse(text: str) -> Document:
    return parse_document(text.encode(), "x.yaml")


def test_every_scalar_is_text() -> None:
    document = parse("a: no\nb: 1.10\nc: 2001-07-12\nd: ~\ne:\nf: [1, 'two']\ng: |\n  x\n  y\n")
    assert document.value == {
        "a": "no", "b": "1.10", "c": "2001-07-12", "d": "~", "e": "", "f": ["1", "two"], "g": "x\ny\n",
    }  # fmt: skip


def test_lines_are_those_of_keys_and_items() -> None:
    document = parse("a:\n  - b: 1\n    c:\n      - x\n      - y\nd: >-\n  text\n")
    assert document.line_of() == 1
    assert document.line_of("a") == 1
    assert document.line_of("a", 0) == 2
    assert document.line_of("a", 0, "c") == 3
    assert document.line_of("a", 0, "c", 1) == 5
    assert document.line_of("a", 0, "nothing", 7) == 2
    assert document.place_of("d") == "x.yaml:6"
    assert document.part("a").line_of(0, "c", 0) == 4


def test_json_is_read_with_lines() -> None:
    document = parse('{\n  "a/b": [\n    {"c": 1}\n  ]\n}\n')
    assert document.value == {"a/b": [{"c": "1"}]}
    assert document.line_of("a/b", 0, "c") == 3


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "`a` a second time"),
        ("a: {b: 1,\n b: 2}\n", 2, "`b` a second time"),
        ("a: &x 1\nb: 2\n", 1, "an anchor"),
        ("a: 1\nb: *x\n", 2, "an alias"),
        ("a: 1\n*x : 2\n", 2, "an alias"),
        ("a: 1\nb: !!python/object:os.system x\n", 2, "a tag"),
        ("a: 1\nb: ! x\n", 2, "a tag"),
        ("a: !!map {}\n", 1, "a tag"),
        ("a: 1\n? [b, c]\n: 2\n", 2, "a key that is not a word"),
        ("a: 1\n'': 2\n", 2, "a key that is not a word"),
        ("a: 1\nb:\tx\n", 2, "a tab"),
        ("a: 1\n\tb: x\n", 2, "a tab"),
        ("a: 1\n---\nb: 2\n", 2, "a second YAML document"),
        ("%YAML 1.1\n---\na: 1\n", 1, "a YAML directive"),
        ("a: 1\nb: 'x\n", 3, "not YAML"),
        ("a: 1\n b: 2\n", 2, "not YAML"),
        ("a: 1\nb: x\x07y\n", 2, "unprintable"),
        ("\ufeffa: 1\n", 1, "unprintable"),
        ("a: 1\nb: x\u2028y\n", 2, "unprintable"),
        ("a: 1\nb: \u202e\n", 2, "unprintable"),
    ],
)
def test_what_may_surprise_is_refused_with_its_line(text: str, line: int, word: str) -> None:
    with pytest.raises(WrongUse) as caught:
        parse(text)
    assert caught.value.where == f"x.yaml:{line}"
    assert word in caught.value.what
    assert caught.value.advice


def test_pure_python_loader_refuses_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict_yaml, "_LOADER", yaml.BaseLoader)
    assert parse("a: [1, {b: c}]\n").value == {"a": ["1", {"b": "c"}]}
    for text in ("a: &x 1\nb: *x\n", "a: 1\na: 2\n", "a: !x 1\n", "a: '", "? [a]\n: b\n"):
        with pytest.raises(WrongUse):
            parse(text)


def test_nesting_is_bounded() -> None:
    assert parse("[" * 20 + "]" * 20)
    with pytest.raises(WrongUse, match="deeper than 20"):
        parse("[" * 22 + "]" * 22)
    with pytest.raises(WrongUse, match="deeper than 20"):
        parse("{a: " * 10_000 + "}" * 10_000)


def test_empty_bytes_and_not_utf8() -> None:
    with pytest.raises(WrongUse, match="is empty"):
        parse("# nothing\n")
    with pytest.raises(WrongUse, match=r"x.yaml:2: not UTF-8"):
        parse_document(b"a: 1\nb: \xff\n", "x.yaml")


def test_size_is_bounded(tmp_path: Path) -> None:
    big = tmp_path / "big.yaml"
    big.write_bytes(b"a: " + b"x" * strict_yaml.MOST_BYTES)
    with pytest.raises(WrongUse, match="larger than"):
        read_document(big)
    with pytest.raises(WrongUse, match="larger than"):
        parse_document(big.read_bytes(), "big.yaml")


def test_links_folders_and_fifos_are_not_read(tmp_path: Path) -> None:
    import os

    (tmp_path / "real.yaml").write_text("a: 1\n")
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    os.mkfifo(tmp_path / "fifo.yaml")
    assert read_document(tmp_path / "real.yaml").value == {"a": "1"}
    for name in ("link.yaml", "missing.yaml", "."):
        with pytest.raises(WrongUse, match="can't be read"):
            read_document(tmp_path / name)
    with pytest.raises(WrongUse):
        read_document(tmp_path / "fifo.yaml")


def test_a_file_below_the_working_folder_is_named_relatively(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\n")
    assert read_document(tmp_path / "a.yaml").where == str(tmp_path / "a.yaml")
    monkeypatch.chdir(tmp_path)
    assert read_document(tmp_path / "a.yaml").where == "a.yaml"


def test_shorten_makes_one_safe_line() -> None:
    assert shorten("a\nb\x1b[31m") == "a\\nb\\x1b[31m"
    assert len(shorten("x" * 1000)) < 100


def complaint(data: bytes) -> str:
    try:
        parse_document(data, "x.yaml")
    except WrongUse as error:
        return str(error)
    return ""


@given(st.binary(max_size=300))
def test_bytes_never_give_anything_but_wrong_use(data: bytes) -> None:
    assert "\n" not in complaint(data)


@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@`?, \n\\~<=u0x", max_size=80))
def test_yaml_like_text_never_gives_anything_but_wrong_use(text: str) -> None:
    for loader in (yaml.CBaseLoader, yaml.BaseLoader):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(strict_yaml, "_LOADER", loader)
            assert "\n" not in complaint(text.encode())


_WORD = st.text(alphabet="abcxyz019 .:#-", min_size=1, max_size=10)
_TREE = st.recursive(_WORD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORD, inner, max_size=3))


@given(st.dictionaries(_WORD, _TREE, max_size=4))
def test_what_is_dumped_is_read_back(tree: dict[str, object]) -> None:
    dumped = yaml.safe_dump(tree, default_style='"', allow_unicode=True).encode()
    if b"&id" not in dumped:  # two equal lists may be one object to Hypothesis, and an alias to PyYAML
        assert parse_document(dumped, "x.yaml").value == tree
