import pytest

from codered.packs.importing import bounding
from codered.packs.importing.bounding import SIZE, find_endless, make_buffers

LOOPS = ("rule loops { condition: for any i in (0..filesize) : (for any j in (0..filesize) : "
         "(for any k in (0..filesize) : (uint8(i) + uint8(j) + uint8(k) == 9999))) }")  # fmt: skip
Rules = list[tuple[str, str, frozenset[str]]]


def test_rules_that_do_not_finish_are_named_and_the_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounding, "SECONDS", 1)
    nothing: frozenset[str] = frozenset()
    rules: Rules = [
        ("one", "rule one { condition: filesize > 3 }", nothing),
        ("loops", LOOPS, nothing),
        ("two", "rule two { condition: one and pe.is_pe }", frozenset({"one"})),
    ]
    found = find_endless('import "pe"\n', rules)
    assert list(found) == ["loops"]
    assert "does not finish with 64 KiB" in found["loops"]
    monkeypatch.setattr(bounding, "MOST_ENDLESS", 0)
    twins: Rules = [("loops", LOOPS, nothing), ("more", LOOPS.replace("loops", "more"), nothing)]
    assert find_endless("", twins) == dict.fromkeys(["loops", "more"], "stands among too many rules that do not finish")
    assert find_endless("", []) == {}


def test_rules_that_are_slow_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing: frozenset[str] = frozenset()
    quick = ("quick", 'rule quick { strings: $a = "INERT" condition: $a }', nothing)
    slow = ("slow", "rule slow { condition: for all i in (0..filesize) : (uint8(i) != 999) }", nothing)
    monkeypatch.setattr(bounding, "SLOW", 0.0001)
    found = find_endless("", [slow])
    assert found["slow"].startswith("slow: ")
    assert found["slow"].endswith("for 64 KiB of hostile data")
    monkeypatch.setattr(bounding, "SLOW", 2.0)
    assert find_endless("", [quick, slow]) == {}


def test_buffers_are_small_and_the_same_each_time() -> None:
    assert {len(buffer) for buffer in make_buffers()} == {SIZE}
    assert make_buffers() == make_buffers()
