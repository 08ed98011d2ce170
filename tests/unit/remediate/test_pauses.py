import subprocess

import pytest

from codered.collect.process_identity import identify_process
from codered.model.plan import ProcessState
from codered.remediate.pauses import is_paused, pausing
from codered.remediate.processes import is_stopped, read_boot, release_process
from tests.fixtures.children import wait_until


def test_a_pause_is_not_taken_for_somebody_elses_stop_and_ends_where_the_plan_fails() -> None:
    with subprocess.Popen(["sleep", "300"]) as child:
        process = identify_process(child.pid)
        assert process is not None
        state = ProcessState(pid=process.pid, start=process.start, boot=read_boot(), state="running")

        def fail() -> None:
            with pausing(process):
                wait_until(lambda: is_stopped(state))
                assert is_paused(state)
                raise ValueError("it failed")

        with pytest.raises(ValueError, match="it failed"):
            fail()
        wait_until(lambda: not is_stopped(state))
        with pausing(process):
            pass  # the plan holds it
        wait_until(lambda: is_stopped(state))
        assert not is_paused(state)
        with pausing(process):
            assert not is_paused(state)  # somebody else stopped it
        release_process(state)
        child.kill()
