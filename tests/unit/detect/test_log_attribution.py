from codered.detect.log_attribution import Verdict, attribute_sights, index_signs
from codered.detect.log_sights import Sight
from tests.fixtures.log_rules import NIMDA, PACKS, ROOT, make_pack

SIGNS = index_signs(PACKS)
SHARED = ("codered2/root-exe", "nimda/root-exe")


def judge(*signs: tuple[str, ...]) -> list[list[Verdict]]:
    return [verdicts for _, verdicts in attribute_sights([Sight("192.0.2.1", names) for names in signs], SIGNS)]


def test_a_sign_of_one_pack_is_its() -> None:
    [[verdict]] = judge(("codered/ida-n",))
    assert (verdict.pack, verdict.sign.indicator.id, verdict.shared_by, verdict.because_of) == (
        "codered",
        "ida-n",
        (),
        "",
    )


def test_a_shared_sign_alone_names_nobody() -> None:
    [[verdict]] = judge(SHARED)
    assert (verdict.pack, verdict.shared_by) == ("unattributed", ("codered2", "nimda"))


def test_a_sign_of_its_own_beside_it_decides() -> None:
    [[shared], [own]] = judge(SHARED, ("nimda/traversal",))
    assert (shared.pack, shared.sign.pack, shared.shared_by, shared.because_of) == ("nimda", "nimda", (), "traversal")
    assert own.pack == "nimda"


def test_a_suspicious_sign_decides_nothing() -> None:
    [[shared], _] = judge(SHARED, ("nimda/eml",))
    assert shared.pack == "unattributed"


def test_a_sign_of_a_stranger_decides_nothing() -> None:
    [[shared], _] = judge(SHARED, ("codered/ida-n",))
    assert shared.pack == "unattributed"


def test_signs_of_two_candidates_leave_it_open() -> None:
    both = index_signs((NIMDA, make_pack("codered2", ROOT | {"shared_by": ["nimda"]}, ROOT | {"id": "atom"})))
    sights = [Sight("a", SHARED), Sight("a", ("nimda/traversal",)), Sight("a", ("codered2/atom",))]
    assert attribute_sights(sights, both)[0][1][0].pack == "unattributed"


def test_one_request_with_both_is_one_verdict_for_the_pack() -> None:
    [[verdict]] = judge((*SHARED, "nimda/traversal"))
    assert (verdict.pack, verdict.sign.indicator.id) == ("nimda", "traversal")


def test_unknown_signs_are_dropped() -> None:
    assert judge(("gone/x",)) == [[]]
