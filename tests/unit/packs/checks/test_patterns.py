import pytest

from codered.packs.checks.patterns import explain_pattern


@pytest.mark.parametrize("pattern", ["abc", r"/default\.ida\?N{200,}", "(a|b)+c", r"[^/]{2,}\.exe$"])
def test_what_the_engine_accepts(pattern: str) -> None:
    assert explain_pattern(pattern) == ""


@pytest.mark.parametrize("pattern", ["", "(", "a{3,1}", "*a", r"(a)\1", "(?=a)", "(?<name>a)b\n", "[z-a]", "a\\"])
def test_what_it_does_not(pattern: str) -> None:
    fault = explain_pattern(pattern)
    assert fault.startswith("not a pattern: ")
    assert "\n" not in fault
