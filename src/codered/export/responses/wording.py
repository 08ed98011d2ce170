"""What the steps, answers and advices of a response are called, in text and on the page."""

from codered.export.writing.paint import Shade
from codered.model.response import Advice, Answer, Remnant, Response, StepDone, StepName, StepState

TITLES: dict[StepName, str] = {
    "look": "Look",
    "contain": "Contain",
    "evidence": "Evidence",
    "plan": "Plan",
    "review": "Review",
    "apply": "Apply",
    "restore": "Restore",
    "patch": "Patch",
    "verify": "Verify",
    "monitor": "Monitor",
}
MEANINGS: dict[StepName, str] = {
    "look": "Reading only. Nothing is changed in this step.",
    "contain": "Keeping it from spreading while the rest is done.",
    "evidence": "Before anything is changed: what is there is kept, with a chain of custody.",
    "plan": "What would be changed, and what not. Still nothing is changed.",
    "review": "Somebody agrees to exactly this plan, or nothing happens. Clean or rebuild: read the sheet.",
    "apply": "Each change is journaled first, verified after, and can be rolled back.",
    "restore": "What came back from a verified source, and what had none.",
    "patch": "Whether the hole is closed by which it came in.",
    "verify": "A new look at everything that was changed and at what could bring it back.",
    "monitor": "A watch over the host, for what comes back later.",
}
STATES: dict[StepState, str] = {
    "begun": "begun, not ended",
    "done": "done",
    "staged": "only looked at",
    "skipped": "left out",
    "failed": "FAILED",
}
ANSWERS: dict[Answer, tuple[str, Shade, str]] = {  # the word, its shade, its look on the page
    "clean": ("CLEAN", "green", "clean"),
    "residual": ("RESIDUAL", "red", "infected"),
    "reinfected": ("REINFECTED", "red", "infected"),
    "incomplete": ("INCOMPLETE", "yellow", "incomplete"),
}
ADVICES: dict[Advice, tuple[str, Shade, str]] = {
    "clean": ("CLEAN UP: it can be cleaned", "green", "clean"),
    "rebuild": ("REBUILD: clean-up is not cure", "red", "infected"),
    "undecided": ("UNDECIDED: clean only for the time being, and decide", "yellow", "incomplete"),
}
SIDES: dict[str, str] = {
    "clean": "speaks for cleaning",
    "rebuild": "speaks for a rebuild",
    "undecided": "leaves it open",
    "": "",
}
REMNANTS: dict[str, str] = {
    "reinfected": "back again",
    "residual": "still there",
    "incomplete": "not certain",
    "note": "to be noted",
}


START_ANEW = "This plan is out of date, the host is another by now: start a new response: codered respond"


def name_verdict(response: Response) -> tuple[str, str, str]:
    """How the host stands now: a word, its look on the page, and a sentence."""
    if response.verification is not None:
        word, _, look = ANSWERS[response.verification.answer]
        return word, look, response.verification.because
    report = response.report
    if report is None:
        return "NOT LOOKED AT", "incomplete", "the response was stopped before its first look ended"
    if not report.findings:
        return report.verdict.upper(), report.verdict, "nothing was found, so nothing was changed"
    applied = response.step("apply")
    if applied is None or applied.state == "staged" or _is_lost(response):
        return report.verdict.upper(), report.verdict, "nothing has been changed yet"
    return report.verdict.upper(), report.verdict, "changes were begun and are not verified yet"


def tell_next(response: Response) -> tuple[str, ...]:
    """What there is to do next, as commands where they are some."""
    lines = []
    answer = response.verification.answer if response.verification else ""
    watch = response.step("monitor")
    if _is_lost(response):
        lines.append(START_ANEW)
    if watch is not None and watch.state == "failed":
        lines += watch.told
    if not response.finished and response.report is not None and response.report.findings:
        lines.append(f"Go on with this response: codered respond --resume {response.id} --yes")
    if response.verification is not None and response.verification.reboot:
        lines.append(f"Start the host anew, then: codered respond --resume {response.id}")
    if answer in ("residual", "reinfected"):
        lines.append("Something is still there: isolate the host, look at the list, and respond again")
    if response.decision is not None and response.decision.advice == "rebuild":
        lines.append("Rebuild this host from a clean source; until then keep it away from the network")
    if response.plan is not None and response.plan.actions and response.verification is not None:
        if _runs_here(response) and (watch is None or watch.state != "done"):
            lines.append(f"Watch it: codered monitor --plan {response.plan.id} --for {response.asked.monitor or '72h'}")
        lines.append(f"Undo everything: codered rollback {response.plan.id}")
    return tuple(lines)


def _is_lost(response: Response) -> bool:
    """Whether it ended before anything was changed, as its plan was out of date."""
    applied = response.step("apply")
    return response.finished and applied is not None and applied.state == "failed"


def _runs_here(response: Response) -> bool:
    return response.report is not None and "processes" in response.report.target.offers


def name_remnant(remnant: Remnant) -> str:
    """A remnant in a line, unescaped."""
    return f"{REMNANTS[remnant.kind]}: {remnant.what}: {remnant.because}"


def name_state(step: StepDone) -> str:
    """How a step ended."""
    return STATES[step.state]
