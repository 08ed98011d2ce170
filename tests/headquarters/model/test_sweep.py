"""States stand in the order in which an address with several ports is called; a block's bytes are their index."""

from typing import get_args

import msgspec

from codered_hq.model.sweep import STATES, Limits, State, SweepJob


def test_states() -> None:
    assert get_args(State) == STATES
    assert STATES.index("infected") > STATES.index("vulnerable") > STATES.index("undetermined") > STATES.index("clean")
    assert STATES[0] == "not_asked"


def test_a_job_is_a_value() -> None:
    job = SweepJob(format="codered/sweep-job/1", id="a", ranges=("10.0.0.0/24",), seed=1, limits=Limits(per_host=1))
    assert msgspec.json.decode(msgspec.json.encode(job), type=SweepJob) == job
