from pathlib import Path

import pytest

from codered.authoring import benching
from codered.authoring.benching import Corpus, Cost, hash_name, measure_pack, read_corpus
from codered.model.errors import WrongUse
from codered.model.pack import LoadedPack
from codered.packs.loading import find_packs_folder, load_pack
from codered.packs.rule_source import parse_pack


def test_the_corpus_is_bounded_and_always_the_same(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"f{number}").write_bytes(b"x" * 1000)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "link").symlink_to("/etc/passwd")
    corpus = read_corpus((tmp_path,), 5000)
    assert (len(corpus.files), corpus.size) == (5, 5000)
    assert corpus == read_corpus((tmp_path,), 5000)
    assert read_corpus((tmp_path,)).size == 20_000
    assert hash_name("/a/b") == hash_name("/a/b") != hash_name("/a/c")
    with pytest.raises(WrongUse):
        read_corpus((tmp_path / "nosuch",))


def test_every_rule_and_log_pattern_is_measured() -> None:
    parsed = parse_pack(load_pack(find_packs_folder() / "codered2"))
    line = b"GET /default.ida?" + b"X" * 230 + b"\n"
    costs = {cost.rule: cost for cost in measure_pack(parsed, Corpus((line, b"\0plain"), len(line) + 6))}
    named = {rule.name for rule in parsed.rules if "private" not in rule.scopes}
    assert set(costs) == named | {sign.id for sign in parsed.loaded.pack.logs}
    assert costs["ida-x"].hits == 1
    assert costs["codered2_saved_body"].hits == 0
    assert all(cost.milliseconds > 0 and cost.hostile > 0 for cost in costs.values())


def test_slow_is_said_of_slow_ones_only() -> None:
    usual = Cost("x", "rule", 10.0, 1.0, 500.0, 0)
    assert not usual.is_slow()
    assert usual._replace(ratio=9.0).is_slow()
    assert usual._replace(hostile=1.0).is_slow()


def test_a_rule_that_takes_too_long_is_stopped_and_called_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load_pack(find_packs_folder() / "codered2")
    loops = "for any i in (0..filesize) : (for any j in (0..filesize) : (uint8(i) + uint8(j) == 9999))"
    rules = 'rule quick { strings: $a = "quick" condition: $a }\nrule loops { condition: ' + loops + " }\n"
    changed = LoadedPack(pack=loaded.pack, folder=loaded.folder, rules=rules, files={}, digest="")
    monkeypatch.setattr(benching, "SECONDS", 1)
    costs = measure_pack(parse_pack(changed), Corpus((b"a" * 400_000,), 400_000))
    quick, slow = next(costs), next(costs)
    assert (quick.rule, quick.gave_up) == ("quick", 0.0)
    assert (slow.rule, slow.is_slow(), slow.gave_up > 0) == ("loops", True, True)


def test_a_rule_is_measured_with_the_rules_it_needs() -> None:
    loaded = load_pack(find_packs_folder() / "codered2")
    rules = 'private rule a { strings: $a = "needed" condition: $a }\nrule b { condition: a }\n'
    changed = LoadedPack(pack=loaded.pack, folder=loaded.folder, rules=rules, files={}, digest="")
    costs = [cost for cost in measure_pack(parse_pack(changed), Corpus((b"needed",), 6)) if cost.kind == "rule"]
    assert [(cost.rule, cost.hits) for cost in costs] == [("b", 1)]
