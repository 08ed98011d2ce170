"""The pack's probes: what a sweep may send to any host, and that no answer is called more than it shows."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from codered.model.countermeasures import Probe, ProbeAnswer
from codered.packs.checks.logs import STATUS
from codered.packs.checks.patterns import explain_pattern
from codered.packs.checks.signs import check_ports, check_references
from codered.packs.generating import ID_SHAPE
from codered.packs.problems import CheckedPack, Problem
from codered.packs.strict_yaml import shorten

RANDOM = "{random}"
FOUND = frozenset({"infected", "vulnerable", "exposed"})
"""What an answer says that found something."""
NOTHING_FOUND = frozenset({"not_affected", "patched", "not_seen"})
"""What an answer says that found nothing: an address all of whose checks say so is clean of these checks."""
_FILLER = re.compile(r"(.)\1{64}")
_FORBIDDEN = (
    ("cmd", "a command interpreter"),
    (";", "a command separator"),
    ("|", "a pipe"),
    ("`", "a command substitution"),
    ("$(", "a command substitution"),
    ("..", "a way out of the web root"),
    ("\\", "a way out of the web root"),
    ("\0", "a NUL"),
)
_FORBIDDEN_QUERY = (("+dir", "a command"), (" dir", "a command"), ("/c", "a command"))


def check_probes(checked: CheckedPack) -> Iterator[Problem]:
    """That each probe is one a sweep may send to any host: it runs nothing and breaks nothing."""
    seen: set[str] = set()
    for number, probe in enumerate(checked.pack.probes):
        if not ID_SHAPE.fullmatch(probe.id) or probe.id in seen:
            what = f"`{shorten(probe.id)}` is no id, or a second probe has it"
            yield Problem(checked.at("probes", number, "id"), what, "write lower-case words joined by `-`")
        seen.add(probe.id)
        yield from check_ports(checked, probe.ports, ("probes", number, "ports"))
        yield from check_references(checked, probe.references, ("probes", number, "references"))
        if danger := find_danger(probe.path):
            advice = "a probe asks for something harmless that answers differently where the threat is"
            yield Problem(checked.at("probes", number, "path"), f"the probe holds {danger}", advice)
        yield from _check_control(checked, probe, number)
        yield from _check_answers(checked, probe, number)


def find_danger(path: str) -> str:
    """What in the path of a probe might run a command or provoke a fault; "" if nothing."""
    if not path.startswith("/") or not path.isprintable() or not path.isascii() or " " in path:
        return "something that is no request path"
    forms = [path.lower(), unquote(path.lower(), errors="replace")]
    forms.append(unquote(forms[1], errors="replace"))
    if _FILLER.search(path) or len(path) > 1024:
        return "an overlong filler"
    if "%u" in forms[0] or "%00" in forms[0]:
        return "an encoding that only attacks use"
    for form in forms:
        query = form.partition("?")[2]
        for text, what in (*_FORBIDDEN, *(pair for pair in _FORBIDDEN_QUERY if pair[0] in query)):
            if text in form:
                return f"{what} (`{shorten(text)}`)"
    return ""


def _check_control(checked: CheckedPack, probe: Probe, number: int) -> Iterator[Problem]:
    if not probe.control:
        return
    at = checked.at("probes", number, "control")
    if danger := find_danger(probe.control.replace(RANDOM, "x" * 12)):
        yield Problem(at, f"the control holds {danger}", "write the probe's path with a made-up name")
    folders = [path.rpartition("/")[0] for path in (probe.path, probe.control)]
    if probe.control.count(RANDOM) != 1 or folders[0] != folders[1]:
        advice = f"write `{RANDOM}` once, for the name in the probe's path: {folders[0]}/{RANDOM}.exe"
        yield Problem(at, "the control is no made-up name in the probe's folder", advice)


def _check_answers(checked: CheckedPack, probe: Probe, number: int) -> Iterator[Problem]:
    if not probe.answers:
        advice = "say how an answer is judged; end with `undetermined`"
        yield Problem(checked.at("probes", number, "answers"), "the probe has no answers", advice)
    for index, answer in enumerate(probe.answers):
        at = checked.at("probes", number, "answers", index)
        for status in answer.status:
            if not STATUS.fullmatch(status):
                yield Problem(at, f"`{shorten(status)}` is no HTTP status", "write three digits, such as 404")
        for key, pattern in (("body", answer.body), ("server", answer.server)):
            if pattern and (fault := explain_pattern(pattern)):
                yield Problem(at, fault, f"correct the pattern in `{key}`")
        if not _tells_apart(answer) and index < len(probe.answers) - 1:
            yield Problem(at, "an answer that fits everything before the last one", "put it last")
        yield from _check_claim(at, probe, answer)


def _check_claim(at: str, probe: Probe, answer: ProbeAnswer) -> Iterator[Problem]:
    if answer.says in FOUND and not (answer.body or probe.control):
        advice = "read something in the `body`, or give the probe a `control`: some sites answer everything"
        yield Problem(at, f"`{answer.says}` by a status alone", advice)
    if answer.says in NOTHING_FOUND and not _tells_apart(answer):
        advice = "name the `status`; an answer of any other kind is `undetermined`"
        yield Problem(at, f"`{answer.says}` of whatever is answered", advice)


def _tells_apart(answer: ProbeAnswer) -> bool:
    return bool(answer.status or answer.body or answer.server)
