"""Gathers what a decision stands on: the reports and the plan of a response, and what is known good of the host."""

from datetime import UTC, datetime

from codered.known_good.storing import SignedBaseline, list_baselines
from codered.model.errors import WrongUse
from codered.model.response import DecisionSheet, Response
from codered.respond.decision import Ground, KnownGoodFact, decide
from codered.respond.keeping import state_folder


def advise_on(response: Response, baseline: SignedBaseline | None = None) -> DecisionSheet:
    """The decision sheet for a response as far as it went."""
    later = response.verification.report if response.verification else None
    return decide(
        Ground(
            reports=tuple(report for report in (response.report, later) if report is not None),
            plan=response.plan,
            known_good=_list_known_good(response, baseline),
            now=datetime.now(UTC),
        )
    )


def _list_known_good(response: Response, baseline: SignedBaseline | None) -> tuple[KnownGoodFact, ...]:
    """The baselines of this system. One that was only listed says itself when it was made."""
    target = response.report.target if response.report else None
    facts = []
    if baseline is not None:
        made = baseline.baseline.created
        signed = f", signed by {baseline.signer}" if baseline.signer else ", which nobody signed"
        facts.append(KnownGoodFact(what=f"baseline {baseline.baseline.id}{signed}", made=made))
    try:
        known = list_baselines(state_folder() / "baselines")
    except WrongUse:
        known = ()
    for path, header in known:
        if target is not None and (header.host, header.root) == (target.host, target.root):
            facts.append(KnownGoodFact(what=f"baseline {path.name}", made=header.created))
    return tuple(facts)
