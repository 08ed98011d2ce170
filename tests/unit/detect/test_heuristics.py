"""Adding up: weights, levels, reasons, remedies, and texts."""

from msgspec.structs import replace

from codered.detect.heuristics import HeuristicJudge, Judgement
from codered.engine import RuleSource, compile_sources
from codered.model.heuristics import Heuristic, Heuristics
from codered.model.ruleset import RuleSet
from codered.packs.generating import write_hint
from tests.fixtures.small_packs import make_rules

PATTERNS = {"mark": "inert[0-9]+", "two-words": "one.{0,9}two"}


def rule(name: str, weight: int, *when: str, **fields: object) -> Heuristic:
    plain = {"id": name, "of": "process", "when": when, "because": f"Reason {name}.", "weight": weight}
    return Heuristic(**(plain | fields))  # type: ignore[arg-type]


def make_judge(*rules: Heuristic) -> HeuristicJudge:
    hints = compile_sources([RuleSource("hint", "".join(write_hint(*one) for one in PATTERNS.items()), "hints")])
    made: RuleSet = replace(make_rules(), hints=hints, heuristics=Heuristics(patterns=PATTERNS, rules=rules))
    return HeuristicJudge(made)


def judge(judged: HeuristicJudge, *facts: str, kind: str = "") -> Judgement | None:
    return judged.judge("process", kind, frozenset(facts))


def test_weights_add_up_to_a_level() -> None:
    judged = make_judge(rule("a", 30, "x"), rule("b", 20, "y"), rule("c", 50, "z"))
    assert judge(judged, "x") is None
    assert judge(judged) is None
    two, three = judge(judged, "x", "y"), judge(judged, "x", "y", "z")
    assert two is not None
    assert (two.weight, two.confidence, two.severity, two.indicator) == (50, "suspicious", "medium", "a")
    assert three is not None
    assert (three.weight, three.confidence, three.severity, three.indicator) == (100, "likely", "high", "c")
    assert three.because == "Reason c; Reason a; Reason b (weight 100; 100 and more is likely)"


def test_all_facts_must_hold_and_none_of_the_others() -> None:
    judged = make_judge(rule("a", 60, "x", "y", unless=("z",)))
    assert judge(judged, "x") is None
    assert judge(judged, "x", "y", "z") is None
    assert judge(judged, "x", "y", "other") is not None


def test_only_what_it_is_about() -> None:
    judged = make_judge(rule("a", 60, "x", of="autostart", kinds=("cron",)))
    facts = frozenset(("x",))
    assert judged.judge("process", "cron", facts) is None
    assert judged.judge("autostart", "udev", facts) is None
    assert judged.judge("autostart", "cron", facts) is not None


def test_the_remedy_of_the_heaviest_reason_that_names_one() -> None:
    judged = make_judge(
        rule("a", 90, "x", attack=("T1", "T2")),
        rule("b", 20, "x", remedy="remove_line", attack=("T2",)),
        rule("c", 60, "x", remedy="stop_process"),
    )
    found = judge(judged, "x")
    assert found is not None
    assert found.remedy == "stop_process"
    assert found.attack() == ("T1", "T2")


def test_many_reasons_are_cut() -> None:
    found = judge(make_judge(*(rule(f"r{n}", 50 - n, "x") for n in range(6))), "x")
    assert found is not None
    assert "Reason r3; 2 more reasons (weight" in found.because


def test_texts_give_facts_and_places() -> None:
    read = make_judge().read(b"xx INERT42 one - two")
    assert read.facts == {"text:mark", "text:two-words"}
    assert read.places["text:mark"][0] == 3
    assert make_judge().read(b"").facts == frozenset()
    assert make_judge().read(b"\xff\0nothing").facts == frozenset()
    assert HeuristicJudge(make_rules()).read(b"inert1").facts == frozenset()
