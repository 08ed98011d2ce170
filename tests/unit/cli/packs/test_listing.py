import msgspec

from tests.fixtures.saying import Say


def test_the_packs_are_listed(say: Say) -> None:
    answer = say("packs", "list")
    assert (answer.code, answer.err) == (0, "")
    assert {line.split()[0] for line in answer.out.splitlines()} >= {"codered", "codered2", "nimda"}
    names = [row["name"] for row in msgspec.json.decode(say("packs", "list", "--json").out)]
    assert names == sorted(names)
    assert "codered" in names
