import pytest

from codered.detect.log_attribution import Verdict, index_signs
from codered.detect.log_sights import Sight
from codered.detect.log_words import explain_finding, is_backdoor_open
from tests.fixtures.log_rules import PACKS

SIGNS = index_signs(PACKS)
TITLES = {"codered": "Code Red", "codered2": "Code Red II", "nimda": "Nimda"}


def explain(
    name: str, count: int = 1, suspect: bool = False, answers: dict[str, int] | None = None, forwarded: str = ""
) -> str:
    sign = SIGNS[name]
    verdict = Verdict(sign.pack, sign)
    seen = Sight(
        "203.0.113.7", (name,), count, answers=answers or {"404": count}, forwarded=(forwarded,) if forwarded else ()
    )
    return explain_finding(verdict, seen, suspect, TITLES)


def test_an_attack_names_the_sender_and_not_the_server() -> None:
    text = explain("codered/ida-n", 24)
    assert text.startswith(
        "203.0.113.7 sent 24 requests of Code Red; it names an attacker, not the state of this server."
    )
    assert "infected" not in text


def test_one_request() -> None:
    assert "sent 1 request of" in explain("codered/ida-n")


def test_an_own_address_is_a_suspected_infected_host() -> None:
    assert explain("codered/ida-n", suspect=True).startswith("Suspected infected host: 203.0.113.7 is one of your own.")


def test_an_own_address_that_passes_on_may_be_a_proxy() -> None:
    assert "a proxy of yours or an infected host" in explain("codered/ida-n", suspect=True, forwarded="198.51.100.1")


def test_a_visitor_is_no_attacker() -> None:
    assert "attacker" not in explain("nimda/eml")


@pytest.mark.parametrize(
    ("status", "is_open"), [("200", True), ("502", True), ("404", False), ("403", False), ("", False)]
)
def test_a_back_door_that_answers(status: str, is_open: bool) -> None:
    sign = SIGNS["nimda/root-exe"]
    verdict = Verdict("nimda", sign)
    assert is_backdoor_open(verdict, Sight("a", (), 1, answers={status: 1})) is is_open
    assert ("look at the host" in explain("nimda/root-exe", answers={status: 1})) is is_open


def test_an_exploit_answered_200_is_no_back_door() -> None:
    assert not is_backdoor_open(Verdict("codered", SIGNS["codered/ida-n"]), Sight("a", (), 1, answers={"200": 1}))


def test_a_shared_sign_names_all_that_share_it() -> None:
    verdict = Verdict("unattributed", SIGNS["nimda/root-exe"], shared_by=("codered2", "nimda"))
    text = explain_finding(verdict, Sight("a", (), 1), False, TITLES)
    assert "of a kind shared by Code Red II, Nimda;" in text


def test_what_decided_is_said() -> None:
    verdict = Verdict("nimda", SIGNS["nimda/root-exe"], because_of="traversal")
    assert "traversal from the same address decides" in explain_finding(verdict, Sight("a", (), 1), False, TITLES)
