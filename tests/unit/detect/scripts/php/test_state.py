from codered.detect.scripts.php.program import Program
from codered.detect.scripts.php.state import State
from codered.detect.scripts.php.tokens import tokenize
from codered.detect.scripts.php.values import FREE, VISITOR, Value


def test_variables() -> None:
    state = State("<?php $a;", Program(tokenize("<?php $a;")))
    assert state.look_up("$_GET").flags == VISITOR
    assert state.look_up("$a").flags == FREE
    state.assign("$a", Value(0, "x"))
    state.assign("$a", Value(VISITOR), keep=True)
    assert state.look_up("$a") == Value(VISITOR, "x")
    state.tell("tiny", 0)
    assert state.facts["tiny"].at == 6
