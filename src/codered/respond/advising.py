"""Gathers what a decision stands on: the reports and the plan of a response, and what is known good of the host."""

from datetime import UTC, datetime

from codered.known_good.storing import SignedBaseline
from codered.model.response import DecisionSheet, Response
from codered.respond.decision import Ground, KnownGoodFact, decide


def advise_on(response: Response, baseline: SignedBaseline | None = None) -> DecisionSheet:
    """The decision sheet for a response as far as it went."""
    later = response.verification.report if response.verification else None
    return decide(
        Ground(
            reports=tuple(report for report in (response.report, later) if report is not None),
            plan=response.plan,
            known_good=_list_known_good(baseline),
            now=datetime.now(UTC),
        )
    )


def _list_known_good(baseline: SignedBaseline | None) -> tuple[KnownGoodFact, ...]:
    """Only what was compared with, and that somebody who is trusted signed. Another one that merely lies here says
    nothing of what was changed, and may lie about when it was made.
    """
    if baseline is None or not baseline.signer:
        return ()
    what = f"baseline {baseline.baseline.id}, signed by {baseline.signer}"
    return (KnownGoodFact(what=what, made=baseline.baseline.created),)
