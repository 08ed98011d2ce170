import subprocess
from pathlib import Path
from typing import Any

import yara  # type: ignore[import-not-found]

from codered.export.indicators.yara import make_yara
from codered.model.pack import Origin
from codered.model.rule import ParsedPack
from tests.fixtures.exported_packs import parse_pack, write_export
from tests.fixtures.small_packs import content_indicator, make_pack

RULES = r"""import "math"
rule helper { condition: filesize > 3 }
/* { not a body } meta: */
rule marked // { nor this } condition:
{
    meta:
        author = "who \"wrote\" it"
    strings:
        $a = "inert{condition: mark"
        $r = /mar[k"]\/\/ x/
    condition: // condition: of a sort
        helper and ($a or $r)
}

rule unused { condition: true }
"""


def make_marked(name: str = "small", scope: str = "binary", **fields: object) -> ParsedPack:
    sign = content_indicator("mark", rule="marked", scope=scope, because='it is "marked" \\ so', **fields)
    return parse_pack(make_pack(name, content=(sign,), rules=RULES), cves=("CVE-2001-0500",))


def scan(rules: Path, *files: Path) -> dict[str, list[Any]]:
    compiled = yara.compile(str(rules))
    return {file.name: compiled.match(str(file)) for file in files}


def test_a_rule_keeps_its_text_and_gains_the_words_of_the_pack(tmp_path: Path) -> None:
    made = make_yara((make_marked(),))
    assert [file.name for file in made.files] == ["files/small.yar", "files.yar"]
    assert not made.left_out
    write_export(made, tmp_path)
    hit, text, short = tmp_path / "hit", tmp_path / "text", tmp_path / "short"
    hit.write_bytes(b"inert{condition: mark\0")
    text.write_bytes(b"inert{condition: mark" + b"x" * 9000 + b"\0")
    short.write_bytes(b"nothing\0")
    found = scan(tmp_path / "files.yar", hit, text, short)
    assert [match.rule for match in found["hit"]] == ["marked"]
    assert not found["text"]
    assert not found["short"]
    meta = found["hit"][0].meta
    assert meta["because"] == 'it is "marked" \\ so'
    assert meta["pack"] == "small"
    assert meta["cve"] == "CVE-2001-0500"
    written = (tmp_path / "files/small.yar").read_text()
    assert "private rule helper" in written
    assert "unused" not in written
    assert 'author = "who' in written
    program = subprocess.run(["yara", "-w", tmp_path / "files.yar", hit], capture_output=True, text=True, check=True)
    assert program.stdout.split()[0] == "marked"
    assert not program.stderr


def test_texts_and_memory(tmp_path: Path) -> None:
    made = make_yara((make_marked("words", "text"), make_marked("held", where=("memory",))))
    assert [file.name for file in made.files] == ["files/words.yar", "files.yar", "memory/held.yar", "memory.yar"]
    write_export(made, tmp_path)
    text, binary = tmp_path / "text", tmp_path / "binary"
    text.write_bytes(b"see mark// x")
    binary.write_bytes(b"see mark// x\0")
    found = scan(tmp_path / "files.yar", text, binary)
    assert found["text"]
    assert not found["binary"]
    found = scan(tmp_path / "memory.yar", text, binary)
    assert found["text"]
    assert found["binary"]


def test_the_memory_of_a_process(tmp_path: Path) -> None:
    """A sign of files and of memory is found in both; the mark stands among the arguments of a process."""
    plain = 'rule marked { strings: $a = "inert{condition: mark" condition: $a }'
    sign = content_indicator("mark", rule="marked", scope="binary", where=("files", "memory"))
    write_export(make_yara((parse_pack(make_pack("both", content=(sign,), rules=plain)),)), tmp_path)
    with subprocess.Popen(["sh", "-c", "read x", "inert{condition: mark"], stdin=subprocess.PIPE) as process:
        found = subprocess.run(
            ["yara", tmp_path / "memory.yar", str(process.pid)], capture_output=True, text=True, check=True
        )
        process.communicate(b"x\n")
    assert found.stdout.split()[0] == "marked", found.stderr


def test_two_packs_with_a_rule_of_one_name_can_still_be_loaded(tmp_path: Path) -> None:
    made = make_yara((make_marked("one"), make_marked("two")))
    write_export(made, tmp_path)
    assert "two/*" in {one.sign for one in made.left_out}
    assert len(list(yara.compile(str(tmp_path / "files.yar")))) == 2  # the sign and its helper, once
    assert len(list(yara.compile(str(tmp_path / "files/two.yar")))) == 2


def test_what_can_not_be_taken_apart_is_left_out() -> None:
    sign = content_indicator("mark", rule="a", scope="any")
    one_line = parse_pack(make_pack(content=(sign,), rules="rule a { condition: true } rule b { condition: true }"))
    ruling = parse_pack(
        make_pack(content=(sign,), rules="rule a { condition: true }\nglobal rule b { condition: true }")
    )
    gone = parse_pack(make_pack(content=(sign,), rules="rule b { condition: true }"))
    sent = parse_pack(
        make_pack(content=(content_indicator(rule="b", where=("traffic",)),), rules="rule b { condition: true }")
    )
    for pack in (one_line, ruling, gone, sent):
        made = make_yara((pack,))
        assert not made.files
        assert made.left_out


def test_an_imported_rule_keeps_its_author_and_licence(tmp_path: Path) -> None:
    origin = Origin(source="others.yar", authors=("A. Nother",), licence="BSD")
    sign = content_indicator("mark", rule="marked", scope="any")
    pack = parse_pack(make_pack("theirs", content=(sign,), rules=RULES), origin=origin)
    text = make_yara((pack,)).files[0].data.decode()
    assert 'author = "A. Nother"' in text
    assert 'license = "BSD"' in text
    assert "CodeRed Detection" not in text
