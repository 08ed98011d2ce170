import msgspec

from tests.fixtures.saying import Say


def test_a_pack_is_shown(say: Say) -> None:
    assert say("packs", "show", "codered").out.startswith("Code Red")
    assert msgspec.json.decode(say("packs", "show", "codered", "--json").out)["name"] == "codered"
    answer = say("packs", "show", "coderd")
    assert (answer.code, answer.out) == (2, "")
    assert "there is no pack `coderd`" in answer.err
