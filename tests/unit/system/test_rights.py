import os

from codered.system.rights import count_cores, is_administrator


def test_rights_and_cores_are_those_of_this_process() -> None:
    assert is_administrator() == (os.geteuid() == 0)
    assert count_cores() == len(os.sched_getaffinity(0))
