"""May a comparison with a baseline go by the times of files, or must it read them all? What else is mounted below is
asked for as it is met.
"""

from codered.model.known_good import Baseline
from codered.model.target import Target
from codered.scan.trusted_times import Clock, distrust_because, distrust_clock, read_clock


def why_read_all(target: Target, before: Baseline) -> str:
    """Why the times of files say nothing here, in words; "" if they can be believed."""
    if before.root != target.info.root or before.host != target.info.host:
        return "the baseline was made of another root or host"
    then = Clock(int(before.created.timestamp() * 1e9), before.clock_lead_ns, before.boot)
    if because := distrust_clock(then, read_clock()):
        return because
    for place in before.places:
        if because := distrust_because(target.absolute(place)):
            return f"{target.absolute(place).decode(errors='backslashreplace')}: {because}"
    return ""
