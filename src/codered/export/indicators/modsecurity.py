"""Packs as rules for ModSecurity 2.9 and 3: a rule for each request sign, which turns the request away."""

from codered.export.indicators.exported import Export, ExportFile, LeftOut, list_header
from codered.export.indicators.leaving_out import leave_layers
from codered.export.indicators.patterns import Spelling, parse_pattern, spell_pattern
from codered.export.indicators.shared_signs import Shared, number_signs, plain_text, share_signs
from codered.model.indicators import LogIndicator
from codered.model.rule import ParsedPack

CHECKED_WITH = "Apache with ModSecurity 2.9, and libmodsecurity 3"
FIRST_ID, IDS = 9_910_000, 89_000
# REQUEST_LINE is `METHOD path?query HTTP/1.1`: the path stands behind the method, and the end is before the version.
_LINE = Spelling(path="^[a-z]{1,20} ", end=r"( HTTP/[0-9.]{1,8})?$")
_HEADER = Spelling()
_PLACES = {"request": "REQUEST_LINE", "agent": "REQUEST_HEADERS:User-Agent", "referer": "REQUEST_HEADERS:Referer"}
_SEVERITIES = {"critical": "CRITICAL", "high": "ERROR", "medium": "WARNING", "low": "NOTICE"}
_ADVICE = (
    "Include this file behind `SecRuleEngine On`; try it with `SecRuleEngine DetectionOnly` first.",
    "Rules that honest clients may meet are switched off by `SecRuleRemoveByTag codered-suspicious` behind it.",
    "Apache answers some malformed requests itself, with 400, before any rule sees them.",
)


def make_modsecurity(packs: tuple[ParsedPack, ...]) -> Export:
    """One configuration file. Ids are made of what a rule looks for: the same sign keeps its id."""
    signs = share_signs(packs, lambda pack: pack.logs)
    ids = number_signs((one.key for one in signs), FIRST_ID, IDS)
    left: list[LeftOut] = []
    rules: list[str] = []
    for one in signs:
        try:
            rules.append(_write_rule(one, ids[one.key]))
        except ValueError as error:
            left += one.leave_out(str(error))
    left += leave_layers(packs, ("logs",), "a web firewall sees requests only")
    lines = [f"# {line}" for line in (*list_header("Rules for ModSecurity", CHECKED_WITH, packs), *_ADVICE)]
    text = "\n".join([*lines, "", *rules])
    return Export((ExportFile("codered.conf", text.encode()),) if rules else (), tuple(left))


def _write_rule(one: Shared[LogIndicator], number: int) -> str:
    sign = one.sign
    if sign.part not in _PLACES:
        raise ValueError("it is looked for in the server's error log, which a web firewall does not read")
    pattern = spell_pattern(parse_pattern(sign.pattern), _LINE if sign.part == "request" else _HEADER)
    tags = [f"codered-{sign.confidence}", f"codered-{sign.vector}"]
    tags += [f"pack/{pack.name}" for pack in one.packs]
    tags += [f"attack/{technique}" for technique in sign.attack]
    actions = [
        f"id:{number}", "phase:1", "t:none", "t:urlDecodeUni", "t:urlDecodeUni", "multiMatch", "deny", "status:403",
        "log", f"msg:'{plain_text(one.name())}: {plain_text(sign.because)}'",
        f"severity:'{_SEVERITIES[sign.severity]}'",
        *(f"tag:'{plain_text(tag)}'" for tag in tags),
    ]  # fmt: skip
    listed = ",\\\n    ".join(actions)
    return f'SecRule {_PLACES[sign.part]} "@rx (?i){pattern}" \\\n    "{listed}"\n'
