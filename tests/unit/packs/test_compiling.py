from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from codered.engine import Matcher
from codered.model.errors import WrongUse
from codered.model.heuristics import Heuristics
from codered.model.pack import Origin
from codered.model.ruleset import rule_of_hint, rule_of_payload
from codered.packs import compiling
from codered.packs.compiling import compile_packs
from codered.packs.loading import load_pack, load_packs
from codered.packs.rule_cache import read_compiled

WritePack = Callable[..., Path]


def test_the_four_sets_do_what_they_are_for(write_pack: WritePack) -> None:
    rules = compile_packs((load_pack(write_pack()),), None)
    body = b"\0\0DEMO-WORM-MARKER\0"
    (match,) = Matcher(rules.full).match(body)
    assert (match.namespace, match.rule) == ("demo", "demo_body")
    first = Matcher(rules.first)
    assert first.hits(body)
    assert first.hits("DemoWormAgain".encode("utf-16-le"))
    assert not first.hits(b"demo-worm-marker")
    assert Matcher(rules.locate).offsets(b"GET /DEMO.IDA?x\nGET /demo.html") == [4]
    (label,) = Matcher(rules.label).match(b"GET /demo.ida?" + b"N" * 20)
    assert (label.namespace, label.rule) == ("demo", "log_demo_request")
    assert not Matcher(rules.label).hits(b"GET /demo.ida?" + b"N" * 19)


def test_the_cache_saves_the_work_and_changes_nothing(
    write_pack: WritePack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs = (load_pack(write_pack()),)
    cold = compile_packs(packs, tmp_path / "cache")
    monkeypatch.setattr(compiling, "compile_sources", None)
    assert compile_packs(packs, tmp_path / "cache") == cold
    with pytest.raises(TypeError):
        compile_packs(packs, None)


def test_a_damaged_cache_is_compiled_again_in_silence(write_pack: WritePack, tmp_path: Path) -> None:
    packs = (load_pack(write_pack()),)
    cold = compile_packs(packs, tmp_path / "cache")
    (file,) = (tmp_path / "cache").iterdir()
    good = file.read_bytes()
    for position in (0, 20, 60, len(good) // 2, len(good) - 1):
        file.write_bytes(good[:position] + bytes([good[position] ^ 0x80]) + good[position + 1 :])
        again = compile_packs(packs, tmp_path / "cache")
        assert Matcher(again.full).hits(b"\0DEMO-WORM-MARKER")
        assert again.digest == cold.digest
        assert read_compiled(tmp_path / "cache", cold.digest) is not None


def test_two_packs_of_one_name_are_refused(write_pack: WritePack) -> None:
    loaded = load_pack(write_pack())
    with pytest.raises(WrongUse, match="a second pack `demo`"):
        compile_packs((loaded, loaded), None)


def test_no_rules_and_no_logs_is_fine(write_pack: WritePack) -> None:
    folder = write_pack()
    text = (folder / "pack.yaml").read_text()
    start, end = text.index("content:"), text.index("traffic:")
    (folder / "pack.yaml").write_text(text[:start] + text[end:])
    (folder / "rules.yar").unlink()
    rules = compile_packs((load_pack(folder),), None)
    for compiled in (rules.full, rules.first, rules.locate, rules.label):
        assert not Matcher(compiled).hits(b"DEMO-WORM-MARKER /demo.ida?" + b"N" * 30)


@pytest.mark.parametrize(
    ("file", "old", "new", "where"),
    [
        ("rules.yar", "any of ($anchor*) and (", "any of ($anchor*) or (", "rules.yar:1"),
        ("rules.yar", '"DEMO-WORM-MARKER"', '"DEMO-WORM-MARKER" nocase', "rules.yar:4"),
        ("rules.yar", "$other or", "$missing or", "rules.yar:8"),
        ("pack.yaml", r"'/demo\.ida\?N{20,}'", "'a(b'", "pack.yaml: pattern of log indicator demo-request"),
        ("pack.yaml", r"'/demo\.ida\?N{20,}'", "'*b'", "pack.yaml: log indicator 'demo-request'"),
        ("pack.yaml", "'^GET /demo'", "'a(b'", "pack.yaml: traffic indicator demo-sent"),
        ("pack.yaml", "'^GET /demo'", "'*b'", "pack.yaml: traffic indicator 'demo-sent'"),
        ("pack.yaml", "pattern: '^GET /demo'", "rule: missing", "pack.yaml: traffic indicator demo-sent"),
        ("pack.yaml", "pattern: '^GET /demo'", "rule: 'a or true'", "pack.yaml: traffic indicator 'demo-sent'"),
        ("pack.yaml", "id: demo-request", "id: 'x {condition: true} rule y'", "pack.yaml: log indicator 'x {"),
    ],
)
def test_what_cannot_be_proven_sound_is_refused(
    write_pack: WritePack, file: str, old: str, new: str, where: str
) -> None:
    loaded = load_pack(write_pack((file, old, new)))
    with pytest.raises(WrongUse) as caught:
        compile_packs((loaded,), None)
    assert where in caught.value.where
    assert caught.value.advice


def test_traffic_signs_are_rules_of_their_own(write_pack: WritePack, tmp_path: Path) -> None:
    rules = compile_packs((load_pack(write_pack()),), tmp_path / "cache")
    (match,) = Matcher(rules.payload).match(b"GET /DEMO HTTP/1.0")
    assert (match.namespace, match.rule) == ("demo", rule_of_payload("demo-sent"))
    assert not Matcher(rules.payload).hits(b"POST /x GET /demo")
    assert compile_packs((load_pack(write_pack()),), tmp_path / "cache").payload == rules.payload


def test_a_traffic_sign_may_name_a_rule_of_the_pack(write_pack: WritePack) -> None:
    named = ("pack.yaml", "pattern: '^GET /demo'", "rule: demo_body")
    rules = compile_packs((load_pack(write_pack(named)),), None)
    found = {match.rule for match in Matcher(rules.payload).match(b"\0DEMO-WORM-MARKER")}
    assert found == {"demo_body", "payload_demo_sent"}


def test_a_place_rule_needs_no_anchor_but_a_good_one_serves(write_pack: WritePack) -> None:
    named = ("pack.yaml", "platform: windows\n", "platform: windows\n    content: [extra]\n")
    loose = 'rule extra { strings: $anchor = "LOOSE" nocase condition: $anchor }\n'
    rules = compile_packs(
        (load_pack(write_pack(named, ("rules.yar", "rule demo_body", loose + "rule demo_body"))),), None
    )
    assert not Matcher(rules.first).hits(b"LOOSE")
    sound = 'rule extra { strings: $anchor = "SOUND" condition: any of ($anchor*) }\n'
    rules = compile_packs(
        (load_pack(write_pack(named, ("rules.yar", "rule demo_body", sound + "rule demo_body"))),), None
    )
    assert Matcher(rules.first).hits(b"SOUND")


def test_the_shipped_packs_compile() -> None:
    packs = load_packs(Path(__file__).parents[3] / "packs")
    rules = compile_packs(packs, None)
    assert [loaded.pack.name for loaded in rules.packs] == sorted(loaded.pack.name for loaded in packs)
    assert not Matcher(rules.first).hits(b"\0" * 4096)


def test_text_is_gated_only_when_every_text_rule_has_an_anchor(write_pack: WritePack) -> None:
    as_text = ("pack.yaml", "scope: binary", "scope: text")
    gated = compile_packs((load_pack(write_pack(as_text)),), None)
    assert Matcher(gated.first_text).hits(b"a demo-worm-marker in any case")
    assert not Matcher(gated.first_text).hits(b"ordinary text")
    plain = ("rules.yar", "any of ($anchor*)", "1 of ($anchor*)")
    assert compile_packs((load_pack(write_pack(as_text, plain)),), None).first_text == b""


FOR_MEMORY = ("pack.yaml", "    scope: binary\n", "    scope: text\n    where: [memory]\n")


def test_rules_for_memory_have_a_set_and_a_gate_of_their_own(write_pack: WritePack) -> None:
    other = 'rule extra { strings: $anchor = "OF-FILES-ONLY" condition: any of ($anchor*) }\n'
    named = ("pack.yaml", "platform: windows\n", "platform: windows\n    content: [extra]\n")
    edits = (named, FOR_MEMORY, ("rules.yar", "rule demo_body", other + "rule demo_body"))
    rules = compile_packs((load_pack(write_pack(*edits)),), None)
    assert [match.rule for match in Matcher(rules.memory).match(b"DEMO-WORM-MARKER OF-FILES-ONLY")] == ["demo_body"]
    gate = Matcher(rules.first_memory)
    assert gate.hits("DemoWormAgain".encode("utf-16-le"))
    assert not gate.hits(b"demo-worm-marker OF-FILES-ONLY")


def test_a_private_rule_that_a_memory_rule_needs_comes_along(write_pack: WritePack) -> None:
    private = 'private rule needed { strings: $a = "needed" condition: $a }\n'
    edits = (
        FOR_MEMORY,
        ("rules.yar", "rule demo_body", private + "rule demo_body"),
        ("rules.yar", "filesize > 0", "needed"),
    )
    matcher = Matcher(compile_packs((load_pack(write_pack(*edits)),), None).memory)
    assert matcher.hits(b"DEMO-WORM-MARKER needed")
    assert not matcher.hits(b"DEMO-WORM-MARKER")


def test_packs_without_rules_for_memory_have_a_gate_that_stays_shut(write_pack: WritePack) -> None:
    rules = compile_packs((load_pack(write_pack()),), None)
    assert not Matcher(rules.first_memory).hits(b"DEMO-WORM-MARKER")
    assert not Matcher(rules.memory).hits(b"DEMO-WORM-MARKER")


@pytest.mark.parametrize("anchor", ['"DEMO-WORM-MARKER" nocase', '"abc"', "/DEMO-WORM-MARKER/"])
def test_a_memory_rule_that_might_match_without_its_anchor_is_refused(write_pack: WritePack, anchor: str) -> None:
    loaded = load_pack(write_pack(FOR_MEMORY, ("rules.yar", '"DEMO-WORM-MARKER"', anchor)))
    with pytest.raises(WrongUse) as caught:
        compile_packs((loaded,), None)
    assert "rules.yar:4" in caught.value.where


def test_patterns_of_heuristics_are_compiled_and_kept(write_pack: WritePack, tmp_path: Path) -> None:
    packs = (load_pack(write_pack()),)
    heuristics = Heuristics(patterns={"a-b": "curl [a-z]+", "c": "x{4}/"}, digest="d")
    rules = compile_packs(packs, tmp_path / "cache", heuristics)
    assert {match.rule for match in Matcher(rules.hints).match(b"CURL abc xxxx/")} == {
        rule_of_hint("a-b"),
        rule_of_hint("c"),
    }
    assert compile_packs(packs, tmp_path / "cache", heuristics) == rules
    plain = compile_packs(packs, tmp_path / "cache")
    assert plain.hints == b""
    assert plain.digest != rules.digest


def test_rules_of_an_imported_pack_need_no_anchors_and_have_a_set_of_their_own(write_pack: WritePack) -> None:
    loaded = load_pack(write_pack())
    pack = msgspec.structs.replace(loaded.pack, origin=Origin(source="x.yar"), traffic=(), logs=())
    rules = r"rule demo_body { strings: $a = /INERT\R{}/ condition: $a }"
    imported = msgspec.structs.replace(loaded, pack=pack, rules=rules)
    made = compile_packs((imported,), None)
    assert Matcher(made.always).hits(b"INERTR{}")
    assert not Matcher(made.full).hits(b"INERTR{}")
    assert compile_packs((loaded,), None).always == b""
