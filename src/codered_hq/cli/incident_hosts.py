"""What `codered incident treat` and `evidence` do."""

from typing import Any

from codered.cli.output import say
from codered.model.errors import ExitCode
from codered_hq.cli.incident_marks import answer, begin_writing
from codered_hq.hosts.finding import find_host
from codered_hq.incidents.evidence_records import Saved, record_evidence, tell_saved
from codered_hq.incidents.treatments import Grounds
from codered_hq.incidents.treatments import treat as decide
from codered_hq.incidents.views import tell_decision
from codered_hq.reporting.treatment_advice import advise


def treat(given: dict[str, Any]) -> int:
    """Decide, with what is known shown. Raises Refused, WrongUse."""
    incident, speaker, now = begin_writing(given)
    host = find_host(given["host"])
    advice = advise(host)
    for line in advice:
        say(f"codered: rebuild advised: {line}")
    grounds = Grounds(
        treatment=given["treatment"].replace("-", "_"), reasons=given["reason"], advice=advice,
        infected_since=given["infected_since"], other_malware=given["other_malware"], confidence=given["confidence"],
        damage=given["damage"], outage_cost=given["outage_cost"], legal_hold=given["legal_hold"],
    )  # fmt: skip
    made = decide(incident, host, grounds, speaker, now)
    hold = ", legal hold" if made.legal_hold else ""
    answer(given, tell_decision(made) | {"advice": advice}, f"{host.label}: {given['treatment']}{hold}")
    return ExitCode.CLEAN


def note_evidence(given: dict[str, Any]) -> int:
    """Evidence is safe, or somebody says so. Raises WrongUse."""
    incident, speaker, now = begin_writing(given)
    host = find_host(given["host"])
    saved = Saved(given["container"], given["head"], given["elsewhere"])
    made = record_evidence(incident, host, saved, speaker, now)
    document = {
        "host": host.label, "number": host.pk, "container": made.container, "head": made.head, "checked": made.checked,
        "at": made.at,
    }  # fmt: skip
    head = f", head {made.head}" if made.head else ""
    answer(given, document, f"{host.label}: evidence {tell_saved(made)}: {made.container}{head}")
    return ExitCode.CLEAN
