from hypothesis import given
from hypothesis import strategies as st

from codered.detect.scripts.php.tokens import tokenize, tokenize_code


def test_only_php_is_read_and_comments_are_not() -> None:
    kinds = [(token.kind, token.text) for token in tokenize("<b>x</b><?php $a /* c */ = 'x'; // y\n?>z<?=1?>")]
    assert kinds == [("variable", "$a"), ("op", "="), ("single", "'x'"), ("op", ";"), ("op", ";"), ("name", "echo"),
                     ("number", "1"), ("op", ";")]  # fmt: skip
    assert [token.text for token in tokenize_code("<<<A\nhi $x\nA;")] == ["hi $x", ";"]


@given(st.text(alphabet="<?php=\"'`$a/*#({[<A\n\\ ", max_size=200))
def test_any_text_ends_and_places_lie_in_it(text: str) -> None:
    assert all(0 <= token.at <= len(text) for token in tokenize(text))
