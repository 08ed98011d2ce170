from codered.export.indicators.packet_signs import PacketSign, Piece, list_signs
from codered.model.rule import ParsedPack
from tests.fixtures.exported_packs import make_log, make_sent, parse_pack, with_signs
from tests.fixtures.small_packs import make_pack

RULES = r"""
rule all_of { strings: $a = "inert one" $b = "inert two" nocase condition: all of them }
rule one_of { strings: $a = "inert one" $b = "inert two" $c = "inert three" condition: ($a or $b) and $c }
rule counts { strings: $a = "inert one" $b = "inert two" $c = "inert three" condition: 2 of them }
rule placed { strings: $a = "inert one" condition: $a at 0 }
rule spelled { strings: $a = /inert o/ condition: $a }
"""


def only(pack: ParsedPack) -> PacketSign:
    (found,), left = list_signs((pack,))
    assert not left
    return found


def test_a_request_is_split_into_method_and_address() -> None:
    sign = only(with_signs(make_log(pattern=r"(^| )/inert/x\.php([? ]|$)", literals=("x.php",))))
    assert (sign.part, sign.method, sign.inbound, sign.protocol) == ("uri", "", True, "http")
    assert sign.pieces == (Piece(b"/inert/x.php", nocase=True), Piece(pattern=r"^/inert/x\.php([? ]|$)", nocase=True))
    sign = only(with_signs(make_sent(pattern=r"^(GET|POST) /inert\?a=", ports=(80, 8080))))
    assert (sign.method, sign.ports, sign.inbound) == ("^(GET|POST)$", (80, 8080), False)
    assert sign.pieces[1].pattern == r"^/inert\?a="


def test_what_decoding_changes_is_looked_at_as_it_was_sent() -> None:
    assert only(with_signs(make_log(pattern=r"/inert/\.\.(%5c|/)"))).part == "raw_uri"
    assert only(with_signs(make_log(pattern=r"/inert%u[0-9a-f]{4}"))).part == "raw_uri"
    sign = only(with_signs(make_log(pattern="(a|b)x", literals=("a%3ab", "a:b"))))  # decoded, the two are one
    assert (sign.part, sign.pieces[0]) == ("uri", Piece(b"a:b", nocase=True))


def test_each_literal_is_a_rule_where_the_pattern_has_none_of_its_own() -> None:
    found, _ = list_signs((with_signs(make_log(pattern="(alpha|beta)", literals=("alpha", "beta"), part="agent")),))
    assert [sign.pieces[0].literal for sign in found] == [b"alpha", b"beta"]
    assert {sign.part for sign in found} == {"agent"}
    assert len({sign.key for sign in found}) == 2
    assert only(with_signs(make_log(pattern="^inert, mark$", part="referer"))).pieces[0].literal == b"inert, mark"
    assert only(with_signs(make_log(pattern="[ab]c", literals=()))).pieces[0].literal == b"c"


def test_payloads_both_ways_and_rules_over_them() -> None:
    found, _ = list_signs((with_signs(make_sent(protocol="udp", direction="both", pattern="^inert .mark$")),))
    assert [(sign.inbound, sign.part) for sign in found] == [(True, "payload"), (False, "payload")]
    assert found[0].pieces[1].pattern == r"^inert [^\r\n]mark(?=\r|\n|$)"
    signs = [
        make_sent(name, rule=name.replace("-", "_"))
        for name in ("all-of", "one-of", "counts", "placed", "spelled", "gone")
    ]
    found, left = list_signs((with_signs(*signs, rules=RULES),))
    assert [tuple(piece.literal for piece in sign.pieces) for sign in found] == [
        (b"inert one", b"inert two"), (b"inert one", b"inert three"), (b"inert two", b"inert three")]  # fmt: skip
    assert [piece.nocase for piece in found[0].pieces] == [False, True]
    assert [one.sign for one in left] == [f"inert/{name}" for name in ("counts", "placed", "spelled", "gone")]


def test_what_is_never_on_the_wire_or_can_not_be_read_is_left_out() -> None:
    odd = (make_log("a", part="error"), make_log("b", pattern="(?=x)y"), make_log("c", pattern="(a"))
    found, left = list_signs((with_signs(*odd),))
    assert not found
    assert [one.sign for one in left] == ["inert/a", "inert/b", "inert/c"]


def test_a_sign_that_packs_share_is_one() -> None:
    log = make_log(pattern="/inert/mark")
    packs = tuple(parse_pack(make_pack(name), logs=(log,)) for name in ("one", "two"))
    (sign,), _ = list_signs(packs)
    assert [pack.name for pack in sign.shared.packs] == ["one", "two"]
