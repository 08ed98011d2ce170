import json
from pathlib import Path

import pytest

from codered_hq.hosts.marking import mark_hosts
from codered_hq.rules.samples import read_sample
from tests.fixtures.inventories import make_host
from tests.fixtures.saying import Say


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The sample, which nobody has to review for a long time."""
    path = tmp_path / "rules.yaml"
    path.write_bytes(read_sample().replace(b"review_by: 2027-01-01", b"review_by: 2099-01-01"))
    return path


def test_the_answer_who_is_missing_and_what_came_close(say: Say, rules: Path) -> None:
    told = say("rules", "explain", "isolate-host", "--tag", "vital", "--for", "2h", "--rules", rules)
    assert told.code == 5
    for line in (
        "answer   yes, if these people say yes", "missing  executive + business (all different)", "undone   after 2h",
        "cap      isolate-cap: 50 hosts in 1h", "decided  by a machine tagged vital",
        "isolate-preapproved  allow  it is not tagged may_isolate",
    ):  # fmt: skip
        assert line in told.out
    assert say("rules", "explain", "scan", "--tag", "fragile", "--at", "Tue 10:00", "--rules", rules).code == 4
    assert say("rules", "explain", "scan", "--tag", "fragile", "--at", "Sun 10:00", "--rules", rules).code == 0
    told = say("rules", "explain", "patch", "--drill", "--rules", rules, "--json")
    assert told.code == 4
    document = json.loads(told.out)
    assert (document["verdict"]["rule"], document["others"][0]["rule"]) == ("drill", "never-touch")
    assert say("rules", "explain", "patch", "--at", "2099-01-02", "--rules", rules).code == 4
    assert say("rules", "explain", "reboot", "--evidence-saved", "--rules", rules).code == 5


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("reboot-it",), "did you mean `reboot`?"),
        (("scan", "--tag", "vtal"), "did you mean `vital`?"),
        (("scan", "--state", "ill"), "--state"),
        (("scan", "--criticality", "huge"), "--criticality"),
        (("scan", "--at", "noon"), "--at: no time: 'noon'"),
        (("scan", "--for", "4 hours"), "--for: no duration"),
        (("scan", "host", "--tag", "vital"), "give hosts, or --tag"),
    ],
)
def test_wrong_words_are_one_line(say: Say, rules: Path, words: tuple[str, ...], what: str) -> None:
    told = say("rules", "explain", *words, "--rules", rules)
    assert told.code == 2
    assert what in told.err


@pytest.mark.django_db
def test_hosts_of_the_inventory(say: Say, rules: Path) -> None:
    plain, plant = make_host("plain", "10.1.0.1"), make_host("plant", "10.1.0.2")
    mark_hosts([plant], ("never_touch",), ())
    told = say("rules", "explain", "isolate_host", f"#{plain.pk}", f"#{plant.pk}", "--rules", rules)
    assert told.code == 4
    assert "rule     never-touch" in told.out
    assert "decided  by plant" in told.out
    told = say("rules", "explain", "isolate_host", f"#{plain.pk}", "--rules", rules)
    assert told.code == 5
    assert say("rules", "explain", "isolate_host", "nobody", "--rules", rules).code == 2
