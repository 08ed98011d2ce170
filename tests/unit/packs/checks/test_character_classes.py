import pytest

from codered.packs.checks.character_classes import explain_classes


def test_a_class_that_the_engine_misreads_is_named_with_what_it_gets_wrong() -> None:
    said = explain_classes(r"""name=[",' ]x""")
    assert """[",' ]""" in said
    assert "'$'" in said or "'\"'" in said


@pytest.mark.parametrize(
    "pattern", [r"[a-z0-9]{2}", r"[^\]\\]x", r"\[not a class\]", r"[,;:.]", r"[]x]", r"plain", r"[\s/]"]
)
def test_a_class_that_means_what_it_says_passes(pattern: str) -> None:
    assert explain_classes(pattern) == ""


def test_half_a_class_is_left_to_the_compiler() -> None:
    assert explain_classes("[abc") == ""
