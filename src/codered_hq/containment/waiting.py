"""What was allowed and nobody carried out: a vote came while nobody was there, or whoever asked was killed."""

from datetime import datetime
from pathlib import Path

from codered_hq.containment.acting import carry_out_all
from codered_hq.containment.aiming import Surroundings
from codered_hq.containment.goals import WORD
from codered_hq.containment.rows import describe
from codered_hq.containment.turns import take_turn
from codered_hq.gate.models import Decision


def carry_out_waiting(around: Surroundings, folder: Path, at: datetime) -> list[str]:
    """Carry out every containment and release that is allowed; a line for each. Whoever asks and acts has his turn, so
    what is seen here is nobody's.
    """
    lines: list[str] = []
    with take_turn(folder):
        found = list(Decision.objects.filter(state="allowed", order__word=WORD).select_related("requester"))
        for outcome in carry_out_all(found, around, folder, at):
            name = f"{outcome.decision.uid[:8]} ({outcome.decision.kind} {outcome.decision.target})"
            if outcome.error is not None:
                lines.append(f"{name}: {outcome.error}")
            lines += [f"{name}: {describe(row)}: {row.state}" for row in outcome.rows]
    return lines
