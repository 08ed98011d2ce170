"""Packs as Wazuh rules: requests by the decoder `web-accesslog`, files by its file integrity monitoring."""

from collections.abc import Iterator
from html import escape

from codered.export.indicators.exported import Export, ExportFile, LeftOut, list_header
from codered.export.indicators.leaving_out import leave_layers
from codered.export.indicators.log_lines import spell_address, spell_line
from codered.export.indicators.path_patterns import spell_path
from codered.export.indicators.shared_signs import Shared, Sign, number_signs, share_signs
from codered.model.indicators import FileIndicator, LogIndicator
from codered.model.rule import ParsedPack

CHECKED_WITH = ""
FIRST_ID, IDS = 110_000, 10_000  # rules of one's own end at 120,000
_LEVELS = {"confirmed": 12, "likely": 10, "suspicious": 6}
_NAME_ALONE = 6  # the event tells the name, and the sign asks for content or size too
_ADVICE = (
    "Put it into /var/ossec/etc/rules, and let syscheck watch the folders that the files are looked for in.",
    "IIS logs keep path and query apart: signs that span both are seen in Apache's and nginx's logs only.",
)
_ERROR_LOG = "apache-errorlog"


def make_wazuh(packs: tuple[ParsedPack, ...]) -> Export:
    """One file of rules. Ids are made of what a rule looks for: the same sign keeps its id."""
    requests = share_signs(packs, lambda pack: pack.logs)
    files = share_signs(packs, lambda pack: pack.files)
    ids = number_signs([one.key for one in requests] + [one.key for one in files], FIRST_ID, IDS)
    left: list[LeftOut] = []
    rules: list[str] = []
    for request in requests:
        try:
            rules.append(_write_rule(request, ids[request.key], list(_match_request(request.sign))))
        except ValueError as error:
            left += request.leave_out(str(error))
    for file in files:
        try:
            weaker = bool(file.sign.content or file.sign.sizes)
            matches = list(_match_file(file.sign))
            rules.append(_write_rule(file, ids[file.key], matches, _NAME_ALONE if weaker else _LEVELS["confirmed"]))
        except ValueError as error:
            left += file.leave_out(str(error))
    left += leave_layers(packs, ("logs", "files"), "Wazuh's rules see events of logs and of watched files")
    if not rules:
        return Export((), tuple(left))
    head = "".join(f"<!-- {_plain_comment(line)} -->\n" for line in (*_header(packs), *_ADVICE))
    text = f'{head}<group name="codered,">\n\n{"".join(rules)}</group>\n'
    return Export((ExportFile("codered_rules.xml", text.encode()),), tuple(left))


def _header(packs: tuple[ParsedPack, ...]) -> tuple[str, ...]:
    return list_header("Rules for Wazuh", CHECKED_WITH, packs)


def _write_rule(one: Shared[Sign], number: int, matches: list[str], most: int = 12) -> str:
    sign = one.sign
    named = "".join(f"pack_{pack.name}," for pack in one.packs)
    mitre = "".join(f"<id>{escape(technique)}</id>" for technique in sign.attack)
    lines = [
        *matches,
        f"<description>{escape(f'{one.name()}: {sign.because}')}</description>",
        *([f"<mitre>{mitre}</mitre>"] if mitre else []),
        f"<group>codered_{sign.confidence},{named}</group>",
    ]
    lines = ["".join(c if c.isprintable() else " " for c in line) for line in lines]
    body = "".join(f"    {line}\n" for line in lines)
    level = min(_LEVELS[sign.confidence], most)
    return f'  <rule id="{number}" level="{level}">\n{body}  </rule>\n\n'


def _match_request(sign: LogIndicator) -> Iterator[str]:
    if sign.part == "error":
        yield f"<decoded_as>{_ERROR_LOG}</decoded_as>"
        yield _match("regex", spell_line(sign))
        return
    yield "<if_sid>31100</if_sid>"
    if sign.part != "request":
        yield _match("regex", spell_line(sign))
        return
    method, address = spell_address(sign)
    if method:
        yield _match("protocol", method)
    yield _match("url", address)


def _match_file(sign: FileIndicator) -> Iterator[str]:
    if not sign.paths and (sign.content or sign.sizes) and not sign.sha256:
        raise ValueError("its name alone says nothing, and the event does not tell the content")
    if sign.kind == "directory":
        raise ValueError("syscheck tells of files, not of folders")
    yield "<if_group>syscheck</if_group>"
    named = [*map(spell_path, sign.paths), *(f"[/\\\\]{spell_path(name)}" for name in sign.names)]
    if named:
        starts = "^" if not sign.names else ""
        yield _match("field", f"{starts}({'|'.join(named)})$", "file")
    if sign.except_paths:
        except_ = "|".join(map(spell_path, sign.except_paths))
        yield f'<field name="file" type="pcre2" negate="yes">(?i)^({escape(except_)})$</field>'
    if sign.sha256:
        yield _match("field", f"^({'|'.join(sign.sha256)})$", "sha256")


def _match(option: str, pattern: str, name: str = "") -> str:
    named = f' name="{name}"' if name else ""
    return f'<{option}{named} type="pcre2">(?i){escape(pattern)}</{option}>'


def _plain_comment(text: str) -> str:
    return text.replace("--", "- -").replace(">", " ")
