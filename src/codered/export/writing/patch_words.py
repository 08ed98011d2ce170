"""The answers about patches in words: which holes are closed, open, or can't be told."""

from codered.export.writing.escaping import legible
from codered.export.writing.layout import wrap
from codered.export.writing.paint import Paint
from codered.export.writing.words import count_of, format_count, map_titles
from codered.model.patches import PatchAnswer, PatchVerdict
from codered.model.report import Report

HEADING = "Patches: which holes are closed here"
MOST_ANSWERS = 50
ANSWERS: dict[PatchVerdict, str] = {
    "vulnerable": "VULNERABLE",
    "undetermined": "can't be told",
    "patched": "patched",
    "not_present": "not present",
}
_MITIGATION = "a mitigation, not a patch"


def list_answers(report: Report) -> list[tuple[str, PatchAnswer]]:
    """Every answer with whose hole it is; the open ones first, then those that can't be told."""
    titles = map_titles(report)
    order = list(ANSWERS)
    ranked = sorted(report.patches, key=lambda answer: order.index(answer.says))
    return [(titles.get(answer.pack, answer.pack) or answer.advisory, answer) for answer in ranked]


def tell_answer(answer: PatchAnswer) -> str:
    """Why, where, and what can be done about it; unescaped."""
    open_ones = [one for one in answer.subjects if one.says == "vulnerable"]
    places = [one.path.text if one.path else f"{one.name} {one.version}".rstrip() for one in open_ones]
    where = f" ({', '.join(places[:3])}{f' and {len(places) - 3} more' if len(places) > 3 else ''})" if places else ""
    holes = f"; {', '.join(answer.cves[:5])}" if answer.cves and answer.says == "vulnerable" else ""
    reboot = "; the patch needs a reboot" if answer.needs_reboot and answer.says == "vulnerable" else ""
    helps = [f"{one.because} ({_MITIGATION})" for one in answer.mitigations] if answer.says == "vulnerable" else []
    return f"{answer.because}{where}{holes}{reboot}{''.join(f'; {one}' for one in helps)}"


def write_patches(report: Report, paint: Paint) -> list[str]:
    """The section of a text. What is not there is only counted."""
    answers = list_answers(report)
    if not answers:
        return []
    told = [(name, answer) for name, answer in answers if answer.says != "not_present"]
    lines = paint.head(HEADING)
    for name, answer in told[:MOST_ANSWERS]:
        lines += wrap(legible(f"{ANSWERS[answer.says]}: {name}: {tell_answer(answer)}"), first="  ", rest="      ")
    if len(told) > MOST_ANSWERS:
        lines.append(f"  … and {format_count(len(told) - MOST_ANSWERS)} more (see --json)")
    absent = len(answers) - len(told)
    return lines + ([f"  not present: {count_of(absent, 'hole')}"] if absent else [])
