import pytest

from codered.export.indicators.shared_signs import name_uuid, number_signs, plain_text, share_signs, show_day
from codered.model.rule import ParsedPack
from tests.fixtures.exported_packs import make_log, parse_pack
from tests.fixtures.small_packs import make_pack


def make(name: str, **fields: str) -> ParsedPack:
    cves = ("CVE-2001-0500", f"CVE-2002-{len(name):04}")
    return parse_pack(make_pack(name), logs=(make_log(**fields),), cves=cves, title=name.upper())


def test_the_very_same_sign_of_two_packs_is_one_whatever_it_is_called() -> None:
    packs = (make("one"), make("three", because="in other words", confidence="suspicious"), make("other", pattern="x"))
    first, second = share_signs(packs, lambda pack: pack.logs)
    assert [pack.name for pack in first.packs] == ["one", "three"]
    assert first.name() == "one/request"
    assert first.title() == "ONE or THREE: request"
    assert first.cves() == ("CVE-2001-0500",)
    assert [left.sign for left in first.leave_out("why")] == ["one/request", "three/request"]
    assert share_signs(packs[1:], lambda pack: pack.logs)[0].key == first.key != second.key


def test_numbers_stay_and_never_meet() -> None:
    keys = [f"sign {n}" for n in range(90)]
    numbers = number_signs(keys, 1000, 100)
    assert len(set(numbers.values())) == 90
    assert all(1000 <= number < 1100 for number in numbers.values())
    assert number_signs(reversed(keys), 1000, 100) == numbers
    alone = number_signs(keys[:1], 1000, 1_000_000)
    assert number_signs(keys, 1000, 1_000_000)[keys[0]] == alone[keys[0]]
    with pytest.raises(ValueError, match="more than 5"):
        number_signs(keys, 1, 5)


@pytest.mark.parametrize(
    ("version", "day"), [("2026.11.1", "2026-11-01"), ("2026.00.3", "2026-01-01"), ("0000.99.1", "1970-12-01")]
)
def test_the_day_of_a_version_always_exists(version: str, day: str) -> None:
    assert show_day(parse_pack(make_pack(), version=version).loaded.pack).isoformat() == day


def test_ids_and_texts() -> None:
    assert name_uuid("a", "b") == name_uuid("a", "b") != name_uuid("b", "b")
    assert plain_text('it\'s "a"\n${x} \\ %{y} é') == "its a x y"
    assert len(plain_text("x" * 999)) == 300
