from collections.abc import Callable

from codered.packs.checks.logs import check_logs
from codered.packs.problems import CheckedPack

MakePack = Callable[..., CheckedPack]


def test_a_good_pack_has_no_problem(checked_pack: MakePack) -> None:
    assert list(check_logs(checked_pack())) == []


def test_lines_are_counted_with_any_case_over_all_addresses(checked_pack: MakePack) -> None:
    two = '{"indicator": "demo-request", "address": "192.0.2.1", "count": 1},'
    more = ("expected.json", '{"indicator": "demo-request",', two + '\n{"indicator": "demo-request",')
    (problem,) = check_logs(checked_pack(more))
    assert "3 lines of hit/requests.log should show `demo-request`, but only 2 hold" in problem.what


def test_one_line_with_two_literals_is_one_line(checked_pack: MakePack) -> None:
    both = ("pack.yaml", "literals: [/demo.ida]", "literals: [/demo.ida, demo.ida?]")
    more = ("expected.json", '"count": 2', '"count": 3')
    assert len(list(check_logs(checked_pack(both, more)))) == 1
    assert list(check_logs(checked_pack(both))) == []


def test_another_packs_signs_are_not_counted_here(checked_pack: MakePack) -> None:
    edit = ("expected.json", '"count": 2}', '"count": 2},\n{"indicator": "demo-request", "pack": "x", "count": 9}')
    assert list(check_logs(checked_pack(edit))) == []


def test_a_broken_expected_json_is_left_to_its_own_check(checked_pack: MakePack) -> None:
    assert list(check_logs(checked_pack(("expected.json", '"count": 2', '"cuont": 2')))) == []


def test_one_status_has_one_meaning(checked_pack: MakePack) -> None:
    (problem,) = check_logs(checked_pack(("pack.yaml", "status: ['404']", "status: ['404', '404']")))
    assert problem.what == "the status 404 a second time"
