from codered_hq.rules.explaining import Near, explain
from tests.fixtures.rules_of_engagement import make_request, make_subject, read_sample_book

SAMPLE = read_sample_book()


def test_the_rules_that_came_close_say_what_they_lacked() -> None:
    request = make_request("isolate_host", make_subject(number=1), make_subject("vital", number=2))
    explanation = explain(SAMPLE, request)
    assert (explanation.verdict.rule, explanation.verdict.subject) == ("isolate-vital", "#2")
    assert explanation.others == (
        Near("drill", "never", "this is no drill"),
        Near("never-touch", "never", "it is not tagged never_touch"),
        Near("roe-expired", "never", "the rules are not past review"),
        Near("isolate-cap", "never", "a cap, counted when it is done"),
        Near("isolate-preapproved", "allow", "it is not tagged may_isolate"),
        Near("isolate-standard", "allow", "it would fit, but another rule comes before it"),
    )


def test_a_request_about_nobody_known_is_explained_too() -> None:
    explanation = explain(SAMPLE, make_request("shut_vlan", seconds=86_400))
    assert explanation.verdict.rule == "network-max-4h"
    assert "network-vital" in [near.rule for near in explanation.others]
    assert explain(SAMPLE, make_request("release")).others == ()
