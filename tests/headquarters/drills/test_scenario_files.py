"""Scenarios are read strictly."""

import pytest

from codered.model.errors import WrongUse
from codered.packs.strict_yaml import parse_document
from codered_hq.drills.scenario_files import find_scenario, list_scenarios, read_scenario

TEXT = """\
title: t
about: a
pack: codered2
minutes: 10
tries: 1
population:
  - {range: 10.0.0.0/24, name: n, site: Ulm, hosts: 5, vulnerable: 50}
injects:
  - {at: 1, kind: call, to: helpdesk, text: x}
"""


def read(text: str) -> object:
    return read_scenario(parse_document(text.encode(), "s.yaml"))


def test_those_that_are_shipped_are_good() -> None:
    known = list_scenarios()
    assert {"codered2-server-room", "codered-office", "three-am", "four-sites"} <= known.keys()
    whole = known["four-sites"]
    assert len({subnet.site for subnet in whole.population}) == 4
    assert (len(whole.population), sum(subnet.hosts for subnet in whole.population) > 1_900) == (40, True)
    assert all(one.injects and any(not subnet.watched for subnet in one.population) for one in known.values())
    assert find_scenario("three-am").speed == 6


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("title: t", "titel: t", "titel"),
        ("hosts: 5", "hosts: 900", "<= 250"),
        ("to: helpdesk", "to: nobody", "nobody is no role"),
        ("10.0.0.0/24", "10.0.0.0/16", "is no /24"),
        ("10.0.0.0/24", "10.0.0.0/33", "no IPv4 range"),
        ("vulnerable: 50", "vulnerable: 0", "nothing in it is vulnerable"),
        ("hosts: 5", "hosts: 5, vital: 6", "more marked machines"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(before: str, after: str, what: str) -> None:
    read(TEXT)
    with pytest.raises(WrongUse, match=what) as caught:
        read(TEXT.replace(before, after))
    assert caught.value.where == "s.yaml"


def test_an_unknown_name_is_told_with_those_that_there_are() -> None:
    with pytest.raises(WrongUse, match="three-am"):
        find_scenario("nothing")
