import json
from pathlib import Path

import pytest

from codered_hq.rules.samples import read_sample
from tests.fixtures.rules_of_engagement import FIRST_RULES
from tests.fixtures.saying import Say


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.yaml"
    path.write_bytes(read_sample())
    return path


@pytest.fixture
def first(tmp_path: Path) -> Path:
    path = tmp_path / "first.yaml"
    path.write_bytes(FIRST_RULES)
    return path


def test_check_shows_the_matrix_and_what_is_broken(say: Say, sample: Path, first: Path) -> None:
    told = say("rules", "check", sample)
    assert told.code == 0
    assert "    executive + business, 4h          vital\n" in told.out
    assert "all promises are proved" in told.err
    told = say("rules", "check", first)
    assert told.code == 1
    assert "broken: a vital host is cut off by two people only: vlan-executive lets shut_vlan (vital)\n" in told.out
    assert "doubtful: line 1: there is no `break_glass`" in told.out
    document = json.loads(say("rules", "check", first, "--json").out)
    assert (document["version"], document["violations"][0]["kind"]) == (7, "shut_vlan")
    assert document["matrix"]["classes"][0] == "ordinary"


def test_check_of_what_does_not_load_names_the_line(say: Say, sample: Path) -> None:
    sample.write_bytes(read_sample().replace(b"if: {tag: vital}", b"if: {tag: vitl}", 1))
    told = say("rules", "check", sample)
    assert told.code == 2
    assert ":54: no tag is called 'vitl' — did you mean `vital`?" in told.err


def test_test_names_examples_and_rules_that_none_meets(say: Say, sample: Path, first: Path) -> None:
    assert say("rules", "test", sample).code == 0
    told = say("rules", "test", first)
    assert told.code == 1
    assert "line 69: no example meets the rule rebuild\n" in told.out
    sample.write_bytes(read_sample().replace(b"needs: [executive]\n", b"needs: [business]\n"))
    told = say("rules", "test", sample)
    assert told.code == 1
    assert "it needs business, not executive" in told.out
    assert "63 of 68 examples hold" in told.err
    document = json.loads(say("rules", "test", sample, "--json").out)
    assert len(document["tried"]["misses"]) == 5
    assert document["tried"]["unmet"] == []


def test_diff_puts_what_is_laxer_first(say: Say, sample: Path, first: Path) -> None:
    told = say("rules", "diff", first, sample)
    assert told.code == 1
    lines = [line for line in told.out.splitlines() if "situation" in line or "ordinary host" in line]
    assert lines[0].split() == ["laxer", "move_vlan", "NO", "incident", "commander,", "24h", "an", "ordinary", "host"]
    assert "7 changes to the laxer side" in told.err
    assert "break_glass: none -> incident_commander" in told.out
    document = json.loads(say("rules", "diff", first, sample, "--json").out)
    assert document["answers"][0]["laxer"] is True
    told = say("rules", "diff", sample, sample)
    assert (told.code, told.out) == (0, "")
    assert "they say the same" in told.err


def test_diff_says_when_it_can_t_compare(say: Say, sample: Path) -> None:
    names = [f"t{number}" for number in range(20)]
    tags = "tags: {" + ", ".join(f"{name}: x" for name in names) + "}\n"
    wide = sample.with_name("wide.yaml")
    rule = f"allow:\n  - id: wide\n    do: [scan]\n    if: {{tag: [{', '.join(names)}]}}\n"
    wide.write_text(read_sample().decode().replace("groups:", tags + "groups:").replace("allow:", rule + "#", 1))
    assert say("rules", "diff", sample, wide).code == 3
