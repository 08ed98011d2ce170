from collections.abc import Callable

from codered.packs.checks.scripts import check_scripts
from codered.packs.problems import CheckedPack

MakePack = Callable[..., CheckedPack]
SIGN = """scripts:
  - id: runs
    because: It runs what it is sent.
    confidence: likely
    severity: high
    references: [source]
    when: [%s]
    weight: %d
"""


def add(when: str, weight: int, gate: str = "script_gate: {text: [demo_body]}\n") -> tuple[str, str, str]:
    return ("pack.yaml", "files:\n", gate + SIGN % (when, weight) + "files:\n")


def test_known_facts_behind_a_gate_are_fine(checked_pack: MakePack) -> None:
    assert list(check_scripts(checked_pack(add("runs-request-code, 'rule:demo_body'", 100)))) == []
    assert list(check_scripts(checked_pack())) == []


def test_what_is_wrong_is_told(checked_pack: MakePack) -> None:
    (unknown,) = check_scripts(checked_pack(add("runs-request-cod", 100)))
    assert (unknown.advice, "pack.yaml:" in unknown.where) == ("did you mean `runs-request-code`?", True)
    (light,) = check_scripts(checked_pack(add("tiny", 10)))
    assert "weigh less" in light.what
    (open_gate,) = check_scripts(checked_pack(add("tiny", 100, "")))
    assert "without a gate" in open_gate.what
    (empty,) = check_scripts(checked_pack(("pack.yaml", "files:\n", "script_gate: {text: [demo_body]}\nfiles:\n")))
    assert "without signs" in empty.what
    (always,) = check_scripts(checked_pack(add("", 100)))
    assert "every script" in always.what
