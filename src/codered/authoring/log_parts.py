"""Signs of requests in web logs, and of requests on the wire."""

import re
from collections.abc import Iterable
from urllib.parse import quote

from codered.authoring.log_choice import choose_lines, is_attack, is_odd_agent
from codered.authoring.orders import Choice, LogLine
from codered.authoring.parts import Part, make_sign
from codered.authoring.request_patterns import RequestPattern, decode, escape, generalise
from codered.authoring.words import hide_secrets, tell_personal
from codered.engine import Matcher, RuleSource, compile_sources
from codered.packs.checks.patterns import explain_pattern
from codered.packs.generating import write_label

MOST_PATTERN = 1500
_MOST_LITERAL = 48
_SAFE = "".join(chr(c) for c in range(33, 127) if chr(c) not in '"\\<>`')
_CODE = re.compile(r"%(?=[0-9A-Fa-f]{2})")
_ASKED = re.compile(r"[?&=]")
_WORDS = re.compile(r"[^A-Za-z0-9_.-]+")
_ADVICE = "answers are empty: fill in what 200, 403, 404 and 500 say about your server"


def draft_logs(lines: tuple[LogLine, ...], clean: tuple[str, ...]) -> tuple[tuple[Part, ...], tuple[Choice, ...]]:
    """A sign for each kind of request that was chosen, and for each odd agent. `clean` are harmless requests."""
    kinds, choices = choose_lines(lines)
    parts: list[Part] = []
    notes = list(choices)
    for kind in kinds:
        part = _draft_request(kind, clean, f"request-{len(parts) + 1}", notes)
        if part is not None:
            parts.append(part)
    agents = list(dict.fromkeys(line.agent for kind in kinds for line in kind if is_odd_agent(line.agent)))
    parts += [_draft_agent(agent, f"agent-{number}") for number, agent in enumerate(agents[:2], 1) if _is_plain(agent)]
    if (more := len(agents) - 2) > 0:
        why = "a sign is made of the first two names of clients only; those of one shape are not generalised"
        notes.append(Choice("logs", f"{more} names of clients left out", why))
    return tuple(parts), tuple(notes)


def find_pattern_hits(pattern: str, texts: Iterable[str]) -> list[str]:
    """The texts that the pattern matches, as sent or decoded. Only patterns that `explain_pattern` accepts."""
    matcher = Matcher(compile_sources([RuleSource("draft", write_label("draft", pattern), "draft")]), seconds=20)
    return [
        text
        for text in texts
        if any(matcher.hits(form.encode("latin-1", "replace")) for form in dict.fromkeys((text, decode(text))))
    ]


def choose_literal(pattern: RequestPattern, raws: Iterable[bytes]) -> str:
    """The longest constant text that stands in every line as it is, 4 to 48 characters; "" if there is none."""
    lowered = [raw.lower() for raw in raws]
    best = ""
    for constant in pattern.constants():
        for text in (constant, *_ASKED.split(constant), *_WORDS.split(constant)):
            cut = text[:_MOST_LITERAL].strip()
            useful = len(cut) >= 4 and cut.isascii() and cut.isprintable() and len(cut) > len(best)
            if useful and not cut.isspace() and all(cut.lower().encode() in raw for raw in lowered):
                best = cut
    return best


def write_request(text: str) -> str:
    """A decoded path as a client sends it: only what must be is written in percent codes."""
    return quote(_CODE.sub("%25", text), safe=_SAFE)


def _draft_request(
    lines: tuple[LogLine, ...], clean: tuple[str, ...], sign_id: str, notes: list[Choice]
) -> Part | None:
    asked = [line.request.partition(" ") for line in lines]
    found = generalise([decode(path or method) for method, _, path in asked])
    method = asked[0][0] if asked[0][2] else "GET"
    example = f"{method} {write_request(found.example())}"
    part_name, source = f"logs/{sign_id}", _frame(found)
    literal = choose_literal(found, [*(line.raw for line in lines), example.encode()])
    why = _find_fault(source, literal, example, clean)
    personal = tell_personal(found.example())
    if why or personal:
        shown = "a request" if personal else hide_secrets(decode(lines[0].request))[:100]
        notes.append(Choice(part_name, f"no sign for {shown}", why or f"personal: {personal}"))
        return None
    attack = is_attack(lines[0].request)
    vector = "exploit" if attack or method == "POST" else "probe"
    near = f"GET /help/{write_request(literal[:-1].strip('/'))}-notes.html"
    sign = make_sign(
        sign_id,
        "A request of the threat. It names who sent it, and says nothing about whether this server fell.",
        "likely" if attack and len(lines) > 1 else "suspicious",
        "high" if attack else "medium",
        literals=[literal],
        pattern=source,
        part="request",
        vector=vector,
    )
    return Part(
        layer="logs",
        sign=sign,
        requests=((example, "-"),),
        near_requests=tuple(text for text in [near] if not find_pattern_hits(source, [text])),
        choices=(
            Choice(part_name, source, f"from {len(lines)} lines; what varies is a bounded class"),
            Choice(part_name, f"literal {literal}", "the longest text that stands in every line"),
            Choice(part_name, vector, f"it {'looks' if attack else 'does not look'} like an attack; {_ADVICE}"),
        ),
    )


def _find_fault(source: str, literal: str, example: str, clean: tuple[str, ...]) -> str:
    """Why no sign can be made of the pattern; "" if one can."""
    if not literal:
        return "no text of 4 characters stands in every line as it is"
    if len(source) > MOST_PATTERN:
        return "the pattern gets too long"
    if fault := explain_pattern(source):
        return fault
    if find_pattern_hits(source, clean):
        return "a clean log has such a request"
    return "" if find_pattern_hits(source, [example]) else "no example of it can be written"


def _draft_agent(agent: str, sign_id: str) -> Part:
    kept = agent[:_MOST_LITERAL].strip()
    sign = make_sign(
        sign_id,
        "The client calls itself as the threat does. It names who sent it, and says nothing about this server.",
        "suspicious",
        "medium",
        literals=[kept],
        pattern="".join(map(escape, kept)),
        part="agent",
        vector="probe",
    )
    why = "no browser, program or robot that is known calls itself so"
    return Part(layer="logs", sign=sign, requests=(("GET /", kept),), choices=(Choice(f"logs/{sign_id}", kept, why),))


def _frame(found: RequestPattern) -> str:
    """The pattern with what stands before and behind it, so that a longer name is not taken for it."""
    end = "([? ]|$)" if found.whole and "?" not in found.example() else ""
    start = "(^| )" if found.example().startswith("/") else ""
    return f"{start}{found.source()}{end}"


def _is_plain(agent: str) -> bool:
    kept = agent[:_MOST_LITERAL].strip()
    return (
        not tell_personal(agent)
        and len(kept) >= 4
        and kept.isascii()
        and kept.isprintable()
        and '"' not in kept
        and "\\" not in kept
    )
