import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.detect import signatures
from codered.detect.signatures import (
    AROUND,
    BINARY,
    BOTH,
    MOST_EVIDENCE,
    MOST_EVIDENCE_BYTES,
    TEXT,
    ContentHit,
    Kinds,
    Signatures,
)
from codered.engine import GaveUp, RuleSource, compile_sources
from codered.model.observation import Piece
from codered.model.pack import LoadedPack
from tests.fixtures.small_packs import NOTHING, content_indicator, make_pack, make_rules

RULES = """
rule page { strings: $mark = "INERT-MARK" nocase condition: $mark }
rule program { strings: $anchor = "INERT-ANCHOR" $more = "inert-more" condition: any of ($anchor*) and $more }
rule backing { strings: $mark = "INERT-BACKING" condition: $mark }
rule empty { condition: filesize == 5 }
"""
FIRST = 'rule anchors { strings: $a = "INERT-ANCHOR" condition: $a }'
PAGE = content_indicator("page", rule="page", scope="text")
PROGRAM = content_indicator("program", rule="program", scope="binary")


def inert(*content: object) -> LoadedPack:
    return make_pack(content=content or (PAGE, PROGRAM), rules=RULES)  # type: ignore[arg-type]


def judge(data: bytes, *, text: bool, offset: int = 0, pack: LoadedPack | None = None) -> list[ContentHit]:
    return (
        Signatures(make_rules(pack or inert(), first=FIRST)).inspect(Piece(offset, data), TEXT if text else BINARY).hits
    )


def rules_of(hits: list[ContentHit]) -> list[str]:
    return sorted(hit.rule for hit in hits)


def test_text_needs_no_anchor() -> None:
    (hit,) = judge(b"some inert-mark here", text=True)
    assert (hit.pack, hit.rule, hit.indicator) == ("inert", "page", PAGE)


def test_a_binary_meets_the_rules_only_behind_an_anchor() -> None:
    assert rules_of(judge(b"\0 INERT-ANCHOR inert-more", text=False)) == ["program"]
    assert judge(b"\0 inert-more INERT-BACKING", text=False) == []
    assert rules_of(judge(b"\0 INERT-ANCHOR INERT-BACKING", text=False)) == ["backing"]


def test_a_binary_whose_place_asks_for_its_content_needs_no_anchor() -> None:
    judging = Signatures(make_rules(inert(), first=FIRST))
    (hit,) = judging.inspect(Piece(0, b"\0 INERT-BACKING"), BINARY, asked=True).hits
    assert hit.rule == "backing"


def test_text_meets_the_rules_made_for_text() -> None:
    judging = Signatures(make_rules(inert(), first=FIRST, text=NOTHING))
    piece = Piece(0, b"INERT-ANCHOR INERT-BACKING")
    assert judging.inspect(piece, TEXT).hits == []
    assert rules_of(judging.inspect(piece, BINARY).hits) == ["backing"]


@pytest.mark.parametrize(
    ("scope", "text", "counts"),
    [
        ("text", True, True),
        ("text", False, False),
        ("binary", True, False),
        ("binary", False, True),
        ("any", True, True),
        ("any", False, True),
    ],
)
def test_a_rule_speaks_only_in_its_scope(scope: str, text: bool, counts: bool) -> None:
    pack = inert(content_indicator(rule="program", scope=scope))
    hits = judge(b"INERT-ANCHOR inert-more", text=text, pack=pack)
    assert any(hit.indicator for hit in hits) is counts


@pytest.mark.parametrize(("where", "counts"), [(("files",), True), (("memory", "traffic"), False)])
def test_a_rule_for_memory_says_nothing_of_files(where: tuple[str, ...], counts: bool) -> None:
    pack = inert(content_indicator(rule="page", scope="any", where=where))
    assert any(hit.indicator for hit in judge(b"INERT-MARK", text=True, pack=pack)) is counts


def test_a_rule_without_an_indicator_backs_places() -> None:
    (hit,) = judge(b"INERT-BACKING", text=True)
    assert (hit.rule, hit.indicator) == ("backing", None)


def test_rules_of_the_same_name_in_two_packs_are_two() -> None:
    rule = 'rule same {{ strings: $a = "{}" condition: $a }}'
    one = make_pack("one", content=(content_indicator("a", rule="same"),), rules=rule.format("INERT-ONE"))
    two = make_pack("two", content=(content_indicator("b", rule="same"),), rules=rule.format("INERT-TWO"))
    (hit,) = Signatures(make_rules(one, two)).inspect(Piece(0, b"INERT-TWO"), TEXT).hits
    assert hit.pack == "two"
    assert hit.indicator is not None
    assert hit.indicator.id == "b"


def test_the_proof_is_what_was_found_and_where_in_the_file() -> None:
    data = b"a" * 100 + b"INERT-MARK" + b"b" * 100
    (evidence,) = judge(data, text=True, offset=1 << 40)[0].evidence
    assert evidence.what == "string $mark of rule page"
    assert evidence.offset == (1 << 40) + 100
    assert evidence.data == b"a" * AROUND + b"INERT-MARK" + b"b" * AROUND


def test_the_proof_at_the_very_edges() -> None:
    (evidence,) = judge(b"INERT-MARK", text=True)[0].evidence
    assert (evidence.data, evidence.offset) == (b"INERT-MARK", 0)


def test_a_rule_without_strings_needs_no_proof() -> None:
    assert [(hit.rule, hit.evidence) for hit in judge(b"12345", text=True)] == [("empty", ())]


def test_each_string_is_proved_once_however_often_it_stands_there() -> None:
    (hit,) = judge(b"INERT-MARK " * 10_000, text=True)
    assert [evidence.offset for evidence in hit.evidence] == [0]


def test_the_proof_stays_small() -> None:
    strings = " ".join(f'$s{number} = "INERT-{number:02}"' for number in range(20))
    rules = f"rule many {{ strings: {strings} $long = /LONG[x]{{900}}/ condition: any of them }}"
    pack = make_pack(rules=rules)
    (many,) = judge(b" ".join(b"INERT-%02d" % number for number in range(20)), text=True, pack=pack)
    assert len(many.evidence) == MOST_EVIDENCE
    (long,) = judge(b"." * 50 + b"LONG" + b"x" * 900, text=True, pack=pack)
    assert long.evidence[0].data is not None
    assert len(long.evidence[0].data) == MOST_EVIDENCE_BYTES
    assert long.evidence[0].data.startswith(b"." * AROUND + b"LONG")


ENDLESS = (
    'rule endless { strings: $a = "INERT-SLOW" condition: $a and '
    "for all i in (0..100000000) : (for all j in (0..100000000) : (i + j >= 0)) }"
)


@pytest.mark.parametrize(
    ("full", "first", "text"), [(ENDLESS, NOTHING, True), (NOTHING, ENDLESS, False)], ids=["full", "first"]
)
def test_a_file_that_keeps_the_engine_busy_is_given_up(
    monkeypatch: pytest.MonkeyPatch, full: str, first: str, text: bool
) -> None:
    monkeypatch.setattr(signatures, "SECONDS_PER_PIECE", 1)
    judging = Signatures(make_rules(make_pack(rules=full), first=first))
    with pytest.raises(GaveUp, match="time limit"):
        judging.inspect(Piece(0, b"INERT-SLOW"), TEXT if text else BINARY)
    assert judging.inspect(Piece(0, b"another file"), TEXT if text else BINARY).hits == []


@given(data=st.binary(max_size=300), text=st.booleans(), offset=st.integers(0, 2**60))
def test_any_bytes_can_be_judged(data: bytes, text: bool, offset: int) -> None:
    for hit in JUDGING.inspect(Piece(offset, data + b"INERT-ANCHOR inert-more"), TEXT if text else BINARY).hits:
        for evidence in hit.evidence:
            assert evidence.data is not None
            assert evidence.offset is not None
            assert offset <= evidence.offset <= offset + len(data) + 30
            assert evidence.data in data + b"INERT-ANCHOR inert-more"


JUDGING = Signatures(make_rules(inert(), first=FIRST))


def test_a_place_that_asks_for_content_needs_no_anchor() -> None:
    piece = Piece(0, b"\0 INERT-BACKING")
    judging = Signatures(make_rules(inert(), first=FIRST))
    assert judging.inspect(piece, BINARY).hits == []
    assert rules_of(judging.inspect(piece, BINARY, asked=True).hits) == ["backing"]


def test_text_is_tried_behind_its_gate_where_there_is_one() -> None:
    gate = compile_sources([RuleSource("g", 'rule g { strings: $a = "inert-gate" nocase condition: $a }', "g")])
    rules = msgspec.structs.replace(make_rules(inert(), first=FIRST), first_text=gate)
    judging = Signatures(rules)
    assert judging.inspect(Piece(0, b"INERT-MARK"), TEXT).hits == []
    assert rules_of(judging.inspect(Piece(0, b"INERT-MARK INERT-GATE"), TEXT).hits) == ["page"]
    assert rules_of(judging.inspect(Piece(0, b"INERT-MARK"), TEXT, asked=True).hits) == ["page"]


GATE = compile_sources([RuleSource("g", 'rule g { strings: $a = "inert-mark" nocase condition: $a }', "g")])


@pytest.mark.parametrize(
    ("data", "speaking"),
    [
        (b"inert-mark", ["page"]),
        (b"INERT-ANCHOR inert-more", ["program"]),
        (b"inert-mark INERT-ANCHOR inert-more", ["page", "program"]),
        (b"plain", []),
    ],
)
@pytest.mark.parametrize("gate", [GATE, b""], ids=["gate", "no gate"])
def test_what_is_both_meets_the_rules_of_both(data: bytes, speaking: list[str], gate: bytes) -> None:
    rules = msgspec.structs.replace(make_rules(inert(), first=FIRST), first_text=gate)
    judged = Signatures(rules).inspect(Piece(0, data), BOTH)
    assert sorted(hit.indicator.id for hit in judged.hits if hit.indicator) == speaking


@pytest.mark.parametrize(
    ("data", "kinds", "signs"),
    [
        (b"INERT-ANCHOR", BINARY, True),
        (b"INERT-ANCHOR", TEXT, False),
        (b"INERT-ANCHOR", BOTH, True),
        (b"inert-mark", BINARY, False),
        (b"inert-mark", TEXT, True),
        (b"inert-mark", BOTH, True),
        (b"plain", BOTH, False),
    ],
)
def test_an_anchor_is_a_sign_whatever_the_rules_say(data: bytes, kinds: Kinds, signs: bool) -> None:
    rules = msgspec.structs.replace(make_rules(inert(), first=FIRST), first_text=GATE)
    assert Signatures(rules).inspect(Piece(0, data), kinds).signs is signs


def test_rules_of_imported_packs_are_tried_on_everything() -> None:
    source = (
        'rule page { strings: $a = "INERT-IMPORTED" condition: $a } rule program { condition: uint16(0) == 0x4d4d }'
    )
    always = compile_sources([RuleSource("inert", source, "x.yar")])
    signatures = Signatures(msgspec.structs.replace(make_rules(inert()), always=always))
    data = b"MM" + bytes(9) + b"INERT-IMPORTED"
    found = signatures.inspect_always(Piece(0, data), BINARY).hits
    assert [(hit.rule, hit.indicator and hit.indicator.id) for hit in found] == [("page", None), ("program", "program")]
    assert [hit.rule for hit in signatures.inspect_always(Piece(0, data), TEXT).hits if hit.indicator] == ["page"]
    assert Signatures(make_rules(inert())).inspect_always(Piece(0, data), BINARY).hits == []
