"""Plans as hosts answer them: read whole and checked before anything is stored, shown or sent back."""

import msgspec

from codered.model.errors import Refused, WrongUse
from codered.model.plan import Plan, digest_plan
from codered.model.plan_reading import decode_plan

MOST_ACTIONS = 100_000


def read_plan_document(document: bytes, where: str) -> Plan:
    """The plan in a document of this host. Raises WrongUse for what is none, Refused if its digest is not its own."""
    try:
        plan = decode_plan(document)
    except msgspec.DecodeError as error:
        story = ascii(str(error))[1:-1][:120]
        advice = "have it made anew: codered fleet plan"
        raise WrongUse(f"its plan can't be read: {story}", where=where, advice=advice) from None
    if len(plan.actions) > MOST_ACTIONS:
        advice = "look at the host; a cure does not need so many"
        raise Refused(f"its plan has {len(plan.actions):,} actions", where=where, advice=advice)
    if plan.digest != digest_plan(plan):
        advice = "have it made anew: codered fleet plan"
        raise Refused("its plan is not what its digest says", where=where, advice=advice)
    return plan
