import re

import libmodsecurity
import pytest

from codered.export.indicators.modsecurity import FIRST_ID, IDS, make_modsecurity
from codered.model.observation import LogHit
from tests.fixtures.asked_requests import list_asked, shipped
from tests.fixtures.exported_packs import make_log, with_signs


class Firewall:
    """The real engine of ModSecurity 3 with the rules loaded."""

    def __init__(self, rules: str) -> None:
        self._engine = libmodsecurity.ModSecurity()
        self._engine.set_log_callback(lambda message: None)
        self._rules = libmodsecurity.RulesSet()
        self.loaded = self._rules.load(f"SecRuleEngine On\n{rules}")
        assert not self._rules.get_parser_error()

    def ask(self, hit: LogHit) -> tuple[int, list[int]]:
        """The status, 0 for let through, and the ids of the rules."""
        method, _, address = hit.request.partition(" ")
        asked = libmodsecurity.Transaction(self._engine, self._rules)
        asked.process_connection("192.0.2.1", 1, "192.0.2.2", 80)
        asked.process_uri(address, method, "1.1")
        for name, value in {"User-Agent": hit.agent, "Referer": hit.referer}.items():
            if value:
                asked.add_request_header(name, value)
        asked.process_request_headers()
        stopped = asked.intervention()
        return stopped.status if stopped else 0, [message.rule_id for message in asked.get_rule_messages()]


def test_modsecurity_3_turns_away_the_packs_requests_and_no_others() -> None:
    made = make_modsecurity(shipped())
    firewall = Firewall(made.files[0].data.decode())
    assert firewall.loaded > 20
    for one in list_asked():
        if one.hit.request:
            status, rules = firewall.ask(one.hit)
            assert (status == 403) == bool(one.signs), (one.where, one.hit.request, rules)
            assert all(FIRST_ID <= rule < FIRST_ID + IDS for rule in rules)
    assert {left.sign for left in made.left_out} >= {"codered/ida-error", "nimda/program", "codered/ida-n-sent"}


@pytest.mark.parametrize("pattern", [r"""/a"b'c\\d""", r"/%{2}x", "/a,b;c", r"/\$\{x\}", "/é"])
def test_signs_with_quotes_and_signs_of_the_engines_own_language(pattern: str) -> None:
    text = make_modsecurity((with_signs(make_log(pattern=pattern, because="'\"\\ %{x},id:1,'")),)).files[0].data
    wanted = re.sub(r"\\(.)", r"\1", pattern).replace("%{2}", "%%")
    firewall = Firewall(text.decode())
    hit = LogHit(address="", time=None, request=f"GET {wanted}", status="")
    assert firewall.ask(hit)[0] == 403
    assert firewall.ask(LogHit(address="", time=None, request="GET /other", status=""))[0] == 0


def test_encoded_requests_are_decoded_once_and_twice() -> None:
    rules = make_modsecurity((with_signs(make_log(pattern="(^| )/inert mark$")),)).files[0].data.decode()
    firewall = Firewall(rules)
    for request, status in {
        "/inert%20mark": 403,
        "/inert%2520mark": 403,
        "/INERT mark": 403,
        "/a/inert%20mark": 0,
    }.items():
        assert firewall.ask(LogHit(address="", time=None, request=f"GET {request}", status=""))[0] == status


def test_a_pattern_that_can_not_be_read_is_left_out_and_nothing_is_written_for_nothing() -> None:
    made = make_modsecurity((with_signs(make_log(pattern="(?=x)")),))
    assert not made.files
    assert [left.sign for left in made.left_out] == ["inert/request"]
