"""What each kind of action is to the standards: its step, and what it does."""

import functools
from importlib.resources import files
from typing import Final

import msgspec

from codered_hq.model.crisis import CSF, STEPS, Step
from codered_hq.standards.happenings import Happenings, StepCount, count_tasks


class Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of action: the step of the response, the activity of an OCSF remediation, and a sentence for people."""

    step: Step
    ocsf: int
    does: str


OTHER: Final = Kind(step="contain", ocsf=99, does="Do something else")


def name_kind(kind: str) -> Kind:
    """What this kind of action is; one that is not known is called other."""
    return read_kinds().get(kind, OTHER)


@functools.cache
def read_kinds() -> dict[str, Kind]:
    """All kinds by their names."""
    return msgspec.json.decode((files(__package__) / "kinds.json").read_bytes(), type=dict[str, Kind])


def count_steps(happened: Happenings) -> tuple[StepCount, ...]:
    """How much of each step of the response is there, with its function of the NIST CSF 2.0: a table of coverage."""
    tasks = count_tasks(happened.tasks)
    decided = [name_kind(one.kind).step for one in happened.decisions]
    return tuple(
        StepCount(
            step=step, csf=CSF[step], tasks=tasks[step, True] + tasks[step, False], done=tasks[step, True],
            decisions=decided.count(step),
        )
        for step in STEPS
    )  # fmt: skip
