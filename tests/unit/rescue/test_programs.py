import pytest

from codered.model.errors import Refused
from codered.rescue.programs import demand_program, find_program, run_program


def test_programs_of_the_system_run_and_say_why_they_fail() -> None:
    assert run_program("echo", "a b; c").stdout == "a b; c\n"
    with pytest.raises(Refused, match="No such file"):
        demand_program("ls", "/no/such/place")
    assert find_program("no-such-program") is None
    with pytest.raises(Refused, match="is not installed"):
        run_program("no-such-program")
